package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// exitProperties are what claims about the end of threads and processes ask.
func exitProperties() []*Property {
	var all []*Property
	for _, group := range [][]*Property{teardownProperties(), rundownProperties(), timeoutProperties(), waitProperties()} {
		all = append(all, group...)
	}
	return all
}

// appRequest asks a question of every live request of the app in a state.
func appRequest(v model.View, f func(model.Request) bool) bool {
	return eachRequest(v, func(r model.Request) bool { return r.OtherProcess() || f(r) })
}

// someRequest says whether f holds of a live request of the app.
func someRequest(v model.View, f func(model.Request) bool) bool {
	return !appRequest(v, func(r model.Request) bool { return !f(r) })
}

func teardownProperties() []*Property {
	return []*Property{
		{
			Name: "address-space-outlives-requests", Kind: explore.Always, Duty: SystemDuty, Facts: "4.1 to 4.6", Trigger: model.NoteTeardown,
			Text: "when the address space is emptied no request is on a list of a thread of the process",
			State: func(v model.View) bool {
				return !v.Process().Empty() || appRequest(v, func(r model.Request) bool { return r.ListedOn() < 0 })
			},
		},
		{
			Name: "dead-process-holds-no-request", Kind: explore.Always, Duty: SystemDuty, Facts: "4.14", Trigger: model.NoteTeardown,
			Text: "when a process has ended the driver holds no request of it",
			State: func(v model.View) bool {
				return !v.Process().Ended() || appRequest(v, func(r model.Request) bool { return !r.WithDriver() })
			},
		},
		{
			Name: "death-closes-the-file", Kind: explore.Always, Duty: SystemDuty, Facts: "4.4, 15.24", Trigger: model.NoteTeardown,
			Text:  "when a process has ended its file object is closed: CLEANUP was sent",
			State: func(v model.View) bool { return !v.Process().Ended() || !v.FileOpen() },
		},
		{
			Name: "pending-keeps-system-buffer", Kind: explore.Always, Duty: SystemDuty, Facts: "2.34", Trigger: model.NoteTeardown,
			Text: "while a BUFFERED request is with the driver it has its system buffer, whatever became of the process",
			State: func(v model.View) bool {
				return appRequest(v, func(r model.Request) bool { return !r.WithDriver() || !r.Buffered() || r.BlockSize() >= r.OutLen() })
			},
		},
		{
			Name: "answers-a-dead-process", Kind: explore.Reachable, Facts: "2.34, 4.16",
			Text: "the process has ended, and the driver writes into the system buffer of its request without harm",
			Step: func(from, to model.View, n uint64) bool {
				return !to.Stopped() && from.Process().Ended() && !someRequest(from, model.Request.BlockWritten) && someRequest(to, model.Request.BlockWritten)
			},
		},
		{
			Name: "freed-means-unlocked", Kind: explore.Always, Duty: SystemDuty, Facts: "5.3, 5.4", Trigger: model.NoteTeardown,
			Text: "no frame is free, or somebody else's, while a lock of the process holds it",
			State: func(v model.View) bool {
				return eachFrame(v, func(f model.Frame) bool { return f.Locks() == 0 || !f.Free() && !f.Renewed() })
			},
		},
		{
			Name: "dead-with-locked-frame", Kind: explore.Reachable, Facts: "4.25, 5.3",
			Text: "the process object is gone, and a frame of it is still locked: not free, nobody's",
			State: func(v model.View) bool {
				return v.Process().Deleted() && !eachFrame(v, func(f model.Frame) bool { return f.Locks() == 0 || f.Share() != 0 || f.Free() })
			},
		},
		{
			Name: "dead-has-nothing-locked", Kind: explore.Always, Duty: SystemDuty, Facts: "4.21, 24.2", Trigger: model.NoteTeardown,
			Text: "a process object that is gone has left no page locked",
			State: func(v model.View) bool {
				return !v.Process().Deleted() || appRequest(v, func(r model.Request) bool { return r.Locks() == 0 })
			},
		},
		{
			Name: "locked-pages-stop-the-system", Kind: explore.Reachable, Facts: "4.21, 4.22", Invariant: 10,
			Text: "the process object is deleted while pages are locked: 0x76 or 0xCB",
		},
		{
			Name: "unlocks-through-freed-process", Kind: explore.Reachable, Facts: "4.20", Invariant: 26,
			Text: "a late completion counts the pages out of a process object that is gone",
		},
	}
}

