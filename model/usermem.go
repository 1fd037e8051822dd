package model

import "github.com/ownercheck/ownercheck/model/program"

// The app's memory. With an app program it is explicit: VirtualAlloc ranges
// backed by page frames, heap blocks on one page that stays mapped, stacks that
// stay mapped while their thread lives, static variables. The most general
// client is lazy (22.12): what is mapped is chosen at each access.

// lazy offsets: which memory of a request a ClassLazy address is in.
const (
	lazyIn   = 0x0000
	lazyOut  = 0x4000
	lazyOver = 0x8000
)

// mapped says whether an access at user address a finds memory, choosing where
// the client is lazy. Kernel addresses are mapped; probes refuse them.
func (x *exec) mapped(a Value) bool {
	switch a.Class() {
	case ClassVirtual:
		x.refault(a.Slot())
		return x.s[x.m.lay.ranges.at(a.Slot())+rngUsed] != 0
	case ClassKernel:
		return true
	case ClassHeap, ClassUGlobal, ClassUStack:
		return x.m.fixedMapped(x.s, a)
	case ClassLazy:
		return !x.m.cfg.Actions.Unmap || a.Offset()&^0x3FFF == lazyOver || x.choose(2) == 0
	}
	return false
}

// probe is ProbeForRead or ProbeForWrite of length bytes (1.5): nothing at all
// for length 0, a range check against kernel addresses, a touch of the page if
// for write. The result is 0 or an exception code.
func (x *exec) probe(a Value, length int, write bool) Value {
	switch {
	case length == 0:
		return 0
	case a.Class() == ClassKernel:
		return statusAccessViolation
	case !write:
		return 0
	}
	return x.touch(a, true)
}

// userPlace finds the contents at a mapped user address; absent where nobody
// keeps any, such as free stack or free heap.
func (x *exec) userPlace(a Value, size int) place {
	switch a.Class() {
	case ClassVirtual:
		r := x.m.lay.ranges.at(a.Slot())
		if f := int(x.s[r+rngFrame]) - 1; f >= 0 {
			return x.framePlace(f, a.Offset(), size)
		}
	case ClassHeap:
		h := x.m.lay.heaps.at(a.Slot())
		if u := int(x.s[h+heapUsed]); u != 0 {
			return cellPlace(x.m.heapLayouts[u-1], h+heapCells, a.Offset(), size)
		}
	case ClassUStack:
		p, _ := x.stackPlace(a.Slot(), program.App, a.Offset(), size)
		return p
	case ClassUGlobal:
		if !x.m.fixedMapped(x.s, a) {
			return place{}
		}
		return cellPlace(x.m.uglobals.layout, x.m.lay.uglobal, a.Offset(), size)
	}
	return place{}
}

func (x *exec) framePlace(f, off, size int) place {
	b := x.m.lay.frames.at(f)
	return cellPlace(x.m.pageLayouts[x.s[b+frmLayout]], b+frmCells, off, size)
}

// pagePlace finds the contents that the mapping of MDL block b shows at byte
// off. Private pages are found by their frame: an app that frees and allocates
// again at the same address has another frame there (5.12). A frame that this
// MDL does not hold, or that was given away, is foreign.
func (x *exec) pagePlace(b, off, size int) (place, bool) {
	va := val(x.s, b+mdlVA).plus(off)
	if va.Class() != ClassVirtual {
		p := x.userPlace(va, size)
		x.hitNote(b, va, p)
		return p, false
	}
	f := int(x.s[b+mdlFrame]) - 1
	if f < 0 {
		return place{}, true
	}
	fb := x.m.lay.frames.at(f)
	foreign := x.s[fb+frmLocks] == 0 || int(x.s[fb+frmGiven]) != va.Slot()+1 || x.s[fb+frmRenewed] != 0
	return x.framePlace(f, va.Offset(), size), foreign
}

// hitNote tells what a store through a mapping of stack or heap pages meets
// once the app has given the buffer up.
func (x *exec) hitNote(b int, va Value, p place) {
	i := int(x.s[b+mdlIrp]) - 1
	if i >= 0 && x.s[x.irp(i)+irpGone]&goneOut != 0 {
		x.noteHit(va, p)
	}
}

func (x *exec) noteHit(va Value, p place) {
	if p.off == 0 {
		return
	}
	if va.Class() == ClassUStack {
		x.notes |= NoteHitStack
	} else {
		x.notes |= NoteHitNew
	}
}

