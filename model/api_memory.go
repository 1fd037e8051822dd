package model

// memoryAPIs are pool and block copies (section 20).
func memoryAPIs() map[string]*api {
	alloc := &api{mover: local, run: result((*exec).allocPool)}
	free := &api{ends: endsBlock, mover: frees, run: result(func(x *exec, in *inst) Value {
		x.freePool(x.arg(in, 0))
		return 0
	})}
	return map[string]*api{
		"ExAllocatePoolWithTag":            alloc,
		"ExAllocatePool":                   alloc,
		"ExAllocatePool2":                  alloc,
		"ExAllocatePoolZero":               alloc,
		"ExAllocatePoolUninitialized":      alloc,
		"ExAllocatePoolWithQuotaTag":       alloc,
		"ExAllocatePoolWithQuota":          alloc,
		"ExAllocatePoolQuotaZero":          alloc,
		"ExAllocatePoolQuotaUninitialized": alloc,
		"ExFreePool":                       free,
		"ExFreePoolWithTag":                free,
		"RtlCopyMemory":                    {mover: copyMover, run: result(copyAPI)},
		"RtlMoveMemory":                    {mover: copyMover, run: result(copyAPI)},
		"RtlZeroMemory": {mover: fillMover, run: result(func(x *exec, in *inst) Value {
			if n, ok := x.known(in, 1); ok {
				x.fill(x.arg(in, 0), n, 0)
			}
			return 0
		})},
		"RtlFillMemory": {mover: fillMover, run: result(func(x *exec, in *inst) Value {
			if n, ok := x.known(in, 1); ok {
				x.fill(x.arg(in, 0), n, unknown(TagDriver))
			}
			return 0
		})},
		"strlen": {mover: local, run: result(func(x *exec, in *inst) Value {
			if a := x.arg(in, 0); a.Class() == ClassString {
				return x.m.valueOf(int64(len(x.m.stringAt(a)) - a.Offset()))
			}
			return unknown(TagAny)
		})},
	}
}

// allocPool gives a block of the calling site. Its bytes are whatever was there
// before (20.3).
func (x *exec) allocPool(in *inst) Value {
	if x.fails() {
		return x.noPool(in)
	}
	size, ok := x.known(in, 1)
	if !ok {
		return 0
	}
	site, ok := x.m.siteOf[in.code]
	if !ok {
		x.unsupported(whatAPI)
		return 0
	}
	if slot := x.pick(ClassRecord, 0, x.freeBlocks(site)); slot >= 0 {
		return x.giveBlock(in, slot, size)
	}
	if x.lostBlock(site) {
		x.capacity(boundRecords)
		return 0
	}
	x.notes |= NotePoolFull
	return x.noPool(in)
}

// freeBlocks is the set of the blocks of a site that are free, by the slot of a
// reference.
func (x *exec) freeBlocks(site int) (free uint64) {
	bl := x.m.lay.sites[site]
	for i := range bl.n {
		if x.s[bl.at(i)+recUsed] == 0 {
			free |= 1 << (site*bl.n + i)
		}
	}
	return free
}

// giveBlock makes a block of size bytes in a free slot.
func (x *exec) giveBlock(in *inst, slot, size int) Value {
	at := int(x.m.recordAt[slot].at)
	x.s[at+recUsed] = 1
	if paged(in.n.API, x.arg(in, 0)) {
		x.s[at+recPaged] = 1
		x.judgePaged(at)
	}
	if x.halted {
		return 0
	}
	put16(x.s, at+recBytes, size)
	if !x.zeroes(in) {
		for i := range x.m.sites[x.m.recordAt[slot].site].layout.Cells {
			put(x.s, at+recCells+4*i, unknown(TagStale))
		}
	}
	return ref(ClassRecord, slot, 0, 0)
}

// noPool is the failure of an allocation.
func (x *exec) noPool(in *inst) Value {
	if x.raisesOnFailure(in) {
		x.raise(statusInsufficient)
	}
	return 0
}

