package model

// Completion, stage one (2a): IoCompleteRequest, in any context up to
// DISPATCH_LEVEL. k0 names the request, k2 is what the routine returns.
const (
	completeC3 = iota
	completeC5a
	completeC5
	completeC7
	completeC7q
	completeC8
	completeEnd
)

func completeSteps() []step {
	return []step{
		completeC3:  {name: "C3", fact: "2.3, 2.6, 24.4", text: "walk the stack locations; PendingReturned = the driver's pending bit", mover: true, why: "what it reads only the driver writes, and a write now is a violation whenever it comes", unless: (*exec).completionUnlocked, run: (*exec).stepC3},
		completeC5a: {name: "C5a", fact: "2.8, 5.4, 24.9", text: "release the system addresses of the IRP's MDLs", mover: true, why: "only the completed driver may know the address, and a use by it is a violation whenever it comes", run: (*exec).stepC5a},
		completeC5:  {name: "C5", fact: "2.8, 5.4, 24.9", text: "unlock the pages of the IRP's MDLs", lazy: true, unless: (*exec).disassociated, run: (*exec).stepC5},
		completeC7:  {name: "C7", fact: "2.9, 2.10, 4.19, 12.20, 19.5", text: "read Irp.Thread: whom stage two is for; or queue the IRP to the port; or leave it to the issuer", lazy: true, unless: (*exec).threadMayGo, ready: (*exec).completionLockFree, run: (*exec).stepC7},
		completeC7q: {name: "C7'", fact: "2.10, 2.12", text: "queue stage two to the issuing thread", mover: true, why: "under the completion lock that the step before took; only the thread itself looks at its queue", unless: (*exec).completionUnlocked, run: (*exec).stepC7q},
		completeC8:  {name: "C8", fact: "2.11, 4.18", text: "no thread: free the MDLs, the system buffer and the IRP, notify nobody", run: (*exec).stepC8},
		completeEnd: {name: "C9", fact: "2.13", text: "IoCompleteRequest returns", mover: true, why: "the caller's own context", run: (*exec).stepCompleteEnd},
	}
}

// beginCompletion is C1 and C2: from here the IRP is the system's again.
func (x *exec) beginCompletion(i int) {
	b := x.irp(i)
	x.notes |= NoteComplete
	x.s[b+irpPhase] = phaseStage1
	x.disown(b)
	if x.m.cfg.Reduce.Dead {
		x.s[b+irpClaimed] = 0 // who owned it is asked no more
	}
	if x.m.cfg.Reduce.Dead && x.m.cfg.App == nil && x.s[b+irpThread] != 0 && !x.completionUnlocked() {
		x.s[b+irpCancel] = 1 // nobody looks at it any more (3.13)
	}
}

// completes says how IoCompleteRequest moves. Who owns the request alone may take
// its time: the most general client notices nothing before stage two, and cancels
// in vain. With an app, what it does with its buffers comes before or after the
// unlock.
func (x *exec) completes(a Value) mover {
	if a.Class() != ClassIrp || x.appNotices() || x.closesMeanwhile(a.Slot()) {
		return moverNone
	}
	return x.claimed(a.Slot())
}

// completeRequest is IoCompleteRequest as the driver calls it.
func (x *exec) completeRequest(a Value) {
	b := x.irp(a.Slot())
	switch {
	case a.stale() || x.s[b+irpPhase] >= phaseStage1:
		x.violate(invSingleCompletion, Code44)
		return
	case x.s[x.cb+ctxLocks] != 0 || x.s[hdrCancel] == byte(x.ctx+1):
		x.violate(invNoSpinAtComplete, CodeDeadlock)
		return
	case u16(x.s, b+irpRoutine) != 0:
		x.violate(invCancelRoutine, Code48)
		return
	}
	if n, ok := x.m.number(val(x.s, b+irpStatus)); ok && (n == ntPending || n == -1) {
		x.violate(invStatusLegal, CodeC9Status)
		return
	}
	x.touchIrp(a, false)
	if x.judgeOutput(a.Slot()); x.halted {
		return
	}
	if x.cleansUpOther(b) {
		x.notes |= NoteOwner
	}
	if x.m.cfg.Actions.Cancel && x.completes(a) == moverBoth {
		x.notes |= NoteVain
	}
	x.beginCompletion(a.Slot())
	x.pushKernel(tableComplete, a.base())
}

