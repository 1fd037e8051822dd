package invariants

import (
	"slices"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// ForThread lists what single claims of the forum thread ask, beside the
// numbered invariants. Each says which broken model or program it fires on.
func ForThread() []*Property {
	return slices.Concat(ForIssueCompletionAndMemory(), exitProperties(), notifyProperties())
}

// ForIssueCompletionAndMemory lists those that need no thread to end and no
// completion port.
func ForIssueCompletionAndMemory() []*Property {
	return slices.Concat(bufferProperties(), copyBackProperties(), frameProperties(), fetchProperties(), issueProperties(),
		inputProperties(), pageProperties(), orderProperties(), exceptionProperties())
}

// never is a step property: no step notes what mask names.
func never(name, text, facts string, mask, trigger uint64) *Property {
	return &Property{Name: name, Kind: explore.Step, Text: text, Facts: facts, Duty: SystemDuty, Trigger: trigger, Notes: mask}
}

// sometime asks for a step that notes what mask names.
func sometime(name, text, facts string, mask uint64) *Property {
	return &Property{Name: name, Kind: explore.Reachable, Text: text, Facts: facts, Notes: mask}
}

// eachRequest asks a question of every live request of a state.
func eachRequest(v model.View, f func(model.Request) bool) bool {
	for i := range v.Requests() {
		if r := v.Request(i); r.Live() && !f(r) {
			return false
		}
	}
	return true
}

func eachFrame(v model.View, f func(model.Frame) bool) bool {
	for i := range v.Frames() {
		if !f(v.Frame(i)) {
			return false
		}
	}
	return true
}

func bufferProperties() []*Property {
	return []*Property{
		{
			Name: "one-system-buffer", Kind: explore.Always, Duty: SystemDuty, Facts: "1.13", Trigger: model.NoteDispatch,
			Text:  "a request never has more than one system buffer",
			State: func(v model.View) bool { return eachRequest(v, func(r model.Request) bool { return r.Blocks() <= 1 }) },
		},
		sometime("reads-bytes-nobody-gave", "the driver reads system buffer bytes that the caller did not give", "1.14", model.NoteReadStale),
		never("driver-never-stores-by-user-address", "the driver itself never stores by a user address", "2.20", model.NoteDriverUserWrite, model.NoteCopyBack),
		never("untouched-after-notify", "the kernel touches no user memory of a request after its event is set", "2.28", model.NoteAfterNotify, model.NoteNotify),
		sometime("frees-buffer", "the app frees the buffer", "2.28", model.NoteFree),
	}
}

func copyBackProperties() []*Property {
	return []*Property{
		{
			Name: "copies-back", Kind: explore.Reachable, Facts: "2.20", Notes: model.NoteCopyBack,
			Text: "stage two stores the output in the caller's buffer",
			Step: func(_, _ model.View, n uint64) bool { return n&model.NoteCopyBackFault == 0 },
		},
		{
			Name: "copy-back-stops-system", Kind: explore.Reachable, Facts: "2.22", Invariant: invAppCannotCrash,
			Text: "copy-back stops the system",
		},
		{
			Name: "copy-back-never-stops-system", Kind: explore.Always, Duty: SystemDuty, Facts: "2.22", Invariant: invAppCannotCrash,
			Trigger: model.NoteCopyBack,
			Text:    "no copy-back stops the system",
		},
		{
			Name: "popped-stack-never-faults", Kind: explore.Step, Duty: SystemDuty, Facts: "5.25", Notes: model.NoteCopyBackFault, Trigger: model.NoteCopyBack,
			Text: "copy-back to a stack buffer never faults, popped or not",
			Step: func(from, to model.View, _ uint64) bool {
				if to.Stopped() {
					return eachRequest(from, func(r model.Request) bool { return !(r.OutOnStack() && (r.StageTwo() || r.Queued())) })
				}
				return eachRequest(to, func(r model.Request) bool { return !(r.StageTwo() && r.OutOnStack() && hasFaulted(r)) })
			},
		},
		sometime("hits-live-stack", "a late store lands in a live variable of another function", "5.25, 2.24", model.NoteHitStack),
		sometime("hits-new-allocation", "a late store lands in a newer allocation at the same address", "2.24, 5.12", model.NoteHitNew),
		{
			Name: "fault-becomes-status", Kind: explore.Step, Duty: SystemDuty, Facts: "2.22", Notes: model.NoteCopyBackFault, Trigger: model.NoteCopyBackFault,
			Text: "a copy-back fault ends in STATUS_ACCESS_VIOLATION in a status block that the app still has",
			Step: faultBecomesStatus,
		},
		{
			Name: "app-told-of-fault", Kind: explore.Reachable, Facts: "2.22, 2.27",
			Text:  "the app is notified and reads the error of the fault",
			State: func(v model.View) bool { return global(v, "woke") == 1 && global(v, "error") == 998 },
		},
		{
			Name: "success-is-notified", Kind: explore.Always, Duty: SystemDuty, Facts: "2.31",
			Text: "an app that was told success is notified before the request is gone",
			State: func(v model.View) bool {
				gone := eachRequest(v, func(model.Request) bool { return false })
				return !gone || global(v, "succeeded") != 1 || global(v, "woke") == 1 || v.EventSet(0)
			},
		},
	}
}

// faultBecomesStatus: the step ran F1 and perhaps more; the request shows the
// status until it is freed.
func faultBecomesStatus(_, to model.View, _ uint64) bool {
	return eachRequest(to, func(r model.Request) bool { return !r.StageTwo() || hasFaulted(r) })
}

// hasFaulted says whether the request ends with the status of a fault.
func hasFaulted(r model.Request) bool {
	const accessViolation = -0x3FFFFFFB
	s, ok := r.Status()
	return ok && s == accessViolation
}

func global(v model.View, name string) int64 {
	n, _ := v.AppGlobal(name)
	return n
}

func frameProperties() []*Property {
	return []*Property{
		{
			Name: "pending-is-locked", Kind: explore.Always, Duty: SystemDuty, Facts: "1.18, 5.6", Trigger: model.NoteDispatch,
			Text:  "while a DIRECT request with an output buffer is with the driver, its pages are locked",
			State: func(v model.View) bool { return eachRequest(v, pendingIsLocked) },
		},
		{
			Name: "notified-is-unlocked", Kind: explore.Step, Duty: SystemDuty, Facts: "2.8, 5.4", Notes: model.NoteNotify, Trigger: model.NoteNotify,
			Text: "when the app is notified the request's lock and system address are gone",
			Step: func(_, to model.View, _ uint64) bool { return eachRequest(to, notifiedIsUnlocked) },
		},
		never("locked-frame-is-not-given", "a frame that is locked is never given to another allocation", "5.3, 5.6", model.NoteFrameLocked, model.NoteFrameGiven),
		sometime("frees-while-locked", "the app frees memory whose frame is locked", "5.10", model.NoteFreeLocked),
		sometime("frees-while-pending", "the app frees the buffer while the driver has the request", "5.10, 1.47", model.NoteFreePending),
		never("stores-hit-own-frame", "the driver's stores through the mapping hit only the frame that this MDL holds locked", "5.12", model.NoteMapForeign, model.NoteMapWrite),
		{
			Name: "gone-but-mapped", Kind: explore.Reachable, Facts: "5.25",
			Text: "the function has returned, the request is with the driver, and the stack buffer's page is still mapped",
			State: func(v model.View) bool {
				return !eachRequest(v, func(r model.Request) bool {
					return !(r.WithDriver() && r.OutGone() && r.OutOnStack() && r.OutMapped())
				})
			},
		},
		{
			Name: "lock-count-balanced", Kind: explore.Always, Duty: SystemDuty, Facts: "5.9, INV08", Trigger: model.NoteUnlock,
			Text: "each frame is referenced as often as MDLs hold it locked",
			State: func(v model.View) bool {
				return eachFrame(v, func(f model.Frame) bool { return f.Locks() == f.MDLLocks() })
			},
		},
		sometime("unlock-frees-frame", "an unlock finds the page unmapped and sends the frame to the free list", "5.4, 5.5", model.NoteUnlockFree),
		{
			Name: "last-unlock-frees", Kind: explore.Step, Duty: SystemDuty, Facts: "5.4, 5.5", Notes: model.NoteUnlock, Trigger: model.NoteUnlockFree,
			Text: "the last unlock of an unmapped frame sends it to the free list",
			Step: lastUnlockFrees,
		},
		{
			Name: "unmapped-stays-pinned", Kind: explore.Always, Duty: SystemDuty, Facts: "5.3, 5.6", Trigger: model.NoteFreeLocked,
			Text: "a frame that is unmapped while locked is on no free list until it is unlocked",
			State: func(v model.View) bool {
				return eachFrame(v, func(f model.Frame) bool { return f.Locks() == 0 || !f.Free() && !f.Renewed() })
			},
		},
	}
}

func pendingIsLocked(r model.Request) bool {
	if !r.WithDriver() || !r.Direct() || r.OutLen() == 0 {
		return true
	}
	f, ok := r.OutFrame()
	return r.Locks() == 1 && ok && f.Locks() >= 1
}

func notifiedIsUnlocked(r model.Request) bool {
	f, ok := r.OutFrame()
	return !r.Notified() || !ok || !r.HasMDL() && !r.SystemAddress() && f.Locks() == f.MDLLocks()
}

func lastUnlockFrees(from, to model.View, _ uint64) bool {
	for i := range from.Frames() {
		f, t := from.Frame(i), to.Frame(i)
		if f.Share() == 0 && f.Deleted() && f.Locks() > 0 && t.Locks() == 0 && !t.Free() {
			return false
		}
	}
	return true
}

func fetchProperties() []*Property {
	return []*Property{
		sometime("contents-change", "two reads of the same bytes through the mapping give different values", "6.1", model.NoteMapChanged),
		never("no-value-read-twice", "no bytes are read a second time with another value", "6.2", model.NoteMapChanged, model.NoteMapRead),
	}
}

func issueProperties() []*Property {
	return []*Property{
		sometime("lock-faults", "the lock routine finds the buffer unmapped", "1.41, 1.44", model.NoteLockFault),
		{
			Name: "failed-request-is-gone", Kind: explore.Always, Duty: SystemDuty, Facts: "1.20", Trigger: model.NoteLockFault,
			Text: "after the call has failed there is no request: the driver never gets one",
			State: func(v model.View) bool {
				return global(v, "failed") != 1 || eachRequest(v, func(r model.Request) bool { return r.Thread() != 0 })
			},
		},
		{
			Name: "failed-request-is-not-dispatched", Kind: explore.Step, Duty: SystemDuty, Facts: "1.20, 1.21", Notes: model.NoteDispatch, Trigger: model.NoteLockFault,
			Text: "a request whose buffer could not be locked never reaches the driver",
			Step: func(from, to model.View, _ uint64) bool {
				return eachRequest(to, func(r model.Request) bool { return !r.Direct() || r.OutLen() == 0 || !r.WithDriver() || r.Locks() > 0 })
			},
		},
		{
			Name: "failed-request-is-not-notified", Kind: explore.Always, Duty: SystemDuty, Facts: "1.20", Trigger: model.NoteLockFault,
			Text:  "a call that failed is followed by no notification",
			State: func(v model.View) bool { return global(v, "failed") != 1 || !v.EventSet(0) },
		},
	}
}
