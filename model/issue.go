package model

// The issue path of a device I/O control request (section 1), and of a READ or
// WRITE (section 12, readwrite.go), from the app's call to its return. k0 names
// the request, k1 what INV04 needs if the request is gone when dispatch returns,
// k2 is the handle until A3, then the final status that stage two leaves for an
// issuer that waits.
const (
	issueM1 = iota
	issueA2
	issueA3
	issueA5
	issueA6
	issueA7
	issueA7r
	issueA7i
	issueA7s
	issueA7e
	issueA8
	issueA10
	issueA11
	issueA12
	issueA11d
	issueA12d
	issueA12x
	issueA13
	issueA14
	issueA15
	issueD3
	issueWait
	issueUnlock
	issueReturn
	issueFail
	issueX9
	issueX9l
	issueX9w
	issueA0
)

// Values of k1: what was known of the request when it was freed.
const (
	freedMarked   = 1
	freedUnmarked = 2
	freedKind     = 3  // which of the two
	freedNotified = 4  // the app was told
	freedFailed   = 8  // the request had ended with an error
	freedLate     = 16 // the driver marked it when stage one had looked (INV03)
	freedDeferred = 32 // a READ or WRITE
)

func issueSteps() []step {
	return []step{
		issueM1:     {name: "M1", fact: "19.16", text: "OVERLAPPED.Internal = STATUS_PENDING", mover: true, why: "the caller's own memory, before the request exists", run: (*exec).stepM1},
		issueA2:     {name: "A2", fact: "1.2, 1.4, 1.5, 12.3", text: "probe the caller's buffers", lazy: true, run: (*exec).stepA2},
		issueA3:     {name: "A3", fact: "1.6, 12.2", text: "reference the file object", lazy: true, run: (*exec).stepA3},
		issueA5:     {name: "A5", fact: "1.8, 1.11", text: "clear the event", lazy: true, run: (*exec).stepA5},
		issueA6:     {name: "A6", fact: "1.9, 1.11", text: "synchronous: take the file object's lock, clear its event", mover: true, why: "an acquire moves right; without a lock it does nothing", moves: (*exec).moveA6, ready: (*exec).fileLockFree, run: (*exec).stepA6},
		issueA7:     {name: "A7", fact: "1.10", text: "offer the request to the driver's fast I/O entry, if it has one", mover: true, why: "the driver's own nodes are apart", run: (*exec).stepA7},
		issueA7r:    {name: "A7r", fact: "1.10", text: "the fast I/O entry has returned", mover: true, why: "the caller's own context", run: (*exec).stepA7r},
		issueA7i:    {name: "A7i", fact: "1.10", text: "write Information to the status block", lazy: true, run: (*exec).stepF5i},
		issueA7s:    {name: "A7s", fact: "1.10", text: "write Status to the status block", lazy: true, run: (*exec).stepF5s},
		issueA7e:    {name: "A7e", fact: "1.10", text: "set the event; the request is over without an IRP", run: (*exec).stepA7e},
		issueA8:     {name: "A8", fact: "1.11, 1.12", text: "allocate and initialise the IRP", mover: true, why: "nobody else knows the request yet", run: (*exec).stepA8},
		issueA10:    {name: "A10", fact: "1.13, 1.16, 12.10 to 12.12", text: "allocate the system buffer", mover: true, why: "nobody else knows the request yet", run: (*exec).stepA10},
		issueA11:    {name: "A11", fact: "1.14, 1.16, 12.11", text: "copy the input into the system buffer", lazy: true, run: (*exec).stepA11},
		issueA12:    {name: "A12", fact: "1.15, 12.10 to 12.12", text: "set the IRP's buffer flags", mover: true, why: "nobody else knows the request yet", run: (*exec).stepA12},
		issueA11d:   {name: "A11d", fact: "1.17, 12.13, 12.14", text: "allocate the MDL of the output buffer", mover: true, why: "nobody else knows the request yet", run: (*exec).stepA11d},
		issueA12d:   {name: "A12d", fact: "1.18, 12.13", text: "lock the pages of the output buffer", mover: true, why: "calls the lock routine, whose steps are apart", run: (*exec).stepA12d},
		issueA12x:   {name: "A12x", fact: "1.20", text: "a fault in the lock routine ends the request", mover: true, why: "nobody else knows the request yet", run: (*exec).stepA12x},
		issueA13:    {name: "A13", fact: "1.22, 19.1, 19.4", text: "insert the IRP in the thread's list, or the file object's", mover: true, why: "moves right to what cannot tell whether the request was cancelled", moves: (*exec).moveA13, run: (*exec).stepA13},
		issueA14:    {name: "A14", fact: "1.23", text: "call the driver's dispatch routine", mover: true, why: "the driver's own nodes are apart", run: (*exec).stepA14},
		issueA15:    {name: "A15", fact: "1.25", text: "dispatch has returned", mover: true, why: "what it records is judged by whichever of it and C3 comes second; to come early only shows more", run: (*exec).stepA15},
		issueD3:     {name: "D3", fact: "12.21", text: "the issuer itself runs stage two of a READ or WRITE", mover: true, why: "the request is the system's and its issuer's; what others still do with it is a violation whenever it comes", unless: (*exec).driverHasIt, run: (*exec).stepD3},
		issueWait:   {name: "A15w", fact: "1.25, 1.27, 12.27", text: "synchronous: wait on the file object's event, take the final status", mover: true, why: "once it is set only this thread's next request clears it", ready: (*exec).waitOver, run: (*exec).stepWait},
		issueUnlock: {name: "A6'", fact: "1.20, 12.27", text: "synchronous: release the file object's lock", mover: true, why: "a release moves left; without a lock it does nothing", moves: (*exec).moveUnlock, run: (*exec).stepUnlock},
		issueFail:   {name: "A9x", fact: "1.20", text: "undo the request; the driver never sees it", deaf: true, run: (*exec).stepFail},
		issueX9:     {name: "X9", fact: "3.19", text: "the wait is broken: at APC_LEVEL, cancel the request", run: (*exec).stepX9},
		issueX9l:    {name: "X9l", fact: "3.19", text: "lower the level", run: (*exec).stepX9l},
		issueX9w:    {name: "X9w", fact: "3.19", text: "wait for the request without limit", mover: true, why: "as A15w", ready: (*exec).abortOver, run: (*exec).stepX9w},
		issueA0:     {name: "A0", fact: "22.5, 22.12", text: "the client asks for", mover: true, why: "moves right: whatever others do meanwhile they do with any request", moves: early, run: (*exec).stepA0},
		issueReturn: {name: "M4", fact: "19.16", text: "the call returns to the app", mover: true, why: "the caller's own thread", run: (*exec).stepReturn},
	}
}

