package model

import (
	"github.com/cespare/xxhash/v2"

	"github.com/ownercheck/ownercheck/explore"
)

// Kinds of actions that are not the code of a step.
const (
	KindInit    uint16 = 0xFF00 + iota // Arg: which initial state
	KindAPC                            // Actor: thread that stage two interrupts
	KindDPC                            // Actor: context; Object: place in the DPC queue
	KindTimer                          // Object: which set timer expires
	KindIssue                          // Actor: thread; the client issues a request
	KindCancel                         // Actor: thread; Object: request that the client cancels
	KindTake                           // Object: free frame that another process takes
	KindGive                           // Object: frame that the other process gives back
	KindQuiet                          // nothing but the app can move: what is stuck is judged
	KindExit                           // Actor: thread that begins to end; Object: exit*, why
	KindTimeout                        // Actor: thread whose rundown has waited for five minutes
	KindDelete                         // the process object is deleted
	KindClose                          // Actor: thread; Object: file object that the client closes
	KindOpen                           // Actor: thread; Object: file object that the client opens
	KindLastRef                        // Actor: worker; Object: file object whose last reference is gone
	KindWork                           // Actor: worker; Object: work item that it takes off the queue
	KindTrim                           // Object: frame that the memory manager trims
	KindDequeue                        // Actor: thread of the client that takes a packet from its port
	kindLimit                          // one more than the last
	kindOther   = KindInit
)

// Init pushes the states in which DriverEntry and the open leave the system.
func (m *Model) Init(out *explore.Steps) {
	for i, s := range m.inits {
		out.Push(explore.Action{Kind: KindInit, Arg: uint32(i)}, s)
	}
}

// Next pushes every step of every context, of the clock and of the client.
func (m *Model) Next(s explore.State, out *explore.Steps) {
	if s[hdrStop] != 0 {
		return
	}
	x := m.pool.Get().(*exec)
	x.log = nil
	clear(x.openings)
	if x.pushCut(s, out) || x.pushAmple(s, out) {
		m.pool.Put(x)
		return
	}
	busy := x.pushContexts(s, out)
	busy = x.pushSystem(s, out) || busy
	x.pushOtherProcess(s, out)
	x.pushTrim(s, out)
	if !busy {
		x.pushQuiet(s, out)
	} else if m.polls && x.onlyPolls(s) {
		x.push1(s, out, explore.Action{Kind: KindQuiet, Object: quietPolls})
	}
	if m.cfg.App == nil {
		x.pushClient(s, out)
		x.pushDequeue(s, out)
	} else if m.second() {
		x.pushSecond(s, out)
	}
	m.pool.Put(x)
}

// pushContexts pushes the next step of every context.
func (x *exec) pushContexts(s []byte, out *explore.Steps) bool {
	m := x.m
	busy := false
	for c := range m.lay.ctxs.n {
		if cb := m.lay.ctxs.at(c); s[cb+ctxAlive] == aliveYes {
			if takesAPC(s, cb) {
				busy = x.push1(s, out, explore.Action{Kind: KindAPC, Actor: uint8(c)}) || busy
			}
			if w := int(s[cb+ctxBase]); w != 0 {
				pc, n := u16(s, cb+ctxStack+4*(w-1)+framePC), out.Len()
				busy = x.push1(s, out, explore.Action{Kind: uint16(pc), Actor: uint8(c)}) && !m.inUser(s, cb) && leaves(s, out, n) || busy
			}
			if m.notices(s, cb) {
				busy = x.push1(s, out, explore.Action{Kind: KindExit, Actor: uint8(c), Object: exitNoticed}) || busy
			}
		}
	}
	return busy
}

// leaves says whether one of the steps from the n-th on leads out of state s: a
// loop that finds a flag as it was counts as not enabled (22.1).
func leaves(s []byte, out *explore.Steps, n int) bool {
	for ; n < out.Len(); n++ {
		if _, to, _ := out.At(n); string(to) != string(s) {
			return true
		}
	}
	return false
}

// takesAPC says whether stage two can interrupt the thread at cb now.
func takesAPC(s []byte, cb int) bool { return s[cb+ctxApcs] != 0 && s[cb+ctxIrql] < irqlAPC }

// pushStageTwo pushes the stage two that some thread can take now, alone, where
// nobody can tell when it runs: for the most general client it only frees what
// belongs to a completed request. Whatever else can happen can happen after it
// too, and a driver that still touches the request is at fault before and after.
func (x *exec) pushStageTwo(s []byte, out *explore.Steps) bool {
	m := x.m
	if x.completionUnlocked() {
		return false
	}
	first := 0
	if m.cfg.App != nil {
		first = m.appThreads()
	}
	if c := m.interruptible(s, first); c >= 0 {
		return x.push1(s, out, explore.Action{Kind: KindAPC, Actor: uint8(c)})
	}
	return x.pushDequeue(s, out)
}

