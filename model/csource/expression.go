package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// rvalue lowers e and gives its value.
func (b *body) rvalue(e cc.ExpressionNode) value {
	if c, ok := constant(e); ok {
		return intValue(c, e.Type())
	}
	switch x := unparen(e).(type) {
	case *cc.ExpressionList:
		return b.comma(x)
	case *cc.AssignmentExpression:
		return b.assignment(x)
	case *cc.ConditionalExpression:
		return b.ternary(x)
	case *cc.LogicalOrExpression, *cc.LogicalAndExpression:
		return b.truth(e)
	case *cc.CastExpression:
		return b.cast(x)
	case *cc.UnaryExpression:
		return b.unary(x)
	case *cc.PostfixExpression:
		return b.postfix(x)
	case *cc.PrimaryExpression:
		return b.primary(x)
	}
	if op, x, y := binaryParts(unparen(e)); x != nil {
		return b.binary(op, x, y, e)
	}
	b.refuse(e, "an expression of an unknown form", "C as compilers take it")
	return intValue(0, b.ast.Int)
}

// effect lowers e for what it does; its value is not used.
func (b *body) effect(e cc.ExpressionNode) {
	switch x := unparen(e).(type) {
	case *cc.ExpressionList:
		for ; x != nil; x = x.ExpressionList {
			b.effect(x.AssignmentExpression)
		}
		return
	case *cc.CastExpression:
		if x.Case == cc.CastExpressionCast && x.Type().Kind() == cc.Void {
			b.effect(x.CastExpression)
			return
		}
	case *cc.ConditionalExpression:
		yes, no, end := newLabel(), newLabel(), newLabel()
		b.cond(x.LogicalOrExpression, yes, no)
		b.place(yes)
		if x.ExpressionList != nil {
			b.effect(x.ExpressionList)
		}
		b.jump(end)
		b.place(no)
		b.effect(x.ConditionalExpression)
		b.place(end)
		return
	case *cc.PostfixExpression:
		switch x.Case {
		case cc.PostfixExpressionCall:
			b.call(x, false)
			return
		case cc.PostfixExpressionInc, cc.PostfixExpressionDec:
			b.increment(x.PostfixExpression, x.Case == cc.PostfixExpressionInc, x, false)
			return
		}
	case *cc.UnaryExpression:
		if x.Case == cc.UnaryExpressionInc || x.Case == cc.UnaryExpressionDec {
			b.increment(x.UnaryExpression, x.Case == cc.UnaryExpressionInc, x, false)
			return
		}
	case *cc.AssignmentExpression:
		switch {
		case x.Case != cc.AssignmentExpressionAssign:
			b.compoundAssignment(x)
		case isScalar(x.UnaryExpression.Type()):
			b.assignScalar(x)
		default:
			b.assign(x)
		}
		return
	case *cc.PrimaryExpression:
		if x.Case == cc.PrimaryExpressionIdent {
			return // a name alone does nothing
		}
	}
	if isAggregate(e.Type()) {
		b.lvalue(e)
		return
	}
	b.rvalue(e)
}

func (b *body) comma(x *cc.ExpressionList) value {
	for ; x.ExpressionList != nil; x = x.ExpressionList {
		b.effect(x.AssignmentExpression)
	}
	return b.rvalue(x.AssignmentExpression)
}

// cond goes to yes if e is not zero and to no otherwise.
func (b *body) cond(e cc.ExpressionNode, yes, no *label) {
	if c, ok := constant(e); ok {
		if c != 0 {
			b.jump(yes)
		} else {
			b.jump(no)
		}
		return
	}
	switch x := unparen(e).(type) {
	case *cc.LogicalAndExpression:
		both := newLabel()
		b.cond(x.LogicalAndExpression, both, no)
		b.place(both)
		b.cond(x.InclusiveOrExpression, yes, no)
		return
	case *cc.LogicalOrExpression:
		neither := newLabel()
		b.cond(x.LogicalOrExpression, yes, neither)
		b.place(neither)
		b.cond(x.LogicalAndExpression, yes, no)
		return
	case *cc.UnaryExpression:
		if x.Case == cc.UnaryExpressionNot {
			b.cond(x.CastExpression, no, yes)
			return
		}
	case *cc.ConditionalExpression:
		first, second := newLabel(), newLabel()
		b.cond(x.LogicalOrExpression, first, second)
		if x.ExpressionList != nil {
			b.place(first)
			b.cond(x.ExpressionList, yes, no)
			b.place(second)
			b.cond(x.ConditionalExpression, yes, no)
			return
		}
	case *cc.EqualityExpression:
		if b.zeroTest(x, yes, no) {
			return
		}
	}
	v := b.rvalue(e)
	if !isScalar(v.typ) && !b.singleCell(v.typ) {
		b.refuseType(e, v.typ)
	}
	b.decide(v, yes, no, e)
}

// decide branches on v, or jumps if v turned out to be known.
func (b *body) decide(v value, yes, no *label, at cc.Node) {
	if c, ok := v.constant(); ok {
		if c != 0 {
			b.jump(yes)
		} else {
			b.jump(no)
		}
		return
	}
	if v.off != 0 || v.op.Kind != program.OperandInt && v.op.Kind != program.OperandReg {
		if v.op.Kind != program.OperandReg { // the address of something is not null
			b.jump(yes)
			return
		}
	}
	b.branch(b.operand(v, at), yes, no, at)
}

