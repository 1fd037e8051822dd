package model

import (
	"math/bits"

	"github.com/ownercheck/ownercheck/model/program"
)

// place is where a load or store goes when it goes to plain memory: the state
// offset of a cell, and whether the access covers exactly that cell.
type place struct {
	off   int // 0: no such place
	whole bool
	data  bool // contents are a tag

	layout *program.Layout // the object's shape, nil where it has one cell
	pos    int             // byte position of the access in it
	first  int             // state offset of its first cell
}

// cellPlace finds the cell of layout l, whose cells start at first in the
// state, that an access of size bytes at off meets.
func cellPlace(l *program.Layout, first, off, size int) place {
	i := l.CellAt(int32(off))
	if i < 0 {
		return place{}
	}
	c := &l.Cells[i]
	return place{
		off:    first + 4*i,
		whole:  !c.Data && int(c.Offset) == off && int(c.Size) == size,
		data:   c.Data,
		layout: l, pos: off, first: first,
	}
}

// stackPlace finds the cell of a local variable of context ctx at C stack
// position pos, in a frame of the wanted side. It is absent when the frames
// there now have no object at that position: the variable's routine returned.
func (x *exec) stackPlace(ctx int, side program.Side, pos, size int) (place, int) {
	m := x.m
	cb := m.lay.ctxs.at(ctx)
	for base := range frames(x.s, cb) {
		pc := u16(x.s, base+framePC)
		r := m.routineAt(pc)
		if r != nil && r.side == side {
			at := pos - u16(x.s, base+frameCPos)
			if at >= r.bytes {
				return place{}, 0
			}
			if at >= 0 {
				return r.objectPlace(base, at, size), pc
			}
		}
		if r == nil && side == program.App {
			if p := m.iosbPlace(base, pc, pos-u16(x.s, base+frameCPos), size); p.off != 0 {
				return p, pc
			}
		}
	}
	return place{}, 0
}

// objectPlace finds the object of a frame at byte position at.
func (r *routine) objectPlace(base, at, size int) place {
	for i := range r.r.Objects {
		l := r.layouts[i]
		if o := at - r.objPos[i]; o >= 0 && o < int(l.Size) {
			return cellPlace(l, base+frameRegs+4*r.objWord[i], o, size)
		}
	}
	return place{}
}

// readCell gives what an access of size bytes reads at p.
func (x *exec) readCell(p place) Value {
	if p.whole {
		return val(x.s, p.off)
	}
	if v := val(x.s, p.off); p.data {
		if v.isUnknown() {
			return v
		}
	} else if v == 0 {
		return 0 // part of a cell that is all zero
	}
	return unknown(TagAny)
}

// writeCell stores v at p. A store that covers a cell in part leaves it
// unknown; contents of a data cell become the tag of who wrote.
func (x *exec) writeCell(p place, v Value, by Tag) {
	switch {
	case p.whole:
		put(x.s, p.off, v)
	case p.data:
		put(x.s, p.off, unknown(by))
	default:
		put(x.s, p.off, unknown(TagAny))
	}
}

// whole is the short way to a cell of the driver's own memory that an access of
// size bytes at a covers exactly, and its class (movers.go), -1 for a block that
// nobody else knows. off is 0 where the long way must be taken.
func (x *exec) whole(a Value, size int) (off, class int) {
	m := x.m
	var l *program.Layout
	shared := true
	switch a.Class() {
	case ClassExt:
		l, off, class = m.extLayout, m.lay.ext, m.classExt
	case ClassGlobal:
		l, off, class = m.globals.layout, m.lay.globals, m.classGlobal
	case ClassRecord:
		site, _, at := m.record(a)
		if a.stale() || a.Offset()+size > u16(x.s, at+recBytes) || x.s[at+recPaged] != 0 {
			return 0, 0 // a free block has no bytes; of a paged one the level is judged
		}
		l, off, class = m.sites[site].layout, at+recCells, m.classSite[site]
		shared = x.s[at+recShared] != 0
	default:
		return 0, 0
	}
	i := l.CellAt(int32(a.Offset()))
	if i < 0 {
		return 0, 0
	}
	if c := &l.Cells[i]; c.Data || int(c.Offset) != a.Offset() || int(c.Size) != size {
		return 0, 0
	}
	if !shared {
		return off + 4*i, -1
	}
	return off + 4*i, class + i
}

