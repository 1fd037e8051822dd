package model

import (
	"slices"
	"strings"
)

// What stands in an object that one context alone has tells two states apart, and is
// mostly never read again: the links of a request that is out of its list, the fields
// of a block that is about to be freed. Where the nodes of the driver read which cells
// is learned, as late.go learns where they look at a request. When a context rests,
// the cells of what it alone has that none of the nodes ahead of it reads, up to where
// the object ends, are forgotten. A read of one ends the path, and the exploration is
// made again: that node reads it, or the cell is read where nobody can see it coming,
// and is kept from then on (cellreads.go). Who has what is in holders.go.

// forgotten is what a cell holds that nobody was seen to read again.
const forgotten = Value(uint32(ClassUnknown)<<classShift | uint32(TagForgotten))

// Kinds of objects with cells: requests, then the blocks of each allocation site.
const (
	cellsIrp  = 0
	cellsSite = 1
	mostCells = 48 // of an object; those beyond are kept
	allOfThem = 1<<mostCells - 1
)

// driverCell are those of a request.
const driverCell = uint64(1<<irpCellCount - 1)

// seen gives what the cell at off holds, which is read; it is noted if that was
// forgotten.
func (x *exec) seen(off int) Value {
	v := val(x.s, off)
	if v == forgotten || v.Class() == ClassFile && v.stale() && x.hides(off) {
		x.lost(off)
	}
	return v
}

// hides says whether the cell at off does not tell whether what it refers to is gone.
func (x *exec) hides(off int) bool {
	kind, cell := x.m.cellAt(off)
	return kind >= cellsSite && cell < mostCells && x.m.hidden(kind)&(1<<cell) != 0
}

// hidden is the cells of a kind of block whose values were seen to be compared and
// nothing else: a pointer to what is gone is equal to one to what is there.
func (m *Model) hidden(kind int) uint64 {
	if !m.cfg.Reduce.Cells {
		return 0
	}
	a := &m.assume.cells
	return allOfThem &^ (a.strong[kind] | a.kept[kind])
}

// read is seen for an access that the driver makes: what was forgotten ends the path.
func (x *exec) read(off int) Value {
	v := val(x.s, off)
	switch {
	case v == forgotten && !x.lost(off):
		return unknown(TagAny)
	case v == forgotten:
	case v.Class() != ClassFile || !v.stale() || x.at < x.m.kernelCode && x.m.code[x.at].compared || !x.hides(off):
		return v
	default:
		x.lost(off)
	}
	x.capacity(boundLate)
	return v
}

// lost notes that what the cell at off held is read and was forgotten. False: what it
// held meant nothing.
func (x *exec) lost(off int) bool {
	kind, cell := x.m.cellAt(off)
	if kind < 0 || cell >= mostCells || x.m.assume.cells.kept[kind]&(1<<cell) != 0 {
		return false
	}
	x.m.learn.cells.lost[kind].Or(1 << cell)
	return true
}

// meansNothing stores at a what nobody reads before something else is stored there.
func (x *exec) meansNothing(a Value, size int) {
	switch {
	case x.m.cfg.Reduce.Cells:
		x.store(a, size, forgotten)
	case x.m.cfg.Reduce.Dead:
		x.store(a, size, 0)
	}
}

// cellAt says of which kind of object the cell at off is, and which of its cells; -1 if
// it is not of one that is forgotten by cells.
func (m *Model) cellAt(off int) (kind, cell int) {
	irps := &m.lay.irps
	if n := off - irps.off; n >= 0 && n < irps.n*irpSize {
		return cellsIrp, (n%irpSize - irpCells) / 4
	}
	if n := m.blockAt(off); n >= 0 {
		return cellsSite + int(m.recordAt[n].site), (off - int(m.recordAt[n].at) - recCells) / 4
	}
	return -1, 0
}

// hideGone lets cells from off on, which hide whether the file object that they refer
// to is gone, all look alike.
func (x *exec) hideGone(off int, cells uint64) {
	for ; cells != 0; off, cells = off+4, cells>>1 {
		if v := val(x.s, off); cells&1 != 0 && v.Class() == ClassFile {
			put(x.s, off, v|stale<<incShift)
		}
	}
}

// A link is where an object has a list entry: the cell and the byte where that begins.
type link struct{ cell, at int }