func (x *exec) stepNothing() {}

// request is the slot of the request that the running kernel frame is about.
func (x *exec) request() int { return x.reg(k0).Slot() }

// newRequest takes a request slot for a call of the app; -1 when all the scope's
// requests are outstanding.
func (x *exec) newRequest() int {
	if !x.m.freeSlot(x.s) {
		return -1
	}
	return x.takeSlot()
}

// takeSlot takes a free request slot for the running context, -1 if there is none.
func (x *exec) takeSlot() int {
	free := uint64(0)
	for i := range x.m.lay.irps.n {
		if x.s[x.irp(i)+irpPhase] == phaseFree {
			free |= 1 << i
		}
	}
	i := x.pick(ClassIrp, 0, free)
	if i < 0 {
		return -1
	}
	b := x.irp(i)
	x.s[b+irpPhase] = phaseIssue
	x.s[b+irpThread] = byte(x.ctx + 1)
	x.s[b+irpOwner] = byte(x.ctx + 1)
	return i
}

func (x *exec) stepM1() {
	b := x.irp(x.request())
	if x.readWrite(b) {
		x.jump(tableIssue, issueA3)
	}
	if over := val(x.s, b+irpOver); x.m.cfg.App != nil && over != 0 {
		if p := x.userPlace(over, 8); p.off != 0 {
			x.writeCell(p, num(ntPending), TagDriver)
		}
	}
}

