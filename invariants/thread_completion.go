package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// orderProperties are about who runs stage two and what comes before what in
// completion (P04, P11).
func orderProperties() []*Property {
	return []*Property{
		never("copy-back-in-issuer", "stage two, and with it copy-back, runs in the thread that made the request", "2.20", model.NoteStage2Foreign, model.NoteCopyBack),
		{
			Name: "copies-back-at-once", Kind: explore.Reachable, Facts: "2.13", Notes: model.NoteCopyBack,
			Text: "copy-back has run before the app runs on after its call",
			Step: func(from, _ model.View, _ uint64) bool { return global(from, "returned") == 0 },
		},
		{
			Name: "copies-back-later", Kind: explore.Reachable, Facts: "2.20", Notes: model.NoteCopyBack,
			Text: "copy-back runs after the call has returned, in whatever the thread does by then",
			Step: func(from, _ model.View, _ uint64) bool {
				return !eachRequest(from, func(r model.Request) bool { return r.Call() != model.CallPending })
			},
		},
		{
			Name: "unlocked-before-stage-two", Kind: explore.Always, Duty: SystemDuty, Facts: "2.8, 2.10", Trigger: model.NoteUnlock,
			Text: "stage two is queued only after the pages are unlocked and the system address is gone",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool {
					return !r.Queued() && !r.StageTwo() || r.Locks() == 0 && !r.SystemAddress()
				})
			},
		},
		{
			Name: "mdl-lives-until-stage-two", Kind: explore.Always, Duty: SystemDuty, Facts: "2.25", Trigger: model.NoteMdlFreed,
			Text: "the MDL of a request that reached the driver is freed in stage two and not before",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool {
					waits := r.WithDriver() || r.Completed() && !r.StageTwo()
					return !waits || !r.Direct() || r.OutLen() == 0 || r.HasMDL()
				})
			},
		},
	}
}
