package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

func (b *body) postfix(x *cc.PostfixExpression) value {
	switch x.Case {
	case cc.PostfixExpressionCall:
		return b.call(x, true)
	case cc.PostfixExpressionInc, cc.PostfixExpressionDec:
		return b.increment(x.PostfixExpression, x.Case == cc.PostfixExpressionInc, x, true)
	}
	return b.load(b.lvalue(x), x)
}

// functionName gives the address of the function that d names and notes that
// the name is used as a value: who will call it is found out where the value
// goes.
func (b *body) functionName(d *cc.Declarator, at cc.Node) value {
	i, ok := b.unit.routine(d)
	if !ok {
		b.refuse(at, "the address of "+d.Name()+", which no file defines", "a function of the program")
		return intValue(0, b.ast.PVoid)
	}
	b.prog.Roles = append(b.prog.Roles, program.Role{Kind: program.RoleOther, Routine: int32(i), Pos: b.pos(at)})
	return value{op: program.Func(i), typ: b.ast.PVoid, role: len(b.prog.Roles)}
}

// call lowers a call. used says whether its value is needed.
func (b *body) call(x *cc.PostfixExpression, used bool) value {
	text := b.text
	defer func() { b.text = text }()
	wanted := b.wanted
	b.wanted = nil
	if d := named(x.PostfixExpression); d != nil && d.Type().Kind() == cc.Function {
		if v, ok := b.builtin(d.Name(), x); ok {
			return v
		}
		if i, ok := b.unit.routine(d); ok {
			return b.callRoutine(i, x, used)
		}
		return b.callAPI(d, x, used, wanted)
	}
	f := b.rvalue(x.PostfixExpression)
	n := node(program.OpCallPtr)
	n.Args = append(n.Args, b.operand(f, x))
	result, prefix := b.resultArgument(x)
	n.Args = append(append(n.Args, prefix...), b.arguments(x, "")...)
	return b.emitReturning(n, x, used, result)
}

// resultArgument makes the memory for a structure that a call returns and gives
// its address, as the argument that comes first.
func (b *body) resultArgument(x *cc.PostfixExpression) (value, []program.Operand) {
	t := x.Type()
	if !b.byAddress(t) {
		return value{}, nil
	}
	v := value{op: program.Local(b.object("result", t, x)), typ: t}
	return v, []program.Operand{b.operand(v, x)}
}

// emitReturning emits a call whose result, if it is a structure in memory, is
// result.
func (b *body) emitReturning(n program.Node, x *cc.PostfixExpression, used bool, result value) value {
	if result.typ == nil {
		return b.emitCall(n, x, used)
	}
	b.text = b.src.callText(x)
	b.emit(n, x)
	return result
}

// builtin lowers the functions that stand for parts of the language.
func (b *body) builtin(name string, x *cc.PostfixExpression) (value, bool) {
	switch name {
	case "__oc_leave":
		b.leave(x)
		return value{op: program.Int(0), typ: b.ast.Void}, true
	case "__oc_abnormal":
		return intValue(b.abnormal(), b.ast.Int), true
	case "__oc_exception_record":
		b.remark(b.pos(x), "GetExceptionInformation assumed to tell the exception code and nothing else")
		return b.compute(node(program.OpExceptionCode), b.ast.Long, x), true
	case "__oc_exception_code":
		return b.compute(node(program.OpExceptionCode), b.ast.Long, x), true
	case "__oc_try", "__oc_except", "__oc_finally":
		b.refuse(x, "exception handling out of place", "__try { } followed by __except ( ) { } or __finally { }")
		return intValue(0, b.ast.Int), true
	case "setjmp", "longjmp", "_setjmp", "_setjmpex":
		b.refuse(x, name, "structured exception handling or a status")
		return intValue(0, b.ast.Int), true
	case "_alloca", "alloca":
		b.refuse(x, name, "an array of constant size")
		return intValue(0, b.ast.PVoid), true
	}
	if prints[name] {
		b.print(name, x)
		return intValue(0, b.ast.Long), true
	}
	return value{}, false
}

// prints lists what only shows text to people. The arguments are evaluated, as
// on a real system, because reading them may be the fault that is looked for.
var prints = setOf("DbgPrint DbgPrintEx vDbgPrintEx OutputDebugStringA")

func (b *body) print(name string, x *cc.PostfixExpression) {
	b.remark(b.pos(x), name+" assumed to evaluate its arguments and to do nothing else")
	for l := x.ArgumentExpressionList; l != nil; l = l.ArgumentExpressionList {
		b.effect(l.AssignmentExpression)
	}
}

func functionType(e cc.ExpressionNode) *cc.FunctionType {
	t := e.Type()
	if p, ok := t.(*cc.PointerType); ok {
		t = p.Elem()
	}
	f, _ := t.(*cc.FunctionType)
	return f
}

// arguments lowers the arguments of a call, first to last.
func (b *body) arguments(x *cc.PostfixExpression, api string) []program.Operand {
	var params []*cc.Parameter
	if t := functionType(x.PostfixExpression); t != nil {
		params = t.Parameters()
	}
	var ops []program.Operand
	for l, i := x.ArgumentExpressionList, 0; l != nil; l, i = l.ArgumentExpressionList, i+1 {
		v := b.argument(l.AssignmentExpression, api)
		if i < len(params) && params[i].Type().Kind() != cc.Void {
			if t := params[i].Type().Decay(); !b.byAddress(t) {
				v = b.convert(v, t, l.AssignmentExpression)
			}
		}
		b.passed(v, api, i)
		ops = append(ops, b.operand(v, l.AssignmentExpression))
	}
	return ops
}

