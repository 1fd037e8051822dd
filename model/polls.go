package model

import (
	"hash/maphash"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model/program"
)

// A driver with a thread that polls, or a timer that arms itself, never comes to
// a quiescent state. For it the states count that it can move within but never
// leave (22.2): where only polling goes on, all states that the system and the
// driver can reach from there are looked at, and what is stuck in every one of
// them is stuck for ever. The five minutes of a rundown do not pass behind it: a
// rundown that waits there is a finding anyway.

// quietPolls is the Object of KindQuiet where polling goes on.
const quietPolls = 1

// repeaters are what a driver can do again and again without an app.
var repeaters = [...]string{"KeDelayExecutionThread", "KeSetTimerEx", "KeSetCoalescableTimer", "KeWaitForSingleObject", "KeWaitForMultipleObjects"}

// canPoll says whether the driver has anything that may go on for ever by
// itself: a sleep or a wait with a timeout, a periodic timer, or a DPC, work item
// or thread that starts a timer, a DPC or a work item again.
func (m *Model) canPoll() bool {
	for _, name := range repeaters {
		if m.Calls(name) {
			return true
		}
	}
	again := map[string]bool{"KeSetTimer": true, "KeInsertQueueDpc": true, "IoQueueWorkItem": true, "IoQueueWorkItemEx": true}
	seen := map[int32]bool{}
	var reach func(r int32) bool
	reach = func(r int32) bool {
		if seen[r] {
			return false
		}
		seen[r] = true
		for i := range m.cfg.Driver.Routines[r].Nodes {
			switch n := &m.cfg.Driver.Routines[r].Nodes[i]; {
			case n.Op == program.OpAPI && again[n.API], n.Op == program.OpCallPtr,
				n.Op == program.OpCall && reach(n.Fn):
				return true
			}
		}
		return false
	}
	for _, r := range m.cfg.Driver.Roles {
		switch r.Kind {
		case program.RoleDPC, program.RoleWorkItem, program.RoleThread:
			if reach(r.Routine) {
				return true
			}
		}
	}
	return false
}

// onlyPolls says whether all that can move in s, the app aside, is something
// that may go on for ever: sleeps, waits that time out, timers, and what they
// start. Each set of states that polling never leaves has such a state: let all
// else run until it cannot.
func (x *exec) onlyPolls(s []byte) bool {
	for c := range x.m.lay.ctxs.n {
		cb := x.m.lay.ctxs.at(c)
		if s[cb+ctxAlive] != aliveYes {
			continue
		}
		if takesAPC(s, cb) {
			return false
		}
		if s[cb+ctxBase] != 0 && !x.m.inUser(s, cb) && x.opening(s, c).ready && !x.sleepsHere(s, cb) {
			return false
		}
	}
	return !x.stuckIn(s).none()
}

// sleepsHere says whether the context at cb is in a sleep or a wait that ends by
// itself.
func (x *exec) sleepsHere(s []byte, cb int) bool {
	pc := x.m.topPC(s, cb)
	if pc >= x.m.kernelCode {
		regs := cb + ctxStack + 4*(int(s[cb+ctxBase])-1) + frameRegs
		return x.m.inTable(pc, tableWait) && val(s, regs+4*k1) == num(waitBlocked)
	}
	in := &x.m.code[pc]
	return in.op == program.OpAPI && (in.n.API == "KeDelayExecutionThread")
}

// maxPolled is how many states of polling are looked at from one state.
const maxPolled = 20_000

// polled is a set of states in the order in which they were found, and room for
// the steps of one.
type polled struct {
	out   *explore.Steps
	size  int
	n     int
	arena []byte
	table []int32 // number of a state plus 1, by hash; at most half full
}

var polledSeed = maphash.MakeSeed()

func (m *Model) newPolled() any {
	return &polled{out: explore.NewSteps(m.lay.size), size: m.lay.size, table: make([]int32, 64)}
}

func (p *polled) reset() {
	p.n, p.arena = 0, p.arena[:0]
	clear(p.table)
}

func (p *polled) state(i int) []byte { return p.arena[i*p.size : (i+1)*p.size] }

// add says whether s is new.
func (p *polled) add(s []byte) bool {
	at, new := p.place(s)
	if !new {
		return false
	}
	p.arena = append(p.arena, s...)
	p.n++
	p.table[at] = int32(p.n)
	if 2*p.n > len(p.table) {
		p.table = make([]int32, 2*len(p.table))
		for i := range p.n {
			at, _ := p.place(p.state(i))
			p.table[at] = int32(i + 1)
		}
	}
	return true
}

func (p *polled) place(s []byte) (at int, free bool) {
	mask := len(p.table) - 1
	for at = int(maphash.Bytes(polledSeed, s)) & mask; p.table[at] != 0; at = (at + 1) & mask {
		if string(p.state(int(p.table[at])-1)) == string(s) {
			return at, false
		}
	}
	return at, true
}

// stuckForEver gives what of st is still stuck in every state that contexts,
// timers, DPCs and work items can reach from s. False: those are too many.
func (m *Model) stuckForEver(s []byte, st stuck) (stuck, bool) {
	x, p := m.pool.Get().(*exec), m.polling.Get().(*polled)
	defer func() { m.pool.Put(x); m.polling.Put(p) }()
	x.log = nil
	p.reset()
	p.add(s)
	for i := 0; i < p.n; i++ {
		from := p.state(i)
		p.out.Reset()
		clear(x.openings)
		if !x.pushCut(from, p.out) && !x.pushStageTwo(from, p.out) {
			x.pushContexts(from, p.out)
			x.pushSystem(from, p.out)
		}
		for k := range p.out.Len() {
			a, to, _ := p.out.At(k)
			if a.Kind < kindOther && m.inUser(from, m.lay.ctxs.at(int(a.Actor))) || !p.add(to) {
				continue
			}
			if Stopped(to) {
				return stuck{}, true // told on its own
			}
			if st = st.and(x.stuckIn(to)); st.none() {
				return st, true
			}
			if p.n >= maxPolled {
				return st, false
			}
		}
	}
	return st, true
}
