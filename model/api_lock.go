package model

// lockAPIs are spin locks and levels (section 13). A lock's cell holds the
// context that owns it.
func lockAPIs() map[string]*api {
	acquire := func(f func(*exec, *inst, Value)) *api {
		return &api{mover: acquires, ready: lockFree, run: result(func(x *exec, in *inst) Value {
			x.acquire(in, f)
			return 0
		})}
	}
	release := func(level func(*exec, *inst) (int, bool)) *api {
		return &api{mover: releases, run: result(func(x *exec, in *inst) Value {
			x.release(in, level)
			return 0
		})}
	}
	atDpc := acquire(func(x *exec, in *inst, old Value) {
		if x.s[x.cb+ctxIrql] < irqlDispatch {
			x.violate(invLocks, CodeC4Lock)
		}
	})
	keep := func(x *exec, _ *inst) (int, bool) { return int(x.s[x.cb+ctxIrql]), true }
	return map[string]*api{
		"KeInitializeSpinLock": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			x.store(a, 8, 0)
			if x.boot {
				x.m.nameLock(a)
			}
			return 0
		})},
		"KeAcquireSpinLock": acquire(func(x *exec, in *inst, old Value) {
			x.store(x.arg(in, 1), 1, old)
			x.s[x.cb+ctxIrql] = irqlDispatch
		}),
		"KeReleaseSpinLock":             release(func(x *exec, in *inst) (int, bool) { return x.arg(in, 1).small() }),
		"KeAcquireSpinLockAtDpcLevel":   atDpc,
		"KeReleaseSpinLockFromDpcLevel": release(keep),
		"KeGetCurrentIrql":              {mover: local, run: result(func(x *exec, _ *inst) Value { return num(int(x.s[x.cb+ctxIrql])) })},
	}
}

func accessArg0(x *exec, in *inst) mover { return x.accessMover(x.arg(in, 0)) }

func acquires(x *exec, _ *inst) mover {
	if x.m.cfg.Reduce.Locks {
		return moverRight
	}
	return moverNone
}

func releases(x *exec, _ *inst) mover {
	if x.m.cfg.Reduce.Locks {
		return moverLeft
	}
	return moverNone
}

// lockFree says whether the lock of operand 0 can be taken. A context that
// holds it already goes on, to be told (13.12).
func lockFree(x *exec, in *inst) bool { return x.lockIsFree(x.arg(in, 0)) }

func (x *exec) lockIsFree(a Value) bool {
	off, _ := x.whole(a, 8)
	if off == 0 {
		p, ok := x.peek(a, 8)
		if !ok {
			return true
		}
		off = p.off
	}
	v := x.seen(off)
	return v == 0 || v.Class() == ClassCtx && v.Slot() == x.ctx
}

// lockAt is the offset of the lock at a; false where the access is a violation.
func (x *exec) lockAt(a Value) (int, bool) {
	if off, class := x.whole(a, 8); off != 0 {
		x.watch(class, class)
		return off, x.read(off) != forgotten
	}
	p, ok := x.memory(a, 8)
	return p.off, ok && x.read(p.off) != forgotten
}

// acquire takes the lock of operand 0, then does what the form of the call asks.
func (x *exec) acquire(in *inst, after func(*exec, *inst, Value)) {
	a := x.arg(in, 0)
	off, ok := x.lockAt(a)
	if !ok {
		return
	}
	if val(x.s, off) != 0 {
		x.violate(invLocks, CodeDeadlock) // re-entry
		return
	}
	old := num(int(x.s[x.cb+ctxIrql]))
	put(x.s, off, ref(ClassCtx, x.ctx, 0, 0))
	x.s[x.cb+ctxLocks]++
	put32(x.s, x.cb+ctxHeld, u32(x.s, x.cb+ctxHeld)|x.m.lockBit(a))
	x.locksNow()
	after(x, in, old)
}

