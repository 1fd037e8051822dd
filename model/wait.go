package model

import (
	"strings"

	"github.com/ownercheck/ownercheck/model/program"
)

// Waits for dispatcher objects (14e): events, semaphores, timers, mutexes,
// threads. What an object is, the shape of the memory says that it lies in: our
// headers give each its own fields.
//
//	KEVENT      Signal, Type: 0 a notification event, 1 a synchronisation event
//	KSEMAPHORE  Count, Limit
//	KTIMER      State, Period, Dpc, Signal: bit 0 the signal, bit 1 a synchronisation timer
//	KMUTANT     Count: 1 is free; Owner
type dispatcher uint8

const (
	objNone dispatcher = iota
	objEvent
	objSemaphore
	objTimer
	objMutex
	objThread
)

// dispatcherFields are the names of an object's first two fields.
var dispatcherFields = map[[2]string]dispatcher{
	{"Signal", "Type"}: objEvent, {"Count", "Limit"}: objSemaphore,
	{"State", "Period"}: objTimer, {"Count", "MutantOwner"}: objMutex,
}

// dispatchers finds the dispatcher objects in each layout, by cell.
func (m *Model) findDispatchers() {
	m.dispatchers = map[*program.Layout][]dispatcher{}
	last := func(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
	for _, l := range append([]*program.Layout{m.globals.layout}, m.cfg.Driver.Layouts...) {
		kinds := make([]dispatcher, len(l.Cells))
		for i := range l.Cells[:max(len(l.Cells)-1, 0)] {
			kinds[i] = dispatcherFields[[2]string{last(l.Cells[i].Name), last(l.Cells[i+1].Name)}]
		}
		m.dispatchers[l] = kinds
	}
}

// object says what dispatcher object is at a.
func (x *exec) object(a Value) dispatcher {
	if a.Class() == ClassCtx && a.Offset() == 0 {
		return objThread
	}
	p, ok := x.peek(a, 4)
	if !ok || p.layout == nil {
		return objNone
	}
	kinds := x.m.dispatchers[p.layout]
	if i := p.layout.CellAt(int32(p.pos)); i >= 0 && i < len(kinds) {
		return kinds[i]
	}
	return objNone
}

// cellOf reads a cell of an object without judging the access.
func (x *exec) cellOf(a Value, off int) Value {
	if p, ok := x.peek(a.plus(off), 4); ok {
		return x.seen(p.off)
	}
	return 0
}

// isSet says whether a wait of context c for the object at a is satisfied now.
func (x *exec) isSet(kind dispatcher, a Value, c int) bool {
	switch kind {
	case objEvent, objSemaphore:
		return x.cellOf(a, 0) != 0
	case objTimer:
		return x.cellOf(a, timerSignal)&1 != 0
	case objMutex:
		owner := x.cellOf(a, 8)
		return x.cellOf(a, 0) == num(1) || owner.Class() == ClassCtx && owner.Slot() == c
	case objThread:
		return x.s[x.m.lay.ctxs.at(a.Slot())+ctxAlive] == aliveDone
	}
	return true
}

// consumed says whether the end of a wait changes the object.
func (x *exec) consumed(kind dispatcher, a Value) bool {
	switch kind {
	case objEvent:
		return x.cellOf(a, 4) == num(1)
	case objTimer:
		return x.cellOf(a, timerSignal)&2 != 0
	}
	return kind == objSemaphore || kind == objMutex
}

// take is what a satisfied wait of context c does to the object.
func (x *exec) take(kind dispatcher, a Value, c int) {
	switch kind {
	case objEvent:
		if x.cellOf(a, 4) == num(1) {
			x.store(a, 4, 0)
		}
	case objSemaphore:
		x.addCount(a, 4, -1, x.m.cfg.Bounds.Requests+1)
	case objTimer:
		if v := x.cellOf(a, timerSignal); v&2 != 0 {
			x.store(a.plus(timerSignal), 4, num(2))
		}
	case objMutex:
		n, _ := x.cellOf(a, 0).small()
		x.store(a, 4, num(n-1))
		x.store(a.plus(8), 8, ref(ClassCtx, c, 0, 0))
	}
}

// addCount changes a count that nothing but its being zero matters of. From top
// on it is not counted: then it means "so many or more", and going down may leave
// it there. A program that counts without end would have states without end
// otherwise. A count that is never that high is exact.
func (x *exec) addCount(a Value, size, by, top int) int {
	n, ok := x.cellOf(a, 0).small()
	switch {
	case !ok:
		x.unsupported(whatAccess)
		return 0
	case by > 0:
		by = max(min(by, top-n), 0)
	case n == top && by < 0 && x.choose(2) == 1:
		by = 0
	}
	x.store(a, size, num(n+by))
	return n + by
}

// A wait is a kernel frame: k0 is the object, or the array of objects; k1 is how
// far it is, k2 what was asked for.
const (
	waitStarts = iota
	waitBlocked
	waitReleased

	waitTimeout = 1 // it may time out
	waitUser    = 2 // it may be interrupted
	waitPoll    = 4 // the timeout is zero
	waitAll     = 8
	waitCount   = 4 // shift: how many objects; 0: k0 is the object
)

const (
	waitV1 = iota
	waitV3
)

func waitSteps() []step {
	return []step{
		waitV1: {name: "V1", fact: "14.32", text: "take the object if it is signalled, else block (V2)", mover: true, why: "a semaphore that one context alone takes: to block and be released is to find it released", moves: (*exec).moveV1, run: (*exec).stepV1},
		waitV3: {name: "V3", fact: "14.32, 14.33", text: "the wait ends", mover: true, why: "a wait that was released takes its own result and goes on", moves: (*exec).moveV3, ready: (*exec).blockOver, run: (*exec).stepV3},
	}
}

// maxWaits is how many objects one call can wait for.
const maxWaits = 8

// waitSingle is KeWaitForSingleObject(Object, Reason, Mode, Alertable, Timeout).
func waitSingle(x *exec, in *inst) (Value, bool) {
	x.beginWait(x.arg(in, 0), x.waitOptions(in, 2))
	return 0, false
}

// waitMultiple is KeWaitForMultipleObjects(Count, Objects, Type, Reason, Mode, ...).
func waitMultiple(x *exec, in *inst) (Value, bool) {
	n, ok := x.arg(in, 0).small()
	kind, ok2 := x.arg(in, 2).small()
	if !ok || !ok2 || n < 1 || n > maxWaits {
		x.unsupported(whatWait)
		return 0, false
	}
	opts := n << waitCount
	if kind == 0 {
		opts |= waitAll // WaitAll is 0, WaitAny 1
	}
	x.beginWait(x.arg(in, 1), opts|x.waitOptions(in, 4))
	return 0, false
}

// waitOptions reads mode, alertable and timeout, and judges the level: only a
// wait that cannot block is allowed at DISPATCH_LEVEL (13.7, 13.9).
func (x *exec) waitOptions(in *inst, mode int) int {
	opts := 0
	if timeout := x.arg(in, mode+2); timeout != 0 {
		opts = waitTimeout
		if x.load(timeout, 8) == 0 {
			opts = waitPoll
		}
	}
	if opts != waitPoll && !x.halted && x.s[x.cb+ctxIrql] >= irqlDispatch {
		x.violate(invIrql, CodeB8)
	}
	if x.m.isThread(x.ctx) && (x.arg(in, mode) != 0 || x.arg(in, mode+1) != 0) {
		opts |= waitUser
	}
	return opts
}

// waitMover: a call begins a wait and looks at nothing but its timeout.
func waitMover(mode int) func(*exec, *inst) mover {
	return func(x *exec, in *inst) mover {
		if timeout := x.arg(in, mode+2); timeout != 0 {
			return x.accessMover(timeout)
		}
		return pushes(x, in)
	}
}

func (x *exec) beginWait(a Value, opts int) {
	if !x.halted && x.pushKernel(tableWait, a) {
		x.setReg(k2, num(opts))
	}
}

// moveV1: for whom it is counted nobody can tell, unless another context takes from
// the semaphore, too, or somebody looks at what it was at a release.
func (x *exec) moveV1() mover {
	a := x.reg(k0)
	if x.reg(k2) != 0 || x.object(a) != objSemaphore || x.m.readsCounts {
		return moverNone
	}
	c := x.m.lockCell(a)
	if limit, _ := x.cellOf(a, 4).small(); c < 0 || limit != 0 && limit <= exactLimit || x.m.assume.open[2*x.m.classCount+c] {
		return moverNone
	}
	return moverBoth
}

// takes tells who is about to take from the semaphore at a.
func (x *exec) takes(a Value) {
	if c := x.m.lockCell(a); c >= 0 && !x.boot && x.object(a) == objSemaphore {
		x.m.learn.held[2*x.m.classCount+c].And(1 << x.ctx)
	}
}

// stepV1 looks at the object. Where it is not signalled the context is blocked
// from now on: a signal releases it, even one that is taken back at once.
func (x *exec) stepV1() {
	x.usesNoMore()
	i := x.satisfied(x.base, x.ctx)
	opts, _ := x.reg(k2).small()
	switch {
	case x.halted:
	case i >= 0:
		x.takeAll(x.base, i, x.ctx)
		if !x.halted {
			x.kernelReturn(num(i))
		}
	case opts&waitPoll != 0:
		x.kernelReturn(num(ntTimeout))
	default:
		x.setReg(k1, num(waitBlocked))
	}
}

func (x *exec) blockOver() bool {
	opts, _ := x.reg(k2).small()
	return x.reg(k1) == num(waitReleased) || opts&(waitTimeout|waitUser) != 0
}

// moveV3: until it is released, a wait that ends does so for want of a signal.
func (x *exec) moveV3() mover {
	if x.reg(k1) == num(waitReleased) {
		return moverBoth
	}
	return moverNone
}

func (x *exec) stepV3() {
	opts, _ := x.reg(k2).small()
	switch {
	case x.reg(k1) == num(waitReleased):
		x.kernelReturn(x.reg(kResult))
	case opts&waitTimeout == 0 || opts&waitUser != 0 && x.choose(2) == 1:
		x.kernelReturn(num(ntUserAPC))
	default:
		x.kernelReturn(num(ntTimeout))
	}
}

// waitObject gives the i-th object that the wait in the frame at base is for.
func (x *exec) waitObject(base, i int) (a Value, more bool) {
	k := val(x.s, base+frameRegs+4*k0)
	opts, _ := val(x.s, base+frameRegs+4*k2).small()
	n := opts >> waitCount
	if n == 0 {
		return k, i == 0
	}
	if i >= n {
		return 0, false
	}
	if p, ok := x.peek(k.plus(8*i), 8); ok {
		return val(x.s, p.off), true
	}
	return 0, true
}

// satisfied gives which object satisfies the wait of context c in the frame at
// base: 0 for all of them, -1 for none. Several that are signalled satisfy it in
// any order.
func (x *exec) satisfied(base, c int) int {
	opts, _ := val(x.s, base+frameRegs+4*k2).small()
	var set [maxWaits]int
	n, all := 0, 0
	for i := 0; ; i++ {
		a, more := x.waitObject(base, i)
		if !more {
			break
		}
		if base == x.base {
			x.takes(a)
		}
		kind := x.object(a)
		if base == x.base && !x.judgeWait(kind, a) {
			return -1
		}
		if x.isSet(kind, a, c) {
			set[n] = i
			n++
		}
		all++
	}
	switch {
	case opts&waitAll != 0 && opts>>waitCount != 0:
		if n < all {
			return -1
		}
		return 0
	case n == 0:
		return -1
	}
	return set[x.choose(n)]
}

// judgeWait judges the object that the running context is about to wait for.
func (x *exec) judgeWait(kind dispatcher, a Value) bool {
	switch {
	case kind == objThread && !x.liveThread(a):
		x.violate(invLifetime, CodeUAF)
	case kind == objThread && a.Slot() == x.ctx:
		x.violate(invLocks, CodeDeadlock)
	case kind == objNone && a.Class() != ClassSystem && a.Class() != ClassHandle:
		x.load(a, 4) // says what is wrong with the address, if it does
		if !x.halted {
			x.unsupported(whatWait)
		}
	case kind == objNone:
		x.unsupported(whatWait)
	case kind != objThread:
		x.load(a, 4)
	}
	return !x.halted
}

// takeAll does what the end of a wait does to its objects.
func (x *exec) takeAll(base, i, c int) {
	opts, _ := val(x.s, base+frameRegs+4*k2).small()
	if opts&waitAll == 0 || opts>>waitCount == 0 {
		a, _ := x.waitObject(base, i)
		x.take(x.object(a), a, c)
		return
	}
	for i := 0; ; i++ {
		a, more := x.waitObject(base, i)
		if !more {
			return
		}
		x.take(x.object(a), a, c)
	}
}

// wake releases the waits that the object at a, which was just signalled, can
// satisfy: all of a notification event's, one of a synchronisation event's
// (14.30). Which one is not said, so any can be.
func (x *exec) wake(a Value) {
	kind := x.object(a)
	for !x.halted {
		var who [maxSlots]int
		n := 0
		for c := range x.m.lay.ctxs.n {
			if base := x.blockedOn(c, a); base != 0 && x.isSet(kind, a, c) && x.satisfied(base, c) >= 0 {
				who[n] = c
				n++
			}
		}
		if n == 0 {
			return
		}
		if !x.consumed(kind, a) {
			n = 1 // all are released, in whatever order
		}
		c := who[x.choose(n)]
		base := x.blockedOn(c, a)
		i := x.satisfied(base, c)
		x.takeAll(base, i, c)
		if x.halted {
			return
		}
		put(x.s, base+frameRegs+4*k1, num(waitReleased))
		put(x.s, base+frameRegs+4*kResult, num(i))
		put(x.s, base+frameRegs+4*k0, 0)
	}
}

// blockedOn gives the frame of the wait in which context c is blocked for the
// object at a, 0 if it is not.
func (x *exec) blockedOn(c int, a Value) int {
	cb := x.m.lay.ctxs.at(c)
	for base := range frames(x.s, cb) {
		if x.m.inTable(u16(x.s, base+framePC), tableWait) && val(x.s, base+frameRegs+4*k1) == num(waitBlocked) {
			for i := 0; ; i++ {
				b, more := x.waitObject(base, i)
				if !more {
					break
				}
				if b == a {
					return base
				}
			}
		}
	}
	return 0
}
