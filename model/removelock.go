package model

// Remove locks (15a) and rundown protection (15b). IO_REMOVE_LOCK is Count,
// Removed and the Event that its last release sets; EX_RUNDOWN_REF is twice the
// count, plus 1 once rundown has begun.
const (
	lockCount   = 0
	lockRemoved = 4
	lockEvent   = 8
)

// eventPassed is what Event is once R8 has been passed.
const eventPassed = 2

// topCount is how far holders are counted exactly (see addCount): one more than
// all contexts and all requests that can hold the lock at once.
func (m *Model) topCount() int { return 2 + m.lay.ctxs.n + 2*m.lay.irps.n }

const (
	removeR1 = iota
	removeR2
	removeR3
)

func removeLockSteps() []step {
	return []step{
		removeR1: {name: "R1", fact: "15.2", text: "count the acquisition", mover: true, moves: early, why: "moves right: put off, it lets the waiter go on a little earlier than R3 would, and the acquisition fails all the same", run: locking((*exec).stepLockR1)},
		removeR2: {name: "R2", fact: "15.2", text: "look whether the lock is removed", deaf: true, run: locking((*exec).stepLockR2)},
		removeR3: {name: "R3", fact: "15.2", text: "it is: take the count back, STATUS_DELETE_PENDING", mover: true, moves: leftwards, why: "moves left to R2: nobody waits for a count that came after R5, and where the block can be freed meanwhile it can before R1", run: locking((*exec).stepLockR3)},
	}
}

const (
	removeR5 = iota
	removeR6
	removeR8
)

func removeWaitSteps() []step {
	return []step{
		removeR5: {name: "R5", fact: "15.4", text: "Removed = TRUE: every acquire fails from now on", run: locking((*exec).stepLockR5)},
		removeR6: {name: "R6", fact: "15.4", text: "give back the caller's acquisition and the first one (R7)", mover: true, moves: leftwards, why: "moves left to R5: who counts an acquisition in between is refused, and needs no waiting for", run: locking((*exec).stepLockR6)},
		removeR8: {name: "R8", fact: "15.4", text: "wait for the last release", mover: true, why: "the event stays set, and nobody else looks at it", ready: (*exec).lockDrained, run: locking((*exec).stepLockR8)},
	}
}

const (
	rundownD1 = iota
	rundownD2
)

func rundownSteps() []step {
	return []step{
		rundownD1: {name: "D1", fact: "15.10", text: "begin rundown: every acquire fails from now on", run: (*exec).stepD1},
		rundownD2: {name: "D2", fact: "15.10", text: "wait for the last release", ready: (*exec).ranDown, run: func(x *exec) { x.kernelReturn(0) }},
	}
}

func early(*exec) mover     { return moverEarly }
func leftwards(*exec) mover { return moverLeft }

// locking runs a routine of remove locks, whose accesses commute with each other's.
func locking(run func(*exec)) func(*exec) {
	return func(x *exec) {
		x.locking = true
		run(x)
		x.locking = false
	}
}

// Uses of a remove lock that decide how a release of it moves: by its own routines,
// and in any other way. The bits stand for those that were not seen.
const (
	unseenLocking = 1
	unseenOther   = 2
	unseenUses    = unseenLocking | unseenOther
)

// letsGo: R4 moves left. Counts commute, R8 goes on only when the last holder has
// released, and until then nobody ends the memory that the lock lies in. The last is
// an assumption about the driver, and so is that nothing but the lock's routines
// touches it: watchEnd and usesLock see whether they are right.
func letsGo(x *exec, in *inst) mover {
	if !x.m.cfg.Reduce.Movers || !x.m.cfg.Reduce.Locks {
		return moverNone
	}
	if c, last := x.classesOf(x.arg(in, 0), 4); last >= 0 && x.m.assume.open[3*x.m.classCount+c] {
		return moverNone
	}
	return moverLeft
}

// usesLock records a use of a lock that begins at the cell of class c.
func (x *exec) usesLock(c int, unseen uint32) {
	if w := &x.m.learn.held[3*x.m.classCount+c]; w.Load()&unseen != 0 {
		w.And(unseenUses &^ unseen)
	}
}

// watchEnd is told that the block at offset at is freed. Nobody holds a remove lock in
// it if R8 has been passed; otherwise a release may still come, and does not move. That
// no release is due in this state says nothing: it would be in the step of its acquire.
func (x *exec) watchEnd(site, at int) {
	if x.s[at+recShared] == 0 {
		return
	}
	l := x.m.sites[site].layout
	for i := range l.Cells {
		w := &x.m.learn.held[3*x.m.classCount+x.m.classSite[site]+i]
		if w.Load()&unseenLocking != 0 {
			continue // no remove lock begins here
		}
		if k := l.CellAt(l.Cells[i].Offset + lockEvent); k < 0 || x.seen(at+recCells+4*k) != num(eventPassed) {
			w.Store(0)
		}
	}
}