func (x *exec) release(in *inst, level func(*exec, *inst) (int, bool)) {
	a := x.arg(in, 0)
	off, ok := x.lockAt(a)
	if !ok {
		return
	}
	if v := val(x.s, off); v.Class() != ClassCtx || v.Slot() != x.ctx {
		x.violate(invLocks, CodeC4Lock)
		return
	}
	n, ok := level(x, in)
	if !ok || x.s[x.cb+ctxIrql] != irqlDispatch || n < 0 || n > irqlDispatch {
		x.violate(invIrql, CodeIrql)
		return
	}
	put(x.s, off, 0)
	x.s[x.cb+ctxLocks]--
	put32(x.s, x.cb+ctxHeld, u32(x.s, x.cb+ctxHeld)&^x.m.lockBit(a))
	x.s[x.cb+ctxIrql] = byte(n)
}

// listAPIs are intrusive lists: real pointers in LIST_ENTRY fields, Flink at 0
// and Blink at 8, each operation one action.
func listAPIs() map[string]*api {
	return map[string]*api{
		"InitializeListHead": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			h := x.arg(in, 0)
			x.store(h, 8, h)
			x.store(h.plus(8), 8, h)
			return 0
		})},
		"IsListEmpty": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			h := x.arg(in, 0)
			return truthValue(x.load(h, 8) == h)
		})},
		"InsertTailList": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			h, e := x.arg(in, 0), x.arg(in, 1)
			x.link(x.load(h.plus(8), 8), e, h)
			return 0
		})},
		"InsertHeadList": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			h, e := x.arg(in, 0), x.arg(in, 1)
			x.link(h, e, x.load(h, 8))
			return 0
		})},
		"RemoveHeadList": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			h := x.arg(in, 0)
			e := x.load(h, 8)
			x.unlink(e)
			return e
		})},
		"RemoveTailList": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			h := x.arg(in, 0)
			e := x.load(h.plus(8), 8)
			x.unlink(e)
			return e
		})},
		"RemoveEntryList": {mover: listMover, run: result(func(x *exec, in *inst) Value {
			return truthValue(x.unlink(x.arg(in, 0)))
		})},
	}
}

// listMover: a list operation moves as the least movable of the entries that it
// touches: those given, and their neighbours.
func listMover(x *exec, in *inst) mover {
	mv := moverBoth
	for i := range min(len(in.args), 2) {
		a := x.arg(in, i)
		mv = min(mv, x.entryMover(a))
		for _, link := range [...]int{0, 8} {
			if next, ok := x.peekEntry(a.plus(link)); ok && next.isRef() && next != a {
				mv = min(mv, x.entryMover(next))
			}
		}
	}
	return mv
}

// entryMover says how an access to both links of a list entry moves.
func (x *exec) entryMover(a Value) mover { return min(x.accessMover(a), x.accessMover(a.plus(8))) }

// peekEntry reads a link of a list entry without judging the access.
func (x *exec) peekEntry(a Value) (Value, bool) {
	if a.Class() == ClassIrp {
		f := fieldAt(x.m.irpFields, a.Offset())
		if f < fieldCell+irpFlink || a.stale() {
			return 0, false
		}
		return val(x.s, x.irp(a.Slot())+irpCells+4*int(f-fieldCell)), true
	}
	if off, _ := x.whole(a, 8); off != 0 {
		return val(x.s, off), true
	}
	p, ok := x.peek(a, 8)
	if !ok {
		return 0, false
	}
	return val(x.s, p.off), true
}

// link puts e between its new neighbours.
func (x *exec) link(before, e, after Value) {
	if x.halted {
		return
	}
	x.store(e, 8, after)
	x.store(e.plus(8), 8, before)
	x.store(before, 8, e)
	x.store(after.plus(8), 8, e)
}

// unlink takes e out of its list, after the check that makes a second removal a
// bug check (20.9). It says whether the list is empty then.
func (x *exec) unlink(e Value) bool {
	after := x.load(e, 8)
	before := x.load(e.plus(8), 8)
	if x.halted {
		return false
	}
	if !after.isRef() || !before.isRef() {
		x.violate(invLifetime, Code139)
		return false
	}
	if x.load(after.plus(8), 8) != e || x.load(before, 8) != e {
		if !x.halted {
			x.violate(invLifetime, Code139)
		}
		return false
	}
	x.store(before, 8, after)
	x.store(after.plus(8), 8, before)
	return before == after
}
