package model

import "github.com/ownercheck/ownercheck/model/program"

// Handles of an app: the device's file, its events, its threads.
const (
	handleFile   = 0
	handleEvent  = 1  // first event
	handleThread = 32 // first thread: context number added

	handleFiles   = 48 // file objects but the first: number added
	handleProcess = 63 // the second process
)

// Objects of the system that the model does not look into, beside those of the
// driver's start.
const (
	systemSection = 4 + iota
	systemUserMap
)

// OVERLAPPED: Internal at 0, InternalHigh at 8, hEvent at 24.
const overEvent = 24

func appAPIs() map[string]*api {
	event := &api{mover: local, run: result(createEvent)}
	heap := &api{run: result(heapAlloc)}
	section := &api{mover: local, run: result(func(*exec, *inst) Value { return ref(ClassSystem, systemSection, 0, 0) })}
	return map[string]*api{
		"CreateEventA":        event,
		"CreateEventW":        event,
		"CreateEvent":         event,
		"SetEvent":            {run: result(signalEvent(1))},
		"ResetEvent":          {run: result(signalEvent(0))},
		"GetLastError":        {mover: local, run: result(func(x *exec, _ *inst) Value { return val(x.s, x.cb+ctxLast) })},
		"GetProcessHeap":      {mover: local, run: result(func(*exec, *inst) Value { return ref(ClassSystem, 2, 0, 0) })},
		"VirtualAlloc":        {run: result(virtualAlloc)},
		"CreateFileMappingA":  section,
		"CreateFileMappingW":  section,
		"MapViewOfFile":       {run: result(mapView)},
		"UnmapViewOfFile":     {run: result(unmapView)},
		"VirtualFree":         {run: result(virtualFree)},
		"VirtualProtect":      {run: result(virtualProtect)},
		"HeapAlloc":           heap,
		"HeapFree":            {run: result(heapFree)},
		"DeviceIoControl":     {mover: local, run: deviceIoControl},
		"CancelIoEx":          {mover: local, run: cancelIoEx},
		"CancelIo":            {mover: local, run: cancelIo},
		"CancelSynchronousIo": {mover: local, run: cancelSynchronousIo},
		"CreateThread":        {run: result(createThread)},
		"ExitThread":          {run: func(x *exec, in *inst) (Value, bool) { x.beginExit(); return 0, false }},
		"Sleep":               {run: result(func(*exec, *inst) Value { return 0 })},
		"RtlZeroMemory":       {mover: accessArg0, run: memoryAPIs()["RtlZeroMemory"].run},
		"RtlFillMemory":       {mover: accessArg0, run: memoryAPIs()["RtlFillMemory"].run},
		"RtlCopyMemory":       {mover: copyMover, run: result(copyAPI)},
		"RtlMoveMemory":       {mover: copyMover, run: result(copyAPI)},
		"GetOverlappedResult": {ready: overlappedReady, run: result(getOverlappedResult)},
		"HasOverlappedIoCompleted": {run: result(func(x *exec, in *inst) Value {
			return truthValue(x.load(x.arg(in, 0), 8) != num(ntPending))
		})},
		"WaitForSingleObject": {ready: waitReady, run: result(waitForSingleObject)},
	}
}

func createEvent(x *exec, in *inst) Value {
	for i := range x.m.lay.events.n {
		b := x.m.lay.events.at(i)
		if x.s[b+evtUsed] == 0 {
			x.s[b+evtUsed] = 1
			x.s[b+evtManual] = byte(x.arg(in, 1) & 1)
			x.s[b+evtSignal] = byte(x.arg(in, 2) & 1)
			return ref(ClassHandle, handleEvent+i, 0, 0)
		}
	}
	x.capacity(boundEvents)
	return 0
}

// event gives the block of the event that h names, 0 if it names none.
func (x *exec) event(h Value) int {
	if i := h.Slot() - handleEvent; h.Class() == ClassHandle && i >= 0 && i < x.m.lay.events.n {
		return x.m.lay.events.at(i)
	}
	return 0
}

func signalEvent(signal byte) func(*exec, *inst) Value {
	return func(x *exec, in *inst) Value {
		b := x.event(x.arg(in, 0))
		if b == 0 {
			return 0
		}
		x.s[b+evtSignal] = signal
		return num(1)
	}
}

// waitReady: an event that is signalled, a thread that has ended, or a wait
// that may time out.
func waitReady(x *exec, in *inst) bool {
	h := x.arg(in, 0)
	if n, ok := x.m.number(x.arg(in, 1)); !ok || uint32(n) != 0xFFFFFFFF {
		return true
	}
	return x.signalled(h)
}