// stepA2 probes in one guarded block. DIRECT leaves the output buffer to the
// lock routine; NEITHER probes nothing.
func (x *exec) stepA2() {
	b := x.irp(x.request())
	in, out := val(x.s, b+irpIn), val(x.s, b+irpOut)
	inLen, outLen := u16(x.s, b+irpInLen), u16(x.s, b+irpOutLen)
	method := x.s[b+irpMethod]
	if x.readWrite(b) {
		x.jump(tableIssue, issueA5) // A3 came first (12.2)
		x.probed(x.probeReadWrite(b))
		return
	}
	if method == methodBuffered && out == 0 {
		outLen = 0
		put16(x.s, b+irpOutLen, 0)
	}
	if method != methodNeither && in == 0 {
		inLen = 0
		put16(x.s, b+irpInLen, 0)
	}
	fault := x.probe(val(x.s, b+irpOver), 16, true)
	if fault == 0 && method == methodBuffered {
		fault = x.probe(out, outLen, true)
	}
	if fault == 0 && method != methodNeither {
		fault = x.probe(in, inLen, false)
	}
	x.probed(fault)
}

// probed ends the request whose buffers are not what they must be.
func (x *exec) probed(fault Value) {
	if fault != 0 {
		x.notes |= NoteProbeFault
		x.setReg(kResult, fault)
		x.jump(tableIssue, issueFail)
	}
}

// stepA3 takes the reference through the handle in k2, if it is still open.
func (x *exec) stepA3() {
	b := x.irp(x.request())
	if x.s[b+irpFile] != 0 { // the second process's, or A0 came first
		if x.readWrite(b) {
			x.jump(tableIssue, issueA2)
		}
		return
	}
	f, _, ok := x.fileHandle(x.reg(k2))
	x.setReg(k2, 0)
	if !ok {
		x.setReg(kResult, statusInvalidHandle)
		x.jump(tableIssue, issueFail)
		return
	}
	x.s[b+irpFile] = byte(f + 1)
	if x.readWrite(b) {
		x.jump(tableIssue, issueA2)
	}
}

func (x *exec) stepA5() {
	b := x.irp(x.request())
	if e := int(x.s[b+irpEvent]) - 1; e >= 0 {
		x.s[x.m.lay.events.at(e)+evtSignal] = 0
	}
	if !x.syncIssue() {
		x.s[x.fileBlock(b)+filEvent] = 0
	}
}

func (x *exec) stepA8() {
	if x.fails() {
		x.setReg(kResult, statusInsufficient)
		x.jump(tableIssue, issueFail)
	}
}

// fails says whether a call fails for want of resources (22.8). One that can fail can
// always fail again: to count failures would tell states apart that nothing else does.
func (x *exec) fails() bool {
	return !x.boot && x.m.cfg.Bounds.Failures != 0 && x.choose(2) == 1
}

func (x *exec) stepA10() {
	i := x.request()
	b := x.irp(i)
	size := u16(x.s, b+irpInLen)
	switch x.s[b+irpMethod] {
	case methodBuffered:
		size = max(size, u16(x.s, b+irpOutLen))
	case methodNeither:
		x.jump(tableIssue, issueA13)
		return
	}
	if size == 0 {
		return
	}
	if x.fails() {
		x.setReg(kResult, statusInsufficient)
		x.jump(tableIssue, issueFail)
		return
	}
	x.allocBlock(i, size)
}

func (x *exec) stepA11() {
	b := x.irp(x.request())
	blk := int(x.s[b+irpBlock]) - 1
	n := u16(x.s, b+irpInLen)
	if blk < 0 || n == 0 {
		return
	}
	x.notes |= NoteInputRead
	if fault := x.touch(val(x.s, b+irpIn), false); fault != 0 {
		x.notes |= NoteProbeFault
		x.setReg(kResult, fault)
		x.jump(tableIssue, issueFail)
		return
	}
	x.notes |= NoteCopyIn
	put16(x.s, x.m.lay.sysbufs.at(blk)+blkCaller, n)
}

func (x *exec) stepA12() {
	b := x.irp(x.request())
	if x.s[b+irpMethod] != methodBuffered {
		return
	}
	if x.readWrite(b) {
		x.flagReadWrite(b)
		x.jump(tableIssue, issueA13)
		return
	}
	if x.s[b+irpBlock] != 0 {
		x.s[b+irpFlags] |= flagBuffered | flagDealloc
	}
	hasOut := val(x.s, b+irpOut) != 0
	if x.m.cfg.Knobs.InputOpNo && u16(x.s, b+irpOutLen) == 0 {
		hasOut = false
	}
	if hasOut && x.s[b+irpBlock] != 0 {
		x.s[b+irpFlags] |= flagInputOp
	}
	x.jump(tableIssue, issueA13)
}

