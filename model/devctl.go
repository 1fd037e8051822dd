package model

// DeviceIoControl and its kin as the Win32 layer runs them (19.16 to 19.20): code
// of the app's own process around one system call. Its frame is below the issue
// frame where there is more to do after the call than to turn the status into
// TRUE or FALSE: k0 is lpBytesReturned, k1 and k2 are the status block of a call
// without OVERLAPPED, which lives here, on the API's own stack; k1 is the
// OVERLAPPED of a call with one; k4 is the handle.
const (
	callW1 = iota
	callW2
	callM3
	callM4
	callEx
)

const (
	k4        = 4
	callWords = 5
	iosbBytes = 16
)

func callSteps() []step {
	return []step{
		callW1: {name: "W1", fact: "19.18", text: "no OVERLAPPED and STATUS_PENDING: wait on the file object", ready: (*exec).callReady, run: (*exec).stepW1},
		callW2: {name: "W2", fact: "19.16, 19.18", text: "take the result from the status block on the API's own stack, and leave it", run: (*exec).stepW2},
		callM3: {name: "M3", fact: "19.16, 19.17", text: "*lpBytesReturned = InternalHigh, if the status is no error", ready: (*exec).noAPCWaits, run: (*exec).stepM3},
		callEx: {name: "M4x", fact: "19.14", text: "ReadFileEx or WriteFileEx returns TRUE, unless the status is an error", mover: true, why: "the caller's own thread", run: (*exec).stepCallEx},
		callM4: {name: "M4'", fact: "19.16", text: "the API returns", mover: true, why: "the caller's own thread", run: func(x *exec) { x.kernelReturn(x.callEnds(x.reg(kResult))) }},
	}
}

// pushCall starts an API's frame at step first. It returns the address of the
// status block in it.
func (x *exec) pushCall(first int, bytes, over, h Value) Value {
	at := x.cposAbove()
	if !x.push(x.m.kernelCode+x.m.tableStart[tableCall]+first, callWords, 0) {
		return 0
	}
	x.setReg(k0, bytes)
	x.setReg(k4, h)
	if over != 0 {
		x.setReg(k1, over)
		return over
	}
	x.setReg(k1, unknown(TagStale))
	x.setReg(k2, unknown(TagStale))
	return ref(ClassUStack, x.ctx, 0, at)
}

// inCall says whether the frame below the running one is an API's.
func (x *exec) inCall() bool {
	w := int(x.s[x.base+framePrev])
	return w != 0 && x.m.inTable(u16(x.s, x.cb+ctxStack+4*(w-1)+framePC), tableCall)
}

// issuerWaits says whether the caller of the running issue frame learns of
// STATUS_PENDING at all.
func (x *exec) issuerWaits() bool {
	if x.lockedFile() != 0 {
		return true
	}
	w := int(x.s[x.base+framePrev])
	return w != 0 && u16(x.s, x.cb+ctxStack+4*(w-1)+framePC) == x.m.kernelCode+x.m.tableStart[tableCall]+callW1
}

// noAPCWaits: a thread does not come back to user mode before it has taken the
// kernel APCs that are queued to it, such as stage two of a request that was
// completed in its own dispatch (2.13).
func (x *exec) noAPCWaits() bool { return x.s[x.cb+ctxApcs] == 0 }

// callReady: any request without an event that ends on the file object wakes the
// API, its own or another.
func (x *exec) callReady() bool {
	if x.reg(kResult) != num(ntPending) {
		return x.noAPCWaits()
	}
	return x.signalled(x.reg(k4))
}

func (x *exec) stepW1() {
	if x.reg(kResult) == num(ntPending) {
		x.setReg(kResult, x.reg(k1))
	}
}

// stepW2 leaves the frame: whoever writes to the status block from now on writes
// to whatever is on the stack there.
func (x *exec) stepW2() {
	pos := u16(x.s, x.base+frameCPos)
	if x.giveUp(ref(ClassUStack, x.ctx, 0, 0), pos, pos+iosbBytes) {
		x.notes |= NoteReturned
	}
	x.bytesReturned(x.reg(k2))
	x.jump(tableCall, callM4)
}

func (x *exec) stepM3() {
	if p, ok := x.peek(x.reg(k1).plus(8), 8); ok {
		x.bytesReturned(x.readCell(p))
	}
}

// stepCallEx: STATUS_PENDING is a success here.
func (x *exec) stepCallEx() {
	if status := x.reg(kResult); x.severity(status) < 2 {
		put(x.s, x.cb+ctxLast, 0)
		x.kernelReturn(num(1))
	} else {
		x.kernelReturn(x.callEnds(status))
	}
}

// bytesReturned stores n for the caller unless the call failed.
func (x *exec) bytesReturned(n Value) {
	if to := x.reg(k0); to != 0 && x.severity(x.reg(kResult)) < 3 {
		x.apiStore(to, 4, n)
	}
}

// apiStore is a store of an API into its caller's memory.
func (x *exec) apiStore(a Value, size int, v Value) {
	switch p := x.userPlace(a, size); {
	case !x.mapped(a):
		x.violate(invAppBuffers, CodeFault)
	case p.off != 0:
		x.writeCell(p, v, TagDriver)
	}
}

// iosbPlace finds the status block of an API's frame at base, whose code is pc, at
// C stack position pos; at is where in the frame that is.
func (m *Model) iosbPlace(base, pc, at, size int) place {
	if !m.inTable(pc, tableCall) || at < 0 || at >= iosbBytes {
		return place{}
	}
	return place{off: base + frameRegs + 4*(k1+at/8), whole: at%8 == 0 && size == 8}
}
