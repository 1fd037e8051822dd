package model

import (
	"github.com/ownercheck/ownercheck/model/program"
)

// Work items (14c) and system threads (14d): contexts of the system process.
// They exist in a state only where the driver uses them.
const (
	itmUsed    = 0
	itmQueued  = 1
	itmEx      = 2 // IoQueueWorkItemEx: the routine gets the item, too
	itmContext = 4 // Value
	itmRoutine = 8 // Value
	itmSize    = 12
)

// Fields of a system thread's block, where other contexts have their queue of
// APCs.
const (
	thrRefs   = ctxQueue     // references by pointer that the driver holds
	thrHandle = ctxQueue + 1 // the handle is open
)

// ClassSystem slots: single objects first, then those the driver references,
// then work items.
const (
	sysProcess    = 1
	sysHeap       = 2
	sysRegistry   = 3
	sysTypes      = 4 // what ExEventObjectType and its like point at
	sysCsqRoutine = 5 // the cancel routine of cancel-safe queues
	sysObjects    = 8
	sysItems      = 32
)

// queuesWork and startsThreads say whether the driver uses work items, threads.
func (m *Model) queuesWork() bool {
	return m.Calls("IoQueueWorkItem") || m.Calls("IoQueueWorkItemEx")
}
func (m *Model) startsThreads() bool { return m.Calls("PsCreateSystemThread") }

// systemContexts places workers and system threads.
func (m *Model) systemContexts(take func(size, n int) blocks) {
	words := m.deepest(program.Driver) + m.callbackNeed() + 3*kernelFrame
	size := ctxStack + 4*min(words, m.cfg.Bounds.Stack)
	workers, threads := 0, 0
	if m.queuesWork() {
		workers = m.cfg.Bounds.Workers
	}
	if m.startsThreads() {
		threads = m.cfg.Bounds.Kthreads
	}
	m.lay.ctxs.pool = take(size, workers)
	m.lay.ctxs.system = take(size, threads)
}

// systemObjects places work items and objects of the app.
func (m *Model) systemObjects(take func(size, n int) blocks) {
	if m.Calls("IoAllocateWorkItem") {
		m.lay.items = take(itmSize, min(m.cfg.Bounds.Records, slotMask+1-sysItems))
	}
	if m.Calls("ObReferenceObjectByHandle") {
		m.lay.objects = take(objSize, min(m.cfg.Bounds.Records, sysItems-sysObjects))
	}
}

func (m *Model) isWorker(ctx int) bool {
	return ctx >= m.lay.ctxs.firstPool() && ctx < m.lay.ctxs.firstSystem()
}
func (m *Model) isSystem(ctx int) bool { return ctx >= m.lay.ctxs.firstSystem() }

const (
	workI4 = iota
	workI5
)

func workSteps() []step {
	return []step{
		workI4: {name: "I4", fact: "14.22, 14.24", text: "call the work item's routine", run: (*exec).stepI4},
		workI5: {name: "I5", fact: "14.22, 14.25", text: "drop the device object's reference; the worker is free", mover: true, why: "a count that only Unload looks at; the routine's own level and locks", run: (*exec).stepI5},
	}
}

const threadH2 = 0

func threadSteps() []step {
	return []step{
		threadH2: {name: "H2", fact: "14.27", text: "the system thread ends; who waits for it goes on", run: (*exec).stepH2},
	}
}

// item gives the block of the work item a, judging that it is one.
func (x *exec) item(a Value) int {
	i := a.Slot() - sysItems
	switch {
	case a == 0:
		x.violate(invInitialised, CodeNull)
	case a.Class() != ClassSystem || i < 0 || i >= x.m.lay.items.n:
		x.unsupported(whatAPI)
	case a.stale():
		x.violate(invLifetime, CodeCE)
	default:
		return x.m.lay.items.at(i)
	}
	return 0
}

func workAPIs() map[string]*api {
	queue := func(ex byte) *api {
		return &api{run: result(func(x *exec, in *inst) Value {
			x.queueWork(in, ex)
			return 0
		})}
	}
	return map[string]*api{
		"IoAllocateWorkItem": {mover: local, run: result(allocateItem)},
		"IoQueueWorkItem":    queue(0),
		"IoQueueWorkItemEx":  queue(1),
		"IoFreeWorkItem": {run: result(func(x *exec, in *inst) Value {
			b := x.item(x.arg(in, 0))
			switch {
			case b == 0:
			case x.s[b+itmQueued] != 0:
				x.violate(invLifetime, CodeE4) // B71
			default:
				clear(x.s[b : b+itmSize])
				x.makeStale(1<<ClassSystem, x.arg(in, 0).Slot())
			}
			return 0
		})},
		"PsCreateSystemThread": {run: result(createSystemThread)},
		"PsTerminateSystemThread": {run: func(x *exec, in *inst) (Value, bool) {
			if !x.m.isSystem(x.ctx) {
				return x.m.valueOf(ntInvalidParameter), true
			}
			for x.base != 0 {
				x.pop()
			}
			x.endSystemThread()
			return 0, false
		}},
		"KeGetCurrentThread": {mover: local, run: result(func(x *exec, _ *inst) Value { return threadRef(x.ctx) })},
		"PsGetCurrentThread": {mover: local, run: result(func(x *exec, _ *inst) Value { return threadRef(x.ctx) })},
	}
}

