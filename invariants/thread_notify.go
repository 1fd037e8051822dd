package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// notifyProperties ask who is told of the end of a request, when, and where a
// request is meanwhile (section 19).
func notifyProperties() []*Property {
	return []*Property{
		{
			Name: "ended-thread-has-no-request", Kind: explore.Always, Duty: SystemDuty, Facts: "4.10, 19.7", Trigger: model.NoteDispatch,
			Text: "when a thread has ended the driver has no request of it",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool {
					return !r.WithDriver() || r.Thread() < 0 || !v.ThreadEnded(r.Thread())
				})
			},
		},
		{
			Name: "second-thread-ends", Kind: explore.Reachable, Facts: "4.7",
			Text:  "the second thread has ended, and the process goes on",
			State: func(v model.View) bool { return v.ThreadEnded(1) && !v.ThreadEnded(0) },
		},
		never("nothing-written-after-status", "the kernel writes nothing of the app's after the status in the status block, and the app frees nothing before",
			"19.21, 19.22", model.NoteFreePending|model.NoteHitNew|model.NoteAfterNotify, model.NoteIosb),
		{
			Name: "polls-before-dequeue", Kind: explore.Reachable, Facts: "19.6, 19.23",
			Text:  "the app sees the final status although nobody has dequeued a packet",
			State: func(v model.View) bool { return global(v, "polled") == 1 && global(v, "dequeued") == 0 },
		},
		{
			Name: "packet-means-pending", Kind: explore.Always, Duty: SystemDuty, Facts: "19.12", Trigger: model.NotePacket,
			Text: "a request whose call did not return pending is no packet",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool { return !r.Packet() || r.Call() != model.CallSuccess })
			},
		},
		sometime("pended-gets-packet", "a request becomes a packet of its port", "19.5", model.NotePacket),
		{
			Name: "bytes-returned-is-left-alone", Kind: explore.Always, Duty: SystemDuty, Facts: "19.16, 19.17", Trigger: model.NoteIosb,
			Text:  "*lpBytesReturned keeps what the app stored there after the call",
			State: func(v model.View) bool { return global(v, "marked") != 1 || global(v, "n") == 99 },
		},
		{
			Name: "bytes-returned-while-pending", Kind: explore.Reachable, Facts: "19.16",
			Text:  "the API stores InternalHigh, which means nothing yet, in *lpBytesReturned of a pending request",
			State: func(v model.View) bool { return global(v, "n") == 7 },
		},
		never("status-block-outlives-request", "no API returns while a request still names its status block", "19.18, 19.19", model.NoteReturned, model.NoteDispatch),
		{
			Name: "unlock-keeps-trimmed-frame", Kind: explore.Reachable, Facts: "5.4, 5.13, 24.3",
			Text: "a page that left the working set while it was locked is unlocked, and its frame keeps the app's data",
			State: func(v model.View) bool {
				return !eachFrame(v, func(f model.Frame) bool { return !f.Trimmed() || f.Locks() != 0 })
			},
		},
		{
			Name: "restarts-use-up-ptes", Kind: explore.Reachable, Facts: "5.14, 5.27",
			Text: "all system page table entries belong to requests of processes that are gone",
			State: func(v model.View) bool {
				return v.PTEs() == v.PTEBound() && eachRequest(v, model.Request.OutlivesProcess)
			},
		},
	}
}