func (x *exec) signalled(h Value) bool {
	if b := x.event(h); b != 0 {
		return x.s[b+evtSignal] != 0
	}
	if f, _, ok := x.fileHandle(h); ok {
		return x.s[x.file(f)+filEvent] != 0
	}
	if t := h.Slot() - handleThread; h.Class() == ClassHandle && t >= 0 && t < x.m.threads {
		return x.s[x.m.lay.ctxs.at(t)+ctxAlive] == aliveDone
	}
	return true
}

func waitForSingleObject(x *exec, in *inst) Value {
	h := x.arg(in, 0)
	if !x.signalled(h) {
		return num(0x102) // WAIT_TIMEOUT
	}
	if b := x.event(h); b != 0 && x.s[b+evtManual] == 0 {
		x.s[b+evtSignal] = 0
	}
	return 0
}

// overlappedReady and getOverlappedResult follow 19.20: Internal first, then
// the event, or the file object where there is none.
func overlappedReady(x *exec, in *inst) bool {
	over := x.arg(in, 1)
	if x.arg(in, 3) == 0 || !x.overPending(over) {
		return true
	}
	e, ok := x.peek(over.plus(overEvent), 8)
	if !ok {
		return true
	}
	h := val(x.s, e.off)
	if h == 0 {
		h = x.arg(in, 0)
	}
	return x.signalled(h)
}

func (x *exec) overPending(over Value) bool {
	p, ok := x.peek(over, 8)
	return ok && val(x.s, p.off) == num(ntPending)
}

func getOverlappedResult(x *exec, in *inst) Value {
	over := x.arg(in, 1)
	waited := x.overPending(over)
	if waited && x.arg(in, 3) == 0 {
		put(x.s, x.cb+ctxLast, num(winIoIncomplete))
		return 0
	}
	if e, ok := x.peek(over.plus(overEvent), 8); ok && waited {
		if b := x.event(val(x.s, e.off)); b != 0 && x.s[b+evtManual] == 0 {
			x.s[b+evtSignal] = 0
		}
	}
	status := x.load(over, 8)
	if n := x.arg(in, 2); n != 0 {
		x.store(n, 4, x.load(over.plus(8), 8))
	}
	if x.halted || x.severity(status) < 2 {
		return num(1)
	}
	put(x.s, x.cb+ctxLast, x.m.winError(status))
	return 0
}

// virtualAlloc commits a range of one page: the lowest free one, or the one at
// the address that is asked for.
func virtualAlloc(x *exec, in *inst) Value {
	return x.newRange(in, x.arg(in, 0))
}

func (x *exec) newRange(in *inst, a Value) Value {
	layout := x.m.pageLayoutOf[in.code]
	for r := range x.m.lay.ranges.n {
		b := x.m.lay.ranges.at(r)
		if x.s[b+rngUsed] != 0 || a.Class() == ClassVirtual && a.Slot() != r {
			continue
		}
		f := x.giveFrame(r, layout)
		if f < 0 {
			return 0
		}
		x.s[b+rngUsed] = 1
		x.s[b+rngFrame] = byte(f + 1)
		return ref(ClassVirtual, r, 0, 0)
	}
	if a.Class() != ClassVirtual {
		x.capacity(boundRanges)
	}
	return 0
}

// virtualFree does not look at locks (5.10).
func virtualFree(x *exec, in *inst) Value {
	a := x.arg(in, 0)
	if a.Class() != ClassVirtual || x.s[x.m.lay.ranges.at(a.Slot())+rngUsed] == 0 || x.s[x.m.lay.ranges.at(a.Slot())+rngKind] != rangePrivate {
		put(x.s, x.cb+ctxLast, num(winInvalidParameter))
		return 0
	}
	x.freeRange(a)
	return num(1)
}

func (x *exec) freeRange(a Value) {
	b := x.m.lay.ranges.at(a.Slot())
	f := int(x.s[b+rngFrame]) - 1
	x.noteFree(a, f)
	x.unmapFrame(f)
	clear(x.s[b : b+rngSize])
}

func (x *exec) noteFree(a Value, frame int) {
	x.notes |= NoteFree
	if frame >= 0 && x.s[x.m.lay.frames.at(frame)+frmLocks] != 0 {
		x.notes |= NoteFreeLocked
	}
	if x.giveUp(a, 0, 0) {
		x.notes |= NoteFreePending
	}
}

func heapAlloc(x *exec, in *inst) Value {
	layout := x.m.heapLayoutOf[in.code]
	for i := range x.m.lay.heaps.n {
		b := x.m.lay.heaps.at(i)
		if x.s[b+heapUsed] == 0 {
			x.s[b+heapUsed] = byte(layout + 1)
			for c := range x.m.heapLayouts[layout].Cells {
				put(x.s, b+heapCells+4*c, unknown(TagStale))
			}
			return ref(ClassHeap, i, 0, 0)
		}
	}
	x.capacity(boundRanges)
	return 0
}

