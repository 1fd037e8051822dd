package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// lvalue lowers e as a place.
func (b *body) lvalue(e cc.ExpressionNode) place {
	switch x := unparen(e).(type) {
	case *cc.PrimaryExpression:
		switch x.Case {
		case cc.PrimaryExpressionIdent:
			if d := named(x); d != nil {
				return b.variable(d, x)
			}
		case cc.PrimaryExpressionString, cc.PrimaryExpressionLString:
			return place{reg: program.NoReg, base: b.literal(x.Value()), typ: x.Type().Undecay(), index: -1}
		}
	case *cc.UnaryExpression:
		if x.Case == cc.UnaryExpressionDeref {
			return b.pointed(b.rvalue(x.CastExpression), x)
		}
	case *cc.PostfixExpression:
		switch x.Case {
		case cc.PostfixExpressionIndex:
			return b.element(x)
		case cc.PostfixExpressionSelect:
			return b.member(b.lvalue(x.PostfixExpression), x)
		case cc.PostfixExpressionPSelect:
			return b.member(b.pointed(b.rvalue(x.PostfixExpression), x), x)
		case cc.PostfixExpressionComplit:
			return b.literalObject(x)
		case cc.PostfixExpressionCall:
			return b.returned(b.call(x, true), x)
		}
	case *cc.CastExpression: // a cast to its own structure type, which some compilers take
		if x.Case == cc.CastExpressionCast && isAggregate(x.Type()) {
			return b.lvalue(x.CastExpression)
		}
	case *cc.AssignmentExpression:
		return b.assign(x)
	case *cc.ExpressionList:
		for ; x.ExpressionList != nil; x = x.ExpressionList {
			b.effect(x.AssignmentExpression)
		}
		return b.lvalue(x.AssignmentExpression)
	case *cc.ConditionalExpression:
		if structured(x.Type()) && x.ExpressionList != nil {
			return b.either(x)
		}
	}
	b.refuse(e, "an expression that is no place in memory", "a variable, a member or an element")
	return place{reg: program.NoReg, base: program.Int(0), typ: e.Type(), index: -1}
}

// either lowers a ?: of structures as a copy of the one that is meant.
func (b *body) either(x *cc.ConditionalExpression) place {
	p := place{reg: program.NoReg, base: program.Local(b.object("either", x.Type(), x)), typ: x.Type(), index: -1}
	yes, no, end := newLabel(), newLabel(), newLabel()
	b.cond(x.LogicalOrExpression, yes, no)
	b.place(yes)
	b.move(p, b.lvalue(x.ExpressionList), x.ExpressionList)
	b.jump(end)
	b.place(no)
	b.move(p, b.lvalue(x.ConditionalExpression), x.ConditionalExpression)
	b.place(end)
	return p
}

// pointed gives the place that a pointer leads to.
func (b *body) pointed(v value, at cc.Node) place {
	t := pointee(v.typ)
	if t == nil {
		b.refuse(at, "a member or an element of something that is no pointer", "a pointer")
		t = b.ast.Int
	}
	return place{reg: program.NoReg, base: v.op, off: v.off, typ: t, index: -1}
}

func (b *body) member(p place, x *cc.PostfixExpression) place {
	f := x.Field()
	if f == nil {
		b.refuse(x, "an unknown member", "one that the structure declares")
		return p
	}
	if p.reg != program.NoReg {
		b.refuse(x, "a member of a value in a register", "a structure in memory")
		return place{reg: program.NoReg, base: program.Int(0), typ: f.Type(), index: -1}
	}
	b.layouts.use(p.typ)
	p.off += int32(f.Offset())
	p.typ, p.field, p.index = f.Type(), f, -1
	return p
}

// element lowers a[i]. A constant index is part of the offset.
func (b *body) element(x *cc.PostfixExpression) place {
	array, index := x.PostfixExpression, x.ExpressionList
	if cc.IsIntegerType(array.Type()) {
		array, index = index, array
	}
	p := b.rvalue(array)
	field := b.arrayField(array)
	i := b.rvalue(index)
	elem := pointee(p.typ)
	if elem == nil || !isScalar(i.typ) {
		b.refuse(x, "an element of something that is no array", "an array or a pointer")
		return place{reg: program.NoReg, base: program.Int(0), typ: b.ast.Int, index: -1}
	}
	at := int64(-1)
	if c, ok := i.constant(); ok {
		at = c
	}
	r := b.pointed(b.pointerAdd(p, i, false, x), x)
	r.field, r.index = field, at
	return r
}

// escapeRoot notes that the address of an element of e is used as a value, if e
// lies in a variable.
func (b *body) escapeRoot(e cc.ExpressionNode) {
	for {
		x, ok := unparen(e).(*cc.PostfixExpression)
		if !ok {
			break
		}
		switch {
		case x.Case == cc.PostfixExpressionIndex && x.PostfixExpression.Type().Undecay().Kind() == cc.Array,
			x.Case == cc.PostfixExpressionSelect:
			e = x.PostfixExpression
		default:
			return
		}
	}
	if d := named(e); d != nil && d.Type().Kind() != cc.Function {
		if p := b.variable(d, e); p.reg == program.NoReg {
			b.escape(p.base)
		}
	}
}

// arrayField gives the member that e names, so that MajorFunction[i] is known
// as an element of MajorFunction. A bit-field is no array.
func (b *body) arrayField(e cc.ExpressionNode) *cc.Field {
	if p, ok := unparen(e).(*cc.PostfixExpression); ok {
		return p.Field()
	}
	return nil
}