// kernelStore writes v to size bytes of user memory for request i, by address.
// gone is the irpGone bit of that memory. The address was found mapped.
func (x *exec) kernelStore(i int, a Value, size int, v Value, gone byte) {
	b := x.irp(i)
	if x.s[b+irpNotified] != 0 {
		x.notes |= NoteAfterNotify
	}
	if x.m.cfg.App == nil || a.Class() == ClassKernel {
		return
	}
	p := x.userPlace(a, size)
	if x.s[b+irpGone]&gone != 0 {
		x.noteHit(a, p)
	}
	if p.off != 0 {
		x.writeCell(p, v, TagDriver)
	}
}

// giveUp notes for every request that names memory which the app gives up.
// from and to bound the C stack positions of a frame; both 0 means the whole
// object that a names.
func (x *exec) giveUp(a Value, from, to int) (pending bool) {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if x.s[b+irpPhase] == phaseFree {
			continue
		}
		for _, f := range [...]struct {
			off  int
			gone byte
		}{{irpOut, goneOut}, {irpOver, goneOver}, {irpIn, goneIn}} {
			v := val(x.s, b+f.off)
			if v.Class() != a.Class() || v.Slot() != a.Slot() || to > 0 && (v.Offset() < from || v.Offset() >= to) {
				continue
			}
			x.s[b+irpGone] |= f.gone
			if p := x.s[b+irpPhase]; f.gone != goneIn && p >= phaseDriver && x.s[b+irpNotified] == 0 {
				pending = true
			}
		}
	}
	return pending
}

// named says whether a request that is with the driver names the memory at a.
func (x *exec) named(a Value) bool {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if x.s[b+irpPhase] < phaseDriver || x.s[b+irpNotified] != 0 {
			continue
		}
		if v := val(x.s, b+irpOut); v.Class() == a.Class() && v.Slot() == a.Slot() {
			return true
		}
	}
	return false
}

// lateInput notes that driver code reads the input of a request by its user
// address: it sees what the app has made of it since the call.
func (x *exec) lateInput(a Value) uint64 {
	x.looksAtLengths()
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		v := val(x.s, b+irpIn)
		if x.s[b+irpPhase] != phaseFree && v.Class() == a.Class() && v.Slot() == a.Slot() &&
			a.Offset() >= v.Offset() && a.Offset() < v.Offset()+u16(x.s, b+irpInLen) {
			return NoteInputLate
		}
	}
	return 0
}

// appMemory finds what the app's own access meets.
func (x *exec) appMemory(a Value, size int) (place, bool) {
	gone := a.Class() == ClassVirtual && x.s[x.m.lay.ranges.at(a.Slot())+rngUsed] == 0 ||
		a.Class() == ClassHeap && x.s[x.m.lay.heaps.at(a.Slot())+heapUsed] == 0
	if gone {
		x.violate(invAppBuffers, CodeFault)
		return place{}, false
	}
	if a.Class() == ClassVirtual {
		x.refault(a.Slot())
	}
	p := x.userPlace(a, size)
	if p.off == 0 {
		x.unsupported(whatAccess)
		return p, false
	}
	return p, true
}

// driverReadsUser and driverWritesUser are accesses of driver code by a user
// address (facts 6.4, 20c): in the issuing process, below DISPATCH_LEVEL, under
// a guard, and never at a kernel address that a caller passed.
func (x *exec) driverReadsUser(a Value, size int) Value {
	x.notes |= NoteDriverUserRead | x.lateInput(a)
	if !x.driverTouchesUser(a, false) {
		return 0
	}
	if x.m.cfg.App == nil {
		return x.fetched(a)
	}
	if p := x.userPlace(a, size); p.off != 0 {
		return x.readCell(p)
	}
	return unknown(TagAny)
}

func (x *exec) driverWritesUser(a Value, size int, v Value) {
	x.notes |= NoteDriverUserWrite
	if !x.driverTouchesUser(a, true) || x.m.cfg.App == nil {
		return
	}
	if p := x.userPlace(a, size); p.off != 0 {
		x.writeCell(p, v, TagDriver)
	}
}