// interruptible is the lowest thread from first on that stage two can interrupt, -1 if
// there is none.
func (m *Model) interruptible(s []byte, first int) int {
	for c := first; c < m.threads; c++ {
		if cb := m.lay.ctxs.at(c); s[cb+ctxAlive] == aliveYes && takesAPC(s, cb) {
			return c
		}
	}
	return -1
}

// pushSystem pushes DPCs that start and timers that expire.
func (x *exec) pushSystem(s []byte, out *explore.Steps) bool {
	m := x.m
	busy := false
	if free := m.freeDPC(s); free >= 0 {
		for i := 0; i < maxQueued && val(s, hdrDPCs+4*i) != 0; i++ {
			busy = x.push1(s, out, explore.Action{Kind: KindDPC, Actor: uint8(free), Object: uint8(i)}) || busy
		}
	}
	if w := m.threads + m.lay.ctxs.dpcs.n; m.lay.ctxs.workers.n > 0 && s[m.lay.ctxs.at(w)+ctxAlive] == aliveNot {
		for f := range m.lay.files.n {
			if s[m.lay.files.at(f)+filPhase] == fileCleaned && !m.referenced(s, f) {
				busy = x.push1(s, out, explore.Action{Kind: KindLastRef, Actor: uint8(w), Object: uint8(f)}) || busy
			}
		}
	}
	if free := m.idle(s, m.lay.ctxs.firstPool(), m.lay.ctxs.firstSystem()); free >= 0 {
		for i := range m.lay.items.n {
			if s[m.lay.items.at(i)+itmQueued] != 0 {
				busy = x.push1(s, out, explore.Action{Kind: KindWork, Actor: uint8(free), Object: uint8(i)}) || busy
			}
		}
	}
	for i := 0; i < maxQueued && val(s, hdrTimers+4*i) != 0; i++ {
		if actor := x.expires(s, i); actor >= 0 {
			busy = x.push1(s, out, explore.Action{Kind: KindTimer, Actor: uint8(actor), Object: uint8(i)}) || busy
		}
	}
	if m.deletable(s) {
		busy = x.push1(s, out, explore.Action{Kind: KindDelete, Actor: uint8(m.lay.ctxs.n)}) || busy
	}
	return busy
}

// pushOtherProcess pushes what a second process does with free frames, where it
// and with the app's section, where it is explicit: it holds one frame at most,
// and always leaves one free for the app.
func (x *exec) pushOtherProcess(s []byte, out *explore.Steps) {
	m := x.m
	if m.cfg.Reduce.AnyFrame || m.cfg.App == nil {
		return
	}
	free, held := 0, -1
	for f := range m.lay.frames.n {
		b := m.lay.frames.at(f)
		if s[b+frmGiven] == frameOther || s[b+frmView]&viewOther != 0 {
			held = f
		} else if s[b+frmList] == listFree && f < m.poolFrames {
			free++
		}
	}
	if held >= 0 {
		x.push1(s, out, explore.Action{Kind: KindGive, Actor: uint8(m.lay.ctxs.n), Object: uint8(held)})
		return
	}
	for f := range m.lay.frames.n {
		b := m.lay.frames.at(f)
		if s[b+frmList] == listFree && (f >= m.poolFrames || free > 1) || s[b+frmView] == viewSection && s[b+frmShare] > 0 {
			x.push1(s, out, explore.Action{Kind: KindTake, Actor: uint8(m.lay.ctxs.n), Object: uint8(f)})
		}
	}
}

// otherProcess takes a frame of the free list, or maps a view of the app's
// section, or gives either back.
func (x *exec) otherProcess(f int, take bool) {
	b := x.m.lay.frames.at(f)
	switch {
	case !take:
		x.s[b+frmView] &^= viewOther
		x.unmapFrame(f)
		return
	case x.s[b+frmView] != 0:
		x.s[b+frmView] |= viewOther
		x.s[b+frmShare]++
		return
	}
	x.takeFrame(b)
	x.s[b+frmGiven] = frameOther
}

// freeDPC is the lowest context that can run a DPC, -1 when all processors do.
func (m *Model) freeDPC(s []byte) int {
	return m.idle(s, m.threads, m.lay.ctxs.firstWorker())
}

// idle is the lowest context from first to last-1 that does not exist, -1 if
// there is none.
func (m *Model) idle(s []byte, first, last int) int {
	for c := first; c < last; c++ {
		if s[m.lay.ctxs.at(c)+ctxAlive] == aliveNot {
			return c
		}
	}
	return -1
}