// literalObject makes the variable of a compound literal.
func (b *body) literalObject(x *cc.PostfixExpression) place {
	t := x.TypeName.Type()
	p := place{reg: program.NoReg, base: program.Local(b.object("literal", t, x)), typ: t, index: -1}
	b.zero(p, x, x.InitializerList)
	b.initList(p, x.InitializerList)
	return p
}

// returned gives the place of a structure that a call returned.
func (b *body) returned(v value, at cc.Node) place {
	if b.byAddress(v.typ) {
		return place{reg: program.NoReg, base: v.op, off: v.off, typ: v.typ, index: -1}
	}
	p := place{reg: program.NoReg, typ: v.typ, index: -1}
	if !isAggregate(v.typ) {
		b.refuse(at, "a member of a value that is no structure", "a structure")
		return p
	}
	p.base = program.Local(b.object("result", v.typ, at))
	b.store(p, v, at)
	return p
}

func (b *body) assignment(x *cc.AssignmentExpression) value {
	if x.Case != cc.AssignmentExpressionAssign {
		to, v := b.compoundAssignment(x)
		return b.convert(v, to.typ, x)
	}
	if t := x.UnaryExpression.Type(); isAggregate(t) && !b.singleCell(t) {
		p := b.assign(x)
		return value{op: p.base, off: p.off, typ: t}
	}
	to, v := b.assignScalar(x)
	v = b.convert(v, to.typ, x)
	v.typ = to.typ
	return v
}

// assign lowers x and gives the place assigned to.
func (b *body) assign(x *cc.AssignmentExpression) place {
	t := x.UnaryExpression.Type()
	if x.Case != cc.AssignmentExpressionAssign || isScalar(t) {
		b.refuse(x, "an assignment used as a place", "an assignment of its own before it")
		return place{reg: program.NoReg, base: program.Int(0), typ: t, index: -1}
	}
	if _, ok := unparen(x.AssignmentExpression).(*cc.PostfixExpression); ok && b.singleCell(t) {
		p, _ := b.assignScalar(x)
		return p
	}
	from := b.lvalue(x.AssignmentExpression)
	to := b.lvalue(x.UnaryExpression)
	b.move(to, from, x)
	return to
}

// move copies a structure.
func (b *body) move(to, from place, at cc.Node) {
	n := node(program.OpMove)
	n.Size = int32(to.typ.Size())
	n.Args = []program.Operand{b.plainAddress(to, at), b.plainAddress(from, at)}
	b.emit(n, at)
}

// plainAddress gives the address of p for a node that only reads or writes it:
// the variable does not escape.
func (b *body) plainAddress(p place, at cc.Node) program.Operand {
	if p.off == 0 {
		return p.base
	}
	n := node(program.OpOffset)
	n.Offset = p.off
	n.Args = []program.Operand{p.base}
	return b.compute(n, b.ast.PVoid, at).op
}

func (b *body) assignScalar(x *cc.AssignmentExpression) (place, value) {
	t := x.UnaryExpression.Type()
	if e := pointee(t); e != nil && structured(e) {
		b.wanted = e
	}
	v := b.rvalue(x.AssignmentExpression)
	b.wanted = nil
	to := b.lvalue(x.UnaryExpression)
	b.assigned(to, v)
	if to.reg != program.NoReg {
		b.store(to, v, x)
		return to, value{op: program.RegOf(to.reg), typ: to.typ, role: v.role}
	}
	v = b.materialise(v, x)
	b.store(to, v, x)
	return to, v
}

var compoundOps = map[cc.AssignmentExpressionCase]program.Alu{
	cc.AssignmentExpressionMul: program.AluMul, cc.AssignmentExpressionDiv: program.AluDiv,
	cc.AssignmentExpressionMod: program.AluMod, cc.AssignmentExpressionAdd: program.AluAdd,
	cc.AssignmentExpressionSub: program.AluSub, cc.AssignmentExpressionLsh: program.AluShl,
	cc.AssignmentExpressionRsh: program.AluShr, cc.AssignmentExpressionAnd: program.AluAnd,
	cc.AssignmentExpressionXor: program.AluXor, cc.AssignmentExpressionOr: program.AluOr,
}

// compoundAssignment is a load, an operation and a store. It gives the place and
// the value before it is made to fit the place.
func (b *body) compoundAssignment(x *cc.AssignmentExpression) (place, value) {
	y := b.rvalue(x.AssignmentExpression)
	to := b.lvalue(x.UnaryExpression)
	v := b.combine(compoundOps[x.Case], b.load(to, x), y, x)
	if to.reg != program.NoReg {
		b.store(to, v, x)
		return to, value{op: program.RegOf(to.reg), typ: to.typ}
	}
	v = b.materialise(v, x)
	b.store(to, v, x)
	return to, v
}

// increment lowers ++ and --. old asks for the value before; the value after is
// not yet made to fit the place.
func (b *body) increment(e cc.ExpressionNode, up bool, at cc.Node, old bool) value {
	p := b.lvalue(e)
	before := b.load(p, at)
	if old && p.reg != program.NoReg {
		r := b.temp(sizeOf(p.typ))
		n := node(program.OpCopy)
		n.Args, n.Dst = []program.Operand{before.op}, r
		b.emit(n, at)
		before = value{op: program.RegOf(r), typ: p.typ}
	}
	op := program.AluAdd
	if !up {
		op = program.AluSub
	}
	from := before
	if old && p.reg != program.NoReg {
		from = value{op: program.RegOf(p.reg), typ: p.typ}
	}
	after := b.combine(op, from, intValue(1, b.ast.Int), at)
	b.store(p, after, at)
	switch {
	case old:
		return before
	case p.reg != program.NoReg:
		return value{op: program.RegOf(p.reg), typ: p.typ}
	}
	return after
}