// lostBlock says whether nothing refers to one of a site's blocks any more
// (20.8). A driver that loses blocks has no end of them: no bound on how many
// there are at once says anything about it.
func (x *exec) lostBlock(site int) bool {
	bl := x.m.lay.sites[site]
	known := 0
	for off := range x.m.refs(x.s) {
		v := val(x.s, off)
		if v.Class() != ClassRecord || v.Slot()/bl.n != site || v.stale() {
			continue
		}
		if at := bl.at(v.Slot() % bl.n); off < at || off >= at+bl.size {
			known |= 1 << (v.Slot() % bl.n)
		}
	}
	return known != 1<<bl.n-1
}

// Flags of pool types and of ExAllocatePool2.
const (
	poolQuotaFail     = 0x8  // POOL_QUOTA_FAIL_INSTEAD_OF_RAISE
	poolRaise         = 0x10 // POOL_RAISE_IF_ALLOCATION_FAILURE
	flagUninitialized = 0x2
	flagRaise         = 0x20
)

// raisesOnFailure says whether an allocation that fails raises instead of
// returning NULL (20.1 to 20.3).
func (x *exec) raisesOnFailure(in *inst) bool {
	flags, _ := x.m.number(x.arg(in, 0))
	switch in.n.API {
	case "ExAllocatePool2":
		return flags&flagRaise != 0
	case "ExAllocatePoolWithQuotaTag", "ExAllocatePoolWithQuota", "ExAllocatePoolQuotaZero", "ExAllocatePoolQuotaUninitialized":
		return flags&poolQuotaFail == 0
	}
	return flags&poolRaise != 0
}

// paged says whether the block is of paged pool.
func paged(name string, flags Value) bool {
	n, _ := flags.small()
	if name == "ExAllocatePool2" {
		return n&0x100 != 0
	}
	return n&1 != 0
}

// judgePaged judges an access to the block at: paged pool may be paged out, and
// at DISPATCH_LEVEL nothing can be paged in (13.1, 13.9).
func (x *exec) judgePaged(at int) bool {
	if x.s[at+recPaged] != 0 && x.ctx >= 0 && x.s[x.cb+ctxIrql] >= irqlDispatch {
		x.violate(invIrql, CodePaged)
		return false
	}
	return true
}

// zeroes says whether the new block is all zero (20.3).
func (x *exec) zeroes(in *inst) bool {
	switch in.n.API {
	case "ExAllocatePool2":
		flags, _ := x.m.number(x.arg(in, 0))
		return flags&flagUninitialized == 0
	case "ExAllocatePoolZero", "ExAllocatePoolQuotaZero":
		return true
	}
	return false
}

// inUse says whether somebody waits for an object in block a, or holds a spin
// lock in it (20.7).
func (x *exec) inUse(a Value) bool {
	for c := range x.m.lay.ctxs.n {
		cb := x.m.lay.ctxs.at(c)
		for base := range frames(x.s, cb) {
			pc, k := u16(x.s, base+framePC), val(x.s, base+frameRegs+4*k0)
			if k.base() == a && (x.m.inTable(pc, tableWait) && val(x.s, base+frameRegs+4*k1) == num(waitBlocked) ||
				x.m.inTable(pc, tableRemoveWait) || x.m.inTable(pc, tableRundown)) {
				return true
			}
		}
	}
	return false
}

// freePool frees a block, unless something in it is still in use (20.7).
func (x *exec) freePool(a Value) {
	if a.Class() != ClassRecord || a.Offset() != 0 {
		x.violate(invLifetime, CodeUAF)
		return
	}
	if a.stale() {
		x.violate(invLifetime, CodeUAF)
		return
	}
	if _, _, at := x.m.record(a); !x.judgePaged(at) {
		return
	}
	for i := range maxQueued {
		if val(x.s, hdrDPCs+4*i).base()&^markFlush == a || val(x.s, hdrTimers+4*i).base() == a {
			x.violate(invLifetime, CodeC7)
			return
		}
	}
	if x.inUse(a) {
		x.violate(invLifetime, CodeInUse)
		return
	}
	site, _, at := x.m.record(a)
	if x.m.removes {
		x.watchEnd(site, at)
	}
	clear(x.s[at : at+x.m.lay.sites[site].size])
	x.makeStale(1<<ClassRecord, a.Slot())
}

