package model

// Process reads the app's process.
func (v View) Process() Process { return Process{v} }

// Process is the app's process as far as the model keeps it.
type Process struct{ v View }

func (p Process) phase() byte { return p.v.s[p.v.m.lay.procs.off+prcPhase] }

// Empty says whether its address space was removed (T7').
func (p Process) Empty() bool { return p.phase() >= procCleaned }

// Ended says whether all its threads have ended (T9').
func (p Process) Ended() bool { return p.phase() >= procEnded }

// Deleted says whether the process object is gone (T10).
func (p Process) Deleted() bool { return p.phase() == procDeleted }

// FileGone says whether the app's file object is gone: CLOSE was sent.
func (v View) FileGone() bool { return v.s[v.m.lay.files.at(0)+filPhase] == fileNone }

// FileOpen says whether the app's file object has a handle, in whatever process.
func (v View) FileOpen() bool { return v.s[v.m.lay.files.at(0)+filPhase] == fileOpen }

// Threads is the number of slots for threads of the app.
func (v View) Threads() int { return v.m.appThreads() }

// InRundown says whether app thread t waits for requests on its list before it
// ends (T2b).
func (v View) InRundown(t int) bool { return v.m.inRundown(v.s, v.m.lay.ctxs.at(t)) }

// Ending says whether app thread t has entered its exit and has not ended.
func (v View) Ending(t int) bool {
	cb := v.m.lay.ctxs.at(t)
	return v.s[cb+ctxAlive] == aliveYes && v.s[cb+ctxDying] >= dyingInExit
}

// StackMapped says whether the stack of app thread t is mapped.
func (v View) StackMapped(t int) bool {
	return v.m.cfg.App != nil && v.m.fixedMapped(v.s, ref(ClassUStack, t, 0, 0))
}

// StackFrame is the page frame of the stack of app thread t.
func (v View) StackFrame(t int) Frame { return v.Frame(v.m.stackFrame(t)) }

// OtherProcess says whether the request is the second process's.
func (r Request) OtherProcess() bool {
	return r.v.m.cfg.App != nil && val(r.v.s, r.b+irpOver).Class() == ClassLazy
}

// ListedOn is the app thread on whose list the request is, -1 if on none.
func (r Request) ListedOn() int {
	if r.byte(irpListed) == 0 {
		return -1
	}
	return r.byte(irpThread) - 1
}

// Disassociated says whether rundown has given the request up: it has no thread.
func (r Request) Disassociated() bool { return r.Live() && r.byte(irpThread) == 0 }

// HasCancelRoutine says whether a cancel routine is set.
func (r Request) HasCancelRoutine() bool { return u16(r.v.s, r.b+irpRoutine) != 0 }

// ClaimedByCancel says whether the cancel side has won the request and works on
// it.
func (r Request) ClaimedByCancel() bool { return r.byte(irpClaimed)&^claimDriver != 0 }

// BlockWritten says whether the driver has written into the system buffer.
func (r Request) BlockWritten() bool {
	k := r.byte(irpBlock) - 1
	return k >= 0 && u16(r.v.s, r.v.m.lay.sysbufs.at(k)+blkTo) != 0
}

// ListsWellFormed says whether each thread's list holds exactly those of its
// requests that were inserted (A13) and neither freed nor disassociated since,
// each in a place of its own (INV25).
func (v View) ListsWellFormed() bool {
	if !v.m.tracksLists() {
		return true
	}
	var places [8]uint32
	for i := range v.m.lay.irps.n {
		b := v.m.lay.irps.at(i)
		phase, thread, place := v.s[b+irpPhase], int(v.s[b+irpThread]), int(v.s[b+irpListed])
		listed := phase >= phaseDriver && phase != phaseTaken && thread != 0 && !isFileMajor(v.s[b+irpMajor]) && v.s[b+irpFlags]&flagFileList == 0
		if listed != (place != 0) {
			return false
		}
		if place == 0 {
			continue
		}
		if places[thread-1]&(1<<place) != 0 {
			return false
		}
		places[thread-1] |= 1 << place
	}
	for _, p := range places {
		if p != 0 && (p|1)&((p|1)+1) != 0 {
			return false // a gap
		}
	}
	return true
}