// judgeOutput looks at what copy-back would show (INV13, INV14), at completion,
// so that a fault later does not hide it.
func (x *exec) judgeOutput(i int) {
	b := x.irp(i)
	if x.s[b+irpFlags]&flagInputOp == 0 || x.severity(val(x.s, b+irpStatus)) == 3 {
		return
	}
	n, ok := x.m.number(val(x.s, b+irpInfo))
	if !ok || n == 0 || !x.informs(b, n) {
		return
	}
	x.looksAtLengths()
	if int(n) > u16(x.s, b+irpOutLen) {
		x.notes |= NoteInfoBound | NoteInfoExcess
		return
	}
	if blk := int(x.s[b+irpBlock]) - 1; blk >= 0 && !x.blockDefined(x.m.lay.sysbufs.at(blk), 0, int(n)) {
		x.notes |= NoteStaleLeak
	}
}

func (x *exec) stepC3() {
	b := x.irp(x.request())
	x.s[b+irpPendRet] = x.s[b+irpPending]
	returned, marked := x.s[b+irpReturned], x.s[b+irpPending] != 0
	if returned == returnedPending != marked && returned != returnedNot {
		x.notes |= NotePendingIff
	}
}

func (x *exec) stepC5a() {
	if k := int(x.s[x.irp(x.request())+irpMdl]) - 1; k >= 0 {
		x.s[x.mdl(k)+mdlMapped] = 0
	}
}

// stepC5 unlocks whatever the status is, in whatever thread.
func (x *exec) stepC5() {
	if k := int(x.s[x.irp(x.request())+irpMdl]) - 1; k >= 0 {
		x.unlockMdl(k)
	}
}

func (x *exec) unlockMdl(k int) {
	b := x.mdl(k)
	if x.s[b+mdlLocks] == 0 {
		x.violate(invLockBalance, Code76)
		return
	}
	if x.s[b+mdlUser] == mdlUserLazy {
		x.violate(invFrameReuse, CodeFrameReuse) // the app may free its own view of the page now (5.20)
		return
	}
	x.s[b+mdlLocks]--
	x.s[b+mdlMapped] = 0
	if x.countLocked(b, -1); x.halted {
		return
	}
	x.s[b+mdlProcess] = processNone
	x.unlockFrame(x.s[b+mdlFrame])
	x.takeRegion(val(x.s, b+mdlVA))
}

// stepC7 decides whom stage two is for. A request that rundown has disassociated
// has no thread: if its Cancel flag is not set any more, nobody tests for that.
func (x *exec) stepC7() {
	i := x.request()
	b := x.irp(i)
	t := int(x.s[b+irpThread])
	if x.m.faulty("complete.C7", FaultIgnore) {
		t = x.m.appThreads() // whose request it is
	}
	switch {
	case isFileMajor(x.s[b+irpMajor]): // no stage two (3.24)
		x.s[b+irpPhase] = phaseDone
		x.setReg(k0, 0)
		x.jump(tableComplete, completeEnd)
	case x.leftToIssuer(b):
		x.setReg(k0, 0)
		x.jump(tableComplete, completeEnd)
	case x.s[b+irpFlags]&flagFileList != 0 && !x.toldAtOnce(b):
		x.queuePacket(i, phaseQueued)
		x.setReg(k0, 0)
		x.jump(tableComplete, completeEnd)
	case t != 0:
		x.setReg(k1, ref(ClassCtx, t-1, 0, 0))
	case x.s[b+irpCancel] == 0:
		x.violate(invThreadList, CodeNull)
	default:
		x.jump(tableComplete, completeC8)
	}
}

// stepC7q ignores whether the thread still takes APCs (2.12).
func (x *exec) stepC7q() {
	i := x.request()
	b := x.irp(i)
	t := x.m.lay.ctxs.at(x.reg(k1).Slot())
	x.setReg(k1, 0)
	x.jump(tableComplete, completeEnd)
	if x.s[t+ctxAlive] != aliveYes || x.s[t+ctxDying] == dyingNoAPC {
		x.violate(invThreadList, CodeIrpLeak)
		return
	}
	n := int(x.s[t+ctxApcs])
	if n >= 8 {
		x.capacity(boundRequests)
		return
	}
	x.s[t+ctxQueue+n] = byte(i + 1)
	x.s[t+ctxApcs]++
	x.s[b+irpPhase] = phaseQueued
	x.setReg(k0, 0) // a reference that nobody uses is none
}

func (x *exec) stepC8() {
	i := x.request()
	x.notes |= NoteLate
	x.freeBlock(i)
	if k := int(x.s[x.irp(i)+irpMdl]) - 1; k >= 0 {
		x.freeMdl(k)
	}
	x.freeIrp(i)
	x.setReg(k0, 0)
}

func (x *exec) stepCompleteEnd() { x.kernelReturn(x.reg(k2)) }