func (x *exec) driverTouchesUser(a Value, write bool) bool {
	switch {
	case !x.m.isThread(x.ctx) || !x.currentProcess(a):
		x.violate(invContext, CodeCorrupt)
	case x.s[x.cb+ctxIrql] >= irqlDispatch:
		x.violate(invIrql, CodeIrql)
	case a.Class() == ClassKernel:
		x.violate(invAppCannotCrash, CodeKernelWrite)
	case !x.guarded():
		x.violate(invFaultSafe, CodeFault)
	default:
		fault := x.touch(a, write)
		if fault != 0 {
			x.raise(fault)
		}
		return fault == 0 && !x.halted
	}
	return false
}

// Page frames (section 5).

// lockFrames takes one reference for the MDL on the frame behind its address
// and gives the frame's slot+1; 0 where the client is lazy and has no frames.
func (x *exec) lockFrame(a Value) byte {
	f := x.frameOf(a)
	if f < 0 {
		return 0
	}
	x.s[x.m.lay.frames.at(f)+frmLocks]++
	return byte(f + 1)
}

// frameOf is the frame that user address a maps now, or -1.
func (x *exec) frameOf(a Value) int {
	if x.m.cfg.App == nil {
		return -1
	}
	switch a.Class() {
	case ClassVirtual:
		return int(x.s[x.m.lay.ranges.at(a.Slot())+rngFrame]) - 1
	case ClassUStack:
		return x.m.stackFrame(a.Slot())
	case ClassHeap, ClassUGlobal:
		return x.m.heapFrame()
	}
	return -1
}

// unlockFrame drops one reference (5.4). A frame without share whose last
// reference goes is free.
func (x *exec) unlockFrame(frame byte) {
	x.notes |= NoteUnlock
	if frame == 0 {
		return
	}
	b := x.m.lay.frames.at(int(frame) - 1)
	if x.s[b+frmLocks] == 0 {
		x.violate(invLockBalance, Code76)
		return
	}
	x.s[b+frmLocks]--
	mapped := x.s[b+frmShare] != 0 || x.s[b+frmDeleted] == 0
	if x.s[b+frmLocks] == 0 && (!mapped || x.m.faulty("mm.unlock", FaultIgnore)) && !x.m.faulty("mm.unlock", FaultSkip) {
		clear(x.s[b : b+x.m.lay.frames.size])
		x.notes |= NoteUnlockFree
	}
}

// takeRegion is what a lock or an unlock never does: it takes the addresses away.
func (x *exec) takeRegion(va Value) {
	if va.Class() == ClassVirtual && x.m.faulty("mm.regions", FaultIgnore) {
		r := x.m.lay.ranges.at(va.Slot())
		x.s[r+rngProt] = protNone
	}
}

// unmapFrame is the end of a mapping (5.3): share down, and deleted mark when it
// was the last; a frame that is still referenced then goes on no list.
func (x *exec) unmapFrame(f int) {
	b := x.m.lay.frames.at(f)
	if x.s[b+frmShare] != 0 { // a trimmed page has no share left (24.3)
		x.s[b+frmShare]--
	}
	if x.s[b+frmShare] != 0 {
		return // a page of a section that another process shows
	}
	x.s[b+frmDeleted] = 1
	switch {
	case x.s[b+frmLocks] == 0:
		clear(x.s[b : b+x.m.lay.frames.size])
	case x.m.faulty("mm.unmap", FaultIgnore):
		x.s[b+frmList] = listFree
	default:
		x.s[b+frmList] = listLimbo
	}
}

// takeFrame puts the free frame at b to use. A correct list holds no locked
// frame; the lock of one that a mutated model gives out stays with it.
func (x *exec) takeFrame(b int) {
	x.notes |= NoteFrameGiven
	locks := x.s[b+frmLocks]
	clear(x.s[b : b+x.m.lay.frames.size])
	if locks != 0 {
		x.notes |= NoteFrameLocked
		x.s[b+frmLocks], x.s[b+frmRenewed] = locks, 1
	}
	x.s[b+frmList] = listActive
	x.s[b+frmShare] = 1
}

// giveFrame takes the lowest frame of the free list for range r.
func (x *exec) giveFrame(r, layout int) int {
	for f := range x.m.poolFrames {
		b := x.m.lay.frames.at(f)
		if x.s[b+frmList] != listFree {
			continue
		}
		x.takeFrame(b)
		x.s[b+frmGiven] = byte(r + 1)
		x.s[b+frmLayout] = byte(layout)
		return f
	}
	x.capacity(boundFrames)
	return -1
}
