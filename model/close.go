package model

// Opening and closing (15c, 15d, 3.20 to 3.24). CREATE, CLEANUP and CLOSE are
// requests that their sender waits for; they have no stage two. k0 names the
// request, k1 is the handle to close, then the number of the file object, k2 what
// its flags are to be.
const (
	fileO1 = iota
	fileH1
	fileR1
	fileS1
	fileS2
	fileS3
	fileO4
	fileH5
	fileH5d
	fileR5
)

func fileSteps() []step {
	return []step{
		fileO1:  {name: "O1", fact: "15.12, 15.14", text: "make a file object and send CREATE", run: (*exec).stepO1},
		fileH1:  {name: "H1", fact: "3.20, 15.24", text: "close the handle; after the last one CLEANUP is sent", run: (*exec).stepH1},
		fileR1:  {name: "R1", fact: "3.21, 2.27", text: "the last reference is gone: CLOSE is sent", run: (*exec).stepR1},
		fileS1:  {name: "S1", fact: "3.24, 12.29", text: "call the driver's dispatch routine", mover: true, why: "the driver's own nodes are apart", run: (*exec).stepS1},
		fileS2:  {name: "S2", fact: "3.24, 15.28", text: "dispatch has returned", mover: true, why: "as A15; nobody but the sender frees the request", run: (*exec).stepS2},
		fileS3:  {name: "S3", fact: "12.29, 15.28", text: "wait until the request is completed", ready: (*exec).sentIsDone, run: (*exec).stepS3},
		fileO4:  {name: "O4", fact: "15.14, 15.15", text: "a failed open leaves no file object; another one has a handle", lazy: true, run: (*exec).stepO4},
		fileH5:  {name: "H5", fact: "3.21, 15.28", text: "CLEANUP is done; without outstanding requests CLOSE follows", mover: true, moves: (*exec).moveH5, why: "moves left to H1 where the driver has no CLEANUP routine: what ends in between can end before", run: (*exec).stepH5},
		fileH5d: {name: "H5'", fact: "3.21", text: "a request of another thread that was dispatched before ends only now: CLOSE comes from a system worker", mover: true, why: "the thread that closes is done", run: func(x *exec) { x.kernelReturn(num(1)) }},
		fileR5:  {name: "R5", fact: "15.16", text: "CLOSE is done: the file object is gone", lazy: true, run: (*exec).stepR5},
	}
}

// pushFile starts the file table at one of its entries.
func (x *exec) pushFile(entry int, v Value) bool {
	if !x.pushKernel(tableFile, 0) {
		return false
	}
	x.jump(tableFile, entry)
	x.setReg(k1, v)
	return true
}

// send makes the request of one major function for file object f. A CLEANUP or
// CLOSE that the driver has no routine for is completed by the system (15.11).
func (x *exec) send(f int, major byte, next int) {
	x.setReg(k0, 0)
	x.setReg(k1, fileNumber(f))
	if major != irpMjCreate && x.m.dispatch[major] == nil {
		x.jump(tableFile, next)
		return
	}
	i := x.takeSlot()
	if i < 0 {
		if !x.halted {
			x.capacity(boundRequests)
		}
		return
	}
	b := x.irp(i)
	x.s[b+irpMajor] = major
	x.s[b+irpMethod] = methodNeither
	x.s[b+irpPhase] = phaseDriver
	x.s[b+irpFile] = byte(f + 1)
	x.setReg(k0, irpRef(i))
	x.jump(tableFile, fileS1)
}

// stepO1 makes file object k1, whose FsContext and FsContext2 are NULL.
func (x *exec) stepO1() {
	f := fileOfHandle(x.reg(k1))
	b := x.file(f)
	x.s[b+filPhase], x.s[b+filFlags] = fileOpening, byte(x.reg(k2))
	x.setReg(k2, 0)
	x.send(f, irpMjCreate, fileO4)
}

func (x *exec) stepH1() {
	f, bit, ok := x.fileHandle(x.reg(k1))
	if !ok {
		put(x.s, x.cb+ctxLast, num(winInvalidHandle))
		x.kernelReturn(0)
		return
	}
	b := x.file(f)
	x.s[b+filHandles] &^= bit
	if x.s[b+filHandles] != 0 {
		x.kernelReturn(num(1))
		return
	}
	x.notes |= NoteCleanup
	x.s[b+filPhase] = fileClosing
	x.send(f, irpMjCleanup, fileH5)
}

// stepR1 is the deferred deletion after the last request has dropped its
// reference; after CLEANUP it follows at once.
func (x *exec) stepR1() {
	f := fileOfHandle(x.reg(k1))
	if x.referenced(f) {
		x.violate(invHandleOrder, CodeUAF)
		return
	}
	x.notes |= NoteClose
	x.s[x.file(f)+filPhase] = fileDeleting
	x.send(f, irpMjClose, fileR5)
}

func (x *exec) stepS1() { x.callDispatch(x.request()) }

// stepS2 judges the return. A request that is neither completed nor pending
// would be freed by its sender while the driver still has it (1.31).
func (x *exec) stepS2() {
	pending := x.reg(kResult) == num(ntPending)
	x.setReg(kResult, 0)
	x.checkReturn(irqlPassive)
	if x.halted {
		return
	}
	x.leavesDriver()
	b := x.irp(x.request())
	if !pending && x.s[b+irpPhase] == phaseDriver {
		x.violate(invOwner, CodeC9Pending)
		return
	}
	x.s[b+irpReturned] = returnedOther
	if pending {
		x.s[b+irpReturned] = returnedPending
	}
	if pending != (x.s[b+irpPending] != 0) {
		x.notes |= NotePendingIff
	}
	if x.owns(b) && x.s[b+irpPhase] == phaseDriver {
		x.disown(b)
	}
	if x.sentIsDone() {
		x.stepS3()
	}
}

