package model

import "github.com/ownercheck/ownercheck/explore"

// A state is quiescent when nothing but choices of the app is left (22.1): no
// kernel or driver routine can go on, nothing is queued, no timer is set, no
// thread that ends can go on ending. What is stuck then is stuck for ever, or
// until the app or the five minutes of a rundown change something.

// pushQuiet pushes what is judged in a quiescent state, and the five-minute step
// (22.3).
func (x *exec) pushQuiet(s []byte, out *explore.Steps) {
	x.push1(s, out, explore.Action{Kind: KindQuiet})
	for t := range x.m.appThreads() {
		if x.m.timeoutComes(s, x.m.lay.ctxs.at(t)) {
			x.push1(s, out, explore.Action{Kind: KindTimeout, Actor: uint8(t)})
		}
	}
}

// judgeQuiet tells of one thing that is stuck: a routine that waits for a lock
// for ever; else a cancelled request that nobody will complete, a thread that
// cannot end, or a closed file whose requests stay.
func (x *exec) judgeQuiet() bool {
	x.base = 0
	if x.lockedOut() {
		x.base = 0
		x.violate(invLocks, CodeDeadlock)
		return true
	}
	x.base = 0
	var found [3]struct {
		inv  int
		code StopCode
	}
	n := 0
	add := func(inv int, code StopCode) {
		if code != CodeNone {
			found[n].inv, found[n].code = inv, code
			n++
		}
	}
	add(invCancelProgress, x.cancelStuck())
	add(invExitProgress, x.exitStuck())
	add(invHandleOrder, x.closeStuck())
	if n == 0 {
		return false
	}
	f := found[x.choose(n)]
	x.violate(f.inv, f.code)
	return true
}

// lockedOut says whether a kernel or driver routine waits for a lock.
func (x *exec) lockedOut() bool {
	for c := range x.m.lay.ctxs.n {
		if x.s[x.m.lay.ctxs.at(c)+ctxAlive] != aliveYes {
			continue
		}
		x.run(c)
		if x.base != 0 && (x.s[hdrCancel] != 0 && x.s[hdrCancel] != byte(c+1) && x.m.inTable(x.pc(), tableCancel) || x.waitsForLock()) {
			return true
		}
	}
	return false
}

// cancelStuck says whether the driver keeps a cancelled request (INV22).
func (x *exec) cancelStuck() StopCode {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if x.s[b+irpPhase] == phaseDriver && x.s[b+irpCancel] != 0 {
			return CodeHang
		}
	}
	return CodeNone
}

// closeStuck says whether the driver keeps a request of a file that is closed, or
// that may be (INV24).
func (x *exec) closeStuck() StopCode {
	for i := range x.m.lay.irps.n {
		if b := x.irp(i); x.closedKeepsRequest(b) && x.s[b+irpCancel] == 0 {
			return CodeNotClosed
		}
	}
	return CodeNone
}

// exitStuck says whether a thread waits in its rundown for a request, for five
// minutes or for ever, or for a CREATE, CLEANUP or CLOSE (INV23).
func (x *exec) exitStuck() StopCode {
	code := CodeNone
	for c := range x.m.lay.ctxs.n {
		if x.m.sends(x.s, x.m.lay.ctxs.at(c)) {
			return CodeCloseHang
		}
	}
	for t := range x.m.appThreads() {
		cb := x.m.lay.ctxs.at(t)
		switch {
		case x.m.timeoutComes(x.s, cb):
			code = CodeExitHang
		case x.m.inRundown(x.s, cb) || x.m.inAbort(x.s, cb):
			return CodeExitForever
		}
	}
	return code
}
