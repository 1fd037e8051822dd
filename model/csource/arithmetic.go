package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// binaryParts gives the operator and the operands of a binary expression, or
// no operands.
func binaryParts(e cc.ExpressionNode) (program.Alu, cc.ExpressionNode, cc.ExpressionNode) {
	switch x := e.(type) {
	case *cc.InclusiveOrExpression:
		return program.AluOr, x.InclusiveOrExpression, x.ExclusiveOrExpression
	case *cc.ExclusiveOrExpression:
		return program.AluXor, x.ExclusiveOrExpression, x.AndExpression
	case *cc.AndExpression:
		return program.AluAnd, x.AndExpression, x.EqualityExpression
	case *cc.EqualityExpression:
		if x.Case == cc.EqualityExpressionNeq {
			return program.AluNe, x.EqualityExpression, x.RelationalExpression
		}
		return program.AluEq, x.EqualityExpression, x.RelationalExpression
	case *cc.RelationalExpression:
		return relation(x.Case), x.RelationalExpression, x.ShiftExpression
	case *cc.ShiftExpression:
		if x.Case == cc.ShiftExpressionRsh {
			return program.AluShr, x.ShiftExpression, x.AdditiveExpression
		}
		return program.AluShl, x.ShiftExpression, x.AdditiveExpression
	case *cc.AdditiveExpression:
		if x.Case == cc.AdditiveExpressionSub {
			return program.AluSub, x.AdditiveExpression, x.MultiplicativeExpression
		}
		return program.AluAdd, x.AdditiveExpression, x.MultiplicativeExpression
	case *cc.MultiplicativeExpression:
		return multiplication(x.Case), x.MultiplicativeExpression, x.CastExpression
	}
	return program.AluNone, nil, nil
}

func relation(c cc.RelationalExpressionCase) program.Alu {
	switch c {
	case cc.RelationalExpressionLt:
		return program.AluLt
	case cc.RelationalExpressionGt:
		return program.AluGt
	case cc.RelationalExpressionLeq:
		return program.AluLe
	}
	return program.AluGe
}

func multiplication(c cc.MultiplicativeExpressionCase) program.Alu {
	switch c {
	case cc.MultiplicativeExpressionDiv:
		return program.AluDiv
	case cc.MultiplicativeExpressionMod:
		return program.AluMod
	}
	return program.AluMul
}

func isComparison(op program.Alu) bool {
	switch op {
	case program.AluEq, program.AluNe, program.AluLt, program.AluLe, program.AluGt, program.AluGe:
		return true
	}
	return false
}

func (b *body) binary(op program.Alu, x, y cc.ExpressionNode, at cc.ExpressionNode) value {
	return b.combine(op, b.rvalue(x), b.rvalue(y), at)
}

// combine applies op to two values of any types that C allows.
func (b *body) combine(op program.Alu, x, y value, at cc.Node) value {
	for _, v := range []value{x, y} {
		if !isScalar(v.typ) {
			b.refuseType(at, v.typ)
			return intValue(0, b.ast.Int)
		}
	}
	px, py := x.typ.Kind() == cc.Ptr, y.typ.Kind() == cc.Ptr
	switch {
	case isComparison(op) && (px || py):
		v := b.alu(op, x, y, b.ast.ULongLong, false, at)
		return value{op: v.op, typ: b.ast.Int, bit: true}
	case op == program.AluSub && px && py:
		n := node(program.OpPtrDiff)
		n.Size, n.Offset = 8, elemSize(x.typ)
		n.Args = []program.Operand{b.operand(x, at), b.operand(y, at)}
		return b.compute(n, b.ast.LongLong, at)
	case op == program.AluAdd && py && !px:
		b.escape(y.op)
		return b.pointerAdd(y, x, false, at)
	case (op == program.AluAdd || op == program.AluSub) && px:
		b.escape(x.op)
		return b.pointerAdd(x, y, op == program.AluSub, at)
	case px || py:
		b.refuse(at, "a pointer as an operand of "+op.String(), "integers")
		return intValue(0, b.ast.Int)
	}
	t := cc.UsualArithmeticConversions(x.typ, y.typ)
	if op == program.AluShl || op == program.AluShr {
		t = cc.IntegerPromotion(x.typ)
	} else {
		y = b.convert(y, t, at)
	}
	x = b.convert(x, t, at)
	if v, ok := fold(op, x, y, t); ok {
		if isComparison(op) {
			return intValue(v, b.ast.Int)
		}
		return intValue(v, t)
	}
	v := b.alu(op, x, y, t, isSigned(t), at)
	if isComparison(op) {
		b.routine.Regs[v.op.V].Size = 4
		v.typ, v.bit = b.ast.Int, true
	}
	return v
}

