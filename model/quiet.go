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
// for ever; else a cancelled request that nobody will complete, or a thread that
// cannot end.
func (x *exec) judgeQuiet() bool {
	x.base = 0
	if x.lockedOut() {
		x.base = 0
		x.violate(invLocks, CodeDeadlock)
		return true
	}
	x.base = 0
	cancelled := x.cancelStuck()
	code := x.exitStuck()
	switch {
	case cancelled && (code == CodeNone || x.choose(2) == 0):
		x.violate(invCancelProgress, CodeHang)
	case code != CodeNone:
		x.violate(invExitProgress, code)
	default:
		return false
	}
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
func (x *exec) cancelStuck() bool {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if x.s[b+irpPhase] == phaseDriver && x.s[b+irpCancel] != 0 {
			return true
		}
	}
	return false
}

// exitStuck says whether a thread waits in its rundown for a request (INV23),
// for five minutes or for ever.
func (x *exec) exitStuck() StopCode {
	code := CodeNone
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
