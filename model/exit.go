package model

// Thread exit (section 4): a thread that ends leaves all its user frames, runs
// its own requests down, and gives back its stack; the last one of the process
// does so after all others, and closes the handles and empties the address space.
//
// k0 is the place in the thread's list of requests below which the next to
// cancel is, later the request that is being disassociated; k1 is 1 in the last
// thread; k2 is 1 once a rundown that disassociates only once has done so (K4).
const (
	exitT1 = iota
	exitT1w
	exitT2a
	exitT2b
	exitT4
	exitT5
	exitT6
	exitT7
	exitT8
	exitT9
	exitTimeout
	exitDisassociate
	exitWaitOn
	exitDelete
)

func exitSteps() []step {
	return []step{
		exitT1:  {name: "T1", fact: "4.1, 24.10", text: "the thread enters its exit; is it the last one?", lazy: true, unless: (*exec).processEnds, run: (*exec).stepT1},
		exitT1w: {name: "T1'", fact: "4.1", text: "if it is the last one, wait for all others to end", mover: true, why: "a thread that has ended stays so, and the last one starts none", ready: (*exec).othersEnded, run: (*exec).stepNothing},
		exitT2a: {name: "T2a", fact: "4.2, 4.10", text: "at APC_LEVEL, cancel the requests on the thread's list, head first", mover: true, why: "only stage two in this thread takes a request off its list, and cannot run at this level", run: (*exec).stepT2a},
		exitT2b: {name: "T2b", fact: "4.11", text: "wait until the thread's list is empty", mover: true, why: "the thread issues nothing more: an empty list stays so", ready: (*exec).listEmpty, run: (*exec).stepNothing},
		exitT4:  {name: "T4", fact: "4.3", text: "free the thread's stack", lazy: true, run: (*exec).stepT4},
		exitT5:  {name: "T5", fact: "4.4", text: "if it is the last one, close all handles", mover: true, why: "without ports and files that anybody sees closing nobody can tell, and a thread that is not the last closes nothing", unless: (*exec).closesAny, run: (*exec).stepT5},
		exitT6:  {name: "T6'", fact: "4.5, 2.32, 24.6", text: "switch APC queueing off, at APC_LEVEL; free the requests of user APCs that were never taken", mover: true, why: "stage two of a listed request is over, and no other can come", unless: (*exec).completionUnlocked, ready: (*exec).apcsDelivered, run: (*exec).stepT6},
		exitT7:  {name: "T7'", fact: "4.6", text: "if it is the last one, remove every range of the address space", lazy: true, run: (*exec).stepT7},
		exitT8:  {name: "T8'", fact: "4.7", text: "the queue of kernel APCs must be empty", mover: true, why: "nothing is queued any more", unless: (*exec).completionUnlocked, run: (*exec).stepT8},
		exitT9:  {name: "T9'", fact: "4.7", text: "the thread has ended; with the last one the process", lazy: true, moves: (*exec).moveT9, run: (*exec).stepT9},

		exitTimeout:      {name: "T7", fact: "4.12, 4.13, 4.16, 22.3, 24.5", text: "five minutes are over: take the head of the list under the completion lock, test that stage one has not ended", run: (*exec).stepTimeout},
		exitDisassociate: {name: "T7b", fact: "4.16, 24.5", text: "Irp.Thread = NULL, unlink the request: it is the driver's alone", mover: true, why: "under the completion lock that the step before took", unless: (*exec).completionUnlocked, run: (*exec).stepDisassociate},
		exitWaitOn:       {name: "T7c", fact: "4.11, 4.16", text: "release the completion lock and wait on", mover: true, why: "the release of a lock, and the thread's own level", unless: (*exec).completionUnlocked, run: (*exec).stepWaitOn},
		exitDelete:       {name: "T10", fact: "24.2, 4.21", text: "delete the process object's address space: no page may be locked", run: (*exec).stepDelete},
	}
}

// Values of ctxDying.
const (
	dyingNot    = iota
	dyingAsked  // it has to end, and does when it notices
	dyingInExit // it has entered its exit
	dyingNoAPC  // it takes no APCs any more (T6')
)

// beginExit leaves all frames of the running thread and begins its exit.
func (x *exec) beginExit() {
	for x.base != 0 {
		x.pop()
	}
	x.pushKernel(tableExit, 0)
}

