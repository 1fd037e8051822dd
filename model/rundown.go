package model

// The list of a thread's requests (1.22), and what becomes of one that rundown
// cannot wait for (4.12 to 4.20).

// tracksLists says whether anything looks at the lists: without thread exit
// nothing does.
func (m *Model) tracksLists() bool { return m.cfg.App != nil || m.cfg.Actions.Kill }

// list puts request i at the head of its thread's list.
func (x *exec) list(i int) {
	if !x.m.tracksLists() {
		return
	}
	b := x.irp(i)
	place := byte(1)
	for k := range x.m.lay.irps.n {
		if x.s[x.irp(k)+irpThread] == x.s[b+irpThread] {
			place = max(place, x.s[x.irp(k)+irpListed]+1)
		}
	}
	x.s[b+irpListed] = place
}

// unlist takes request i off its thread's list, if it is on it.
func (x *exec) unlist(i int) {
	b := x.irp(i)
	x.notes |= NoteList
	place := x.s[b+irpListed]
	if place == 0 {
		return
	}
	for k := range x.m.lay.irps.n {
		if o := x.irp(k); x.s[o+irpThread] == x.s[b+irpThread] && x.s[o+irpListed] > place {
			x.s[o+irpListed]--
		}
	}
	x.s[b+irpListed] = 0
}

// listedBelow is the request of the running thread with the largest place below
// place, the head of the list for 0; -1 if there is none.
func (x *exec) listedBelow(place int) int {
	found, at := -1, 0
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if p := int(x.s[b+irpListed]); p > at && (place == 0 || p < place) && int(x.s[b+irpThread]) == x.ctx+1 {
			found, at = i, p
		}
	}
	return found
}

// timeoutComes says whether the thread whose block is at cb waits in T2b for a
// request that the five-minute step would disassociate (K4).
func (m *Model) timeoutComes(s []byte, cb int) bool {
	if !m.inRundown(s, cb) {
		return false
	}
	w := int(s[cb+ctxBase])
	spent := val(s, cb+ctxStack+4*(w-1)+frameRegs+4*k2) != 0
	return m.cfg.Knobs.Rundown != RundownForever && !spent
}

// inRundown says whether the thread whose block is at cb waits in T2b for a
// request on its list.
func (m *Model) inRundown(s []byte, cb int) bool {
	if s[cb+ctxAlive] != aliveYes || s[cb+ctxBase] == 0 || s[cb+ctxDying] != dyingInExit {
		return false
	}
	pc := u16(s, cb+ctxStack+4*(int(s[cb+ctxBase])-1)+framePC)
	if pc != m.kernelCode+m.tableStart[tableExit]+exitT2b {
		return false
	}
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		if s[b+irpListed] != 0 && m.lay.ctxs.at(int(s[b+irpThread])-1) == cb {
			return true
		}
	}
	return false
}

// inAbort says whether the thread whose block is at cb has to end and waits for a
// synchronous request that is not over (3.19): there is no limit to that.
func (m *Model) inAbort(s []byte, cb int) bool {
	w := int(s[cb+ctxBase])
	return s[cb+ctxAlive] == aliveYes && s[cb+ctxDying] == dyingAsked && w != 0 &&
		u16(s, cb+ctxStack+4*(w-1)+framePC) == m.kernelCode+m.tableStart[tableIssue]+issueX9w
}

// stepTimeout is the marker test of T7. The lock keeps completers from reading
// Irp.Thread until T7b, where they take it at all (K7).
func (x *exec) stepTimeout() {
	x.notes |= NoteTimeout
	if x.m.cfg.Knobs.Rundown == RundownOneShot {
		x.setReg(k2, num(1))
	}
	i := x.listedBelow(0)
	if i < 0 || x.s[x.irp(i)+irpPhase] != phaseDriver {
		x.jump(tableExit, exitWaitOn)
		return
	}
	x.setReg(k0, irpRef(i))
	x.s[x.cb+ctxIrql] = irqlAPC
}

func (x *exec) stepDisassociate() {
	x.notes |= NoteTimeout
	i := x.request()
	b := x.irp(i)
	if x.m.faulty("rundown.unlock", FaultIgnore) {
		x.unlockMdl(int(x.s[b+irpMdl]) - 1)
	}
	if x.m.faulty("rundown.complete", FaultIgnore) {
		x.beginCompletion(i)
	}
	x.unlist(i)
	x.s[b+irpThread] = 0
}

func (x *exec) stepWaitOn() {
	x.setReg(k0, 0)
	x.s[x.cb+ctxIrql] = irqlPassive
	x.jump(tableExit, exitT2b)
}

// completionUnlocked: the completer reads Irp.Thread without the completion
// lock, so that rundown can come in between (K7).
func (x *exec) completionUnlocked() bool { return x.m.cfg.Knobs.DisassocUnlocked }

// completionLockFree says whether a completer can read Irp.Thread.
func (x *exec) completionLockFree() bool {
	if x.completionUnlocked() {
		return true
	}
	for t := range x.m.appThreads() {
		cb := x.m.lay.ctxs.at(t)
		w := int(x.s[cb+ctxBase])
		if w == 0 {
			continue
		}
		at := u16(x.s, cb+ctxStack+4*(w-1)+framePC) - x.m.kernelCode - x.m.tableStart[tableExit]
		if at == exitDisassociate || at == exitWaitOn {
			return false
		}
	}
	return true
}

// disassociated says whether the request of the running kernel frame has no
// thread any more.
func (x *exec) disassociated() bool { return x.s[x.irp(x.request())+irpThread] == 0 }

func (x *exec) threadMayGo() bool { return x.completionUnlocked() || x.disassociated() }
