package model

import "github.com/ownercheck/ownercheck/model/program"

// User APCs (19.14, 2.32): a queue for each thread that is served only while the
// thread waits alertably. The end of a request that ReadFileEx or WriteFileEx
// issued is one, kept in the request itself, and QueueUserAPC makes others. The
// queue is part of a state only if the app can fill it.
const (
	uapcCount   = 0
	uapcEntries = 4
	uapcEntry   = 8 // two Values: the request, or the routine and its argument
	maxUserAPCs = 4 // capacity
	uapcSize    = uapcEntries + uapcEntry*maxUserAPCs
)

// Alertable waits. The wait itself is a node of the app; the routines run in this
// frame, one after the other, and then the wait is over.
const (
	alertU1 = iota
	alertEnd
)

func alertSteps() []step {
	return []step{
		alertU1:  {name: "U1", fact: "19.14", text: "take the first user APC, free its IRP, call its routine", run: (*exec).stepU1},
		alertEnd: {name: "U2", fact: "14.33, 19.14", text: "the alertable wait ends with WAIT_IO_COMPLETION", mover: true, why: "the caller's own thread", run: func(x *exec) { x.kernelReturn(num(waitIoCompletion)) }},
	}
}

const waitIoCompletion = 0xC0

// currentThread is the pseudo handle of the thread that uses it.
var currentThread = num(-2)

func userAPCs() map[string]*api {
	return map[string]*api{
		"GetCurrentThread":      {mover: local, run: result(func(*exec, *inst) Value { return currentThread })},
		"QueueUserAPC":          {run: result(queueUserAPC)},
		"ReadFileEx":            {mover: local, run: transferEx(irpMjRead)},
		"WriteFileEx":           {mover: local, run: transferEx(irpMjWrite)},
		"SleepEx":               {ready: func(x *exec, in *inst) bool { return x.alertReady(in, 0, 1) }, run: sleepEx},
		"WaitForSingleObjectEx": {ready: func(x *exec, in *inst) bool { return x.signalled(x.arg(in, 0)) || x.alertReady(in, 1, 2) }, run: waitForSingleObjectEx},
	}
}

// usesUserAPCs says whether the app can have a user APC queued.
func (m *Model) usesUserAPCs() bool {
	return m.appCalls("QueueUserAPC") > 0 || m.appCalls("ReadFileEx") > 0 || m.appCalls("WriteFileEx") > 0
}

// appCalls counts the calls of api in the app's C.
func (m *Model) appCalls(api string) int {
	n := 0
	for i := range m.code {
		if in := &m.code[i]; in.r.side == program.App && in.n.Op == program.OpAPI && in.n.API == api {
			n++
		}
	}
	return n
}

// userAPCsOf is the queue of thread t, 0 if the app has none.
func (m *Model) userAPCsOf(t int) int {
	if t >= m.lay.uapcs.n {
		return 0
	}
	return m.lay.uapcs.at(t)
}

// userAPCWaits says whether a user APC of the running thread waits.
func (x *exec) userAPCWaits() bool {
	q := x.m.userAPCsOf(x.ctx)
	return q != 0 && x.s[q+uapcCount] != 0
}

// alertReady: the wait may time out, or a user APC ends it.
func (x *exec) alertReady(in *inst, time, alertable int) bool {
	if n, ok := x.m.number(x.arg(in, time)); !ok || uint32(n) != infinite {
		return true
	}
	return x.arg(in, alertable) != 0 && x.userAPCWaits()
}

const infinite = 0xFFFFFFFF

func sleepEx(x *exec, in *inst) (Value, bool) {
	if x.arg(in, 1) == 0 || !x.userAPCWaits() {
		return 0, true
	}
	x.pushKernel(tableAlert, 0)
	return 0, false
}

// waitForSingleObjectEx ends with the object or with the user APC, whichever came
// first: if both are there, either way.
func waitForSingleObjectEx(x *exec, in *inst) (Value, bool) {
	apc := x.arg(in, 2) != 0 && x.userAPCWaits()
	if apc && x.signalled(x.arg(in, 0)) {
		apc = x.choose(2) == 1
	}
	if !apc {
		return waitForSingleObject(x, in), true
	}
	x.pushKernel(tableAlert, 0)
	return 0, false
}

