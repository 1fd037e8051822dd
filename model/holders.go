package model

import "slices"

// Who can come by a request or a block of the driver: what one context alone has a
// reference to nobody else can look at.

// holders says of each object who can come by it.
type holders struct {
	known bool // of the present state
	irps  [maxSlots]int8
	recs  [maxNumbers]int8
}

// Who can come by an object: a context by number, nobody, anybody.
const (
	heldByNone = -1
	heldByAny  = -2
)

func (h *holders) clear() {
	for i := range h.irps {
		h.irps[i] = heldByNone
	}
	for i := range h.recs {
		h.recs[i] = heldByNone
	}
}

// take notes that whoever is given has a reference v.
func (h *holders) take(v Value, who int8) {
	var at *int8
	switch {
	case v.stale():
		return
	case v.Class() == ClassIrp:
		at = &h.irps[v.Slot()%maxSlots]
	case v.Class() == ClassRecord:
		at = &h.recs[v.Slot()]
	default:
		return
	}
	if *at != who && *at != heldByNone {
		who = heldByAny
	}
	*at = who
}

// findHolders finds who holds what. What refers to an object out of itself does not
// count, nor do frames of kernel routines that have a request and look at nothing in it;
// what they read in a block of the driver is not learned, so anybody may.
func (x *exec) findHolders() *holders {
	m, h := x.m, &x.holders
	if h.known {
		return h
	}
	h.known = true
	h.clear()
	first, last := m.lay.ctxs.at(0), m.lay.ctxs.at(m.lay.ctxs.n-1)
	for _, w := range m.words {
		if w.off >= first && w.off <= last+ctxStack {
			continue // of a context
		}
		for off := range rowRefs(x.s, w.off, w.end) {
			if v := val(x.s, off); !x.within(off, v) {
				h.take(v, heldByAny)
			}
		}
	}
	for c := range m.lay.ctxs.n {
		h.take(val(x.s, m.lay.ctxs.at(c)+ctxObject), int8(c))
		top := true
		for base, end := range frames(x.s, m.lay.ctxs.at(c)) {
			pc := u16(x.s, base+framePC)
			kernel := pc >= m.kernelCode
			for off := range rowRefs(x.s, base+frameRegs, end) {
				switch v := val(x.s, off); {
				case !kernel || v.Class() == ClassIrp && (m.callsBack(pc) || !top && m.inTable(pc, tableCancel)):
					h.take(v, int8(c))
				case v.Class() == ClassRecord, m.inTable(pc, tableCancel):
					h.take(v, heldByAny) // a cancel routine is about to be called
				}
			}
			top = false
		}
	}
	return h
}

// several says whether more than one is held by who.
func several(by []int8, who int8) bool {
	i := slices.Index(by, who)
	return i >= 0 && slices.Contains(by[i+1:], who)
}

// inFile says whether a file object leads to the block a.
func (x *exec) inFile(a Value) bool {
	for f := range x.m.lay.files.n {
		for at := x.m.lay.files.at(f) + filCells; at < x.m.lay.files.at(f)+filSize; at += 4 {
			if val(x.s, at).base() == a {
				return true
			}
		}
	}
	return false
}

// callsBack says whether pc is in a kernel routine that hands its request to routines of
// the driver.
func (m *Model) callsBack(pc int) bool {
	return m.inTable(pc, tableCsqInsert) || m.inTable(pc, tableCsqRemove) || m.inTable(pc, tableCsqCancel)
}

// within says whether the word at off is in the object that reference v is to.
func (x *exec) within(off int, v Value) bool {
	switch v.Class() {
	case ClassIrp:
		b := x.irp(v.Slot() % maxSlots)
		return off >= b && off < b+irpSize
	case ClassRecord:
		return x.m.blockAt(off) == v.Slot()
	}
	return false
}