// load reads size bytes at address a for the node that runs.
func (x *exec) load(a Value, size int) Value {
	if off, class := x.whole(a, size); off != 0 {
		x.watch(class, class)
		x.readsRecord(a, off)
		return x.read(off)
	}
	switch a.Class() {
	case ClassIrp:
		return x.loadIrp(a)
	case ClassStackLoc:
		return x.loadStackLoc(a)
	case ClassBlock:
		return x.readBlock(a, size)
	case ClassMap:
		return x.readMap(a, size)
	case ClassDevice, ClassDriver:
		return x.loadBoot(a, size)
	case ClassVirtual, ClassHeap, ClassLazy, ClassUStack, ClassUGlobal, ClassKernel:
		if !x.inApp() {
			return x.driverReadsUser(a, size)
		}
	case ClassMdl:
		if x.liveMdl(a) {
			x.unsupported(whatField)
		}
		return 0
	case ClassString:
		return unknown(TagDriver)
	case ClassSystem:
		if a.Slot() == sysTypes {
			return a // *ExEventObjectType and its like
		}
	}
	p, ok := x.memory(a, size)
	if !ok {
		return 0
	}
	x.readsRecord(a, p.off)
	if x.read(p.off) == forgotten {
		return 0
	}
	return x.readCell(p)
}

// readsRecord records that the running node reads the cell at off, if that is of a block.
func (x *exec) readsRecord(a Value, off int) {
	if a.Class() == ClassRecord {
		site, _, at := x.m.record(a)
		x.readsCell(cellsSite+site, (off-at-recCells)/4)
	}
}

// store writes size bytes v at address a for the node that runs.
func (x *exec) store(a Value, size int, v Value) {
	if a.Class() != ClassKStack {
		v = forget(v)
	}
	if off, class := x.whole(a, size); off != 0 {
		x.watch(class, class)
		x.wrote(class, class)
		x.publish(a, v)
		put(x.s, off, v)
		return
	}
	switch a.Class() {
	case ClassIrp:
		x.storeIrp(a, v)
		return
	case ClassStackLoc, ClassMdl:
		x.unsupported(whatField)
		return
	case ClassBlock:
		x.writeBlock(a, size)
		return
	case ClassMap:
		x.writeMap(a, size, v)
		return
	case ClassDevice, ClassDriver:
		x.storeBoot(a, size, v)
		return
	case ClassVirtual, ClassHeap, ClassLazy, ClassUStack, ClassUGlobal, ClassKernel:
		if !x.inApp() {
			x.driverWritesUser(a, size, v)
			return
		}
	}
	p, ok := x.memory(a, size)
	if !ok {
		return
	}
	x.wrote(x.classesOf(a, size))
	x.publish(a, v)
	x.writeCell(p, v, TagDriver)
}

// peek finds the plain memory at a without judging the access.
func (x *exec) peek(a Value, size int) (place, bool) {
	var p place
	switch a.Class() {
	case ClassKStack:
		p, _ = x.stackPlace(a.Slot(), program.Driver, a.Offset(), size)
	case ClassCtx:
		p = x.frameCell(a)
	case ClassExt:
		if x.m.extLayout != nil {
			p = cellPlace(x.m.extLayout, x.m.lay.ext, a.Offset(), size)
		}
	case ClassGlobal:
		p = cellPlace(x.m.globals.layout, x.m.lay.globals, a.Offset(), size)
	case ClassRecord:
		if !a.stale() {
			site, _, at := x.m.record(a)
			p = cellPlace(x.m.sites[site].layout, at+recCells, a.Offset(), size)
		}
	case ClassUStack, ClassUGlobal, ClassVirtual, ClassHeap:
		if x.m.cfg.App != nil {
			p = x.userPlace(a, size)
		}
	}
	return p, p.off != 0
}

