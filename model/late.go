package model

import (
	"sync/atomic"

	"github.com/ownercheck/ownercheck/model/program"
)

// What a request asked for (its code, its lengths, where its buffers are) tells two
// states apart as long as it is pending, and two lengths that both pass the driver's
// tests are mostly never told apart again. Most drivers look at none of it once
// dispatch has returned STATUS_PENDING, and long before that have looked for the last
// time. Where they look is learned (movers.go): a request of the most general client
// forgets what it asked for where its dispatch routine rests and can come to none of
// these places any more, and its system buffer when it is returned pending; but for what
// a later access to the buffer, or Information, can tell (clampBlock).

// forget drops what the request at b asked for, as it is returned pending, and of its
// system buffer what nobody will look at.
func (x *exec) forget(b int) {
	a := &x.m.assume
	buffer := a.looks&lookLateBlock != 0 || a.informed[1] != 0
	if x.m.cfg.App != nil || !x.m.cfg.Reduce.Late || a.looks&lookLate != 0 || buffer && a.asksOpen || x.s[b+irpPhase] != phaseDriver {
		return
	}
	x.forgetParameters(b, a.informed[1])
	switch blk := int(x.s[b+irpBlock]) - 1; {
	case blk < 0:
	case buffer:
		x.clampBlock(blk)
	case x.m.refersTo(x.s, ClassBlock, blk):
		at := x.m.lay.sysbufs.at(blk)
		clear(x.s[at+blkSize : at+blkBytes])
	default: // nobody comes by it any more
		x.dropBlock(x.slotOf(b))
		x.s[b+irpFlags] &^= flagDealloc
	}
}

// forgetParameters leaves of the length of the output what Information, which comes
// to at most so many bytes, is compared with.
func (x *exec) forgetParameters(b, informed int) {
	x.s[b+irpFlags] |= flagForgot
	put16(x.s, b+irpInLen, 0)
	put(x.s, b+irpCode, 0)
	neither := x.s[b+irpMethod] == methodNeither
	if neither && x.m.assume.looks&lookUser != 0 {
		put16(x.s, b+irpOutLen, 0)
		return // the driver may have the addresses
	}
	if x.s[b+irpMdl] == 0 {
		x.s[b+irpMethod] = methodBuffered // nothing follows from it any more
	}
	put(x.s, b+irpIn, 0)
	buffered := x.s[b+irpFlags]&flagBuffered != 0
	if buffered && informed != 0 {
		put16(x.s, b+irpOutLen, min(informed, u16(x.s, b+irpOutLen)))
		return
	}
	put16(x.s, b+irpOutLen, 0)
	put(x.s, b+irpOut, 0)
	if buffered {
		x.s[b+irpFlags] |= flagInputOp
	}
}

// clampBlock makes a system buffer no larger than what is ever looked at: of two that
// are larger none can tell which is which.
func (x *exec) clampBlock(blk int) {
	at, most := x.m.lay.sysbufs.at(blk), max(x.m.reached(), x.m.assume.informed[0], x.m.assume.informed[1])
	put16(x.s, at+blkSize, min(most, u16(x.s, at+blkSize)))
	put16(x.s, at+blkCaller, min(most, u16(x.s, at+blkCaller)))
}

// informs is told of each Information n of the request at b that is compared with the
// length of its output. One that is larger than assumed ends the path, if that length
// is gone.
func (x *exec) informs(b int, n int64) bool {
	m := x.m
	if m.cfg.App != nil || !m.cfg.Reduce.Late || n < 0 {
		return true
	}
	late := 0
	if x.s[b+irpReturned] != returnedNot {
		late = 1
	}
	most := uint32(min(n, endBits)) // all lengths are smaller
	for l := &m.learn.informed[late]; ; {
		if old := l.Load(); old >= most || l.CompareAndSwap(old, most) {
			break
		}
	}
	if x.s[b+irpFlags]&flagForgot != 0 && int(most) > m.assume.informed[late] {
		x.capacity(boundLate)
		return false
	}
	return true
}

