package csource

import (
	"cmp"
	"slices"
	"strings"

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
		v = b.alu(program.AluShr, v, intValue(8*size-width, b.ast.Int), unit.typ, true, at)
		v.typ = p.typ
		return v
	}
	if o := p.field.OffsetBits(); o > 0 {
		v = b.alu(program.AluShr, v, intValue(int64(o), b.ast.Int), unit.typ, false, at)
	}
	v = b.alu(program.AluAnd, v, intValue(1<<width-1, unit.typ), unit.typ, false, at)
	v.typ, v.bit = p.typ, width == 1
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

// checkBits refuses structures whose bit-fields the parser lays out in another
// way than Microsoft's compiler, which begins a new unit where the size of the
// declared type changes.
func (l *linker) checkBits(ast *cc.AST) {
	var mixed []*cc.Declarator
	for t := range ast.Structs {
		if t.IsIncomplete() {
			continue
		}
		for i := 1; i < t.NumFields(); i++ {
			f, g := t.FieldByIndex(i-1), t.FieldByIndex(i)
			if f.IsBitfield() && g.IsBitfield() && f.Type().Size() != g.Type().Size() && g.Declarator() != nil {
				mixed = append(mixed, g.Declarator())
			}
		}
	}
	slices.SortFunc(mixed, func(a, b *cc.Declarator) int {
		p, q := a.Position(), b.Position()
		return cmp.Or(strings.Compare(p.Filename, q.Filename), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
	})
	for _, d := range mixed {
		l.refuse(d.NameTok(), "bit-field "+d.Name()+" beside one of a type of another size", "types of one size, or an ordinary member between them")
	}
}

// alu emits a binary operation at the width of t.
func (b *body) alu(op program.Alu, x, y value, t cc.Type, signed bool, at cc.Node) value {
	n := node(program.OpBinary)
	n.Alu, n.Size, n.Signed = op, sizeOf(t), signed
	n.Args = []program.Operand{b.operand(x, at), b.operand(y, at)}
	return b.compute(n, t, at)
}
