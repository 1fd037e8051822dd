package model

import "iter"

// refs goes through the state offsets of all references in s: in registers and locals
// of all frames, what the driver stored in requests, the driver's and the app's
// memory, the queues of the header.
func (m *Model) refs(s []byte) iter.Seq[int] { return m.refsBelow(s, 1<<16) }

// programRefs leaves the frames of kernel routines out: what they still hold when
// it is over nobody can look at.
func (m *Model) programRefs(s []byte) iter.Seq[int] { return m.refsBelow(s, m.kernelCode) }

// refsBelow leaves frames out that run a code from limit on.
func (m *Model) refsBelow(s []byte, limit int) iter.Seq[int] {
	return func(yield func(off int) bool) {
		for _, w := range m.words {
			for off := range rowRefs(s, w.off, w.end) {
				if !yield(off) {
					return
				}
			}
		}
		for c := range m.lay.ctxs.n {
			for base, end := range frames(s, m.lay.ctxs.at(c)) {
				if u16(s, base+framePC) >= limit {
					continue
				}
				for off := range rowRefs(s, base+frameRegs, end) {
					if !yield(off) {
						return
					}
				}
			}
		}
	}
}

// rowRefs goes through the offsets of the references among the Values from off to end.
func rowRefs(s []byte, off, end int) iter.Seq[int] {
	return func(yield func(off int) bool) {
		for off := nextRef(s, off, end); off < end && yield(off); off = nextRef(s, off+4, end) {
		}
	}
}

// refersTo says whether anything refers to an object by its class and slot.
func (m *Model) refersTo(s []byte, c Class, slot int) bool {
	for off := range m.refs(s) {
		if v := val(s, off); v.Class() == c && v.Slot() == slot {
			return true
		}
	}
	return false
}

// run is a row of Values in every state.
type run struct{ off, end int }

// fixedWords lists the Values outside of frames.
func (m *Model) fixedWords() []run {
	var out []run
	words := func(off, n int) {
		if n > 0 {
			out = append(out, run{off, off + 4*n})
		}
	}
	words(hdrDPCs, 2*maxQueued)
	for c := range m.lay.ctxs.n {
		words(m.lay.ctxs.at(c)+ctxLast, 2) // and ctxObject
	}
	for i := range m.lay.irps.n {
		words(m.lay.irps.at(i)+irpStatus, (irpSize-irpStatus)/4)
	}
	for i := range m.lay.mdls.n {
		words(m.lay.mdls.at(i)+mdlVA, 2)
	}
	files := func() {
		for i := range m.lay.files.n {
			words(m.lay.files.at(i)+filCells, 2)
			if m.lay.ports.n > 0 {
				words(m.lay.files.at(i)+filKey, 1)
			}
		}
	}
	records := func() {
		for i, bl := range m.lay.sites {
			for k := range bl.n {
				words(bl.at(k)+recCells, len(m.sites[i].layout.Cells))
			}
		}
	}
	if m.kinds[ClassFile] != kindFixed {
		files()
	}
	if m.kinds[ClassRecord] != kindFixed {
		records()
	}
	m.shared = len(out)
	for i := range m.lay.items.n {
		words(m.lay.items.at(i)+itmContext, 2)
	}
	if m.kinds[ClassFile] == kindFixed {
		files()
	}
	for i := range m.lay.ports.n {
		words(m.lay.ports.at(i)+prtPackets, maxPackets)
	}
	if m.extLayout != nil {
		words(m.lay.ext, len(m.extLayout.Cells))
	}
	words(m.lay.globals, m.globals.cells)
	if m.kinds[ClassRecord] == kindFixed {
		records()
	}
	if m.cfg.App != nil {
		m.eachAppValue(words)
	}
	return out
}

func (m *Model) eachAppValue(words func(off, n int)) {
	for i := range m.lay.apcs.n {
		words(m.lay.apcs.at(i), 1)
	}
	for t := range m.lay.uapcs.n {
		words(m.lay.uapcs.at(t)+uapcEntries, 2*maxUserAPCs)
	}
	for i := range m.lay.posts.n {
		words(m.lay.posts.at(i)+pstOver, 3)
	}
	words(m.lay.uglobal, m.uglobals.cells)
	for i := range m.poolFrames {
		words(m.lay.frames.at(i)+frmCells, m.pageCells)
	}
	for i := range m.lay.heaps.n {
		words(m.lay.heaps.at(i)+heapCells, m.heapCells)
	}
}