// memory finds the plain memory at a, or records the violation that the access
// is. The second result is false when there is none.
func (x *exec) memory(a Value, size int) (place, bool) {
	var p place
	switch a.Class() {
	case ClassKStack:
		p, _ = x.stackPlace(a.Slot(), program.Driver, a.Offset(), size)
		if p.off == 0 {
			x.violate(invLifetime, CodeUAF)
			return p, false
		}
	case ClassCtx:
		if p = x.frameCell(a); p.off == 0 {
			x.violate(invLifetime, CodeCorrupt)
			return p, false
		}
	case ClassUStack:
		p, _ = x.stackPlace(a.Slot(), program.App, a.Offset(), size)
		if p.off == 0 {
			x.unsupported(whatAddress) // the app reads a variable of a function that has returned
			return p, false
		}
	case ClassExt:
		p = cellPlace(x.m.extLayout, x.m.lay.ext, a.Offset(), size)
	case ClassGlobal:
		p = cellPlace(x.m.globals.layout, x.m.lay.globals, a.Offset(), size)
	case ClassUGlobal:
		p = cellPlace(x.m.uglobals.layout, x.m.lay.uglobal, a.Offset(), size)
	case ClassRecord:
		if a.stale() {
			x.violate(invLifetime, CodeUAF)
			return p, false
		}
		site, _, at := x.m.record(a)
		if !x.judgePaged(at) {
			return p, false
		}
		p = cellPlace(x.m.sites[site].layout, at+recCells, a.Offset(), size)
		if n := u16(x.s, at+recBytes); a.Offset()+size > n {
			x.violate(invBounds, CodeOverrun)
			return p, false
		}
	case ClassFile:
		if a.stale() {
			x.violate(invLifetime, CodeUAF)
			return p, false
		}
		p = x.m.filePlace(a)
		if p.off == 0 {
			x.unsupported(whatField)
			return p, false
		}
	case ClassVirtual, ClassHeap:
		return x.appMemory(a, size)
	default:
		x.badAddress(a)
		return p, false
	}
	if p.off == 0 {
		if a.Class() == ClassExt || a.Class() == ClassGlobal || a.Class() == ClassRecord {
			x.violate(invBounds, CodeOverrun)
		} else {
			x.unsupported(whatAccess)
		}
		return p, false
	}
	x.watch(x.classesOf(a, size))
	return p, true
}

// badAddress ends the path at an access through something that is no address.
func (x *exec) badAddress(a Value) {
	switch {
	case a.Class() == ClassInt || a.Class() == ClassConst:
		if x.inApp() {
			x.unsupported(whatAddress)
			return
		}
		x.violate(invInitialised, CodeNull)
	case x.inApp() || !wrongObject[a.Class()]:
		x.unsupported(whatAddress)
	default:
		x.violate(invLifetime, CodeCorrupt) // an IRP that is none, and the like
	}
}

// wrongObject are the classes that a driver that follows a wild list entry ends
// up in: what it takes for one object is another.
var wrongObject = [classCount]bool{
	ClassIrp: true, ClassStackLoc: true, ClassMdl: true, ClassBlock: true, ClassMap: true, ClassExt: true,
	ClassGlobal: true, ClassRecord: true, ClassKStack: true, ClassDevice: true, ClassFile: true,
}

// record splits a reference to a pool block into its site, its slot there and
// the offset of its block in the state.
func (m *Model) record(a Value) (site, slot, at int) {
	r := &m.recordAt[a.Slot()]
	return int(r.site), int(r.slot), int(r.at)
}