// transferEx starts the issue path for a READ or WRITE that ends with a user APC.
// Its OVERLAPPED's event is the caller's to use. A synchronous file object, and
// one that is bound to a port, refuse it (1.7, 12.5).
func transferEx(major byte) func(*exec, *inst) (Value, bool) {
	return func(x *exec, in *inst) (Value, bool) {
		h, buf, over, routine := x.arg(in, 0), x.arg(in, 1), x.arg(in, 3), x.arg(in, 4)
		n, ok := x.known(in, 2)
		if !ok {
			return 0, true
		}
		if _, ok := x.m.funcOf(routine, program.App); !ok {
			x.unsupported(whatIndirect)
			return 0, true
		}
		if f, ok := x.fileArg(h); ok && (over == 0 || x.boundPort(f) != 0 || x.s[f+filFlags]&fileSync != 0) {
			return x.apiFails(winInvalidParameter), true
		}
		offset := x.overlappedOffset(over)
		b, over, first := x.startCall(h, 0, over)
		if b == 0 {
			return 0, true
		}
		x.pushCall(callEx, 0, over, h)
		if x.halted {
			return 0, false
		}
		x.fillReadWrite(b, major, n, buf, over, offset)
		x.s[b+irpEvent] = 0
		put(x.s, x.m.lay.apcs.at(x.slotOf(b)), routine)
		x.issue(b, h, first)
		return 0, false
	}
}

// queueUserAPC queues a call of a routine of the app to a thread that has not
// ended.
func queueUserAPC(x *exec, in *inst) Value {
	f, h := x.arg(in, 0), x.arg(in, 1)
	t := h.Slot() - handleThread
	if _, ok := x.m.funcOf(f, program.App); !ok {
		x.unsupported(whatIndirect)
		return 0
	}
	if h == currentThread {
		t = x.ctx
	} else if h.Class() != ClassHandle || t < 0 || t >= x.m.threads {
		put(x.s, x.cb+ctxLast, num(winInvalidHandle))
		return 0
	}
	if x.s[x.m.lay.ctxs.at(t)+ctxAlive] != aliveYes {
		put(x.s, x.cb+ctxLast, num(winGenFailure))
		return 0
	}
	x.pushUserAPC(t, f, x.arg(in, 2))
	return num(1)
}

func (x *exec) pushUserAPC(t int, what, argument Value) {
	q := x.m.userAPCsOf(t)
	n := int(x.s[q+uapcCount])
	if n >= maxUserAPCs {
		x.capacity(boundQueued)
		return
	}
	put(x.s, q+uapcEntries+uapcEntry*n, what)
	put(x.s, q+uapcEntries+uapcEntry*n+4, argument)
	x.s[q+uapcCount]++
}

// popUserAPC takes the first entry of queue q.
func (x *exec) popUserAPC(q int) (what, argument Value) {
	first := q + uapcEntries
	what, argument = val(x.s, first), val(x.s, first+4)
	copy(x.s[first:q+uapcSize], x.s[first+uapcEntry:q+uapcSize])
	clear(x.s[q+uapcSize-uapcEntry : q+uapcSize])
	x.s[q+uapcCount]--
	return what, argument
}

// stepU1 frees the request before its routine runs, which gets the OVERLAPPED that
// it was issued with.
func (x *exec) stepU1() {
	q := x.m.userAPCsOf(x.ctx)
	if q == 0 || x.s[q+uapcCount] == 0 {
		return // on to U2
	}
	x.jump(tableAlert, alertU1)
	what, argument := x.popUserAPC(q)
	x.notes |= NoteUserAPC
	args := [3]Value{argument}
	if what.Class() == ClassIrp {
		b := x.irp(what.Slot())
		status := val(x.s, b+irpStatus)
		args = [3]Value{0, val(x.s, b+irpInfo), val(x.s, b+irpOver)}
		if x.severity(status) >= 2 {
			args[0] = x.m.winError(status)
		}
		i := what.Slot()
		what = val(x.s, x.m.lay.apcs.at(i))
		x.freeIrp(i)
	}
	f, _ := x.m.funcOf(what, program.App)
	x.enter(x.m.routines[program.App][f], args[:], 0)
}

// rundownUserAPCs frees the requests whose user APC the ending thread never took
// (2.32).
func (x *exec) rundownUserAPCs() {
	for q := x.m.userAPCsOf(x.ctx); q != 0 && x.s[q+uapcCount] != 0; {
		if what, _ := x.popUserAPC(q); what.Class() == ClassIrp {
			x.freeIrp(what.Slot())
		}
	}
}