// Completion, stage two (2b): a special kernel APC in the issuing thread. k0
// names the request, k1 is the level to return to.
const (
	apcF1 = iota
	apcF2
	apcF3
	apcF4
	apcF5i
	apcF5s
	apcF6
	apcF8
	apcEnd
	apcF4q
)

func apcSteps() []step {
	return []step{
		apcF1:  {name: "F1", fact: "2.20 to 2.24", text: "copy the output back to the caller's buffer", lazy: true, run: (*exec).stepF1},
		apcF2:  {name: "F2", fact: "2.25", text: "free the system buffer", mover: true, why: "only the request names it, and the request is the system's", run: (*exec).stepF2},
		apcF3:  {name: "F3", fact: "2.25", text: "free the MDLs", mover: true, why: "only the request names them, and the request is the system's", run: (*exec).stepF3},
		apcF4:  {name: "F4", fact: "2.26, 2.29", text: "decide whether the app is notified", mover: true, why: "reads the request only", run: (*exec).stepF4},
		apcF5i: {name: "F5", fact: "2.27, 19.22", text: "write Information to the status block", lazy: true, run: (*exec).stepF5i},
		apcF5s: {name: "F5'", fact: "2.27, 19.22", text: "write Status to the status block", lazy: true, run: (*exec).stepF5s},
		apcF6:  {name: "F6", fact: "2.27", text: "set the event, or the file object's", lazy: true, run: (*exec).stepF6},
		apcF8:  {name: "F8", fact: "2.27, 2.29", text: "unlink the IRP; queue it as user APC or packet, or free it; drop the file object's reference", lazy: true, unless: (*exec).endsSeen, run: (*exec).stepF8},
		apcF4q: {name: "F4'", fact: "2.29", text: "a synchronous request failed: leave the final status, set the file object's event", lazy: true, run: (*exec).stepF4q},
		apcEnd: {name: "F11", fact: "2.20", text: "the APC ends", mover: true, why: "the thread's own level", run: (*exec).stepApcEnd},
	}
}

// deliverAPC interrupts thread t with stage two of the first request in its queue.
func (x *exec) deliverAPC() bool {
	n := int(x.s[x.cb+ctxApcs])
	if n == 0 || x.s[x.cb+ctxIrql] >= irqlAPC {
		return false
	}
	i := int(x.s[x.cb+ctxQueue]) - 1
	copy(x.s[x.cb+ctxQueue:x.cb+ctxQueue+7], x.s[x.cb+ctxQueue+1:x.cb+ctxQueue+8])
	x.s[x.cb+ctxQueue+7] = 0
	x.s[x.cb+ctxApcs]--
	x.beginStageTwo(i)
	return true
}

// beginStageTwo runs stage two of request i in the running thread.
func (x *exec) beginStageTwo(i int) {
	x.notes |= NoteStage2
	b := x.irp(i)
	if t := int(x.s[b+irpThread]); t != 0 && t != x.ctx+1 {
		x.notes |= NoteStage2Foreign
	}
	x.s[b+irpPhase] = phaseStage2
	if x.push(x.m.kernelCode+x.m.tableStart[tableAPC], kernelWords, frameTransparent) {
		x.setReg(k0, irpRef(i))
		x.setReg(k1, num(int(x.s[x.cb+ctxIrql])))
		x.s[x.cb+ctxIrql] = irqlAPC
	}
}

// stepF1 copies by user address, in whatever that address means now.
func (x *exec) stepF1() {
	i := x.request()
	b := x.irp(i)
	status := val(x.s, b+irpStatus)
	if x.s[b+irpFlags]&flagInputOp == 0 || status == statusVerifyRequired || x.severity(status) == 3 {
		return
	}
	n, known := x.m.number(val(x.s, b+irpInfo))
	if known && n == 0 {
		return
	}
	if x.m.cfg.Knobs.InfoClamped {
		x.looksAtLengths()
		n = min(n, int64(u16(x.s, b+irpOutLen)))
	}
	x.notes |= NoteCopyBack
	out := val(x.s, b+irpOut)
	if out.Class() == ClassKernel {
		x.violate(invAppCannotCrash, CodeKernelWrite)
		return
	}
	if fault := x.touch(out, true); fault != 0 {
		x.copyBackFault(b, fault)
		return
	}
	if x.s[b+irpGone]&goneOut != 0 {
		x.notes |= NoteCopyBackGone
	}
	x.kernelStore(i, out, int(n), unknown(TagDriver), goneOut)
}