func rundownProperties() []*Property {
	return []*Property{
		{
			Name: "rundown-cancels-all", Kind: explore.Always, Duty: SystemDuty, Facts: "4.10, 3.1", Trigger: model.NoteRundown,
			Text: "in a rundown that waits, each request on the thread's list that the driver holds has Cancel set",
			State: func(v model.View) bool {
				return appRequest(v, func(r model.Request) bool {
					return r.ListedOn() < 0 || !v.InRundown(r.ListedOn()) || !r.WithDriver() || r.Cancelled()
				})
			},
		},
		{
			Name: "rundown-meets-no-routine", Kind: explore.Reachable, Facts: "3.1, 4.10",
			Text: "a rundown has cancelled a request that has no cancel routine: nothing was called, the driver keeps it",
			State: func(v model.View) bool {
				return someRequest(v, func(r model.Request) bool {
					return r.ListedOn() >= 0 && v.InRundown(r.ListedOn()) && r.WithDriver() && r.Cancelled() && !r.ClaimedByCancel()
				})
			},
		},
		{
			Name: "rundown-calls-routine", Kind: explore.Reachable, Facts: "3.1, 4.10",
			Text: "a rundown calls the cancel routine of a request",
			State: func(v model.View) bool {
				return someRequest(v, func(r model.Request) bool {
					return r.ListedOn() >= 0 && v.Ending(r.ListedOn()) && r.WithDriver() && r.ClaimedByCancel()
				})
			},
		},
		{
			Name: "rundown-misses-port-bound", Kind: explore.Reachable, Facts: "19.1, 19.7",
			Text: "a thread has ended, and the driver holds a request of it that nobody cancelled: it is on its file object's list",
			State: func(v model.View) bool {
				return someRequest(v, func(r model.Request) bool {
					return r.Agnostic() && r.WithDriver() && !r.Cancelled() && r.Thread() >= 0 && v.ThreadEnded(r.Thread())
				})
			},
		},
		{
			Name: "stack-freed-after-own-requests", Kind: explore.Step, Duty: SystemDuty, Facts: "4.2, 4.3", Notes: model.NoteStackFree, Trigger: model.NoteStackFree,
			Text: "the stack of a thread is freed only when no request is on its list",
			Step: func(from, to model.View, _ uint64) bool {
				return appRequest(from, func(r model.Request) bool { return r.ListedOn() < 0 || !stackGoes(from, to, r.ListedOn()) })
			},
		},
		{
			Name: "stack-freed-while-locked", Kind: explore.Reachable, Facts: "4.3, 5.25", Notes: model.NoteStackFree,
			Text: "the stack of a thread is freed while a lock holds its page: the frame goes on no list",
			Step: func(from, to model.View, _ uint64) bool {
				for t := range to.Threads() {
					if stackGoes(from, to, t) && to.StackFrame(t).Locks() > 0 && !to.StackFrame(t).Free() {
						return true
					}
				}
				return false
			},
		},
		{
			Name: "cancelled-stays-locked", Kind: explore.Reachable, Facts: "2.8, 4.16",
			Text: "a thread waits in its rundown for a request that is cancelled, not completed, and has its pages locked",
			State: func(v model.View) bool {
				return someRequest(v, func(r model.Request) bool {
					return r.ListedOn() >= 0 && v.InRundown(r.ListedOn()) && r.WithDriver() && r.Cancelled() && r.Locks() == 1
				})
			},
		},
		{
			Name: "cancel-changes-no-lock", Kind: explore.Step, Duty: SystemDuty, Facts: "3.1, 4.16", Trigger: model.NoteCancel,
			Notes: model.NoteCancel | model.NoteRundown | model.NoteTimeout,
			Text:  "neither the Cancel flag, nor the call of a cancel routine, nor the end of the five minutes changes a lock",
			Step: func(from, to model.View, n uint64) bool {
				return n&model.NoteUnlock != 0 || to.Stopped() || sameLocks(from, to)
			},
		},
	}
}

func stackGoes(from, to model.View, t int) bool { return from.StackMapped(t) && !to.StackMapped(t) }

// sameLocks says whether each request that is live in both states holds as many
// locks in both.
func sameLocks(from, to model.View) bool {
	for i := range from.Requests() {
		if f, t := from.Request(i), to.Request(i); f.Live() && t.Live() && f.Locks() != t.Locks() {
			return false
		}
	}
	return true
}

