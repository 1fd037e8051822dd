package model

// Cancellation of one request (section 3): IoCancelIrp. k0 names the request,
// k1 is the level to return to.
const (
	cancelX1 = iota
	cancelX3
	cancelX3r
	cancelEnd
)

func cancelSteps() []step {
	return []step{
		cancelX1:  {name: "X1", fact: "3.1, 24.7", text: "take the cancel lock, set Cancel, exchange the cancel routine with NULL", ready: (*exec).cancelLockFree, run: (*exec).stepX1},
		cancelX3:  {name: "X3", fact: "3.2, 3.3", text: "call the cancel routine with the cancel lock held", mover: true, why: "the exchange has decided; the routine's own nodes are apart", run: (*exec).stepX3},
		cancelX3r: {name: "X3'", fact: "3.5", text: "the cancel routine has returned", mover: true, why: "judges the context's own locks and level; a claim given up here is told", run: (*exec).stepX3r},
		cancelEnd: {name: "X4", fact: "3.3", text: "IoCancelIrp returns", mover: true, why: "the caller's own context", run: func(x *exec) { x.kernelReturn(0) }},
	}
}

func (x *exec) cancelLockFree() bool { return x.s[hdrCancel] == 0 }

// stepX1 is the look-up and the exchange as one action: a request that has left
// the list is not cancelled.
func (x *exec) stepX1() {
	irp := x.reg(k0)
	b := x.irp(irp.Slot())
	if irp.stale() || !x.listed(b) {
		x.setReg(k0, 0)
		x.jump(tableCancel, cancelEnd)
		return
	}
	x.notes |= NoteCancel
	routine := u16(x.s, b+irpRoutine)
	put16(x.s, b+irpRoutine, 0)
	x.s[b+irpCancel] = 1
	if routine == 0 {
		x.setReg(k0, 0)
		x.jump(tableCancel, cancelEnd)
		return
	}
	if x.s[b+irpPhase] >= phaseStage1 {
		x.violate(invCancelRoutine, Code48)
		return
	}
	x.s[hdrCancel] = byte(x.ctx + 1)
	x.setReg(k1, num(int(x.s[x.cb+ctxIrql])))
	x.setReg(k2, num(routine))
	x.s[b+irpIrql] = x.s[x.cb+ctxIrql]
	x.s[b+irpClaimed] = claimTaken
	x.s[b+irpOwner] = byte(x.ctx + 1)
	x.s[x.cb+ctxIrql] = irqlDispatch
}

func (x *exec) stepX3() {
	if x.reg(k2) == num(csqRoutine) {
		x.beginCsq(tableCsqCancel, x.reg(k0), 0, 0, 0)
		return
	}
	r := x.m.routines[0][int(x.reg(k2))-1]
	args := [2]Value{ref(ClassDevice, 0, 0, 0), x.reg(k0)}
	x.enter(r, args[:], 0)
}

func (x *exec) stepX3r() {
	x.checkReturn(byte(x.reg(k1)))
	if irp := x.reg(k0); !x.halted && !irp.stale() {
		b := x.irp(irp.Slot())
		if x.owns(b) {
			x.m.learn.claimBroken.Store(true) // somebody else has it, perhaps for some time
			x.s[b+irpOwner], x.s[b+irpClaimed] = 0, 0
		}
	}
	if !x.halted {
		x.setReg(k0, 0) // a reference that nobody uses is none
	}
}

// CancelIoEx, CancelIo and CancelSynchronousIo (3.17): every request of the
// process on one file, or of one OVERLAPPED, that is on a list. k0 is the next
// slot to look at, k1 the OVERLAPPED or 0, k2 the thread+1 whose requests count or
// 0, the file+1 or 0, and cancel* bits.
const (
	cancelAllNext = iota
	cancelAllWait
	cancelAllEnd
)

const (
	cancelThread = 15 // the thread+1
	cancelFound  = 16 // one was found
	cancelSync   = 32 // synchronous requests only
	cancelFile   = 64 // times file+1
)

// listed says whether the request at b is on a list, its thread's or its file
// object's: from A13 to F8 or T7b.
func (x *exec) listed(b int) bool {
	p := x.s[b+irpPhase]
	return p >= phaseDriver && p != phaseTaken && x.s[b+irpThread] != 0
}

func cancelAllSteps() []step {
	return []step{
		cancelAllNext: {name: "X0", fact: "3.17", text: "look for the next request to cancel", run: (*exec).stepX0},
		cancelAllWait: {name: "X9w", fact: "3.18", text: "CancelIo waits until the thread has no request left", mover: true, why: "only this thread issues requests of its own, and stage two takes them off its list", ready: (*exec).cancelIoDone, run: (*exec).stepNothing},
		cancelAllEnd:  {name: "X9", fact: "3.17", text: "CancelIoEx returns", mover: true, why: "the caller's own thread", run: (*exec).stepCancelAllEnd},
	}
}

func (x *exec) stepX0() {
	over, k := x.reg(k1), int(x.reg(k2))
	for i := int(x.reg(k0)); i < x.m.lay.irps.n; i++ {
		b := x.irp(i)
		thread, file := k&cancelThread, k/cancelFile
		if !x.listed(b) || !x.ownProcess(b) || isFileMajor(x.s[b+irpMajor]) ||
			file != 0 && int(x.s[b+irpFile]) != file ||
			over != 0 && val(x.s, b+irpOver) != over ||
			thread != 0 && int(x.s[b+irpThread]) != thread ||
			k&cancelSync != 0 && x.s[x.fileBlock(b)+filFlags]&fileSync == 0 {
			continue
		}
		x.setReg(k0, num(i+1))
		x.setReg(k2, num(k|cancelFound))
		x.jump(tableCancelAll, cancelAllNext)
		x.pushKernel(tableCancel, irpRef(i))
		return
	}
}

// cancelIoDone: CancelIo may wait (K6); CancelIoEx, which is not for one thread
// alone, never does.
func (x *exec) cancelIoDone() bool {
	return !x.m.cfg.Knobs.CancelIoWaits || int(x.reg(k2))&cancelThread == 0 || int(x.reg(k2))&cancelSync != 0 || x.listEmpty()
}

func (x *exec) stepCancelAllEnd() {
	found := int(x.reg(k2))&cancelFound != 0
	if !found {
		put(x.s, x.cb+ctxLast, num(winNotFound))
	}
	x.kernelReturn(truthValue(found))
}