// push1 pushes every run of one action. False: it is not enabled.
func (x *exec) push1(s []byte, out *explore.Steps, a explore.Action) bool {
	var first opening
	if a.Kind < kindOther {
		if first = x.opening(s, int(a.Actor)); !first.ready {
			return false // which spares a target for those that wait
		}
	}
	x.firstWay()
	x.ways = x.ways[:0]
	base, any, from := a.Arg, false, out.Len()
	for n := uint32(0); ; n++ {
		a.Arg = base + n
		x.startIn(out.Push(a, s))
		x.first = first
		if x.perform(a.Kind, int(a.Actor), int(a.Object), base) {
			any = true
			x.lone.notes |= x.notes
			if len(x.script) > 0 && x.repeats(out, from) {
				out.Drop()
			} else {
				x.label(out)
			}
		} else {
			out.Drop()
		}
		if !x.next() {
			x.s = x.own
			return any
		}
	}
}

// label tells what the step that was pushed last did besides leading to a state.
func (x *exec) label(out *explore.Steps) {
	if x.notes != 0 {
		out.Note(x.notes)
	}
	if x.halted {
		out.Mark(Mark(StopKind(x.s[hdrStop]), int(x.s[hdrWhat])))
	}
}

// repeats says whether the step that was pushed last does what an earlier way to
// take it does, of those from the from-th on: a request that asks for what the driver
// does not look at is no other request.
func (x *exec) repeats(out *explore.Steps, from int) bool {
	way := xxhash.Sum64(x.s)
	for i, w := range x.ways {
		if _, to, notes := out.At(from + i); w == way && notes == x.notes && string(to) == string(x.s) {
			return true
		}
	}
	x.ways = append(x.ways, way)
	return false
}

// perform does one action on the state in x, and what follows from it at once; false
// when it cannot happen.
func (x *exec) perform(kind uint16, actor, object int, arg uint32) bool {
	if !x.act(kind, actor, object, arg) {
		return false
	}
	for !x.halted && x.endsRequest() {
	}
	return true
}

func (x *exec) act(kind uint16, actor, object int, arg uint32) bool {
	switch kind {
	case KindAPC:
		x.run(actor)
		if !x.deliverAPC() {
			return false
		}
		return x.halted || x.section(1, x.goesAlone(actor))
	case KindDPC:
		return x.runDPC(object, actor)
	case KindWork:
		x.startWork(object, actor)
		return x.halted || x.section(1, true)
	case KindTimer:
		x.base, x.ctx = 0, -1
		x.expire(object)
		if actor < x.m.lay.ctxs.n && !x.halted {
			return x.runDPC(x.lastDPC(), actor)
		}
	case KindIssue:
		x.run(actor)
		if x.m.asksLate() {
			return x.clientCalls(object)
		}
		if !x.clientIssue(int(arg>>variantShift), object) {
			return false
		}
		return x.halted || x.section(1, false)
	case KindCancel:
		x.run(actor)
		if !x.pushKernel(tableCancel, irpRef(object)) {
			return true
		}
		return x.section(0, false)
	case KindClose:
		x.run(actor)
		return !x.pushFile(fileH1, handleOf(object, 0)) || x.section(0, false)
	case KindOpen:
		x.run(actor)
		return !x.pushFile(fileO1, fileNumber(object)) || x.section(0, false)
	case KindLastRef:
		return x.deleteFile(object, actor)
	case KindTake, KindGive:
		x.base, x.ctx = 0, -1
		x.otherProcess(object, kind == KindTake)
	case KindTrim:
		x.base, x.ctx = 0, -1
		x.trim(object)
	case KindDequeue:
		x.run(actor)
		x.takeFirst()
		return x.halted || x.section(1, false)
	case KindQuiet:
		return x.judgeQuiet(object == quietPolls)
	case KindExit:
		x.run(actor)
		x.endThread(object)
		return x.halted || x.section(0, false)
	case KindTimeout:
		x.run(actor)
		x.jump(tableExit, exitTimeout)
		return x.section(0, false)
	case KindDelete:
		x.alone(tableExit, exitDelete)
	default:
		x.run(actor)
		return x.advance()
	}
	return true
}

// Inits is the number of initial states; InitState gives one of them, to be
// read only.
func (m *Model) Inits() int             { return len(m.inits) }
func (m *Model) InitState(i int) []byte { return m.inits[i] }

// StartsStopped says whether an initial state is a finding: DriverEntry or
// CREATE broke something.
func (m *Model) StartsStopped() bool {
	for _, s := range m.inits {
		if Stopped(s) {
			return true
		}
	}
	return false
}