func (x *exec) sentIsDone() bool { return x.s[x.irp(x.request())+irpPhase] == phaseDone }

func (x *exec) stepS3() {
	switch x.s[x.irp(x.request())+irpMajor] {
	case irpMjCreate:
		x.jump(tableFile, fileO4)
	case irpMjCleanup:
		x.jump(tableFile, fileH5)
	default:
		x.jump(tableFile, fileR5)
	}
}

// stepO4 ends an open. After a failure, which a warning is too, neither CLEANUP
// nor CLOSE is ever sent.
func (x *exec) stepO4() {
	f := fileOfHandle(x.reg(k1))
	i := x.request()
	status := val(x.s, x.irp(i)+irpStatus)
	x.freeIrp(i)
	x.setReg(k0, 0)
	b := x.file(f)
	if x.severity(status) >= 2 {
		x.freeFile(f)
		if x.m.cfg.App != nil {
			put(x.s, x.cb+ctxLast, x.m.winError(status))
		}
		x.kernelReturn(num(-1)) // INVALID_HANDLE_VALUE
		return
	}
	x.s[b+filPhase] = fileOpen
	x.clientOpens(b)
	x.kernelReturn(x.addHandle(f, f >= x.m.ownFiles()))
}

func (x *exec) moveH5() mover {
	if x.m.cfg.App == nil && x.m.dispatch[irpMjCleanup] == nil {
		return moverLeft
	}
	return moverNone
}

func (x *exec) stepH5() {
	f := fileOfHandle(x.reg(k1))
	x.freeSent()
	x.s[x.file(f)+filPhase] = fileCleaned
	if !x.referenced(f) && x.endsBehind() && x.choose(2) == 1 {
		x.jump(tableFile, fileH5d)
		return
	}
	if x.referenced(f) && !x.m.faulty("file.H5", FaultIgnore) {
		x.kernelReturn(num(1))
		return
	}
	x.stepR1()
}

// endsBehind says whether a request of another thread that is completed in its
// dispatch routine can have begun before the handle was closed and end after that.
// Such a request is one step, and who closes meanwhile runs no code of the driver
// if there is no CLEANUP routine: so it is a way that H5 can go.
func (x *exec) endsBehind() bool {
	if x.m.cfg.App != nil || !x.m.cfg.Reduce.Movers || x.m.dispatch[irpMjCleanup] != nil || !x.m.freeSlot(x.s) {
		return false
	}
	for c := range x.m.cfg.Bounds.Issuers {
		if cb := x.m.lay.ctxs.at(c); c != x.ctx && x.s[cb+ctxAlive] == aliveYes && x.s[cb+ctxBase] == 0 && x.s[cb+ctxDying] == dyingNot {
			return true
		}
	}
	return false
}

func (x *exec) stepR5() {
	f := fileOfHandle(x.reg(k1))
	x.freeSent()
	x.freeFile(f)
	x.kernelReturn(num(1))
}

// freeFile ends file object f.
func (x *exec) freeFile(f int) {
	b := x.file(f)
	clear(x.s[b : b+x.m.lay.files.size])
	x.makeStale(1<<ClassFile, f)
}

// freeSent frees the request that was sent, if the driver has a routine for it.
func (x *exec) freeSent() {
	if irp := x.reg(k0); irp != 0 {
		x.freeIrp(irp.Slot())
		x.setReg(k0, 0)
	}
}

// sendsFor says whether the running context is in the CREATE, CLEANUP or CLOSE of
// file object f.
func (x *exec) sendsFor(f int) bool {
	base := x.m.fileFrame(x.s, x.cb)
	return base != 0 && val(x.s, base+frameRegs+4*k1) == fileNumber(f)
}

// sends says whether the context whose block is at cb is in a CREATE, CLEANUP or
// CLOSE: it waits for the request, or the driver's routine runs.
func (m *Model) sends(s []byte, cb int) bool {
	return s[cb+ctxAlive] == aliveYes && m.fileFrame(s, cb) != 0
}

// fileFrame is the frame that opens or closes a file in the context whose block is
// at cb, 0 if there is none. There is at most one: no driver opens files.
func (m *Model) fileFrame(s []byte, cb int) int { return m.frameIn(s, cb, tableFile) }

// deleteFile starts the deferred deletion of file object f in a system worker
// thread: any process, PASSIVE_LEVEL (3.21).
func (x *exec) deleteFile(f, ctx int) bool {
	x.run(ctx)
	x.s[x.cb+ctxAlive] = aliveYes
	return !x.pushFile(fileR1, fileNumber(f)) || x.section(0, false)
}

// closedKeepsRequest is INV24(c), asked where nothing but the app can move: a
// driver still has a request of a file whose CLEANUP is done. Without a CLEANUP
// routine it is enough that the client may close the file now (15.27, 19.8).
func (x *exec) closedKeepsRequest(b int) bool {
	f := int(x.s[b+irpFile]) - 1
	if x.s[b+irpPhase] != phaseDriver || f < 0 || isFileMajor(x.s[b+irpMajor]) {
		return false
	}
	switch x.s[x.file(f)+filPhase] {
	case fileCleaned:
		return true
	case fileOpen:
		return x.m.cfg.App == nil && x.m.cfg.Actions.Close && !x.m.filesMove()
	}
	return false
}