func rundownAPIs() map[string]*api {
	start := func(table int) *api {
		return &api{mover: pushes, run: func(x *exec, in *inst) (Value, bool) {
			x.pushKernel(table, x.arg(in, 0))
			return 0, false
		}}
	}
	return map[string]*api{
		"IoInitializeRemoveLock": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0) // once others can find it, an access like any other
			if v := x.load(a.plus(lockRemoved), 4); v == num(1) && !x.halted {
				x.violate(invLifetime, CodeRemoveLock) // the lock is dead (15.5)
				return 0
			}
			x.store(a.plus(lockCount), 4, num(1))
			x.store(a.plus(lockRemoved), 4, 0)
			x.store(a.plus(lockEvent), 4, 0)
			return 0
		})},
		"IoAcquireRemoveLock":        start(tableRemoveLock),
		"IoReleaseRemoveLockAndWait": start(tableRemoveWait),
		"IoReleaseRemoveLock": {mover: letsGo, run: result(func(x *exec, in *inst) Value { // R4
			x.locking = true
			x.dropLock(x.arg(in, 0), 1)
			x.locking = false
			return 0
		})},
		"ExInitializeRundownProtection": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			x.store(x.arg(in, 0), 8, 0)
			return 0
		})},
		"ExAcquireRundownProtection": {run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			n, ok := x.countAt(a, 8)
			if !ok || n&1 != 0 {
				return 0
			}
			x.addCount(a, 8, 2, 2*x.m.topCount())
			return num(1)
		})},
		"ExReleaseRundownProtection": {run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			n, ok := x.countAt(a, 8)
			switch {
			case !ok:
			case n < 2:
				x.violate(invLifetime, CodeRundown)
			default:
				x.addCount(a, 8, -2, 2*x.m.topCount()+n&1)
			}
			return 0
		})},
		"ExWaitForRundownProtectionRelease": start(tableRundown),
	}
}

// countAt reads a count of the lock at a, judging the access.
func (x *exec) countAt(a Value, size int) (int, bool) {
	n, ok := x.load(a, size).small()
	if c, last := x.classesOf(a, size); x.locking && last >= 0 {
		x.usesLock(c, unseenLocking)
	}
	if !ok && !x.halted {
		x.unsupported(whatAccess) // a lock that was never initialised
	}
	return n, ok && !x.halted
}

// dropLock takes by from a remove lock's count; at zero it sets the event. It
// gives what is left.
func (x *exec) dropLock(a Value, by int) int {
	n, ok := x.countAt(a, 4)
	if !ok {
		return 0
	}
	if n < by {
		x.violate(invLifetime, CodeRemoveLock) // below zero (15.5)
		return 0
	}
	n = x.addCount(a, 4, -by, x.m.topCount())
	if n == 0 && !x.halted && x.cellOf(a, lockEvent) == 0 {
		x.store(a.plus(lockEvent), 4, num(1))
	}
	return n
}

func (x *exec) stepLockR1() {
	a := x.reg(k0)
	if _, ok := x.countAt(a, 4); ok {
		x.addCount(a, 4, 1, x.m.topCount())
	}
}

func (x *exec) stepLockR2() {
	if x.load(x.reg(k0).plus(lockRemoved), 4) == 0 && !x.halted {
		x.kernelReturn(num(ntSuccess))
	}
}

func (x *exec) stepLockR3() {
	x.dropLock(x.reg(k0), 1)
	if !x.halted {
		x.kernelReturn(statusDeletePending)
	}
}

func (x *exec) stepLockR5() { x.store(x.reg(k0).plus(lockRemoved), 4, num(1)) }

// stepLockR6 is R6 and R7: while the first acquisition stands nobody else can bring
// the count to zero, so the state between them means nothing to anybody.
func (x *exec) stepLockR6() { x.dropLock(x.reg(k0), 2) }

func (x *exec) lockDrained() bool { return x.cellOf(x.reg(k0), lockEvent) != 0 || !x.holds(x.reg(k0)) }

// holds says whether there is memory at a.
func (x *exec) holds(a Value) bool {
	_, ok := x.peek(a, 4)
	return ok
}

func (x *exec) stepLockR8() {
	x.store(x.reg(k0).plus(lockEvent), 4, num(eventPassed))
	if !x.halted {
		x.kernelReturn(0)
	}
}

func (x *exec) stepD1() {
	a := x.reg(k0)
	if n, ok := x.countAt(a, 8); ok {
		x.store(a, 8, num(n|1))
	}
}

func (x *exec) ranDown() bool { return x.cellOf(x.reg(k0), 0) == num(1) || !x.holds(x.reg(k0)) }
