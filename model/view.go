package model

// View reads one state for properties and traces. It never decodes bytes that
// it does not own: m and s must belong together. Slots count from 0.
type View struct {
	m *Model
	s []byte
}

// View gives typed access to state s.
func (m *Model) View(s []byte) View { return View{m, s} }

// Stopped says whether the state is a finding; nothing else can be read then.
func (v View) Stopped() bool { return v.s[hdrStop] != 0 }

// Finding reads what a stopped state found.
func (v View) Finding() Finding { return v.m.Finding(v.s) }

// Requests is the number of request slots.
func (v View) Requests() int { return v.m.lay.irps.n }

// Request reads one request slot.
func (v View) Request(i int) Request { return Request{v, v.m.lay.irps.at(i)} }

// Request is an IRP, as far as the model keeps it.
type Request struct {
	v View
	b int
}

func (r Request) byte(off int) int { return int(r.v.s[r.b+off]) }

// Live says whether there is a request in the slot.
func (r Request) Live() bool { return r.byte(irpPhase) != phaseFree }

// WithDriver says whether the request was handed to the driver and not yet to
// IoCompleteRequest: what the forum calls pending.
func (r Request) WithDriver() bool { return r.byte(irpPhase) == phaseDriver }

// Completed says whether IoCompleteRequest has begun.
func (r Request) Completed() bool { return r.byte(irpPhase) >= phaseStage1 }

// Completing says whether IoCompleteRequest runs for the request, and has not queued
// stage two.
func (r Request) Completing() bool { return r.byte(irpPhase) == phaseStage1 }

// Notified says whether the app has been told (F6).
func (r Request) Notified() bool { return r.byte(irpNotified) != 0 }

// Cancelled says whether Irp.Cancel is set.
func (r Request) Cancelled() bool { return r.byte(irpCancel) != 0 }

// Direct says whether the method is IN_DIRECT or OUT_DIRECT.
func (r Request) Direct() bool {
	return r.byte(irpMethod) == methodIn || r.byte(irpMethod) == methodOut
}

// Buffered says whether the method is BUFFERED.
func (r Request) Buffered() bool { return r.byte(irpMethod) == methodBuffered }

// OutLen is OutputBufferLength in bytes.
func (r Request) OutLen() int { return u16(r.v.s, r.b+irpOutLen) }

// InLen is InputBufferLength in bytes.
func (r Request) InLen() int { return u16(r.v.s, r.b+irpInLen) }

// HasMDL says whether Irp.MdlAddress is not NULL.
func (r Request) HasMDL() bool { return r.byte(irpMdl) != 0 }

// Status is IoStatus.Status; ok is false while the model does not know it.
func (r Request) Status() (status int64, ok bool) {
	return r.v.m.number(val(r.v.s, r.b+irpStatus))
}

// Locks is how many locks the request's MDL holds on its pages: 0 or 1 in a
// correct system.
func (r Request) Locks() int {
	k := r.byte(irpMdl) - 1
	if k < 0 {
		return 0
	}
	return int(r.v.s[r.v.m.lay.mdls.at(k)+mdlLocks])
}

// SystemAddress says whether the MDL has a system address.
func (r Request) SystemAddress() bool {
	k := r.byte(irpMdl) - 1
	return k >= 0 && r.v.s[r.v.m.lay.mdls.at(k)+mdlMapped] != 0
}

// Blocks counts the system buffers that belong to the request.
func (r Request) Blocks() int {
	n := 0
	slot := (r.b-r.v.m.lay.irps.off)/r.v.m.lay.irps.size + 1
	for i := range r.v.m.lay.sysbufs.n {
		b := r.v.m.lay.sysbufs.at(i)
		if r.v.s[b+blkUsed] != 0 && int(r.v.s[b+blkIrp]) == slot {
			n++
		}
	}
	return n
}

// BlockSize is the size in bytes of the system buffer, 0 without one.
func (r Request) BlockSize() int {
	k := r.byte(irpBlock) - 1
	if k < 0 {
		return 0
	}
	return u16(r.v.s, r.v.m.lay.sysbufs.at(k)+blkSize)
}

// OutGone says whether the app has given up the output buffer: freed it, or
// returned from the function that declared it.
func (r Request) OutGone() bool { return r.byte(irpGone)&goneOut != 0 }

