package model

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model/program"
)

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

// stuck is what must not stay for ever: bits of contexts that spin for a lock, of
// requests that the driver holds though Cancel is set (INV22), of contexts that
// wait in a rundown, or in a CREATE, CLEANUP or CLOSE (INV23), and of requests of
// a file that is closed, or may be (INV24).
type stuck struct{ locks, cancelled, exits, closed uint32 }

func (a stuck) and(b stuck) stuck {
	return stuck{a.locks & b.locks, a.cancelled & b.cancelled, a.exits & b.exits, a.closed & b.closed}
}

func (a stuck) none() bool { return a == stuck{} }

// stuckIn looks at state s.
func (x *exec) stuckIn(s []byte) stuck {
	x.s = s
	defer func() { x.s = x.own }()
	return x.findStuck()
}

// findStuck looks at the state that x works on.
func (x *exec) findStuck() (st stuck) {
	for c := range x.m.lay.ctxs.n {
		if x.s[x.m.lay.ctxs.at(c)+ctxAlive] != aliveYes {
			continue
		}
		x.run(c)
		if x.base != 0 && (x.s[hdrCancel] != 0 && x.s[hdrCancel] != byte(c+1) && x.m.inTable(x.pc(), tableCancel) || x.waitsForLock()) {
			st.locks |= 1 << c
		}
		if x.exitStuck(c) != CodeNone {
			st.exits |= 1 << c
		}
	}
	x.base = 0
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if x.s[b+irpPhase] == phaseDriver && x.s[b+irpCancel] != 0 {
			st.cancelled |= 1 << i
		} else if x.closedKeepsRequest(b) {
			st.closed |= 1 << i
		}
	}
	return st
}

// judgeQuiet tells of one thing that is stuck, in a quiescent state or one from
// which only polling goes on: a routine that waits for a lock for ever, or a work
// item for a worker; else a cancelled request that nobody will complete, a thread
// that cannot end, or a closed file whose requests stay.
func (x *exec) judgeQuiet(polls bool) bool {
	st := x.findStuck()
	if polls {
		var ok bool
		if st, ok = x.m.stuckForEver(x.s, st); !ok {
			x.capacity(boundPolls)
			return true
		}
	}
	if st.locks != 0 {
		x.violate(invLocks, CodeDeadlock)
		return true
	}
	if !polls && x.starvedWork() {
		return true
	}
	invs, codes, n := [3]int{}, [3]StopCode{}, 0
	if st.cancelled != 0 {
		invs[n], codes[n] = invCancelProgress, CodeHang
		n++
	}
	if st.exits != 0 {
		invs[n], codes[n] = invExitProgress, x.exitCode(st.exits)
		n++
	}
	if st.closed != 0 {
		invs[n], codes[n] = invHandleOrder, CodeNotClosed
		n++
	}
	if n == 0 {
		return false
	}
	i := x.choose(n)
	x.violate(invs[i], codes[i])
	return true
}

// waitsForLock says whether the running context's next node takes a lock that it
// cannot get.
func (x *exec) waitsForLock() bool {
	pc := x.pc()
	if pc >= x.m.kernelCode {
		return false
	}
	in := &x.m.code[pc]
	return in.r.side == program.Driver && in.api != nil && in.api.ready != nil && !in.api.ready(x, in)
}

// exitStuck says whether context c waits in its rundown for a request, for five
// minutes or for ever, or is in a CREATE, CLEANUP or CLOSE (INV23).
func (x *exec) exitStuck(c int) StopCode {
	cb := x.m.lay.ctxs.at(c)
	switch {
	case x.m.sends(x.s, cb):
		return CodeCloseHang
	case c >= x.m.appThreads():
	case x.m.timeoutComes(x.s, cb):
		return CodeExitHang
	case x.m.inRundown(x.s, cb) || x.m.inAbort(x.s, cb):
		return CodeExitForever
	}
	return CodeNone
}

// exitCode is the worst of what holds up the contexts in set.
func (x *exec) exitCode(set uint32) StopCode {
	code := CodeNone
	for c := range x.m.lay.ctxs.n {
		if set&(1<<c) == 0 {
			continue
		}
		switch k := x.exitStuck(c); {
		case k == CodeCloseHang:
			return k
		case code != CodeExitForever:
			code = k
		}
	}
	return code
}
