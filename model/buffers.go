package model

// The system buffer of a request (facts 1.13 to 1.16): one nonpaged block of
// which the first blkCaller bytes came from the caller and [blkFrom, blkTo) from
// the driver. Nothing else has been written since it was allocated.

func (x *exec) blockRef(irp int) Value {
	i := int(x.s[x.irp(irp)+irpBlock]) - 1
	if i < 0 {
		return 0
	}
	return ref(ClassBlock, i, 0, 0)
}

// touchBlock judges an access of driver code to size bytes of a system buffer
// and gives the offset of its block; 0 after a violation.
func (x *exec) touchBlock(a Value, size int) int {
	b := x.m.lay.sysbufs.at(a.Slot())
	if a.stale() {
		x.violate(invNoTouch, CodeUAF)
		return 0
	}
	if i := int(x.s[b+blkIrp]) - 1; i >= 0 && (!x.touchBound(i) || !x.lateBlock(x.irp(i), a, size)) {
		return 0
	}
	x.reachesInBlock(a.Offset() + size)
	if a.Offset()+size > u16(x.s, b+blkSize) {
		x.violate(invBounds, CodeOverrun)
		return 0
	}
	return b
}

func (x *exec) readBlock(a Value, size int) Value {
	b := x.touchBlock(a, size)
	if b == 0 {
		return 0
	}
	if end := a.Offset() + size; !x.blockDefined(b, a.Offset(), end) {
		x.notes |= NoteReadStale
		return unknown(TagStale)
	}
	if max(a.Offset(), u16(x.s, b+blkFrom)) < min(a.Offset()+size, u16(x.s, b+blkTo), u16(x.s, b+blkCaller)) {
		x.notes |= NoteReadOwn
	}
	return unknown(TagCaller)
}

// blockDefined says whether bytes [from, to) of a system buffer were written
// since it was allocated.
func (x *exec) blockDefined(b, from, to int) bool {
	caller, lo, hi := u16(x.s, b+blkCaller), u16(x.s, b+blkFrom), u16(x.s, b+blkTo)
	if from >= to || to <= caller || lo <= from && to <= hi {
		return true
	}
	return from < caller && lo <= caller && to <= hi
}

// writeBlock extends what the driver has written. Only one run of bytes is
// kept: of two that do not touch, the one that begins first. So less is known
// to be written than was, never more.
func (x *exec) writeBlock(a Value, size int) {
	b := x.touchBlock(a, size)
	if b == 0 || size == 0 {
		return
	}
	from, to := a.Offset(), a.Offset()+size
	lo, hi := u16(x.s, b+blkFrom), u16(x.s, b+blkTo)
	switch {
	case lo == hi:
		lo, hi = from, to
	case from <= hi && to >= lo:
		lo, hi = min(lo, from), max(hi, to)
	case from < lo:
		lo, hi = from, to
	}
	put16(x.s, b+blkFrom, lo)
	put16(x.s, b+blkTo, hi)
}

// allocBlock gives request irp a system buffer of size bytes (A10b, A10d).
func (x *exec) allocBlock(irp, size int) bool {
	// The slot has the number of the request, so that requests that change
	// places take it along; the one beyond is for a model mutant.
	for _, i := range [...]int{irp, x.m.lay.sysbufs.n - 1} {
		b := x.m.lay.sysbufs.at(i)
		if x.s[b+blkUsed] != 0 {
			continue
		}
		x.s[b+blkUsed] = 1
		x.s[b+blkIrp] = byte(irp + 1)
		put16(x.s, b+blkSize, size)
		x.s[x.irp(irp)+irpBlock] = byte(i + 1)
		return true
	}
	x.capacity(boundRequests)
	return false
}

func (x *exec) freeBlock(irp int) {
	if i := int(x.s[x.irp(irp)+irpBlock]) - 1; i >= 0 {
		x.makeGone(irp, 1<<ClassBlock, i)
		x.dropBlock(irp)
	}
}

// dropBlock frees the system buffer of request irp, to which nothing refers.
func (x *exec) dropBlock(irp int) {
	b := x.m.lay.sysbufs.at(int(x.s[x.irp(irp)+irpBlock]) - 1)
	clear(x.s[b : b+blkBytes])
	x.s[x.irp(irp)+irpBlock] = 0
}

// MDLs.

func (x *exec) mdlRefOf(irp int) Value {
	i := int(x.s[x.irp(irp)+irpMdl]) - 1
	if i < 0 {
		return 0
	}
	return mdlRef(i)
}

func (x *exec) mdl(i int) int { return x.m.lay.mdls.at(i) }

func mdlRef(i int) Value { return ref(ClassMdl, i, 0, 0) }

// liveMdl judges an access of driver code to an MDL or its mapping.
func (x *exec) liveMdl(a Value) bool {
	b := x.mdl(a.Slot())
	if a.stale() {
		x.violate(invNoTouch, CodeUAF)
		return false
	}
	if i := int(x.s[b+mdlIrp]) - 1; i >= 0 {
		return x.touchBound(i)
	}
	return true
}