// frees: a block that nobody else can find any more is given back earlier as well;
// who allocates meanwhile then finds room.
func frees(x *exec, in *inst) mover {
	a := x.arg(in, 0)
	if x.m.cfg.Reduce.Movers && a.Class() == ClassRecord && a.Offset() == 0 && !a.stale() && !x.namedElsewhere(a) {
		return moverLeft
	}
	return moverNone
}

// namedElsewhere says whether anything but the running context and the block itself
// holds a reference to the block of record a. A file object in its CREATE or CLOSE
// is the running context's: nobody else finds anything by it.
func (x *exec) namedElsewhere(a Value) bool {
	end := x.cb + x.m.lay.ctxs.sizeOf(x.ctx)
	return x.m.named(x.s, a, func(off int) bool { return off >= x.cb && off < end || x.inUnknownFile(off) })
}

// named says whether a word of state s that is neither in the block of record a nor
// one of those that do not count is a reference to that block.
func (m *Model) named(s []byte, a Value, except func(off int) bool) bool {
	site, _, at := m.record(a)
	end := at + m.lay.sites[site].size
	for off := range m.refs(s) {
		if v := val(s, off); v.Class() == ClassRecord && v.Slot() == a.Slot() && (off < at || off >= end) && !except(off) {
			return true
		}
	}
	return false
}

// inUnknownFile says whether the word at off is of a file object that nobody but
// the context in its CREATE or CLOSE knows.
func (x *exec) inUnknownFile(off int) bool {
	l := &x.m.lay.files
	for f := range l.n {
		if b := l.at(f); off >= b && off < b+l.size {
			return x.unknownFile(f) && x.sendsFor(f)
		}
	}
	return false
}

func copyMover(x *exec, in *inst) mover {
	n, _ := x.m.number(x.arg(in, 2))
	return min(x.spanMover(x.arg(in, 0), int(n)), x.spanMover(x.arg(in, 1), int(n)))
}

func fillMover(x *exec, in *inst) mover {
	n, _ := x.m.number(x.arg(in, 1))
	return x.spanMover(x.arg(in, 0), int(n))
}

// spanMover: an access to several cells moves as the least movable of them.
func (x *exec) spanMover(a Value, n int) mover {
	mv := x.accessMover(a)
	if n > 0 && x.cells(a, n) {
		x.eachCell(a, n, func(off, _ int) bool {
			mv = min(mv, x.accessMover(a.plus(off)))
			return true
		})
	}
	return mv
}

func copyAPI(x *exec, in *inst) Value {
	if n, ok := x.known(in, 2); ok {
		x.copyBytes(x.arg(in, 0), x.arg(in, 1), n)
	}
	return 0
}

// copyBytes copies n bytes cell by cell: a cell of the target takes the value
// of the same cell of the source, where the source has one.
func (x *exec) copyBytes(dst, src Value, n int) {
	if n <= 0 {
		return
	}
	if !x.inside(dst, n) || !x.inside(src, n) {
		return
	}
	pc := x.pc()
	if src.Class() == ClassBlock || dst.Class() == ClassBlock || dst.Class() == ClassMap || dst.Class() == ClassLazy || !x.cells(dst, n) {
		v := x.load(src, n)
		if x.base != 0 && x.pc() == pc && !x.halted {
			x.store(dst, n, v)
		}
		return
	}
	x.eachCell(dst, n, func(off, size int) bool {
		v := x.load(src.plus(off), size)
		if x.halted || x.pc() != pc {
			return false
		}
		x.store(dst.plus(off), size, v)
		return !x.halted && x.pc() == pc
	})
}

// fill stores v in every cell of n bytes at a.
func (x *exec) fill(a Value, n int, v Value) {
	if !x.inside(a, n) {
		return
	}
	if !x.cells(a, n) {
		x.store(a, n, v)
		return
	}
	x.eachCell(a, n, func(off, size int) bool {
		x.store(a.plus(off), size, v)
		return !x.halted
	})
}