// stepT1: the last thread is the one that enters its exit when no other thread
// of the process is outside of its own. The most general client's process goes
// on when one of its threads ends.
func (x *exec) stepT1() {
	x.s[x.cb+ctxDying] = dyingInExit
	if x.m.cfg.App == nil && !x.processEnds() {
		return
	}
	for t := range x.m.appThreads() {
		b := x.m.lay.ctxs.at(t)
		if x.s[b+ctxAlive] == aliveYes && x.s[b+ctxDying] < dyingInExit {
			return
		}
	}
	x.setReg(k1, num(1))
	x.setProcess(prcPhase, procExiting)
}

// processEnds: it matters in which order threads enter their exits only where one
// is the last.
func (x *exec) processEnds() bool { return x.process(prcPhase) != procRuns }

func (x *exec) lastThread() bool { return x.reg(k1) != 0 }

func (x *exec) othersEnded() bool {
	if !x.lastThread() {
		return true
	}
	for t := range x.m.appThreads() {
		if t != x.ctx && x.s[x.m.lay.ctxs.at(t)+ctxAlive] == aliveYes {
			return false
		}
	}
	return true
}

// stepT2a cancels one request and comes back for the next.
func (x *exec) stepT2a() {
	x.notes |= NoteRundown
	place := int(x.reg(k0))
	i := x.listedBelow(place)
	if i < 0 {
		x.setReg(k0, 0)
		x.s[x.cb+ctxIrql] = irqlPassive
		return
	}
	x.s[x.cb+ctxIrql] = irqlAPC
	x.setReg(k0, num(int(x.s[x.irp(i)+irpListed])))
	x.jump(tableExit, exitT2a)
	x.pushKernel(tableCancel, irpRef(i))
}

func (x *exec) listEmpty() bool { return x.listedBelow(0) < 0 }

// stepT4: a request of another thread, or one that was disassociated, may still
// name memory on this stack.
func (x *exec) stepT4() {
	if x.m.cfg.App == nil {
		return
	}
	x.notes |= NoteStackFree
	x.giveUp(ref(ClassUStack, x.ctx, 0, 0), 0, 0)
	x.unmapFrame(x.m.stackFrame(x.ctx))
}

func (x *exec) closesAny() bool {
	return x.lastThread() && (x.m.lay.ports.n > 0 || x.m.lay.ctxs.workers.n > 0)
}

// stepT5 closes one file object and comes back for the next: CLEANUP, and CLOSE
// with the last reference, reach the driver from here.
func (x *exec) stepT5() {
	if !x.lastThread() {
		return
	}
	if x.m.lay.ctxs.workers.n > 0 && x.m.processOf(x.ctx) == processApp {
		x.jump(tableExit, exitT5)
		if x.closeNextHandle() {
			return
		}
		x.jump(tableExit, exitT6)
	}
	x.closePorts()
}

// apcsDelivered: a kernel APC that is queued comes before anything else that its
// thread does at PASSIVE_LEVEL; but one that another processor queues just now
// (K7) can come too late.
func (x *exec) apcsDelivered() bool { return x.completionUnlocked() || x.s[x.cb+ctxApcs] == 0 }

func (x *exec) stepT6() {
	x.s[x.cb+ctxIrql] = irqlAPC
	x.s[x.cb+ctxDying] = dyingNoAPC
	x.rundownUserAPCs()
}

func (x *exec) stepT7() {
	if x.lastThread() {
		x.cleanAddressSpace()
	}
}

func (x *exec) stepT8() {
	if x.s[x.cb+ctxApcs] != 0 {
		x.violate(invThreadList, Code20)
	}
}

// moveT9: others may wait for the end of a thread of a process that ends.
func (x *exec) moveT9() mover {
	if x.processEnds() {
		return moverLeft
	}
	return moverBoth
}

// stepT9: a thread of the most general client that has ended makes room for
// another one.
func (x *exec) stepT9() {
	last := x.lastThread()
	x.pop()
	clear(x.s[x.cb : x.cb+x.m.lay.ctxs.sizeOf(x.ctx)])
	x.s[x.cb+ctxAlive] = aliveDone
	if x.m.cfg.App == nil && !x.processEnds() {
		x.s[x.cb+ctxAlive] = aliveYes
	}
	if last {
		x.setProcess(prcPhase, procEnded)
	}
}
