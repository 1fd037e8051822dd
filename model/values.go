package model

// eachValue calls f with the state offset of every Value in s that may be a
// reference: registers and locals of all frames, what the driver stored in
// requests, the driver's and the app's memory, the queues of the header.
func (m *Model) eachValue(s []byte, f func(off int)) {
	m.eachRow(s, func(off, end int) {
		for ; off < end; off += 4 {
			f(off)
		}
	})
}

// eachRow calls f with the ends of each row of Values that eachValue visits.
func (m *Model) eachRow(s []byte, f func(off, end int)) { m.eachRowBelow(s, 1<<16, f) }

// eachProgramRow leaves the frames of kernel routines out: what they still hold when
// it is over nobody can look at.
func (m *Model) eachProgramRow(s []byte, f func(off, end int)) { m.eachRowBelow(s, m.kernelCode, f) }

// eachRowBelow leaves frames out that run a code from limit on.
func (m *Model) eachRowBelow(s []byte, limit int, f func(off, end int)) {
	for _, w := range m.words {
		f(w.off, w.off+4*w.n)
	}
	for c := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(c)
		for base, end := range frames(s, cb) {
			if u16(s, base+framePC) < limit {
				f(base+frameRegs, end)
			}
		}
	}
}

// run is a row of Values in every state.
type run struct{ off, n int }

// fixedWords lists the Values outside of frames.
func (m *Model) fixedWords() []run {
	var out []run
	words := func(off, n int) {
		if n > 0 {
			out = append(out, run{off, n})
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