// touchBound judges an access of driver code to a buffer or MDL that lives as
// long as request i. Once the request was handed on, what the buffer still is
// depends on how far completion has come; the finding does not (21.1).
func (x *exec) touchBound(i int) bool {
	if x.s[x.irp(i)+irpPhase] >= phaseStage1 {
		x.violate(invNoTouch, CodeUAF)
		return false
	}
	return x.touches(irpRef(i), touchReads)
}

// allocMdl makes an MDL over len bytes at user address va (A11d, IoAllocateMdl).
// That of request irp has the request's number, so that requests that change
// places take it along; irp is -1 for one that the driver makes.
func (x *exec) allocMdl(irp int, va Value, length int) int {
	first, last := irp, irp+1
	if irp < 0 {
		first, last = x.m.lay.irps.n, x.m.lay.mdls.n
	}
	for i := first; i < last; i++ {
		b := x.mdl(i)
		if x.s[b+mdlUsed] != 0 {
			continue
		}
		x.s[b+mdlUsed] = mdlHidden
		put16(x.s, b+mdlLen, length)
		put(x.s, b+mdlVA, va)
		return i
	}
	if x.lostLock() {
		x.violate(invLockBalance, CodeLeak)
	} else {
		x.capacity(boundMdls)
	}
	return -1
}

// lostLock says whether a driver's own MDL holds pages locked that nothing can
// unlock any more, for nothing refers to it (INV08, B22). It is asked where the
// slots have run out: a lock that is lost once is lost again.
func (x *exec) lostLock() bool {
	var known uint64
	for off := range x.m.refs(x.s) {
		v := val(x.s, off)
		if c := v.Class(); (c == ClassMdl || c == ClassMap) && !v.stale() {
			known |= 1 << v.Slot()
		}
	}
	for i := range x.m.lay.mdls.n {
		b := x.mdl(i)
		if x.s[b+mdlIrp] == 0 && x.s[b+mdlLocks] != 0 && known&(1<<i) == 0 {
			return true
		}
	}
	return false
}

// freeMdl frees the structure only: a lock that it still holds stays (5.23).
func (x *exec) freeMdl(i int) {
	b := x.mdl(i)
	clear(x.s[b : b+mdlSize])
	x.makeStale(1<<ClassMdl|1<<ClassMap, i)
	x.notes |= NoteMdlFreed
}

// touchMap judges an access of driver code through the system mapping a and
// gives the offset of its MDL; 0 after a violation.
func (x *exec) touchMap(a Value, size int, write bool) int {
	if !x.liveMdl(a) {
		return 0
	}
	b := x.mdl(a.Slot())
	x.looksAtLengths()
	switch {
	case x.s[b+mdlLocks] == 0:
		x.violate(invHitsLocked, CodeCorrupt)
	case x.s[b+mdlMapped] == 0:
		x.violate(invLifetime, CodeUAF)
	case a.Offset()+size > u16(x.s, b+mdlLen):
		x.violate(invBounds, CodeOverrun)
	case write && x.s[b+mdlWrite] == 0:
		x.violate(invAccessMode, CodeCorrupt)
	default:
		return b
	}
	return 0
}

// readMap reads user pages through the mapping. The app sees the same bytes all
// the time (6.1): a second read may give another value.
func (x *exec) readMap(a Value, size int) Value {
	b := x.touchMap(a, size, false)
	if b == 0 {
		return 0
	}
	x.notes |= NoteMapRead
	if x.m.cfg.App == nil {
		return x.fetched(val(x.s, b+mdlVA).plus(a.Offset()))
	}
	p, _ := x.pagePlace(b, a.Offset(), size)
	if p.off == 0 {
		return unknown(TagAny)
	}
	v := x.readCell(p)
	if x.s[b+mdlFetch] == byte(a.Offset()+1) && val(x.s, b+mdlLast) != v {
		x.notes |= NoteMapChanged
	}
	x.s[b+mdlFetch] = byte(a.Offset() + 1)
	put(x.s, b+mdlLast, v)
	return v
}

// writeMap stores into user pages through the mapping.
func (x *exec) writeMap(a Value, size int, v Value) {
	b := x.touchMap(a, size, true)
	if b == 0 {
		return
	}
	x.notes |= NoteMapWrite
	if i := int(x.s[b+mdlIrp]) - 1; i >= 0 && x.s[x.irp(i)+irpNotified] != 0 {
		x.notes |= NoteAfterNotify
	}
	if x.m.cfg.App == nil {
		return
	}
	p, foreign := x.pagePlace(b, a.Offset(), size)
	if foreign {
		x.notes |= NoteMapForeign
	}
	if p.off != 0 {
		x.writeCell(p, v, TagDriver)
	}
}
