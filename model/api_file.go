package model

// fileAPIs are what an app calls on files and their handles: opening and closing
// (15d), transfers (section 12).
func fileAPIs() map[string]*api {
	create := &api{mover: createMover, run: createFile}
	return map[string]*api{
		"CreateFileA":     create,
		"CreateFileW":     create,
		"CreateFile":      create,
		"CloseHandle":     {run: closeHandle},
		"DuplicateHandle": {run: result(duplicateHandle)},
		"ReadFile":        {mover: local, run: transferAPI(irpMjRead)},
		"WriteFile":       {mover: local, run: transferAPI(irpMjWrite)},
	}
}

// OVERLAPPED.Offset; OffsetHigh follows.
const overOffset = 16

// transferAPI starts the issue path for a READ or WRITE. On a file object that is
// not synchronous it needs an offset, which is in the OVERLAPPED (12.7).
func transferAPI(major byte) func(*exec, *inst) (Value, bool) {
	return func(x *exec, in *inst) (Value, bool) {
		h, buf, bytes, over := x.arg(in, 0), x.arg(in, 1), x.arg(in, 3), x.arg(in, 4)
		n, ok := x.known(in, 2)
		if !ok {
			return 0, true
		}
		if f, _, ok := x.fileHandle(h); ok && over == 0 && x.s[x.file(f)+filFlags]&fileSync == 0 {
			put(x.s, x.cb+ctxLast, num(winInvalidParameter))
			return 0, true
		}
		offset := x.overlappedOffset(over)
		b, over, first := x.startCall(h, bytes, over)
		if b == 0 {
			return 0, true
		}
		x.fillReadWrite(b, major, n, buf, over, offset)
		if first == issueA2 {
			first = issueA3 // the handle before the probes (12.2)
		}
		x.issue(b, h, first)
		return 0, false
	}
}

// overlappedOffset is the byte offset in the OVERLAPPED at over; without one it is
// the file object's current one, which the model does not keep.
func (x *exec) overlappedOffset(over Value) Value {
	low, ok := x.peek(over.plus(overOffset), 4)
	high, ok1 := x.peek(over.plus(overOffset+4), 4)
	if over == 0 || !ok || !ok1 || !low.whole || !high.whole || val(x.s, high.off) != 0 {
		return unknown(TagAny)
	}
	return val(x.s, low.off)
}

// startCall takes a request slot for a call on handle h and starts the API's own
// frame, where it needs one (devctl.go). It gives the request's block, the status
// block that the kernel is to fill, and the first step of the issue path; b is 0
// if the call has failed.
func (x *exec) startCall(h, bytes, over Value) (b int, status Value, first int) {
	if _, _, ok := x.fileHandle(h); !ok {
		put(x.s, x.cb+ctxLast, num(winInvalidHandle))
		return 0, 0, 0
	}
	i := x.newRequest()
	if i < 0 {
		x.capacity(boundRequests)
		return 0, 0, 0
	}
	first = issueM1
	switch {
	case over == 0:
		over, first = x.pushCall(callW1, bytes, 0, h), issueA2
	case bytes != 0:
		x.pushCall(callM3, bytes, over, h)
	}
	if x.halted {
		return 0, 0, 0
	}
	x.notifyBy(x.irp(i), over)
	return x.irp(i), over, first
}

// issue starts the issue path of the request at b, which was made on handle h, at
// step first.
func (x *exec) issue(b int, h Value, first int) {
	if x.pushKernel(tableIssue, irpRef(x.slotOf(b))) {
		x.setReg(k2, h)
		x.jump(tableIssue, first)
	}
}

// appOpens is how many calls in the app open a file.
func (m *Model) appOpens() int {
	return m.appCalls("CreateFileA") + m.appCalls("CreateFileW") + m.appCalls("CreateFile")
}

// createMover: the only open there is gives the file that was opened before.
func createMover(x *exec, in *inst) mover {
	if x.m.lay.ctxs.workers.n == 0 {
		return moverBoth
	}
	return moverNone
}

// createFile gives the file that was opened before the app began, the first
// time; then it opens the lowest free file object. Without FILE_FLAG_OVERLAPPED
// the file object is a synchronous one.
func createFile(x *exec, in *inst) (Value, bool) {
	flags, ok := x.known(in, 5)
	if !ok {
		return 0, true
	}
	sync := fileSync
	if flags&fileFlagOverlapped != 0 {
		sync = 0
	}
	if b := x.file(0); x.s[b+filPhase] == fileOpen && x.s[b+filFlags]&fileReady != 0 {
		x.s[b+filFlags] = byte(sync)
		return handleOf(0, 0), true
	}
	for f := range x.m.ownFiles() {
		if x.s[x.file(f)+filPhase] == fileNone {
			if x.pushFile(fileO1, fileNumber(f)) {
				x.setReg(k2, num(sync))
			}
			return 0, false
		}
	}
	x.capacity(boundFiles)
	return 0, true
}

const fileFlagOverlapped = 0x40000000

// isFileHandle says whether h is, or was, a handle of a file object.
func isFileHandle(h Value) bool {
	s := h.Slot()
	return h.Class() == ClassHandle && (s == handleFile || s > handleFiles && s < handlePort)
}

func closeHandle(x *exec, in *inst) (Value, bool) {
	h := x.arg(in, 0)
	if !isFileHandle(h) {
		if p := x.port(h); p != 0 {
			x.closePort(p)
		}
		return num(1), true
	}
	x.pushFile(fileH1, h)
	return 0, false
}

// duplicateHandle gives this process, or the second one, another handle of the
// same file object (15.23).
func duplicateHandle(x *exec, in *inst) Value {
	f, _, ok := x.fileHandle(x.arg(in, 1))
	if !ok {
		put(x.s, x.cb+ctxLast, num(winInvalidHandle))
		return 0
	}
	h := x.addHandle(f, x.arg(in, 2) == ref(ClassHandle, handleProcess, 0, 0))
	if !x.halted && x.arg(in, 3) != 0 {
		x.store(x.arg(in, 3), 8, h)
	}
	return num(1)
}

// slotOf is the request slot whose block is at b.
func (x *exec) slotOf(b int) int { return (b - x.m.lay.irps.off) / x.m.lay.irps.size }
