package model

// mdlAPIs are MDLs, mappings and probes (sections 1b, 5, 20).
func mdlAPIs() map[string]*api {
	mapMdl := &api{mover: mdlMover, run: mapMdl}
	return map[string]*api{
		"MmGetSystemAddressForMdlSafe": mapMdl,
		"MmGetSystemAddressForMdl":     mapMdl,
		"MmMapLockedPagesSpecifyCache": {run: mapLockedPages},
		"MmMapLockedPages":             {run: mapLockedPages},
		"MmUnmapLockedPages":           {run: result((*exec).unmapLockedPages)},
		"MmGetMdlByteCount": {mover: mdlMover, run: result(func(x *exec, in *inst) Value {
			if b := x.mdlArg(in); b != 0 {
				x.looksAtLengths()
				return num(u16(x.s, b+mdlLen))
			}
			return 0
		})},
		"MmGetMdlByteOffset": {mover: mdlMover, run: result(func(x *exec, in *inst) Value {
			x.mdlArg(in)
			return unknown(TagAny)
		})},
		"MmGetMdlVirtualAddress": {mover: mdlMover, run: result(func(x *exec, in *inst) Value {
			if b := x.mdlArg(in); b != 0 {
				return val(x.s, b+mdlVA)
			}
			return 0
		})},
		"IoAllocateMdl": {mover: lazyCall, run: result((*exec).ioAllocateMdl)},
		"IoFreeMdl": {mover: ownMdl, run: result(func(x *exec, in *inst) Value {
			b := x.mdlArg(in)
			switch {
			case b == 0:
			case x.s[b+mdlIrp] != 0:
				x.violate(invLockBalance, CodeUAF) // the I/O manager's (5.24, B20)
			case x.s[b+mdlMapped] != 0 && x.m.cfg.Knobs.FreeMapped:
				x.violate(invPteBalance, CodeC4Mapped)
			case x.s[b+mdlLocks] != 0:
				x.violate(invLockBalance, CodeLeak) // B23
			default:
				x.freeMdl(x.arg(in, 0).Slot())
			}
			return 0
		})},
		"MmProbeAndLockPages": {mover: ownMdl, run: probeAndLock},
		"MmUnlockPages": {mover: ownMdl, run: result(func(x *exec, in *inst) Value {
			if b := x.mdlArg(in); b != 0 {
				if x.s[b+mdlIrp] != 0 {
					x.violate(invLockBalance, Code76) // B20
				} else {
					x.unlockMdl(x.arg(in, 0).Slot())
				}
			}
			return 0
		})},
		"ProbeForRead":  {mover: lazyCall, run: result(probeAPI)},
		"ProbeForWrite": {mover: lazyCall, run: result(probeAPI)},
	}
}

// probeAndLock is MmProbeAndLockPages as the driver calls it: in the requester's
// context, under a guard, below DISPATCH_LEVEL (1.45, 1.48, 20.20).
func probeAndLock(x *exec, in *inst) (Value, bool) {
	b := x.mdlArg(in)
	if b == 0 {
		return 0, true
	}
	op, _ := x.arg(in, 2).small()
	switch {
	case !x.m.isThread(x.ctx):
		x.violate(invContext, CodeCorrupt)
	case x.s[x.cb+ctxIrql] >= irqlDispatch:
		x.violate(invIrql, CodeIrql)
	case x.s[b+mdlLocks] != 0:
		x.violate(invLockBalance, CodeLeak) // 1.45
	case !x.guarded():
		x.violate(invInitialised, CodeRaise)
	default:
		if x.pushKernel(tableLock, x.arg(in, 0)) {
			x.setReg(k1, truthValue(op != 0)) // IoReadAccess is 0
		}
	}
	return 0, false
}

// mdlMover: an MDL moves as the request that it belongs to.
func mdlMover(x *exec, in *inst) mover {
	a := x.arg(in, 0)
	if a.Class() != ClassMdl {
		return moverBoth
	}
	if i := int(x.s[x.mdl(a.Slot())+mdlIrp]) - 1; i >= 0 {
		return x.accessMover(irpRef(i))
	}
	return x.mdlMoves(a)
}

// lazyCall is a call that looks at nothing but what the most general client chooses
// when it is looked at, and at what is the caller's own.
func lazyCall(x *exec, in *inst) mover {
	if x.m.cfg.App == nil {
		return pushes(x, in)
	}
	return moverNone
}

// ownMdl is a call of a thread about an MDL that it alone knows. The process whose
// pages are counted cannot end while a thread of it is here.
func ownMdl(x *exec, in *inst) mover {
	if x.m.cfg.App == nil && x.m.isThread(x.ctx) {
		return min(pushes(x, in), mdlMover(x, in))
	}
	return moverNone
}

// mdlArg judges the MDL in operand 0 and gives its block, 0 after a violation.
func (x *exec) mdlArg(in *inst) int {
	a := x.arg(in, 0)
	if a.Class() != ClassMdl {
		x.badAddress(a)
		return 0
	}
	if !x.liveMdl(a) {
		return 0
	}
	return x.mdl(a.Slot())
}

func (x *exec) ioAllocateMdl(in *inst) Value {
	n, ok := x.known(in, 1)
	if !ok || x.fails() {
		return 0
	}
	k := x.allocMdl(-1, x.arg(in, 0), n)
	if k < 0 {
		return 0
	}
	return mdlRef(k)
}

// probeAPI is ProbeForRead and ProbeForWrite: they raise (20.4).
func probeAPI(x *exec, in *inst) Value {
	a := x.arg(in, 0)
	n, ok := x.m.number(x.arg(in, 1))
	switch {
	case x.s[x.cb+ctxIrql] >= irqlDispatch:
		x.violate(invIrql, CodeIrql)
	case !x.m.isThread(x.ctx):
		x.violate(invContext, CodeCorrupt)
	case !x.guarded():
		x.violate(invInitialised, CodeRaise)
	case ok && n == 0:
	default:
		if fault := x.probe(a, 1, in.n.API == "ProbeForWrite"); fault != 0 {
			x.raise(fault)
		}
	}
	return 0
}