func allocateItem(x *exec, in *inst) Value {
	if x.fails() {
		return 0
	}
	for i := range x.m.lay.items.n {
		b := x.m.lay.items.at(i)
		if x.s[b+itmUsed] == 0 {
			x.s[b+itmUsed] = 1
			return ref(ClassSystem, sysItems+i, 0, 0)
		}
	}
	x.capacity(boundItems)
	return 0
}

// queueWork is I2: an item that is on the queue must not be queued again (14.21).
func (x *exec) queueWork(in *inst, ex byte) {
	b := x.item(x.arg(in, 0))
	switch {
	case b == 0:
		return
	case x.s[b+itmQueued] != 0:
		x.violate(invLifetime, Code96)
		return
	}
	x.s[b+itmQueued], x.s[b+itmEx] = 1, ex
	put(x.s, b+itmRoutine, x.arg(in, 1))
	put(x.s, b+itmContext, x.arg(in, 3))
	x.share(x.arg(in, 3))
}

// startWork is I3: a worker takes the item off the queue. From now on the item
// may be queued again or freed.
func (x *exec) startWork(i, ctx int) {
	b := x.m.lay.items.at(i)
	x.run(ctx)
	x.s[b+itmQueued] = 0
	x.s[x.cb+ctxAlive] = aliveYes
	x.pushKernel(tableWork, ref(ClassSystem, sysItems+i, 0, 0))
}

func (x *exec) stepI4() {
	a := x.reg(k0)
	b := x.item(a)
	if b == 0 {
		return
	}
	f, ok := x.m.funcOf(val(x.s, b+itmRoutine), 0)
	if !ok {
		x.violate(invLifetime, CodeCE)
		return
	}
	args := [3]Value{ref(ClassDevice, 0, 0, 0), val(x.s, b+itmContext), 0}
	if x.s[b+itmEx] != 0 {
		args[2] = a
	}
	x.setReg(k0, 0)
	if x.m.cfg.Reduce.Dead && x.s[b+itmQueued] == 0 {
		x.s[b+itmEx] = 0
		put(x.s, b+itmRoutine, 0) // whoever queues it again says which
		put(x.s, b+itmContext, 0)
	}
	x.enter(x.m.routines[0][f], args[:], 0)
}

func (x *exec) stepI5() {
	x.checkReturn(irqlPassive)
	if !x.halted {
		clear(x.s[x.cb : x.cb+x.m.lay.ctxs.sizeOf(x.ctx)])
		x.base = 0
	}
}

// threadRef is the thread object of context c.
func threadRef(c int) Value { return ref(ClassCtx, c, 0, 0) }

// liveThread says whether the thread object a still exists.
func (x *exec) liveThread(a Value) bool {
	return !a.stale() && x.s[x.m.lay.ctxs.at(a.Slot())+ctxAlive] != aliveNot
}

// createSystemThread is H1. The thread can run from now on, but not before
// DriverEntry has returned.
func createSystemThread(x *exec, in *inst) Value {
	if x.fails() {
		return statusInsufficient
	}
	f, ok := x.m.funcOf(x.arg(in, 5), 0)
	if !ok {
		x.unsupported(whatIndirect)
		return 0
	}
	t := x.m.idle(x.s, x.m.lay.ctxs.firstSystem(), x.m.lay.ctxs.n)
	if t < 0 {
		x.capacity(boundThreads)
		return 0
	}
	start := x.arg(in, 6)
	x.store(x.arg(in, 0), 8, ref(ClassHandle, t, 0, handleKernel))
	if x.halted {
		return 0
	}
	x.share(start)
	me := x.ctx
	x.run(t)
	x.s[x.cb+ctxAlive] = aliveYes
	x.s[x.cb+thrHandle] = 1
	args := [1]Value{start}
	x.enter(x.m.routines[0][f], args[:], 0)
	if !x.halted {
		x.run(me)
	}
	return num(ntSuccess)
}

// endSystemThread is reached when the thread has no frame left.
func (x *exec) endSystemThread() { x.pushKernel(tableThread, 0) }

func (x *exec) stepH2() {
	x.checkReturn(irqlPassive)
	if x.halted {
		return
	}
	x.pop()
	t := threadRef(x.ctx)
	keep := [2]byte(x.s[x.cb+thrRefs : x.cb+thrRefs+2])
	clear(x.s[x.cb : x.cb+x.m.lay.ctxs.sizeOf(x.ctx)])
	copy(x.s[x.cb+thrRefs:], keep[:])
	x.s[x.cb+ctxAlive] = aliveDone
	x.wake(t)
	x.dropThread(x.ctx)
}

// dropThread frees the thread object when the thread has ended and nothing names
// it any more.
func (x *exec) dropThread(c int) {
	cb := x.m.lay.ctxs.at(c)
	if x.s[cb+ctxAlive] == aliveDone && x.s[cb+thrRefs] == 0 && x.s[cb+thrHandle] == 0 {
		clear(x.s[cb : cb+x.m.lay.ctxs.sizeOf(c)])
		x.makeStale(1<<ClassCtx, c)
	}
}

// starvedWork judges a quiescent state in which a work item waits for a worker:
// all of them wait for something that only other work could do (14.26).
func (x *exec) starvedWork() bool {
	for i := range x.m.lay.items.n {
		if x.s[x.m.lay.items.at(i)+itmQueued] == 0 {
			continue
		}
		if x.m.lay.ctxs.pool.n < 2 {
			x.capacity(boundWorkers)
		} else {
			x.violate(invLocks, CodeDeadlock)
		}
		return true
	}
	return false
}