// fold computes op on constants; the parser has folded what C calls constant,
// so this meets only what our own macros leave.
func fold(op program.Alu, x, y value, t cc.Type) (int64, bool) {
	a, ok1 := x.constant()
	c, ok2 := y.constant()
	if !ok1 || !ok2 {
		return 0, false
	}
	var v int64
	switch op {
	case program.AluAdd:
		v = a + c
	case program.AluSub:
		v = a - c
	case program.AluMul:
		v = a * c
	case program.AluAnd:
		v = a & c
	case program.AluOr:
		v = a | c
	case program.AluXor:
		v = a ^ c
	case program.AluEq:
		return boolInt(a == c), true
	case program.AluNe:
		return boolInt(a != c), true
	default:
		return 0, false
	}
	return truncate(v, sizeOf(t), isSigned(t)), true
}

func elemSize(t cc.Type) int32 {
	e := pointee(t)
	if e == nil || e.Size() < 1 || e.Kind() == cc.Function || e.Kind() == cc.Void {
		return 1
	}
	return int32(e.Size())
}

// pointerAdd gives p plus or minus v elements.
func (b *body) pointerAdd(p, v value, minus bool, at cc.Node) value {
	size := elemSize(p.typ)
	if c, ok := v.constant(); ok {
		if minus {
			c = -c
		}
		if _, ok := p.constant(); ok {
			return intValue(p.op.V+c*int64(size), p.typ)
		}
		p.off += int32(c) * size
		return p
	}
	if minus {
		n := node(program.OpUnary)
		n.Alu, n.Size, n.Signed = program.AluNeg, 8, true
		n.Args = []program.Operand{b.operand(v, at)}
		v = b.compute(n, b.ast.LongLong, at)
	}
	n := node(program.OpIndex)
	n.Offset = size
	n.Args = []program.Operand{p.op, b.operand(v, at)}
	r := b.compute(n, p.typ, at)
	r.off = p.off
	return r
}

func (b *body) unary(x *cc.UnaryExpression) value {
	switch x.Case {
	case cc.UnaryExpressionInc, cc.UnaryExpressionDec:
		return b.convert(b.increment(x.UnaryExpression, x.Case == cc.UnaryExpressionInc, x, false), x.UnaryExpression.Type(), x)
	case cc.UnaryExpressionAddrof:
		return b.address(x)
	case cc.UnaryExpressionDeref:
		return b.load(b.lvalue(x), x)
	case cc.UnaryExpressionPlus:
		return b.convert(b.rvalue(x.CastExpression), x.Type(), x)
	case cc.UnaryExpressionMinus:
		return b.negate(program.AluNeg, x)
	case cc.UnaryExpressionCpl:
		return b.negate(program.AluNot, x)
	case cc.UnaryExpressionNot:
		v := b.rvalue(x.CastExpression)
		if !isScalar(v.typ) {
			b.refuseType(x, v.typ)
			return intValue(0, b.ast.Int)
		}
		n := node(program.OpUnary)
		n.Alu, n.Size = program.AluLNot, sizeOf(v.typ)
		n.Args = []program.Operand{b.operand(v, x)}
		r := b.compute(n, b.ast.Int, x)
		r.bit = true
		return r
	}
	b.refuse(x, "an operator that ownercheck does not know ("+x.Token.SrcStr()+")", "the operators of C")
	return intValue(0, b.ast.Int)
}

func (b *body) negate(op program.Alu, x *cc.UnaryExpression) value {
	t := x.Type()
	v := b.rvalue(x.CastExpression)
	if !isInteger(t) || !isScalar(v.typ) {
		b.refuseType(x, t)
		return intValue(0, b.ast.Int)
	}
	v = b.convert(v, t, x)
	n := node(program.OpUnary)
	n.Alu, n.Size, n.Signed = op, sizeOf(t), isSigned(t)
	n.Args = []program.Operand{b.operand(v, x)}
	return b.compute(n, t, x)
}

// address lowers &e.
func (b *body) address(x *cc.UnaryExpression) value {
	if d := named(x.CastExpression); d != nil && d.Type().Kind() == cc.Function {
		return b.functionName(d, x)
	}
	p := b.lvalue(x.CastExpression)
	if p.base.Kind == program.OperandReg {
		b.escapeRoot(x.CastExpression)
	}
	if p.reg != program.NoReg {
		b.refuse(x, "the address of a register variable", "a variable in memory")
	}
	if p.field != nil && p.field.IsBitfield() {
		b.refuse(x, "the address of a bit-field", "the address of an ordinary member")
	}
	return value{op: p.base, off: p.off, typ: x.Type()}
}
