package model

import "github.com/ownercheck/ownercheck/model/program"

// convert narrows v to size bytes as C does.
func (m *Model) convert(v Value, size int, signed bool) Value {
	if size >= 8 || size == 0 {
		return v
	}
	if n, ok := v.small(); ok && signed && size == 4 || ok && n >= 0 && n < 128 {
		return v
	}
	n, ok := m.number(v)
	if !ok {
		if v.isRef() && size < 4 {
			return unknown(TagAny)
		}
		return v
	}
	return m.valueOf(narrow(n, size, signed))
}

func narrow(n int64, size int, signed bool) int64 {
	switch {
	case size == 1 && signed:
		return int64(int8(n))
	case size == 1:
		return int64(uint8(n))
	case size == 2 && signed:
		return int64(int16(n))
	case size == 2:
		return int64(uint16(n))
	case size == 4 && signed:
		return int64(int32(n))
	case size == 4:
		return int64(uint32(n))
	}
	return n
}

func (x *exec) unary(n *program.Node, a Value) Value {
	if n.Alu == program.AluLNot {
		if a.isUnknown() {
			return a
		}
		return truthValue(a == 0)
	}
	i, ok := x.m.number(a)
	if !ok {
		return carry(a, 0)
	}
	if n.Alu == program.AluNeg {
		i = -i
	} else {
		i = ^i
	}
	return x.m.valueOf(narrow(i, int(n.Size), n.Signed))
}

func truthValue(b bool) Value {
	if b {
		return num(1)
	}
	return 0
}

func (x *exec) binary(n *program.Node, a, b Value) Value {
	i, iok := x.m.number(a)
	j, jok := x.m.number(b)
	if iok && jok {
		return x.arithmetic(n, i, j)
	}
	if n.Alu >= program.AluEq {
		return x.compare(n, a, b)
	}
	switch {
	case n.Alu == program.AluAdd && a.isRef() && jok:
		return x.offset(a, j)
	case n.Alu == program.AluAdd && b.isRef() && iok:
		return x.offset(b, i)
	case n.Alu == program.AluSub && a.isRef() && jok:
		return x.offset(a, -j)
	case n.Alu == program.AluOr && a.Class() == ClassHandle && jok && j&^1 == 0:
		return a.plus(int(j) &^ a.Offset()) // the low bit of an event's handle (19.15)
	case n.Alu == program.AluAnd && (iok && i == 0 || jok && j == 0):
		return 0
	case n.Alu == program.AluMul && (iok && i == 0 || jok && j == 0):
		return 0
	case a.isRef() || b.isRef():
		x.acts(a)
		x.acts(b)
		return unknown(TagAny)
	}
	return carry(a, b)
}

func (x *exec) arithmetic(n *program.Node, i, j int64) Value {
	size := int(n.Size)
	i, j = narrow(i, size, n.Signed), narrow(j, size, n.Signed)
	var v int64
	switch n.Alu {
	case program.AluAdd:
		v = i + j
	case program.AluSub:
		v = i - j
	case program.AluMul:
		v = i * j
	case program.AluDiv, program.AluMod:
		if j == 0 {
			x.violate(invInitialised, CodeRaise)
			return 0
		}
		if n.Alu == program.AluDiv {
			v = i / j
		} else {
			v = i % j
		}
	case program.AluAnd:
		v = i & j
	case program.AluOr:
		v = i | j
	case program.AluXor:
		v = i ^ j
	case program.AluShl:
		v = i << (uint(j) & 63)
	case program.AluShr:
		v = i >> (uint(j) & 63)
	default:
		return truthValue(ordered(n, i, j))
	}
	return x.m.valueOf(narrow(v, size, n.Signed))
}

func ordered(n *program.Node, i, j int64) bool {
	less := i < j
	if !n.Signed {
		less = uint64(i) < uint64(j)
	}
	switch n.Alu {
	case program.AluEq:
		return i == j
	case program.AluNe:
		return i != j
	case program.AluLt:
		return less
	case program.AluLe:
		return less || i == j
	case program.AluGt:
		return !less && i != j
	}
	return !less // AluGe
}

// compare decides a comparison with a reference or an unknown in it. Pointers
// are equal when their addresses are: a stale one equals the new object's.
func (x *exec) compare(n *program.Node, a, b Value) Value {
	if a.isUnknown() || b.isUnknown() {
		x.tests(a)
		x.tests(b)
		return truthValue(x.choose(2) == 0)
	}
	switch n.Alu {
	case program.AluEq:
		return truthValue(a.address() == b.address())
	case program.AluNe:
		return truthValue(a.address() != b.address())
	}
	if a.isRef() && b.isRef() && a.base().address() == b.base().address() {
		return truthValue(ordered(n, int64(a.Offset()), int64(b.Offset())))
	}
	return truthValue(x.choose(2) == 0)
}

func (x *exec) offset(a Value, n int64) Value {
	if i, ok := x.m.number(a); ok {
		return x.m.valueOf(i + n)
	}
	if !a.isRef() {
		return a
	}
	return a.plus(int(n))
}

func (x *exec) indexed(a, i Value, size int64) Value {
	n, ok := x.m.number(i)
	if !ok {
		x.acts(i)
		return unknown(TagAny)
	}
	return x.offset(a, n*size)
}

func (x *exec) difference(a, b Value, size int) Value {
	if a.isRef() && b.isRef() && a.base().address() == b.base().address() {
		return x.m.valueOf(int64((a.Offset() - b.Offset()) / max(size, 1)))
	}
	if a.isRef() || b.isRef() {
		return unknown(TagAny)
	}
	i, iok := x.m.number(a)
	j, jok := x.m.number(b)
	if !iok || !jok {
		return unknown(TagAny)
	}
	return x.m.valueOf((i - j) / int64(max(size, 1)))
}