// inside judges whether n bytes at a lie in their variable or block.
func (x *exec) inside(a Value, n int) bool {
	if a.Class() == ClassString && a.Offset()+n > len(x.m.stringAt(a))+1 {
		x.violate(invBounds, CodeOverrun)
		return false
	}
	if a.Class() == ClassGlobal && a.Offset()+n > x.m.globalEnd(a.Offset()) {
		x.violate(invBounds, CodeOverrun)
		return false
	}
	if p, ok := x.peek(a, n); ok && p.layout != nil && p.pos+n > int(p.layout.Size) {
		x.violate(invBounds, CodeOverrun)
		return false
	}
	return true
}

// globalEnd is where the driver's static variable at byte off of all of them
// ends: each is an object of its own.
func (m *Model) globalEnd(off int) int {
	for i := len(m.globals.start) - 1; i >= 0; i-- {
		if start := m.globals.start[i]; start <= off {
			return start + int(m.cfg.Driver.Layouts[m.cfg.Driver.Globals[i].Layout].Size)
		}
	}
	return 0
}

// cells says whether the memory at a has cells of its own, and eachCell visits
// those in n bytes from a.
func (x *exec) cells(a Value, n int) bool {
	p, ok := x.peek(a, n)
	return ok && p.layout != nil
}

func (x *exec) eachCell(a Value, n int, f func(off, size int) bool) {
	p, _ := x.peek(a, n)
	first := p.layout.CellAt(int32(p.pos))
	for i := max(first, 0); i < len(p.layout.Cells); i++ {
		c := &p.layout.Cells[i]
		if int(c.Offset) >= p.pos+n || int(c.Offset) < p.pos {
			if int(c.Offset) >= p.pos+n {
				return
			}
			continue
		}
		if !f(int(c.Offset)-p.pos, min(int(c.Size), p.pos+n-int(c.Offset))) {
			return
		}
	}
}

// bootAPIs are what DriverEntry calls. They run alone, before any request.
func bootAPIs() map[string]*api {
	ok := &api{mover: local, run: result(func(*exec, *inst) Value { return num(ntSuccess) })}
	return map[string]*api{
		"IoCreateDevice":            {mover: local, run: result(createDevice(6))},
		"IoDeleteDevice":            ok,
		"IoCreateSymbolicLink":      ok,
		"IoDeleteSymbolicLink":      ok,
		"RtlInitUnicodeString":      ok,
		"MmPageEntireDriver":        ok,
		"ExInitializeDriverRuntime": ok,
		"IoGetCurrentProcess":       {mover: local, run: result(func(*exec, *inst) Value { return ref(ClassSystem, 1, 0, 0) })},
		"PsGetCurrentProcess":       {mover: local, run: result(func(*exec, *inst) Value { return ref(ClassSystem, 1, 0, 0) })},
		"KeQuerySystemTime":         {mover: accessArg0, run: result(func(x *exec, in *inst) Value { x.store(x.arg(in, 0), 8, unknown(TagAny)); return 0 })},
		"KeQueryPerformanceCounter": {mover: local, run: result(func(*exec, *inst) Value { return unknown(TagAny) })},
		"ExRaiseStatus": {run: func(x *exec, in *inst) (Value, bool) {
			x.raise(x.arg(in, 0))
			return 0, true
		}},
	}
}

// createDevice is IoCreateDevice; the device's address goes to argument out.
func createDevice(out int) func(*exec, *inst) Value {
	return func(x *exec, in *inst) Value {
		if !x.boot {
			x.unsupported(whatBootStore)
			return 0
		}
		x.store(x.arg(in, out), 8, ref(ClassDevice, 0, 0, 0))
		if x.m.extLayout != nil {
			x.storeBoot(ref(ClassDevice, 0, 0, x.m.deviceExtOffset), 8, ref(ClassExt, 0, 0, 0))
		}
		return num(ntSuccess)
	}
}
