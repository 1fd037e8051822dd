package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// A bit-field is loaded with its whole unit, shifted and masked; storing one is
// a load, a change of its bits and a store, as the processor has it.

func (b *body) unitOf(p place) place {
	u := p
	u.field = nil
	u.typ = unsignedOf(b.ast, int32(p.field.AccessBytes()))
	return u
}

func unsignedOf(ast *cc.AST, size int32) cc.Type {
	switch size {
	case 1:
		return ast.UChar
	case 2:
		return ast.UShort
	case 8:
		return ast.ULongLong
	}
	return ast.UInt
}

func (b *body) loadBits(p place, at cc.Node) value {
	unit := b.unitOf(p)
	v := b.loadAs(unit, unit.typ, at)
	width := p.field.ValueBits()
	if isSigned(p.typ) {
		size := int64(unit.typ.Size())
		left := 8*size - width - int64(p.field.OffsetBits())
		v = b.alu(program.AluShl, v, intValue(left, b.ast.Int), unit.typ, true, at)
		return b.alu(program.AluShr, v, intValue(8*size-width, b.ast.Int), p.typ, true, at)
	}
	if o := p.field.OffsetBits(); o > 0 {
		v = b.alu(program.AluShr, v, intValue(int64(o), b.ast.Int), unit.typ, false, at)
	}
	v = b.alu(program.AluAnd, v, intValue(1<<width-1, unit.typ), p.typ, false, at)
	v.bit = width == 1
	return v
}

func (b *body) storeBits(p place, v value, at cc.Node) {
	unit := b.unitOf(p)
	mask := int64(1)<<p.field.ValueBits() - 1
	shift := int64(p.field.OffsetBits())
	if c, ok := v.constant(); ok {
		v = intValue(c&mask<<shift, unit.typ)
	} else {
		v = b.alu(program.AluAnd, v, intValue(mask, unit.typ), unit.typ, false, at)
		v = b.alu(program.AluShl, v, intValue(shift, b.ast.Int), unit.typ, false, at)
	}
	old := b.loadAs(unit, unit.typ, at)
	rest := truncate(^(mask << shift), sizeOf(unit.typ), false)
	old = b.alu(program.AluAnd, old, intValue(rest, unit.typ), unit.typ, false, at)
	b.store(unit, b.alu(program.AluOr, old, v, unit.typ, false, at), at)
}

// alu emits a binary operation at the width of t.
func (b *body) alu(op program.Alu, x, y value, t cc.Type, signed bool, at cc.Node) value {
	n := node(program.OpBinary)
	n.Alu, n.Size, n.Signed = op, sizeOf(t), signed
	n.Args = []program.Operand{b.operand(x, at), b.operand(y, at)}
	return b.compute(n, t, at)
}
