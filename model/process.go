package model

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model/program"
)

// The process of the app (or of the most general client), from its first thread
// to the deletion of its process object. A second process is never looked into:
// it takes page frames, and with an app it may send requests of its own.

// Values of prcPhase.
const (
	procRuns    = iota
	procExiting // no new thread starts; the last one is on its way
	procCleaned // the address space is empty (T7')
	procEnded   // all threads have ended (T9')
	procDeleted // the process object is gone (T10)
)

// Values of mdlProcess, and what processOf gives.
const (
	processNone  = iota
	processApp   // the app's
	processOther // the second one
	processGone  // the app's, after its process object was deleted
)

func (x *exec) process(off int) byte       { return x.s[x.m.lay.procs.off+off] }
func (x *exec) setProcess(off int, v byte) { x.s[x.m.lay.procs.off+off] = v }

// second says whether another process sends requests: with an app, and where the
// bounds say so. It has one thread, after those of the app.
func (m *Model) second() bool { return m.cfg.App != nil && m.cfg.Bounds.Processes > 1 }

// appThreads is the number of contexts for threads of the app's process; they
// come first.
func (m *Model) appThreads() int { return m.cfg.Bounds.Threads }

func (m *Model) processOf(ctx int) byte {
	if ctx >= m.appThreads() {
		return processOther
	}
	return processApp
}

// ownProcess says whether the request at b was issued by the running context's
// process.
func (x *exec) ownProcess(b int) bool {
	t := int(x.s[b+irpThread])
	return t != 0 && x.m.processOf(t-1) == x.m.processOf(x.ctx)
}

// lazily says whether the kernel step that runs next looks at no memory that
// another context could change: the most general client chooses at each access,
// and requests of the second process have no buffers.
func (x *exec) lazily() bool {
	if x.m.cfg.App == nil {
		return true
	}
	a := x.reg(k0)
	return a.Class() == ClassIrp && val(x.s, x.irp(a.Slot())+irpOver).Class() == ClassLazy
}

// currentProcess says whether user address a belongs to the process that runs:
// the requester's, which is not that of a request whose process has ended.
func (x *exec) currentProcess(a Value) bool {
	if a.Class() == ClassKernel {
		return true
	}
	if a.Class() != ClassLazy {
		return x.m.processOf(x.ctx) == processApp
	}
	t := int(x.s[x.irp(a.Slot())+irpThread])
	return t != 0 && x.m.processOf(t-1) == x.m.processOf(x.ctx)
}

// exitAPIs end threads and the process.
func exitAPIs() map[string]*api {
	end := func(f func(*exec)) *api {
		return &api{run: func(x *exec, _ *inst) (Value, bool) { f(x); return 0, false }}
	}
	self := ref(ClassSystem, 1, 0, 0)
	return map[string]*api{
		"ExitProcess":       end((*exec).exitProcess),
		"exit":              end((*exec).exitProcess),
		"GetCurrentProcess": {mover: local, run: result(func(*exec, *inst) Value { return self })},
		"OpenProcess":       {mover: local, run: result(func(*exec, *inst) Value { return ref(ClassHandle, handleProcess, 0, 0) })},
		"TerminateProcess": {run: func(x *exec, in *inst) (Value, bool) {
			if x.arg(in, 0) != self {
				x.unsupported(whatAPI) // another process
				return 0, true
			}
			x.exitProcess()
			return 0, false
		}},
		"TerminateThread": {run: func(x *exec, in *inst) (Value, bool) {
			h := x.arg(in, 0)
			t := h.Slot() - handleThread
			switch {
			case h.Class() != ClassHandle || t < 0 || t >= x.m.appThreads():
				put(x.s, x.cb+ctxLast, num(winInvalidHandle))
				return 0, true
			case t == x.ctx:
				x.beginExit()
				return 0, false
			}
			x.ask(t)
			return num(1), true
		}},
	}
}

// exitProcess is ExitProcess, TerminateProcess of the own process, and the end
// of main.
func (x *exec) exitProcess() {
	x.killProcess()
	x.beginExit()
}

// killProcess asks every other thread to end. Each notices on its way back to
// user mode, or in a wait there (4.26, 24.10).
func (x *exec) killProcess() {
	x.setProcess(prcPhase, procExiting)
	for t := range x.m.appThreads() {
		if t != x.ctx {
			x.ask(t)
		}
	}
}

