package model

import "encoding/binary"

// Kinds of numbers that Canonical may change. The kind of a class is that of the
// number in its references' slot.
const (
	kindFixed   = iota
	kindRequest // its system buffer and its MDL have the same
	kindContext
	kindRecord // blocks of the driver: those of one allocation site change places
	kindFile
	kindHandle // of a file object, whose number follows from the slot
	kindObject // objects of the app that the driver has referenced
	kindCount
)

const (
	maxSlots   = 32           // contexts, and requests
	maxNumbers = slotMask + 1 // of any kind
)

// kindsOf says of each class which kind of number its slot is. Files of an app can
// be told apart by what the app does with them.
func (m *Model) kindsOf() (kinds [1 << (32 - classShift)]uint8) {
	for _, c := range [...]Class{ClassIrp, ClassStackLoc, ClassLazy, ClassFetched, ClassMdl, ClassMap, ClassBlock} {
		kinds[c] = kindRequest
	}
	kinds[ClassCtx], kinds[ClassKStack] = kindContext, kindContext
	if m.cfg.Bounds.Records > 1 {
		kinds[ClassRecord] = kindRecord
	}
	if m.cfg.App == nil && m.lay.files.n > 1 {
		kinds[ClassFile], kinds[ClassHandle] = kindFile, kindHandle
	}
	if m.lay.objects.n > 1 {
		kinds[ClassSystem] = kindObject
	}
	return kinds
}

// numberOf gives the kind and the number that v carries. The number of a handle is
// that of its file.
func (m *Model) numberOf(v Value) (kind uint8, n int) {
	kind, n = m.kinds[v.Class()], v.Slot()
	switch kind {
	case kindHandle:
		if n = fileOfHandle(v); n < 0 || n >= m.lay.files.n {
			return kindFixed, 0
		}
		return kindFile, n
	case kindObject:
		if n -= sysObjects; n < 0 || n >= m.lay.objects.n {
			return kindFixed, 0
		}
	case kindRequest, kindContext:
		n %= maxSlots
	}
	return kind, n
}

// renumbering says for each new number which old one it is, and back.
type renumbering struct {
	ctxs, irps, recs, files, objs order
}

type order struct {
	from [maxNumbers]uint8 // new number -> old
	to   [maxNumbers]uint8 // old number -> new
}

// unchanged leaves every number as it is.
var unchanged = func() (p renumbering) {
	for _, o := range [...]*order{&p.ctxs, &p.irps, &p.recs, &p.files, &p.objs} {
		for i := range o.from {
			o.from[i], o.to[i] = uint8(i), uint8(i)
		}
	}
	return p
}()

// settle fills to from from and says whether anything moves.
func (o *order) settle(n int) bool {
	moved := false
	for i := range n {
		o.to[o.from[i]] = uint8(i)
		moved = moved || int(o.from[i]) != i
	}
	return moved
}

// sort orders the old numbers at places first to last-1. It says whether any moved,
// and whether any are equal. They are few, and mostly in order.
func (o *order) sort(first, last int, compare func(a, b int) int) (moved, equal bool) {
	for i := first + 1; i < last; i++ {
		for k := i; k > first; k-- {
			c := compare(int(o.from[k-1]), int(o.from[k]))
			if c <= 0 {
				equal = equal || c == 0
				break
			}
			o.from[k-1], o.from[k] = o.from[k], o.from[k-1]
			moved = true
		}
	}
	return moved, equal
}

// settle settles all orders.
func (p *renumbering) settle(m *Model) bool {
	moved := p.ctxs.settle(m.lay.ctxs.n)
	moved = p.irps.settle(m.lay.irps.n) || moved
	moved = p.recs.settle(m.records()) || moved
	moved = p.files.settle(m.lay.files.n) || moved
	return p.objs.settle(m.lay.objects.n) || moved
}

// records is how many pool blocks there can be, of all sites.
func (m *Model) records() int { return len(m.sites) * m.cfg.Bounds.Records }

// swaps calls f with the places to swap, one after the other, so that what was
// at from[i] gets to i.
func (o *order) swaps(n int, f func(i, k int)) {
	at := unchanged.ctxs.from
	for i := range n {
		if at[i] == o.from[i] {
			continue
		}
		k := i + 1
		for at[k] != o.from[i] {
			k++
		}
		f(i, k)
		at[i], at[k] = at[k], at[i]
	}
}