// forgetsEarly drops what the request whose dispatch routine rests in the running
// context asked for, if the routine has looked for the last time. Its system buffer
// stays: of two that are larger than all that is ever accessed none can tell.
func (x *exec) forgetsEarly() {
	m := x.m
	if m.cfg.App != nil || !m.cfg.Reduce.Late || m.assume.asksOpen || m.assume.looks&lookLate != 0 || !m.isThread(x.ctx) {
		return
	}
	b, entered := 0, false
	for base := range frames(x.s, x.cb) {
		pc := u16(x.s, base+framePC)
		if m.inTable(pc, tableIssue) {
			if a := val(x.s, base+frameRegs+4*k0); entered && a.Class() == ClassIrp && !a.stale() {
				b = x.irp(a.Slot())
			}
			break
		}
		if pc >= m.kernelCode {
			continue
		}
		entered = true
		if in := &m.code[pc]; base == x.base && m.looksAhead[pc] || base != x.base && (in.n.Next == program.NoNode || m.looksAhead[in.next]) {
			return // of those below it counts what is behind the call
		}
	}
	if b == 0 || x.s[b+irpFlags]&flagForgot != 0 || x.s[b+irpPhase] != phaseDriver || x.s[b+irpReturned] != returnedNot ||
		x.s[b+irpMethod] == methodNeither && m.assume.looks&lookUser != 0 {
		return
	}
	x.forgetParameters(b, max(m.assume.informed[0], m.assume.informed[1]))
	if blk := int(x.s[b+irpBlock]) - 1; blk >= 0 {
		x.clampBlock(blk)
	}
}

// reached is where the longest access to a buffer ended, as far as is assumed.
func (m *Model) reached() int {
	if n := len(m.assume.ends); n > 0 {
		return m.assume.ends[n-1]
	}
	return 0
}

// late is told of each look at what forget drops. A look at what is gone ends the
// path: the exploration is made again without forgetting so early.
func (x *exec) late(b int) bool {
	if x.m.cfg.App != nil || !x.m.cfg.Reduce.Late {
		return true
	}
	forgot := x.s[b+irpFlags]&flagForgot != 0
	if x.s[b+irpReturned] != returnedNot {
		x.looksAt(lookLate)
		forgot = forgot || x.m.assume.looks&lookLate == 0
	} else if x.at < x.m.kernelCode {
		x.m.looker(x.at)
	}
	if !forgot {
		return true
	}
	if x.s[b+irpReturned] == returnedNot {
		x.m.learn.lookedLate.Store(true)
	}
	x.capacity(boundLate)
	return false
}

// lateBlock is late for accesses to size bytes at a, in the system buffer of the
// request at b.
func (x *exec) lateBlock(b int, a Value, size int) bool {
	if x.m.cfg.App != nil || !x.m.cfg.Reduce.Late {
		return true
	}
	if x.s[b+irpReturned] != returnedNot {
		if x.looksAt(lookLateBlock); x.m.assume.looks&lookLateBlock == 0 {
			x.capacity(boundLate)
			return false
		}
	}
	if x.s[b+irpFlags]&flagForgot == 0 || a.Offset()+size <= x.m.reached() {
		return true
	}
	if x.reaches(a, size); a.Offset()+size >= endBits {
		x.m.learn.asksBroken.Store(true) // no end that can be learned
	}
	x.capacity(boundLate)
	return false
}

// newLookers makes room for which nodes look.
func (m *Model) newLookers() {
	m.learn.lookers = make([]atomic.Bool, len(m.code))
	m.assume.lookers = make([]bool, len(m.code))
	m.looksAhead = make([]bool, len(m.code))
}

// looker records that the node at pc looks. Mostly that is known, and a store would take
// the cache line from the other workers.
func (m *Model) looker(pc int) {
	if l := &m.learn.lookers[pc]; !l.Load() {
		l.Store(true)
	}
}

// learnLookers takes over which nodes look, after a run in which one looked at what
// was gone. It says whether that run was worthless for it.
func (m *Model) learnLookers() bool {
	late, added := m.learn.lookedLate.Swap(false), false
	for i := range m.learn.lookers {
		if m.learn.lookers[i].Swap(false) && late && !m.assume.lookers[i] {
			m.assume.lookers[i], added = true, true
		}
	}
	if late && !added {
		m.learn.asksBroken.Store(true) // a way there that lookAhead does not see
	}
	if added {
		m.lookAhead()
	}
	return late
}

// lookAhead finds from which nodes the driver can come to one that looks.
func (m *Model) lookAhead() {
	copy(m.looksAhead, m.assume.lookers)
	m.backwards(func(in *inst) bool {
		if m.looksAhead[in.code] || !m.leadsToLook(in) {
			return false
		}
		m.looksAhead[in.code] = true
		return true
	})
}

// backwards calls f with each node, the last first, until it says of none any more that
// more is known of it.
func (m *Model) backwards(f func(in *inst) (more bool)) {
	for changed := true; changed; {
		changed = false
		for i := len(m.code) - 1; i >= 0; i-- {
			changed = f(&m.code[i]) || changed
		}
	}
}

// leadsToLook says whether a successor of in is known to lead to a node that looks.
func (m *Model) leadsToLook(in *inst) bool {
	for code := range in.successors() {
		if m.looksAhead[code] {
			return true
		}
	}
	return in.op == program.OpCall && m.looksAhead[m.routines[in.r.side][in.n.Fn].first]
}
