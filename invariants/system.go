package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// ForSystem lists the numbered invariants that the system has to keep (semantics
// 21). They hold for any driver and app under default knobs: one that fails is a
// defect of the model, or what a knob or a mutation does. Two are the driver's in
// part: a mapping into user space that it leaves behind breaks INV09, and a wrong
// pending bit (INV04) INV17.
func ForSystem() []*Property {
	return []*Property{
		{
			Name: "INV09", Kind: explore.Always, Duty: SystemDuty, Code: "0x4E/0x9A", Facts: "5.6, 5.20", Invariant: 9,
			Text:    "NoFrameReuse: a frame that is referenced, or that a page still shows, is on no list and in no new allocation",
			Applies: keepsFrames, State: framesAreNotReused,
		},
		{
			Name: "INV15", Kind: explore.Step, Duty: SystemDuty, Code: "corruption of another process", Facts: "2.20, 19.24", Notes: model.NoteStage2Foreign,
			Text: "CopyBackTarget: copy-back runs in the thread that made the request, or attached to its process when a packet is taken",
			Step: func(from, to model.View, _ uint64) bool {
				return !eachRequest(from, func(r model.Request) bool { return !(r.Queued() && r.Agnostic()) }) ||
					!eachRequest(to, func(r model.Request) bool { return !(r.StageTwo() && r.Agnostic()) })
			},
		},
		{
			Name: "INV16", Kind: explore.Step, Duty: SystemDuty, Code: "the app reads what is not there yet", Facts: "2.27, 2.28, 19.22",
			Text:  "DataBeforeNotify: Information is in the status block before Status, both before the event; no user memory is touched after it",
			Notes: model.NoteAfterNotify | model.NoteIosb | model.NoteNotify, Applies: hasApp, Step: dataBeforeNotify,
		},
		{
			Name: "INV17", Kind: explore.Step, Duty: SystemDuty, Code: "lost or double wake-up", Facts: "2.26 to 2.31", Notes: model.NoteOneNotify,
			Text: "OneNotify: a request that was accepted notifies once, one that failed at once never; but for an inline success whose copy-back faults (2.31)",
		},
	}
}

// hasApp: frames and the app's memory are kept only for an app of one's own.
func hasApp(m *model.Model) bool { return m.Config().App != nil }

// keepsFrames: without an app there are no frames, but a driver's mapping into
// user space outlives its lock or not.
func keepsFrames(m *model.Model) bool {
	return hasApp(m) || m.Calls("MmMapLockedPagesSpecifyCache") || m.Calls("MmMapLockedPages")
}

func framesAreNotReused(v model.View) bool {
	for i := range v.Ranges() {
		if f, ok := v.RangeFrame(i); ok && f.Free() {
			return false
		}
	}
	return eachFrame(v, func(f model.Frame) bool { return f.Locks() == 0 || !f.Free() && !f.Renewed() })
}

// dataBeforeNotify looks at the status block that the app can see.
func dataBeforeNotify(_, to model.View, notes uint64) bool {
	if notes&model.NoteAfterNotify != 0 {
		return false
	}
	return eachRequest(to, func(r model.Request) bool {
		if !r.StageTwo() {
			return true
		}
		status, info, ok := r.StatusBlock()
		return !ok || (!status && !r.Notified()) || status && info
	})
}