func (x *exec) ask(t int) {
	b := x.m.lay.ctxs.at(t)
	if x.s[b+ctxAlive] == aliveYes && x.s[b+ctxDying] == dyingNot {
		x.s[b+ctxDying] = dyingAsked
	}
}

// notices says whether the thread whose block is at cb has been asked to end and
// is where it can notice: in user mode.
func (m *Model) notices(s []byte, cb int) bool {
	if s[cb+ctxAlive] != aliveYes || s[cb+ctxDying] != dyingAsked {
		return false
	}
	return s[cb+ctxBase] == 0 || m.inUser(s, cb) && m.topPC(s, cb) != m.kernelCode+m.tableStart[tableExit]+exitT1
}

func (m *Model) topPC(s []byte, cb int) int {
	return u16(s, cb+ctxStack+4*(int(s[cb+ctxBase])-1)+framePC)
}

// inUser says whether the context whose block is at cb runs code of the app, or
// of the API around a system call, and when it goes on does what the app chose: a
// step runs on from there into the kernel up to the first thing that others could
// see, and what a context has done when it rests there is nothing yet.
func (m *Model) inUser(s []byte, cb int) bool {
	pc := m.topPC(s, cb)
	if r := m.routineAt(pc); r != nil {
		return r.side == program.App
	}
	regs := cb + ctxStack + 4*(int(s[cb+ctxBase])-1) + frameRegs
	switch pc - m.kernelCode {
	case m.tableStart[tableIssue] + issueM1:
		return m.cfg.App != nil
	case m.tableStart[tableIssue] + issueA2:
		return m.cfg.App != nil && !isTransfer(s[m.lay.irps.at(val(s, regs+4*k0).Slot())+irpMajor])
	case m.tableStart[tableIssue] + issueA3:
		return m.cfg.App != nil && isTransfer(s[m.lay.irps.at(val(s, regs+4*k0).Slot())+irpMajor])
	case m.tableStart[tableCancelAll] + cancelAllNext:
		return val(s, regs+4*k0) == 0
	case m.tableStart[tableExit] + exitT1:
		return m.cfg.App != nil
	}
	return m.inTable(pc, tableCall)
}

func isTransfer(major byte) bool { return major == irpMjRead || major == irpMjWrite }

// Objects of KindExit: why a thread ends.
const (
	exitNoticed = iota // it notices that it was asked to
	exitThread         // a thread of the most general client ends
	exitKilled         // the most general client's process is killed; this thread notices first
)

// pushExits pushes how idle thread t of the most general client may end. A kill
// is chosen where a thread can notice it. An end of a thread without requests
// changes nothing that anybody could see, and a driver cannot tell a kill from
// the ends of all threads: what is special in it is the end of the address space,
// and that only where pages stay locked without a request on a list.
func (x *exec) pushExits(s []byte, t int, out *explore.Steps) {
	m := x.m
	if !m.cfg.Actions.Kill || s[m.lay.procs.off+prcPhase] != procRuns {
		return
	}
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		if s[b+irpListed] != 0 && int(s[b+irpThread]) == t+1 {
			x.push1(s, out, explore.Action{Kind: KindExit, Actor: uint8(t), Object: exitThread})
			break
		}
	}
	if m.locksUnlisted(s) {
		x.push1(s, out, explore.Action{Kind: KindExit, Actor: uint8(t), Object: exitKilled})
	}
}

// locksUnlisted says whether pages of the app's process can stay locked though
// no thread has a request on its list: for a request that was disassociated, or
// that is on its file object's list (19.7), or by an MDL of the driver's own.
func (m *Model) locksUnlisted(s []byte) bool {
	for i := range m.lay.mdls.n {
		b := m.lay.mdls.at(i)
		if s[b+mdlProcess] != processApp {
			continue
		}
		if irp := int(s[b+mdlIrp]) - 1; irp < 0 || s[m.lay.irps.at(irp)+irpThread] == 0 || s[m.lay.irps.at(irp)+irpFlags]&flagFileList != 0 {
			return true
		}
	}
	return false
}

// endThread begins the exit of the running thread. A request that it was about to
// make is none.
func (x *exec) endThread(why int) {
	if x.base != 0 && x.m.inTable(x.pc(), tableIssue) {
		i := x.request()
		x.freeIrp(i)
		if i < x.m.lay.apcs.n {
			put(x.s, x.m.lay.apcs.at(i), 0)
		}
	}
	if why == exitKilled {
		x.killProcess()
	}
	x.beginExit()
}