func (x *exec) stepA11d() {
	i := x.request()
	b := x.irp(i)
	n := u16(x.s, b+irpOutLen)
	if n == 0 && !x.m.faulty("issue.A11d", FaultIgnore) {
		x.jump(tableIssue, issueA13)
		return
	}
	if x.fails() {
		x.setReg(kResult, statusInsufficient)
		x.jump(tableIssue, issueFail)
		return
	}
	if k := x.allocMdl(i, val(x.s, b+irpOut), n); k >= 0 {
		x.s[x.mdl(k)+mdlIrp] = byte(i + 1)
		x.s[b+irpMdl] = byte(k + 1)
	}
}

func (x *exec) stepA12d() {
	b := x.irp(x.request())
	write := x.s[b+irpMethod] == methodOut
	if x.pushKernel(tableLock, x.mdlRefOf(x.request())) {
		x.setReg(k1, truthValue(write))
	}
}

func (x *exec) stepA12x() {
	b := x.irp(x.request())
	if x.reg(kResult) != 0 {
		x.jump(tableIssue, issueFail)
		return
	}
	x.s[b+irpFrame] = x.s[x.mdl(int(x.s[b+irpMdl])-1)+mdlFrame]
}

// stepA13 makes the request findable: from now on it can be cancelled.
func (x *exec) stepA13() {
	i := x.request()
	b := x.irp(i)
	x.s[b+irpPhase] = phaseDriver
	x.notes |= NoteList
	if !x.asked {
		x.issued = byte(i + 1)
	}
	if x.agnostic(b) {
		x.s[b+irpFlags] |= flagFileList
	} else {
		x.list(i)
	}
}

func (x *exec) stepA14() {
	i := x.request()
	x.notes |= NoteDispatch
	x.callDispatch(i)
}

// callDispatch calls the driver's routine for request i, or the system's.
func (x *exec) callDispatch(i int) {
	r := x.m.dispatch[x.s[x.irp(i)+irpMajor]]
	if r == nil { // the system's default routine (15.11)
		b := x.irp(i)
		put(x.s, b+irpStatus, statusInvalidRequest)
		x.setReg(kResult, statusInvalidRequest)
		x.beginCompletion(i)
		if x.pushKernel(tableComplete, irpRef(i)) {
			x.setReg(k2, statusInvalidRequest)
		}
		return
	}
	args := [2]Value{ref(ClassDevice, 0, 0, 0), irpRef(i)}
	x.enter(r, args[:], 0)
}

func (x *exec) stepA15() {
	status := x.reg(kResult)
	irp := x.reg(k0)
	x.checkReturn(irqlPassive)
	if x.halted {
		return
	}
	x.leavesDriver()
	pending := status == num(ntPending)
	freed, _ := x.reg(k1).small()
	marked := freed&freedKind == freedMarked
	if freed != 0 {
		x.judgeNotified(status, freed)
	}
	if !irp.stale() && x.reg(k1) == 0 {
		b := x.irp(irp.Slot())
		marked = x.s[b+irpPending] != 0
		switch {
		case marked == pending && !pending && x.s[b+irpPhase] == phaseDriver:
			x.violate(invOwner, CodeC9Pending) // kept, neither completed nor pending (1.31)
			return
		case pending:
			x.s[b+irpReturned] = returnedPending
			if !x.issuerWaits() {
				x.s[b+irpResult] = calledPending
			}
			x.forget(b)
		default:
			x.s[b+irpReturned] = returnedOther
			x.s[b+irpResult] = x.callResult(status)
		}
		if x.owns(b) && x.s[b+irpPhase] == phaseDriver {
			x.disown(b)
		}
	}
	if marked != pending {
		x.notes |= NotePendingIff
	}
	x.afterDispatch(status)
}

func (x *exec) callResult(status Value) byte {
	if x.severity(status) == 3 {
		return calledError
	}
	return calledSuccess
}

