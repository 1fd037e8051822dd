package model

// Synchronous file objects and waiting on a file object (facts 1.9, 1.25, 1.27,
// 2.27, 2.29, 3.19). A driver sees no difference: what is synchronous is the
// issuer, which holds the file object's lock from A6 until the request is over.

// filFlags bits.
const (
	fileSync      = 1 << iota // opened without FILE_FLAG_OVERLAPPED
	fileSkipPort              // FILE_SKIP_COMPLETION_PORT_ON_SUCCESS (19.12)
	fileSkipEvent             // FILE_SKIP_SET_EVENT_ON_HANDLE (19.13)
	fileReady                 // opened before everything else; the app has no handle to it yet
)

// fileBlock is the block of the file object that the request at b is for.
func (x *exec) fileBlock(b int) int { return x.m.lay.files.at(max(int(x.s[b+irpFile])-1, 0)) }

// syncIssue says whether the file object of the running issue frame's request is
// synchronous. The request exists.
func (x *exec) syncIssue() bool { return x.s[x.fileBlock(x.irp(x.request()))+filFlags]&fileSync != 0 }

// lockedFile is the block of the synchronous file object whose lock the running
// context holds, 0 if it holds none. It holds one from A6 to the end of the call,
// longer than the request lives.
func (x *exec) lockedFile() int {
	for i := range x.m.lay.files.n {
		if f := x.m.lay.files.at(i); int(x.s[f+filLock]) == x.ctx+1 {
			return f
		}
	}
	return 0
}

func (x *exec) fileLockFree() bool {
	return !x.syncIssue() || x.s[x.fileBlock(x.irp(x.request()))+filLock] == 0
}

func (x *exec) moveA6() mover {
	if x.syncIssue() {
		return moverRight
	}
	return moverBoth
}

// stepA6 takes the lock. The file object's event is cleared by whoever may set it
// next: here for a synchronous file object, whose requests come one by one, in A5
// for others.
func (x *exec) stepA6() {
	if !x.syncIssue() {
		return
	}
	f := x.fileBlock(x.irp(x.request()))
	x.s[f+filLock] = byte(x.ctx + 1)
	x.s[f+filEvent] = 0
}

// waitOver: the issuer does not wait, or the event is set, or the wait is broken
// (1.27).
func (x *exec) waitOver() bool {
	f := x.lockedFile()
	return f == 0 || x.reg(kResult) != num(ntPending) || x.s[f+filEvent] != 0 || x.interrupted()
}

// interrupted says whether the running thread is to end, which breaks a wait in
// user mode and nothing else (24.10).
func (x *exec) interrupted() bool { return x.s[x.cb+ctxDying] == dyingAsked }

// stepWait ends the wait of a synchronous request with the status that stage two
// left, or with the way to X9.
func (x *exec) stepWait() {
	f := x.lockedFile()
	switch {
	case f == 0 || x.reg(kResult) != num(ntPending):
	case x.s[f+filEvent] == 0:
		x.jump(tableIssue, issueX9)
	default:
		x.waited(f)
	}
}

// waited takes the final status.
func (x *exec) waited(f int) {
	x.setReg(kResult, x.reg(k2))
	if x.m.cfg.App == nil && x.m.cfg.Reduce.Dead {
		x.s[f+filEvent] = 0 // nobody reads it before A6 clears it
	}
}

// stepX9 cancels the request of an interrupted wait. At APC_LEVEL stage two cannot
// run, so the request cannot vanish under it.
func (x *exec) stepX9() {
	if x.s[x.lockedFile()+filEvent] == 0 {
		x.s[x.cb+ctxIrql] = irqlAPC
		x.pushKernel(tableCancel, x.reg(k0))
	}
}

// stepX9l lowers the level.
func (x *exec) stepX9l() { x.s[x.cb+ctxIrql] = irqlPassive }

// abortOver: whether there was a cancel routine or not, the wait goes on until the
// request is over, and nothing breaks it: the poll every 10 ms and the wait in
// kernel mode end alike.
func (x *exec) abortOver() bool { return x.s[x.lockedFile()+filEvent] != 0 }

func (x *exec) stepX9w() {
	x.waited(x.lockedFile())
	x.jump(tableIssue, issueUnlock)
}

func (x *exec) moveUnlock() mover {
	if x.lockedFile() != 0 {
		return moverLeft
	}
	return moverBoth
}

// stepUnlock releases the file object's lock, at the very end (12.27).
func (x *exec) stepUnlock() {
	if f := x.lockedFile(); f != 0 {
		x.s[f+filLock] = 0
	}
}

// signalFile sets the file object's event as F6 does: always for a synchronous
// file object, whose final status goes to the issuer that waits; for another one
// if the request has no event of its own, unless the handle's mode says not to.
func (x *exec) signalFile(i int) {
	b := x.irp(i)
	f := x.fileBlock(b)
	switch flags := x.s[f+filFlags]; {
	case flags&fileSync != 0:
		x.finalStatus(i)
	case x.m.cfg.App == nil || x.s[b+irpEvent] != 0 || flags&fileSkipEvent != 0:
		return
	}
	x.s[f+filEvent] = 1
}

// finalStatus leaves the status of request i, which is about to be freed, with its
// issuer.
func (x *exec) finalStatus(i int) {
	if base := x.issueFrame(i); base != 0 {
		put(x.s, base+frameRegs+4*k2, val(x.s, x.irp(i)+irpStatus))
	}
}

// issueFrame finds the frame in which request i is being issued, 0 if its call has
// returned. Stage two runs on top of it, or, if the request is a packet, in the
// thread that took it.
func (x *exec) issueFrame(i int) int {
	irp, t := irpRef(i), int(x.s[x.irp(i)+irpThread])-1
	if t < 0 {
		return 0
	}
	cb := x.m.lay.ctxs.at(t)
	for base := range frames(x.s, cb) {
		if pc := u16(x.s, base+framePC); x.m.inTable(pc, tableIssue) && val(x.s, base+frameRegs+4*k0) == irp {
			return base
		}
	}
	return 0
}

// stepF4q is the quiet path of a pended synchronous request that failed (2.29).
func (x *exec) stepF4q() {
	i := x.request()
	x.signalFile(i)
	x.jump(tableAPC, apcF8)
}