// argument lowers one argument. A structure that is no single value is passed
// as the address of a copy, as 64-bit Windows has it; what the system would do
// with one is not known.
func (b *body) argument(e cc.ExpressionNode, api string) value {
	if t := e.Type(); api == "" && b.byAddress(t) {
		i := b.object("argument", t, e)
		to := place{reg: program.NoReg, base: program.Local(i), typ: t, index: -1}
		b.move(to, b.lvalue(e), e)
		return value{op: to.base, typ: b.ast.PVoid}
	}
	v := b.rvalue(e)
	if !isScalar(v.typ) && !b.singleCell(v.typ) && pointee(v.typ) == nil {
		b.refuseType(e, v.typ)
	}
	return v
}

func (b *body) emitCall(n program.Node, x *cc.PostfixExpression, used bool) value {
	t := x.Type()
	b.text = b.src.callText(x)
	if t.Kind() == cc.Void || !used {
		b.emit(n, x)
		return value{op: program.Int(0), typ: t}
	}
	if !isScalar(t) && !b.singleCell(t) {
		b.refuseType(x, t)
		return intValue(0, b.ast.Int)
	}
	return b.compute(n, t, x)
}

func (b *body) callRoutine(i int, x *cc.PostfixExpression, used bool) value {
	n := node(program.OpCall)
	n.Fn = int32(i)
	n.Args = b.arguments(x, "")
	f := functionType(x.PostfixExpression)
	if f != nil && f.IsVariadic() && len(n.Args) > parameterCount(f) {
		n.Args = n.Args[:parameterCount(f)] // the others are for va_arg, which is an operation that no machine has
	}
	if f != nil && len(n.Args) != parameterCount(f) {
		b.refuse(x, "a call with the wrong number of arguments", "as many as the function has parameters")
	}
	result, prefix := b.resultArgument(x)
	n.Args = append(prefix, n.Args...)
	return b.emitReturning(n, x, used, result)
}

func parameterCount(f *cc.FunctionType) int {
	p := f.Parameters()
	if len(p) == 1 && p[0].Type().Kind() == cc.Void {
		return 0
	}
	return len(p)
}

// callAPI lowers a call of the system.
func (b *body) callAPI(d *cc.Declarator, x *cc.PostfixExpression, used bool, wanted cc.Type) value {
	name := d.Name()
	if b.pos(d).Line > 0 && d.IsSynthetic() || isImplicit(d) {
		b.remark(b.pos(x), "undeclared function "+name+" assumed to return int")
	}
	n := node(program.OpAPI)
	n.API = name
	if same, ok := sameAPI[name]; ok {
		n.API = same
	}
	n.Args = b.arguments(x, n.API)
	b.rearrange(&n, name)
	if allocates[n.API] {
		n.Layout = b.allocated(x, wanted)
	}
	return b.emitCall(n, x, used)
}

// isImplicit says whether d was made up for a call of a function that nothing
// declares.
func isImplicit(d *cc.Declarator) bool {
	t, ok := d.Type().(*cc.FunctionType)
	return ok && d.IsExtern() && len(t.Parameters()) == 0 && d.DirectDeclarator != nil && d.DirectDeclarator.Case == cc.DirectDeclaratorIdent
}

// rearrange gives the operations that C libraries spell differently the form of
// their documented names.
func (b *body) rearrange(n *program.Node, spelt string) {
	switch spelt {
	case "memset":
		if len(n.Args) != 3 {
			return
		}
		if n.Args[1] == program.Int(0) {
			n.API, n.Args = "RtlZeroMemory", []program.Operand{n.Args[0], n.Args[2]}
			return
		}
		n.API, n.Args = "RtlFillMemory", []program.Operand{n.Args[0], n.Args[2], n.Args[1]}
	case "malloc":
		n.API, n.Args = "HeapAlloc", append([]program.Operand{program.Int(0), program.Int(0)}, n.Args...)
	case "free":
		n.API, n.Args = "HeapFree", append([]program.Operand{program.Int(0), program.Int(0)}, n.Args...)
	}
}

// allocated finds what an allocation is for: the structure whose size it asks
// for, or the one that its result is used as.
func (b *body) allocated(x *cc.PostfixExpression, wanted cc.Type) int32 {
	for l := x.ArgumentExpressionList; l != nil; l = l.ArgumentExpressionList {
		if t := measured(l.AssignmentExpression); t != nil {
			return b.layouts.of(t)
		}
	}
	if wanted != nil && structured(wanted) && !wanted.IsIncomplete() {
		return b.layouts.of(wanted)
	}
	return -1
}

// measured gives the structure whose sizeof e contains, or nil.
func measured(e cc.ExpressionNode) cc.Type {
	e = unparen(e)
	if u, ok := e.(*cc.UnaryExpression); ok {
		var t cc.Type
		switch u.Case {
		case cc.UnaryExpressionSizeofType:
			t = u.TypeName.Type()
		case cc.UnaryExpressionSizeofExpr:
			t = u.UnaryExpression.Type().Undecay()
		default:
			return nil
		}
		if structured(t) {
			return t
		}
		return nil
	}
	if c, ok := e.(*cc.CastExpression); ok {
		return measured(c.CastExpression)
	}
	if _, x, y := binaryParts(e); x != nil {
		if t := measured(x); t != nil {
			return t
		}
		return measured(y)
	}
	return nil
}