// findLinks finds the list entries of each kind of object.
func (m *Model) findLinks() {
	m.links = make([][]link, cellsSite+len(m.sites))
	if at := slices.Index(m.irpFields, fieldCell+irpFlink); at >= 0 {
		m.links[cellsIrp] = []link{{irpFlink, at}}
	}
	for i, s := range m.sites {
		for k := range min(mostCells, len(s.layout.Cells)) - 1 {
			c := &s.layout.Cells[k]
			if path, ok := strings.CutSuffix(c.Name, "Flink"); ok && s.layout.Cells[k+1].Name == path+"Blink" {
				m.links[cellsSite+i] = append(m.links[cellsSite+i], link{k, int(c.Offset)})
			}
		}
	}
}

// forgetsLinks forgets the links of an object whose neighbours do not link back: it is in
// no list, and who puts it into one writes them. Its cells begin at off; those of dead may be
// forgotten. It says whether a neighbour does link back.
func (x *exec) forgetsLinks(off int, a Value, dead uint64, links []link) (linked bool) {
	for _, l := range links {
		for k, back := range [...]int{8, 0} {
			at := off + 4*(l.cell+k)
			v := val(x.s, at)
			if v == forgotten {
				continue
			}
			w, ok := x.peekEntry(v.plus(back))
			switch {
			case ok && w == a.plus(l.at):
				linked = linked || v.base() != a
			case dead>>(l.cell+k)&1 != 0:
				put(x.s, at, forgotten)
			}
		}
	}
	return linked
}

// forgetsCells forgets of what one context alone has the cells that nothing ahead of it
// reads.
func (x *exec) forgetsCells() {
	if !x.m.cfg.Reduce.Cells || x.boot {
		return
	}
	x.holders.known = false
	for i := range x.m.lay.irps.n {
		x.forgetsInRequest(i)
	}
	for n := range x.m.records() {
		if x.s[x.m.recordAt[n].at+recShared] != 0 { // else others read what it is told before they can find it
			x.forgetsInBlock(n)
		}
	}
}

func (x *exec) forgetsInRequest(i int) {
	b := x.irp(i)
	p, dead := x.s[b+irpPhase], driverCell&^x.m.assume.cells.kept[cellsIrp]
	switch {
	case p == phaseFree || p == phaseIssue || isFileMajor(x.s[b+irpMajor]) || !x.remembers(b+irpCells, dead):
		return
	case x.forgetsLinks(b+irpCells, irpRef(i), dead, x.m.links[cellsIrp]) || u16(x.s, b+irpRoutine) != 0 || !x.remembers(b+irpCells, dead):
		return
	}
	by := x.findHolders().irps[:]
	switch who := by[i]; {
	case who == heldByAny || who == heldByNone && p == phaseDriver:
		return
	case who == heldByNone:
		x.s[b+irpIrql] = 0 // whoever has no reference does not look at it either
	case p == phaseDriver:
		dead &^= x.readLater(who, cellsIrp, by)
	}
	x.forgetCells(b+irpCells, dead)
}

func (x *exec) forgetsInBlock(n int) {
	m := x.m
	site, off := int(m.recordAt[n].site), int(m.recordAt[n].at)+recCells
	kind, block := cellsSite+site, ref(ClassRecord, n, 0, 0)
	dead := (uint64(1)<<min(mostCells, len(m.sites[site].layout.Cells)) - 1) &^ m.assume.cells.kept[kind]
	x.hideGone(off, dead&m.hidden(kind))
	if !x.remembers(off, dead) || x.forgetsLinks(off, block, dead, m.links[kind]) || x.inFile(block) {
		return
	}
	first := site * m.cfg.Bounds.Records
	if h := x.findHolders(); h.recs[n] >= 0 {
		x.forgetCells(off, dead&^x.readLater(h.recs[n], kind, h.recs[first:first+m.cfg.Bounds.Records]))
	}
}

// remembers says whether one of some cells from off on holds anything.
func (x *exec) remembers(off int, cells uint64) bool {
	for i := off; cells != 0; i, cells = i+4, cells>>1 {
		if cells&1 != 0 && val(x.s, i) != forgotten {
			return true
		}
	}
	return false
}

func (x *exec) forgetCells(off int, cells uint64) {
	for ; cells != 0; off, cells = off+4, cells>>1 {
		if cells&1 != 0 {
			put(x.s, off, forgotten)
		}
	}
}