func timeoutProperties() []*Property {
	return []*Property{
		sometime("five-minutes-pass", "a rundown waits for five minutes", "4.13, 22.3", model.NoteTimeout),
		{
			Name: "system-completes-nothing", Kind: explore.Step, Duty: SystemDuty, Facts: "4.16", Trigger: model.NoteTimeout,
			Notes: model.NoteTimeout | model.NoteTeardown,
			Text:  "neither the end of the five minutes nor that of the process completes a request that the driver holds",
			Step: func(from, to model.View, _ uint64) bool {
				for i := range from.Requests() {
					if !to.Stopped() && from.Request(i).WithDriver() && !to.Request(i).WithDriver() {
						return false
					}
				}
				return true
			},
		},
		{
			Name: "given-up-stays-locked", Kind: explore.Always, Duty: SystemDuty, Facts: "4.16, 4.18", Trigger: model.NoteTimeout,
			Text: "a request that was disassociated keeps its pages locked until the driver completes it",
			State: func(v model.View) bool {
				return appRequest(v, func(r model.Request) bool { return !r.Disassociated() || pendingIsLocked(r) })
			},
		},
		{
			Name: "five-minutes-only-at-exit", Kind: explore.Step, Duty: SystemDuty, Facts: "4.15", Notes: model.NoteTimeout, Trigger: model.NoteTimeout,
			Text: "the five minutes only ever end for a thread that ends",
			Step: func(from, _ model.View, _ uint64) bool {
				for t := range from.Threads() {
					if from.Ending(t) {
						return true
					}
				}
				return false
			},
		},
		{
			Name: "five-minutes-change-no-page", Kind: explore.Step, Duty: SystemDuty, Facts: "4.16", Notes: model.NoteTimeout, Trigger: model.NoteTimeout,
			Text: "the end of the five minutes changes no lock and no frame: there is nothing to race with",
			Step: func(from, to model.View, _ uint64) bool {
				for i := range from.Frames() {
					f, t := from.Frame(i), to.Frame(i)
					if f.Locks() != t.Locks() || f.Share() != t.Share() || f.Free() != t.Free() || f.Deleted() != t.Deleted() {
						return false
					}
				}
				return sameLocks(from, to)
			},
		},
		{
			Name: "late-completion-frees-all", Kind: explore.Step, Duty: SystemDuty, Facts: "4.18, 2.11", Notes: model.NoteLate, Trigger: model.NoteLate,
			Text: "the completion of a disassociated request frees it, and its pages are unlocked",
			Step: func(from, to model.View, _ uint64) bool { return lateFrees(from, to) },
		},
		{
			Name: "late-completion", Kind: explore.Reachable, Facts: "4.18", Notes: model.NoteLate,
			Text: "a request is disassociated, and the driver completes it after that",
			Step: func(_, _ model.View, _ uint64) bool { return true },
		},
		{
			Name: "file-stays-with-request", Kind: explore.Always, Duty: SystemDuty, Facts: "3.21, 4.27", Trigger: model.NoteTimeout,
			Text: "the file object stays as long as the driver holds a request on it, given up or not",
			State: func(v model.View) bool {
				return !v.FileGone() || appRequest(v, func(r model.Request) bool { return !r.WithDriver() })
			},
		},
		{
			Name: "file-goes-after-process", Kind: explore.Reachable, Facts: "3.21, 4.18",
			Text: "the process has ended, and CLOSE is sent for its file object only after that",
			Step: func(from, to model.View, _ uint64) bool {
				return !to.Stopped() && from.Process().Ended() && !from.FileGone() && to.FileGone()
			},
		},
		{
			Name: "given-up-only-from-the-driver", Kind: explore.Step, Duty: SystemDuty, Facts: "4.16, 4.17, 24.5", Notes: model.NoteTimeout, Trigger: model.NoteTimeout,
			Text: "a request that is disassociated is with the driver, or its completion has not yet come to whom stage two is for",
			Step: func(from, to model.View, _ uint64) bool {
				for i := range from.Requests() {
					if f, t := from.Request(i), to.Request(i); !to.Stopped() && !f.Disassociated() && t.Disassociated() && !t.WithDriver() && !t.Completing() {
						return false
					}
				}
				return true
			},
		},
		{
			Name: "given-up-has-no-apc", Kind: explore.Always, Duty: SystemDuty, Facts: "4.17", Trigger: model.NoteTimeout,
			Text: "stage two is never queued for a request that was disassociated",
			State: func(v model.View) bool {
				return appRequest(v, func(r model.Request) bool { return !r.Disassociated() || !r.Queued() })
			},
		},
	}
}

// lateFrees: the request that C8 frees is gone with its MDL, and each frame is
// locked as often as MDLs are left that hold it.
func lateFrees(from, to model.View) bool {
	gone := 0
	for i := range from.Requests() {
		if from.Request(i).Disassociated() && !to.Request(i).Live() {
			gone++
		}
	}
	return gone > 0 && eachFrame(to, func(f model.Frame) bool { return f.Locks() == f.MDLLocks() })
}

func waitProperties() []*Property {
	return []*Property{
		{
			Name: "exit-always-ends", Kind: explore.Step, Duty: SystemDuty, Facts: "4.12 to 4.14, 3.19", Notes: model.NoteStopped, Trigger: model.NoteRundown,
			Text: "no thread is ever stuck in its exit for good",
			Step: func(_, to model.View, _ uint64) bool { return !to.Finding().Forever },
		},
		{
			Name: "exit-needs-no-timer", Kind: explore.Step, Facts: "22.1, 22.3", Notes: model.NoteStopped, Trigger: model.NoteRundown, Invariant: 23,
			Text: "no thread ever waits in its exit with nothing left that could end the wait but five minutes",
			Step: func(_, _ model.View, _ uint64) bool { return true },
		},
		{
			Name: "exits-with-nothing-locked", Kind: explore.Reachable, Facts: "2.8, 4.11",
			Text: "the process object is gone, no request is left, and no frame is locked",
			State: func(v model.View) bool {
				return v.Process().Deleted() && appRequest(v, func(model.Request) bool { return false }) &&
					eachFrame(v, func(f model.Frame) bool { return f.Locks() == 0 })
			},
		},
	}
}