func (x *exec) copyBackFault(b int, fault Value) {
	x.notes |= NoteCopyBackFault
	if x.m.cfg.Knobs.CopyBackUnguarded {
		x.violate(invAppCannotCrash, CodeFault)
		return
	}
	put(x.s, b+irpStatus, fault)
	if x.m.cfg.Knobs.FaultInfoZero {
		put(x.s, b+irpInfo, 0)
	}
}

func (x *exec) stepF2() { x.freeBlock(x.request()) }

func (x *exec) stepF3() {
	b := x.irp(x.request())
	if k := int(x.s[b+irpMdl]) - 1; k >= 0 {
		x.freeMdl(k)
		x.s[b+irpMdl] = 0
	}
}

// stepF4 takes the quiet path for an error that was not pended, or whose issuer
// waits for it.
func (x *exec) stepF4() {
	b := x.irp(x.request())
	switch {
	case x.severity(val(x.s, b+irpStatus)) != 3:
	case x.s[b+irpPendRet] == 0:
		x.jump(tableAPC, apcF8)
	case x.s[x.fileBlock(b)+filFlags]&fileSync != 0:
		x.jump(tableAPC, apcF4q)
	}
}

// storeIosb writes 8 bytes of the status block; a fault is ignored (2.27).
func (x *exec) storeIosb(off int, v Value) {
	i := x.request()
	x.notes |= NoteIosb
	over := val(x.s, x.irp(i)+irpOver)
	if over != 0 && x.touch(over, true) == 0 {
		x.kernelStore(i, over.plus(off), 8, v, goneOver)
	}
}

func (x *exec) stepF5i() { x.storeIosb(8, val(x.s, x.irp(x.request())+irpInfo)) }

// stepF5s is a notification for an app that polls (19.21).
func (x *exec) stepF5s() {
	b := x.irp(x.request())
	x.storeIosb(0, val(x.s, b+irpStatus))
	if val(x.s, b+irpOver) != 0 {
		x.s[b+irpNotified] = notifiedStatus
	}
}

func (x *exec) stepF6() {
	b := x.irp(x.request())
	x.notes |= NoteNotify
	if x.s[b+irpNotified] == notifiedEvent {
		x.notes |= NoteOneNotify
	}
	x.s[b+irpNotified] = notifiedEvent
	if e := int(x.s[b+irpEvent]) - 1; e >= 0 {
		x.s[x.m.lay.events.at(e)+evtSignal] = 1
	}
	x.signalFile(x.request())
}

// closesMeanwhile: a file can be closed while request i holds a reference to it, so
// that CLOSE comes later and from another thread. There must be a state for that,
// which a request that ends in the step in which it began would not have. Without a
// CLEANUP routine endsBehind stands for that state.
func (x *exec) closesMeanwhile(i int) bool {
	return x.m.lay.ctxs.workers.n > 0 && x.m.dispatch[irpMjCleanup] != nil && (x.fresh || int(x.issued) == i+1 || x.issued == anyRequest)
}

// endsSeen: others can tell when F8 runs.
func (x *exec) endsSeen() bool { return x.appNotices() || x.closesMeanwhile(x.request()) }

// appNotices: an app can look at what its request leaves behind, and with K7
// others can.
func (x *exec) appNotices() bool { return x.m.cfg.App != nil || x.completionUnlocked() }

// stepF8 and F9 end the request. A dispatch routine that is still below this APC on
// the stack keeps what INV04 will ask for.
func (x *exec) stepF8() {
	i := x.request()
	was := x.freed(i)
	if base := x.issueFrame(i); base != 0 {
		put(x.s, base+frameRegs+4*k1, num(was))
	}
	x.unlist(i)
	x.stepF9(i)
}

// stepF9 is one of three: the request waits to be taken as a user APC, or as a
// packet, or it is freed. One that tells nobody is freed.
func (x *exec) stepF9(i int) {
	b := x.irp(i)
	switch {
	case x.s[b+irpNotified] == 0:
	case x.s[b+irpFlags]&flagFileList != 0:
		x.leaveResult(i)
	case i < x.m.lay.apcs.n && val(x.s, x.m.lay.apcs.at(i)) != 0:
		x.s[b+irpPhase] = phaseTaken
		x.pushUserAPC(x.ctx, irpRef(i), 0)
		return
	case x.boundPort(x.fileBlock(b)) != 0 && x.s[b+irpFlags]&flagNoContext == 0 && !x.toldAtOnce(b):
		x.queuePacket(i, phaseTaken)
		return
	}
	x.freeIrp(i)
}

func (x *exec) stepApcEnd() {
	x.s[x.cb+ctxIrql] = byte(x.reg(k1))
	x.pop()
}