// blockAt is the slot of the block that the byte at off of a state is in, -1 if there is
// none.
func (m *Model) blockAt(off int) int {
	for i, bl := range m.lay.sites {
		if n := off - bl.off; n >= 0 && n < bl.n*bl.size {
			return i*bl.n + n/bl.size
		}
	}
	return -1
}

// recordPlace is a block of an allocation site.
type recordPlace struct{ site, slot, at int32 }

// placeRecords fills recordAt, by the slot of a reference.
func (m *Model) placeRecords() {
	for i, bl := range m.lay.sites {
		for k := range bl.n {
			m.recordAt[i*bl.n+k] = recordPlace{int32(i), int32(k), int32(bl.at(k))}
		}
	}
}

// publish notes that reference v is stored where others can find it: from then
// on the block or the MDL that it names is shared.
func (x *exec) publish(into, v Value) {
	switch {
	case into.Class() == ClassKStack:
		return
	case v.Class() == ClassMdl || v.Class() == ClassMap:
		if !v.stale() {
			x.s[x.mdl(v.Slot())+mdlUsed] = mdlShown
		}
		return
	case v.Class() != ClassRecord:
		return
	}
	if into.Class() == ClassRecord && into.base() == v.base() {
		return // a block that points to itself
	}
	x.share(v)
}

func (x *exec) share(v Value) {
	if v.Class() == ClassRecord && !v.stale() {
		_, _, at := x.m.record(v)
		x.s[at+recShared] = 1
	}
}

// pick chooses which of the free slots of a class a new object gets, whose references
// begin at slot first: one that a stale reference names, which then meets the new
// object, or one that none does; of those the lowest. -1: none is free.
func (x *exec) pick(c Class, first int, free uint64) int {
	switch bits.OnesCount64(free) {
	case 0:
		return -1
	case 1:
		return bits.TrailingZeros64(free)
	}
	return x.chooseOf(unlike(free, x.m.programNames(x.s, c)>>first))
}

// unlike leaves of the free numbers those that are named, and the lowest other one.
func unlike(free, named uint64) uint64 {
	clean := free &^ named
	return free&named | clean&-clean
}

// chooseOf picks one of a set of numbers, the lowest first.
func (x *exec) chooseOf(set uint64) int {
	for n := x.choose(bits.OnesCount64(set)); n > 0; n-- {
		set &= set - 1
	}
	return bits.TrailingZeros64(set)
}

// programNames is the set of the slots of a class that C code can still refer to.
func (m *Model) programNames(s []byte, c Class) (named uint64) {
	for off := range m.programRefs(s) {
		if v := val(s, off); v.Class() == c {
			named |= 1 << v.Slot()
		}
	}
	return named
}

// makeStale marks every reference to a slot of some classes as one to an object that
// is gone, so that none of them meets the next object of that slot unnoticed (22.20).
func (x *exec) makeStale(classes uint64, slot int) {
	x.markStale(func(v Value) bool { return classes&(1<<v.Class()) != 0 && v.Slot() == slot })
}

// makeGone is makeStale for what belongs to request i. One that has not got to the driver
// is known to its issuer alone.
func (x *exec) makeGone(i int, classes uint64, slot int) {
	if x.s[x.irp(i)+irpPhase] != phaseIssue {
		x.makeStale(classes, slot)
		return
	}
	for base, end := range frames(x.s, x.cb) {
		for off := range rowRefs(x.s, base+frameRegs, end) {
			if v := val(x.s, off); classes&(1<<v.Class()) != 0 && v.Slot() == slot {
				put(x.s, off, v|stale<<incShift)
			}
		}
	}
}

// markStale is makeStale for the references that gone picks.
func (x *exec) markStale(gone func(v Value) bool) {
	for off := range x.m.refs(x.s) {
		if v := val(x.s, off); gone(v) {
			put(x.s, off, v|stale<<incShift)
		}
	}
}