// stepFail undoes a request that never reached the driver. The lock routine has
// undone its own partial locks.
func (x *exec) stepFail() {
	if x.m.faulty("issue.A9x", FaultIgnore) {
		x.stepF6()
	} else {
		x.discard(x.request())
	}
	x.jump(tableIssue, issueUnlock)
}

// stepReturn gives the app TRUE, or FALSE and an error code; an API that has
// more to do gets the status.
func (x *exec) stepReturn() {
	status := x.reg(kResult)
	if x.inCall() {
		x.kernelReturn(status)
		return
	}
	x.kernelReturn(x.callEnds(status))
}

// callEnds is what the Win32 layer makes of a status (19.16).
func (x *exec) callEnds(status Value) Value {
	v := num(0)
	switch {
	case status == num(ntPending):
		put(x.s, x.cb+ctxLast, num(winIoPending))
	case x.severity(status) == 0 || x.severity(status) == 1:
		v = num(1)
	default:
		put(x.s, x.cb+ctxLast, x.m.winError(status))
	}
	if x.m.cfg.App == nil || x.m.processOf(x.ctx) == processOther {
		put(x.s, x.cb+ctxLast, 0)
	}
	return v
}

// winError is the Win32 code for a status that an app compares with.
func (m *Model) winError(status Value) Value {
	n, _ := m.number(status)
	switch n {
	case ntAccessViolation:
		return num(winNoAccess)
	case ntInsufficient:
		return num(winNotEnoughMemory)
	case ntCancelled:
		return num(winOperationAborted)
	case ntInvalidHandle:
		return num(winInvalidHandle)
	}
	return num(winGenFailure)
}

// The lock routine MmProbeAndLockPages (1b). k0 names the MDL, k1 is whether
// write access is wanted. The result is 0 or an exception code; for driver code
// it is raised.
const (
	lockL2 = iota
	lockL3
	lockL4
	lockEnd
)

func lockSteps() []step {
	return []step{
		lockL2:  {name: "L2", fact: "1.40, 1.41, 24.11", text: "probe the pages", lazy: true, run: (*exec).stepL2},
		lockL3:  {name: "L3", fact: "1.42, 24.9", text: "mark the MDL locked, count the pages", mover: true, why: "the MDL is the caller's alone; the process whose counter it is cannot end while a thread of it is here", run: (*exec).stepL3},
		lockL4:  {name: "L4", fact: "1.43, 1.44", text: "take a reference on each frame that is mapped now", lazy: true, run: (*exec).stepL4},
		lockEnd: {name: "L6", fact: "1.48", text: "the lock routine returns", mover: true, why: "the caller's own thread", run: (*exec).stepLockEnd},
	}
}

func (x *exec) stepL2() {
	va := val(x.s, x.mdl(x.reg(k0).Slot())+mdlVA)
	fault := statusAccessViolation
	if va.Class() != ClassKernel {
		fault = x.touch(va, x.reg(k1) != 0)
	}
	if fault != 0 {
		x.notes |= NoteLockFault
		x.setReg(kResult, fault)
		x.jump(tableLock, lockEnd)
	}
}

func (x *exec) stepL3() {
	b := x.mdl(x.reg(k0).Slot())
	x.s[b+mdlWrite] = byte(x.reg(k1))
	x.s[b+mdlProcess] = x.m.processOf(x.ctx)
	x.countLocked(b, 1)
}

func (x *exec) stepL4() {
	b := x.mdl(x.reg(k0).Slot())
	va := val(x.s, b+mdlVA)
	if fault := x.touch(va, x.reg(k1) != 0); fault != 0 { // L5: nothing to undo in a scope of one page
		x.notes |= NoteLockFault
		x.s[b+mdlWrite] = 0
		x.countLocked(b, -1)
		x.s[b+mdlProcess] = 0
		x.setReg(kResult, fault)
		return
	}
	x.notes |= NoteLock
	x.s[b+mdlLocks]++
	x.s[b+mdlFrame] = x.lockFrame(va)
	x.takeRegion(va)
	x.setReg(kResult, 0)
}

func (x *exec) stepLockEnd() {
	v := x.reg(kResult)
	flags := x.pop()
	if v != 0 && x.pc() < x.m.kernelCode {
		x.raise(v)
		return
	}
	x.deliver(v, flags)
}