// zeroTest lowers "x == 0" and "x != 0" as a branch on x itself.
func (b *body) zeroTest(x *cc.EqualityExpression, yes, no *label) bool {
	if x.Case == cc.EqualityExpressionRel {
		return false
	}
	e := x.EqualityExpression
	if c, ok := constant(x.RelationalExpression); !ok || c != 0 {
		if c, ok := constant(e); !ok || c != 0 {
			return false
		}
		e = x.RelationalExpression
	}
	if _, ok := constant(e); ok || !isScalar(e.Type()) {
		return false
	}
	if x.Case == cc.EqualityExpressionEq {
		yes, no = no, yes
	}
	b.cond(e, yes, no)
	return true
}

// truth gives 1 or 0 for a condition.
func (b *body) truth(e cc.ExpressionNode) value {
	yes, no, end := newLabel(), newLabel(), newLabel()
	r := b.temp(4)
	b.cond(e, yes, no)
	b.place(yes)
	b.set(r, intValue(1, b.ast.Int), e)
	b.jump(end)
	b.place(no)
	b.set(r, intValue(0, b.ast.Int), e)
	b.place(end)
	return value{op: program.RegOf(r), typ: b.ast.Int, bit: true}
}

func (b *body) ternary(x *cc.ConditionalExpression) value {
	t := x.Type()
	if x.ExpressionList == nil {
		b.refuse(x, "a ?: without its second operand", "all three operands")
		return intValue(0, b.ast.Int)
	}
	if !isScalar(t) {
		b.refuseType(x, t)
		return intValue(0, b.ast.Int)
	}
	yes, no, end := newLabel(), newLabel(), newLabel()
	r := b.temp(sizeOf(t))
	b.cond(x.LogicalOrExpression, yes, no)
	b.place(yes)
	b.set(r, b.convert(b.rvalue(x.ExpressionList), t, x), x.ExpressionList)
	b.jump(end)
	b.place(no)
	b.set(r, b.convert(b.rvalue(x.ConditionalExpression), t, x), x.ConditionalExpression)
	b.place(end)
	return value{op: program.RegOf(r), typ: t}
}

func (b *body) cast(x *cc.CastExpression) value {
	t := x.TypeName.Type()
	if t.Kind() == cc.Void {
		b.effect(x.CastExpression)
		return value{op: program.Int(0), typ: t}
	}
	if p, ok := t.(*cc.PointerType); ok && structured(p.Elem()) {
		b.wanted = p.Elem()
	}
	v := b.rvalue(x.CastExpression)
	b.wanted = nil
	return b.convert(v, t, x)
}

func structured(t cc.Type) bool { return t.Kind() == cc.Struct || t.Kind() == cc.Union }

// convert gives v as a value of type t.
func (b *body) convert(v value, t cc.Type, at cc.Node) value {
	from := v.typ
	if from.Kind() == cc.Void {
		b.refuseType(at, from)
		return intValue(0, t)
	}
	if !isScalar(t) {
		if !b.singleCell(t) {
			b.refuseType(at, t)
		}
		return v
	}
	v.typ = t
	if c, ok := v.constant(); ok {
		if t.Kind() == cc.Bool {
			c = min(1, c&1|boolInt(c != 0))
		}
		v.op = program.Int(truncate(c, sizeOf(t), isSigned(t)))
		return v
	}
	if t.Kind() == cc.Bool && !v.bit {
		r := b.alu(program.AluNe, v, intValue(0, from), from, false, at)
		r.typ, r.bit = t, true
		return r
	}
	if !isScalar(from) || v.bit || fits(from, t) {
		return v
	}
	n := node(program.OpConvert)
	n.Size, n.Signed = sizeOf(t), isSigned(t)
	n.Args = []program.Operand{b.operand(v, at)}
	return b.compute(n, t, at)
}

func boolInt(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

// fits says whether every value of type from is one of type to, as a register
// holds it.
func fits(from, to cc.Type) bool {
	f, t := sizeOf(from), sizeOf(to)
	switch {
	case t >= 8:
		return true
	case f > t:
		return false
	case f == t:
		return isSigned(from) == isSigned(to)
	}
	return isSigned(to) || !isSigned(from)
}

func (b *body) primary(x *cc.PrimaryExpression) value {
	switch x.Case {
	case cc.PrimaryExpressionIdent:
		if d := named(x); d != nil && d.Type().Kind() == cc.Function {
			return b.functionName(d, x)
		}
		return b.load(b.lvalue(x), x)
	case cc.PrimaryExpressionString, cc.PrimaryExpressionLString:
		return value{op: b.literal(x.Value()), typ: x.Type()}
	case cc.PrimaryExpressionFloat:
		b.refuse(x, "a floating-point constant", "integers: ownercheck has no other numbers")
	case cc.PrimaryExpressionStmt:
		b.refuse(x, "a statement as an expression", "a function")
	case cc.PrimaryExpressionGeneric:
		if a := x.GenericSelection.Associated(); a != nil {
			return b.rvalue(a.AssignmentExpression)
		}
		b.refuse(x, "_Generic without a match", "an association for the type")
	default:
		b.refuse(x, "a constant of an unknown form", "an integer")
	}
	return intValue(0, b.ast.Int)
}