// alone runs one kernel step that belongs to no thread.
func (x *exec) alone(table, i int) {
	x.base, x.ctx, x.system = 0, -1, true
	x.at = x.m.kernelCode + x.m.tableStart[table] + i
	if x.log != nil {
		x.log.at(x, x.at)
	}
	if st := &x.m.steps[x.at-x.m.kernelCode]; !st.skip {
		st.run(x)
	}
}

// closePorts closes all ports of the process.
func (x *exec) closePorts() {
	for i := range x.m.lay.ports.n {
		if p := x.m.lay.ports.at(i); x.s[p+prtState] == portOpen {
			x.closePort(p)
		}
	}
}

// cleanAddressSpace removes every range, the heap and the pages of static
// variables. A frame that an MDL holds locked goes on no list. What the static
// variables and events were last stays in the state, for properties to ask.
func (x *exec) cleanAddressSpace() {
	x.setProcess(prcPhase, procCleaned)
	x.notes |= NoteTeardown
	if x.m.cfg.App == nil {
		return
	}
	for r := range x.m.lay.ranges.n {
		b := x.m.lay.ranges.at(r)
		if x.s[b+rngUsed] == 0 {
			continue
		}
		x.giveUp(ref(ClassVirtual, r, 0, 0), 0, 0)
		x.unmapFrame(int(x.s[b+rngFrame]) - 1)
		clear(x.s[b : b+rngSize])
	}
	for i := range x.m.lay.heaps.n {
		b := x.m.lay.heaps.at(i)
		x.giveUp(ref(ClassHeap, i, 0, 0), 0, 0)
		clear(x.s[b : b+x.m.lay.heaps.size])
	}
	x.giveUp(ref(ClassUGlobal, 0, 0, 0), 0, 0)
	x.unmapFrame(x.m.heapFrame())
}

// stackFrame is the frame behind the stack of a thread, heapFrame the one behind
// the heap and the static variables.
func (m *Model) stackFrame(thread int) int { return m.poolFrames + thread }
func (m *Model) heapFrame() int            { return m.poolFrames + m.threads }

// fixedMapped says whether an address on a stack, in the heap or among the static
// variables is mapped.
func (m *Model) fixedMapped(s []byte, a Value) bool {
	f := m.heapFrame()
	if a.Class() == ClassUStack {
		if s[m.lay.ctxs.at(a.Slot())+ctxAlive] != aliveYes {
			return false
		}
		f = m.stackFrame(a.Slot())
	}
	b := m.lay.frames.at(f)
	return s[b+frmShare] != 0 && s[b+frmGiven] == 0
}

// countLocked counts the page of the MDL at b in or out of the process that
// locked it (1.42, 5.4). An MDL names that process by a bare pointer (K8).
func (x *exec) countLocked(b int, by int) {
	switch x.s[b+mdlProcess] {
	case processApp:
		n := int(x.process(prcLocked)) + by
		if n < 0 {
			x.violate(invLockBalance, Code76)
			return
		}
		x.setProcess(prcLocked, byte(n))
	case processGone:
		x.violate(invFreedProcess, CodeProcess)
	}
}

// deletable says whether nothing refers to the process object any more: nothing
// counts a reference on it but locked MDLs, and those only if K8 says so.
func (m *Model) deletable(s []byte) bool {
	return s[m.lay.procs.off+prcPhase] == procEnded &&
		(!m.cfg.Knobs.MdlProcessRef || s[m.lay.procs.off+prcLocked] == 0)
}

// stepDelete ends the process object. The most general client then has another
// process.
func (x *exec) stepDelete() {
	x.notes |= NoteTeardown
	if x.process(prcLocked) != 0 && !x.m.cfg.Knobs.TeardownIgnore {
		x.violate(invNoneLocked, Code76Exit)
		return
	}
	for i := range x.m.lay.mdls.n {
		if b := x.mdl(i); x.s[b+mdlProcess] == processApp {
			x.s[b+mdlProcess] = processGone
		}
	}
	x.setProcess(prcLocked, 0)
	x.setProcess(prcPhase, procDeleted)
	if x.m.cfg.App != nil {
		return
	}
	x.setProcess(prcPhase, procRuns)
	for t := range x.m.appThreads() {
		x.s[x.m.lay.ctxs.at(t)+ctxAlive] = aliveYes
	}
}
