package model

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model/program"
)

// Partial order. In a state in which some context is about to run only
// operations that commute with whatever the others can do, or that move left (a
// release, a block given back that nobody else can find), its step is enough
// (an ample set): all that the others could do first they can do after it. The
// step must not end the path, must not go back in a loop (else a cycle of such
// states could put the others off for ever), and no property may see it. That it
// commutes is what the operations declare; whether they do is tried by
// TestDeclaredMoversCommute.
//
// Where Movers is on, most such operations run in the step before them. What is
// left are the first operations of a context and those after a wait that another
// context has ended. A step that begins with one ends before the first operation
// that may not go first, in every run: that one waits for its turn as if the rest
// had run in the step before.

// watched is what the properties of a run look at.
type watched struct {
	notes  uint64
	states bool
}

// Watch tells the model what the properties of the run that begins look at: the
// notes of steps, and whether any looks at states. As long as nobody has told,
// anything may be looked at.
func (m *Model) Watch(notes uint64, states bool) { m.watched = watched{notes, states} }

// lone watches a step for what forbids that it is taken alone.
type lone struct {
	broken bool   // it ran what does not commute, or went back in a loop
	alone  bool   // what it may do is wider: see pushForgotten
	notes  uint64 // of all ways to take it
}

// pushAmple pushes steps that are enough in s. False: there are none, or they
// are not asked for, and nothing is pushed.
func (x *exec) pushAmple(s []byte, out *explore.Steps) bool {
	m := x.m
	if !m.cfg.Reduce.Ample {
		return false
	}
	if x.pushStageTwo(s, out) {
		if out.Ample() {
			return true
		}
		x.dropAll(out)
		return false // a run without partial order
	}
	for c := 0; c < m.lay.ctxs.n && !m.watched.states; c++ {
		if !x.beginsAlone(s, c) {
			continue
		}
		x.lone = lone{}
		pc := m.topPC(s, m.lay.ctxs.at(c))
		if x.push1(s, out, explore.Action{Kind: uint16(pc), Actor: uint8(c)}) {
			if !x.lone.broken && x.lone.notes&(m.watched.notes|NoteStopped) == 0 && out.Ample() {
				return true
			}
			x.dropAll(out)
		}
	}
	return !m.watched.states && x.pushForgotten(s, out)
}

// goesAlone says whether stage two in thread c is taken before all else. It must end
// before what the thread that it interrupted does next, if that does not commute.
func (x *exec) goesAlone(c int) bool {
	return !x.completionUnlocked() && (x.m.cfg.App == nil || c >= x.m.appThreads())
}

// endsRequest runs a stage two that its thread can take now, as a part of the step
// that made it so: pushStageTwo would push it alone.
func (x *exec) endsRequest() bool {
	m := x.m
	if !m.cfg.Reduce.Ample || m.cfg.App != nil || x.s[hdrCut] != 0 || x.completionUnlocked() {
		return false
	}
	c := m.interruptible(x.s, 0)
	if c < 0 {
		return false
	}
	x.run(c)
	if x.fresh = false; x.closesMeanwhile(int(x.s[x.cb+ctxQueue]) - 1) {
		return false
	}
	x.prefix, x.mayWait, x.first = false, false, opening{}
	return x.deliverAPC() && (x.halted || x.section(1, true))
}

// pushForgotten pushes a DPC that has nothing left to do but to give its own block
// back: nobody else knows the block any more, so its whole routine, with the lock
// that it takes and releases, commutes with whatever the others do.
func (x *exec) pushForgotten(s []byte, out *explore.Steps) bool {
	m := x.m
	if !m.startsLate() {
		return false
	}
	defer func() { x.lone.alone = false }()
	free := m.freeDPC(s)
	for i := 0; free >= 0 && i < maxQueued && val(s, hdrDPCs+4*i) != 0; i++ {
		if d := val(s, hdrDPCs+4*i); d.Class() != ClassRecord || m.named(s, d, func(off int) bool { return off == hdrDPCs+4*i }) {
			continue
		}
		x.lone = lone{alone: true}
		if x.push1(s, out, explore.Action{Kind: KindDPC, Actor: uint8(free), Object: uint8(i)}) {
			if !x.lone.broken && x.lone.notes&(m.watched.notes|NoteStopped) == 0 && out.Ample() {
				return true
			}
			x.dropAll(out)
		}
	}
	return false
}

func (x *exec) dropAll(out *explore.Steps) {
	for out.Len() > 0 {
		out.Drop()
	}
}

// beginsAlone says whether context c is kernel or driver code whose next
// operation may go first, and nothing else can happen to c.
func (x *exec) beginsAlone(s []byte, c int) bool {
	m := x.m
	cb := m.lay.ctxs.at(c)
	if s[cb+ctxAlive] != aliveYes || s[cb+ctxBase] == 0 || s[cb+ctxApcs] != 0 || m.notices(s, cb) {
		return false
	}
	return x.endsEarly(s, cb, x.opening(s, c))
}

// endsEarly says whether the step with opening o that the context at cb is about to
// take in s ends before the first operation that may not go first.
func (x *exec) endsEarly(s []byte, cb int, o opening) bool {
	r := &x.m.cfg.Reduce
	return r.Ample && r.Movers && o.ready && o.mv.goesFirst() && s[hdrCut] == 0 && !x.m.inUser(s, cb)
}

// loops says whether one of the successors of in is not after it.
func (in *inst) loops() bool {
	if in.op == program.OpReturn || in.op == program.OpRaise {
		return false // where that leads is asked of the call
	}
	for code := range in.successors() {
		if code <= in.code {
			return true
		}
	}
	return false
}
