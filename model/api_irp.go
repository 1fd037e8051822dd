package model

// irpAPIs are the routines that work on a request (sections 1 to 3).
func irpAPIs() map[string]*api {
	return map[string]*api{
		"IoGetCurrentIrpStackLocation": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			if a.Class() != ClassIrp {
				x.badAddress(a)
				return 0
			}
			x.touches(a, touchReads)
			return ref(ClassStackLoc, a.Slot(), a.inc(), 0)
		})},
		"IoMarkIrpPending": {mover: marksPending, run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			if a.Class() != ClassIrp {
				x.badAddress(a)
			} else if x.touchIrp(a, false) {
				b := x.irp(a.Slot())
				x.s[b+irpPending] = 1
				if x.owns(b) {
					x.disown(b)
				}
			}
			return 0
		})},
		"IoSetCancelRoutine": {run: result((*exec).setCancelRoutine)},
		"IoCompleteRequest": {ends: endsRequest, mover: func(x *exec, in *inst) mover { return x.completes(x.arg(in, 0)) }, run: func(x *exec, in *inst) (Value, bool) {
			a := x.arg(in, 0)
			if a.Class() != ClassIrp {
				x.badAddress(a)
				return 0, true
			}
			x.completeRequest(a)
			return 0, false
		}},
		"IoAcquireCancelSpinLock": {
			mover: acquires,
			ready: func(x *exec, _ *inst) bool { return x.s[hdrCancel] == 0 || x.s[hdrCancel] == byte(x.ctx+1) },
			run: result(func(x *exec, in *inst) Value {
				if x.s[hdrCancel] != 0 {
					x.violate(invCancelLock, CodeDeadlock)
					return 0
				}
				x.s[hdrCancel] = byte(x.ctx + 1)
				x.store(x.arg(in, 0), 1, num(int(x.s[x.cb+ctxIrql])))
				x.s[x.cb+ctxIrql] = irqlDispatch
				return 0
			}),
		},
		"IoReleaseCancelSpinLock": {mover: releases, run: result((*exec).releaseCancelLock)},
	}
}

// marksPending: it gives the claim up, so whoever got the IRP too early must be able to
// run just before it (1.30). Where there is no claim it is a store under a lock.
func marksPending(x *exec, in *inst) mover {
	a := x.arg(in, 0)
	if a.Class() != ClassIrp || a.stale() || x.owns(x.irp(a.Slot())) || x.held() == 0 {
		return moverNone
	}
	return x.claimed(a.Slot())
}

// accessArg1 is an access to what operand 1 refers to.
func accessArg1(x *exec, in *inst) mover { return x.accessMover(x.arg(in, 1)) }

// setCancelRoutine is the atomic exchange on which ownership rests (3.6, 13.25).
func (x *exec) setCancelRoutine(in *inst) Value {
	a, v := x.arg(in, 0), x.arg(in, 1)
	if a.Class() != ClassIrp {
		x.badAddress(a)
		return 0
	}
	if !x.touchIrp(a, true) {
		return 0
	}
	next := 0
	if v != 0 {
		i, ok := x.m.funcOf(v, 0)
		if !ok {
			x.unsupported(whatIndirect)
			return 0
		}
		next = i + 1
	}
	return x.routineValue(x.exchangeRoutine(a, next))
}

// exchangeRoutine stores next, the number of a routine plus 1 or 0, as the
// cancel routine of request a and gives what was there.
func (x *exec) exchangeRoutine(a Value, next int) int {
	b := x.irp(a.Slot())
	old := u16(x.s, b+irpRoutine)
	put16(x.s, b+irpRoutine, next)
	if old != 0 && next == 0 && x.s[b+irpPhase] == phaseDriver {
		x.disown(b)
		if !x.m.assume.exchangeOpen {
			x.s[b+irpOwner] = byte(x.ctx + 1)
			x.s[b+irpClaimed] |= claimExchange
		}
	}
	if next != 0 && x.owns(b) {
		x.disown(b) // the cancel side may have it from now on
	}
	return old
}

// routineValue is what the driver sees of a cancel routine.
func (x *exec) routineValue(n int) Value {
	if n == csqRoutine {
		return ref(ClassSystem, sysCsqRoutine, 0, 0)
	}
	return x.m.funcValue(n - 1)
}

// releaseCancelLock lowers to the level given; in a cancel routine that must be
// Irp.CancelIrql (INV07).
func (x *exec) releaseCancelLock(in *inst) Value {
	if x.s[hdrCancel] != byte(x.ctx+1) {
		x.violate(invCancelLock, CodeC4Lock)
		return 0
	}
	level, ok := x.arg(in, 0).small()
	if !ok {
		x.violate(invCancelLock, CodeIrql)
		return 0
	}
	if want, inRoutine := x.cancelIrql(); inRoutine && level != want {
		x.violate(invCancelLock, CodeIrql)
		return 0
	}
	x.s[hdrCancel] = 0
	x.s[x.cb+ctxIrql] = byte(level)
	return 0
}

// cancelIrql is the level that the cancel routine that runs must restore.
func (x *exec) cancelIrql() (int, bool) {
	for base := range frames(x.s, x.cb) {
		if pc := u16(x.s, base+framePC); pc >= x.m.kernelCode {
			n, _ := val(x.s, base+frameRegs+4*k1).small()
			return n, x.m.inTable(pc, tableCancel)
		}
	}
	return 0, false
}