func heapFree(x *exec, in *inst) Value {
	a := x.arg(in, 2)
	if a.Class() != ClassHeap || x.s[x.m.lay.heaps.at(a.Slot())+heapUsed] == 0 {
		return 0
	}
	x.noteFree(a, -1)
	b := x.m.lay.heaps.at(a.Slot())
	clear(x.s[b : b+x.m.lay.heaps.size])
	return num(1)
}

// deviceIoControl starts the issue path for an overlapped request.
func deviceIoControl(x *exec, in *inst) (Value, bool) {
	code, ok := x.known(in, 1)
	inLen, ok1 := x.known(in, 3)
	outLen, ok2 := x.known(in, 5)
	if !ok || !ok1 || !ok2 {
		return 0, true
	}
	h, bytes, in1, out := x.arg(in, 0), x.arg(in, 6), x.arg(in, 2), x.arg(in, 4)
	b, over, first := x.startCall(h, bytes, x.arg(in, 7))
	if b == 0 {
		return 0, true
	}
	x.fillRequest(b, code, inLen, outLen, in1, out, over)
	x.issue(b, h, first)
	return 0, false
}

// notifyBy notes the event that the OVERLAPPED of the request at b names. With its
// low bit set, and without an OVERLAPPED of the caller's, no packet is due.
func (x *exec) notifyBy(b int, over Value) {
	e, ok := x.peek(over.plus(overEvent), 8)
	h := num(0)
	if ok {
		h = val(x.s, e.off)
	}
	if x.event(h) != 0 {
		x.s[b+irpEvent] = byte(h.Slot() - handleEvent + 1)
	}
	if x.m.lay.ports.n > 0 && (!ok || h.Class() == ClassHandle && h.Offset()&1 != 0) {
		x.s[b+irpFlags] |= flagNoContext
	}
}

// fileArg is the block of the file object that handle h names.
func (x *exec) fileArg(h Value) (f int, ok bool) {
	i, _, ok := x.fileHandle(h)
	return x.file(i), ok
}

func (x *exec) fillRequest(b, code, inLen, outLen int, in, out, over Value) {
	x.s[b+irpMajor] = irpMjDeviceControl
	x.s[b+irpMethod] = byte(code & 3)
	put(x.s, b+irpCode, x.m.valueOf(int64(code)))
	put16(x.s, b+irpInLen, inLen)
	put16(x.s, b+irpOutLen, outLen)
	put(x.s, b+irpIn, in)
	put(x.s, b+irpOut, out)
	put(x.s, b+irpOver, over)
}

func cancelIoEx(x *exec, in *inst) (Value, bool) { return x.cancelOn(x.arg(in, 0), x.arg(in, 1), 0) }

func cancelIo(x *exec, in *inst) (Value, bool) { return x.cancelOn(x.arg(in, 0), 0, x.ctx+1) }

// cancelOn cancels requests on the file of handle h: of one OVERLAPPED, or of
// one thread.
func (x *exec) cancelOn(h, over Value, thread int) (Value, bool) {
	f, _, ok := x.fileHandle(h)
	if !ok {
		put(x.s, x.cb+ctxLast, num(winInvalidHandle))
		return 0, true
	}
	if x.pushKernel(tableCancelAll, 0) {
		x.setReg(k1, over)
		x.setReg(k2, num(thread|(f+1)*cancelFile))
	}
	return 0, false
}

// cancelSynchronousIo cancels the one request that another thread waits for.
func cancelSynchronousIo(x *exec, in *inst) (Value, bool) {
	h := x.arg(in, 0)
	t := h.Slot() - handleThread
	if h.Class() != ClassHandle || t < 0 || t >= x.m.threads {
		put(x.s, x.cb+ctxLast, num(winInvalidHandle))
		return 0, true
	}
	if x.pushKernel(tableCancelAll, 0) {
		x.setReg(k2, num(t+1|cancelSync))
	}
	return 0, false
}

// createThread starts the lowest thread that does not run yet.
func createThread(x *exec, in *inst) Value {
	f, ok := x.m.funcOf(x.arg(in, 2), program.App)
	if !ok {
		x.unsupported(whatIndirect)
		return 0
	}
	for t := range x.m.appThreads() {
		b := x.m.lay.ctxs.at(t)
		if x.s[b+ctxAlive] != aliveNot {
			continue
		}
		me := x.ctx
		args := [1]Value{x.arg(in, 3)}
		x.run(t)
		x.s[x.cb+ctxAlive] = aliveYes
		if x.process(prcPhase) != procRuns {
			x.s[x.cb+ctxDying] = dyingAsked
		}
		x.enter(x.m.routines[program.App][f], args[:], 0)
		if x.halted {
			return 0
		}
		x.run(me)
		return ref(ClassHandle, handleThread+t, 0, 0)
	}
	x.capacity(boundThreads)
	return 0
}