// renumber moves the blocks of s and rewrites every number and reference. Each
// request takes its system buffer and its MDL along, which have its number.
func (m *Model) renumber(s []byte, p *renumbering) {
	l := &m.lay
	p.ctxs.swaps(l.ctxs.n, func(i, k int) {
		a, b := l.ctxs.at(i), l.ctxs.at(k)
		swapBytes(s[a:], s[b:], ctxStack+4*max(int(s[a+ctxTop]), int(s[b+ctxTop]))) // the rest is zero
	})
	p.irps.swaps(l.irps.n, func(i, k int) {
		for _, bl := range [...]*blocks{&l.irps, &l.mdls, &l.sysbufs, &l.fetches, &l.apcs} {
			if bl.n > 0 {
				bl.swap(s, i, k)
			}
		}
	})
	p.recs.swaps(m.records(), func(i, k int) {
		swapBytes(s[m.recordAt[i].at:], s[m.recordAt[k].at:], l.sites[m.recordAt[i].site].size)
	})
	p.files.swaps(l.files.n, func(i, k int) { l.files.swap(s, i, k) })
	p.objs.swaps(l.objects.n, func(i, k int) { l.objects.swap(s, i, k) })
	m.renumberFields(s, p)
	for off := range m.refs(s) {
		v := val(s, off)
		if w := p.of(m, v); w != v {
			put(s, off, w)
		}
	}
}

// swap swaps blocks i and k.
func (b *blocks) swap(s []byte, i, k int) { swapBytes(s[b.at(i):], s[b.at(k):], b.size) }

// swapBytes swaps the first n bytes of a and b, a multiple of 4.
func swapBytes(a, b []byte, n int) {
	a, b = a[:n], b[:n]
	for len(a) >= 8 && len(b) >= 8 {
		v, w := binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b)
		binary.LittleEndian.PutUint64(a, w)
		binary.LittleEndian.PutUint64(b, v)
		a, b = a[8:], b[8:]
	}
	if len(a) > 0 {
		v, w := val(a, 0), val(b, 0)
		put(a, 0, w)
		put(b, 0, v)
	}
}

// thread is where the thread of a request comes; first if it has none.
func (p *renumbering) thread(n byte) int {
	if n == 0 {
		return -1
	}
	return int(p.ctxs.to[n-1])
}

// of gives reference v with the number that p gives it.
func (p *renumbering) of(m *Model, v Value) Value {
	switch kind, n := m.numberOf(v); kind {
	case kindRequest:
		return v.flip(n, p.irps.to[n])
	case kindContext:
		return v.flip(n, p.ctxs.to[n])
	case kindRecord:
		return v.flip(n, p.recs.to[n])
	case kindObject:
		return v.flip(sysObjects+n, sysObjects+p.objs.to[n])
	case kindFile:
		if v.Class() == ClassHandle {
			return v&^slotBits | handleOf(int(p.files.to[n]), 0)&slotBits
		}
		return v.flip(n, p.files.to[n])
	}
	return v
}

// flip turns the bits in which two slots differ.
func (v Value) flip(from int, to uint8) Value { return v ^ Value(from^int(to))<<slotShift }

// slotBits are the bits of a Value that carry a number that may change.
const slotBits = slotMask << slotShift

// noRefs has no bit in common with two Values of the classes below 4: numbers
// and functions.
const noRefs = ((31 &^ 3) << classShift) * lanes

const lanes = 1<<32 | 1

// nextRef is where from off on the first Value stands that may be a reference; end if
// there is none.
func nextRef(s []byte, off, end int) int {
	for off+8 <= end && binary.LittleEndian.Uint64(s[off:])&noRefs == 0 {
		off += 8
	}
	for ; off < end && val(s, off) < Value(ClassCtx)<<classShift; off += 4 {
	}
	return off
}

// renumberFields rewrites the numbers that stand outside of Values.
func (m *Model) renumberFields(s []byte, p *renumbering) {
	for kind, o := range [...]*order{kindContext: &p.ctxs, kindRequest: &p.irps, kindFile: &p.files} {
		for _, off := range m.numbers[kind] {
			if n := s[off]; n != 0 {
				s[off] = o.to[n-1] + 1
			}
		}
	}
	for c := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(c)
		for k := range int(s[cb+ctxApcs]) {
			n := &s[cb+ctxQueue+k]
			*n = p.irps.to[*n-1] + 1
		}
	}
}

// numberFields lists by kind the bytes outside of Values and of APC queues that
// hold one more than a number, 0 for none.
func (m *Model) numberFields() (fields [kindCount][]int) {
	l := &m.lay
	add := func(kind int, offs ...int) { fields[kind] = append(fields[kind], offs...) }
	add(kindContext, hdrCancel)
	for i := range l.files.n {
		add(kindContext, l.files.at(i)+filLock)
	}
	for i := range l.irps.n {
		b := l.irps.at(i)
		add(kindContext, b+irpThread, b+irpOwner)
		add(kindRequest, b+irpBlock, b+irpMdl)
		add(kindFile, b+irpFile)
	}
	add(kindContext, hdrCut)
	for i := range l.mdls.n {
		add(kindRequest, l.mdls.at(i)+mdlIrp)
	}
	for i := range l.sysbufs.n {
		add(kindRequest, l.sysbufs.at(i)+blkIrp)
	}
	return fields
}