// OutOnStack says whether the output buffer is a local variable of the app.
func (r Request) OutOnStack() bool { return val(r.v.s, r.b+irpOut).Class() == ClassUStack }

// OutMapped says whether the output buffer's address is mapped now.
func (r Request) OutMapped() bool {
	a := val(r.v.s, r.b+irpOut)
	switch a.Class() {
	case ClassVirtual:
		return r.v.s[r.v.m.lay.ranges.at(a.Slot())+rngUsed] != 0
	case ClassUStack, ClassHeap, ClassUGlobal:
		return r.v.m.fixedMapped(r.v.s, a)
	}
	return true
}

// OutFrame is the frame behind the output buffer that the I/O manager's lock
// took; it stays known after the unlock. ok is false before the lock.
func (r Request) OutFrame() (f Frame, ok bool) {
	k := r.byte(irpFrame) - 1
	if k < 0 {
		return Frame{}, false
	}
	return r.v.Frame(k), true
}

// Call says how the call ended for the app.
func (r Request) Call() Call { return Call(r.byte(irpResult)) }

// Call is what the app was told by the call itself.
type Call uint8

// What a call can have told.
const (
	CallRunning Call = iota
	CallPending
	CallSuccess
	CallError
)

// Frames is the number of page frames, those of stacks and heap included.
func (v View) Frames() int { return v.m.lay.frames.n }

// Frame reads one page frame.
func (v View) Frame(i int) Frame { return Frame{v, v.m.lay.frames.at(i), i} }

// Frame is a page frame (PFN entry, section 5).
type Frame struct {
	v    View
	b    int
	slot int
}

// Share is the share count.
func (f Frame) Share() int { return int(f.v.s[f.b+frmShare]) }

// Locks is the number of references beyond the share count's one.
func (f Frame) Locks() int { return int(f.v.s[f.b+frmLocks]) }

// Deleted says whether the app has unmapped the page for good.
func (f Frame) Deleted() bool { return f.v.s[f.b+frmDeleted] != 0 }

// Free says whether the frame is on the free list: anybody may get it.
func (f Frame) Free() bool { return f.v.s[f.b+frmList] == listFree }

// Renewed says whether the frame was given out again while it was locked.
func (f Frame) Renewed() bool { return f.v.s[f.b+frmRenewed] != 0 }

// MDLLocks counts the locks that live MDLs hold on the frame.
func (f Frame) MDLLocks() int {
	n := 0
	for i := range f.v.m.lay.mdls.n {
		b := f.v.m.lay.mdls.at(i)
		if f.v.s[b+mdlUsed] != 0 && int(f.v.s[b+mdlFrame]) == f.slot+1 {
			n += int(f.v.s[b+mdlLocks])
		}
	}
	return n
}

// Quiet says whether no context has anything left to run but to wait: every
// thread of the app has ended or waits, no DPC runs or is queued, no timer is
// set.
func (v View) Quiet() bool {
	for i := range 2 * maxQueued {
		if val(v.s, hdrDPCs+4*i) != 0 {
			return false
		}
	}
	return true
}

// ThreadEnded says whether app thread i ran to its end.
func (v View) ThreadEnded(i int) bool { return v.s[v.m.lay.ctxs.at(i)+ctxAlive] == aliveDone }

// AppGlobal reads a scalar static variable of the app by name.
func (v View) AppGlobal(name string) (n int64, ok bool) {
	c := v.m.uglobals.layout.CellNamed(name)
	if c < 0 {
		return 0, false
	}
	return v.m.number(val(v.s, v.m.lay.uglobal+4*c))
}

// EventSet says whether the app's i-th event is signalled.
func (v View) EventSet(i int) bool {
	return i < v.m.lay.events.n && v.s[v.m.lay.events.at(i)+evtSignal] != 0
}

// StageTwo says whether stage two runs for the request.
func (r Request) StageTwo() bool { return r.byte(irpPhase) == phaseStage2 }

// Queued says whether stage two of the request is queued to its thread, and has not begun.
func (r Request) Queued() bool { return r.byte(irpPhase) == phaseQueued }

// RunsStageTwo says whether context c of state s runs stage two of a completion.
func (m *Model) RunsStageTwo(s []byte, c int) bool {
	return m.frameIn(s, m.lay.ctxs.at(c), tableAPC) != 0
}
