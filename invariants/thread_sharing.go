package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// exceptionProperties are what single claims name as the exceptions to a rule:
// guard pages, stacks that end, pages shown elsewhere (A23, P09, P19, P25, P26).
func exceptionProperties() []*Property {
	return []*Property{
		sometime("mapping-fails", "the driver asks for a system address and gets NULL", "5.14", model.NoteMapFails),
		{
			Name: "has-system-address", Kind: explore.Reachable, Facts: "5.14",
			Text: "a request with the driver has its pages at a system address",
			State: func(v model.View) bool {
				return !eachRequest(v, func(r model.Request) bool { return !(r.WithDriver() && r.SystemAddress()) })
			},
		},
		{
			Name: "locked-frame-shown-elsewhere", Kind: explore.Reachable, Facts: "5.21",
			Text: "another process shows a frame that is locked for a request, through the section that both have",
			State: func(v model.View) bool {
				return !eachFrame(v, func(f model.Frame) bool { return f.Locks() == 0 || !f.OtherProcess() })
			},
		},
		{
			Name: "guard-page-becomes-warning", Kind: explore.Reachable, Facts: "2.23", Notes: model.NoteCopyBackFault,
			Text: "copy-back runs into a guard page: the request ends with the warning STATUS_GUARD_PAGE_VIOLATION",
			Step: func(_, to model.View, _ uint64) bool { return endsWith(to, guardPageViolation) },
		},
		{
			Name: "guard-page-is-notified", Kind: explore.Reachable, Facts: "2.23, 2.26", Notes: model.NoteNotify,
			Text: "the app is notified of a request whose copy-back ran into a guard page",
			Step: func(_, to model.View, _ uint64) bool { return endsWith(to, guardPageViolation) },
		},
		{
			Name: "stack-ends-under-request", Kind: explore.Reachable, Facts: "4.3, 5.25",
			Text: "a thread has ended and its stack is gone, with a buffer in it that a request of another thread names",
			State: func(v model.View) bool {
				return !eachRequest(v, func(r model.Request) bool { return !(r.WithDriver() && r.OutOnStack() && !r.OutMapped()) })
			},
		},
		{
			Name: "three-owners", Kind: explore.Reachable, Facts: "5.3, 5.12",
			Text: "the driver owns the request, a lock holds its frame, and the app has other memory at the address by now",
			State: func(v model.View) bool {
				return !eachRequest(v, func(r model.Request) bool {
					f, ok := r.OutFrame()
					return !(ok && r.WithDriver() && r.OutGone() && r.OutMapped() && f.Locks() > 0 && f.Limbo())
				})
			},
		},
	}
}

const guardPageViolation = -0x7FFFFFFF // 0x80000001

// endsWith says whether stage two of some request runs with this status.
func endsWith(v model.View, status int64) bool {
	return !eachRequest(v, func(r model.Request) bool {
		s, ok := r.Status()
		return !(r.StageTwo() && ok && s == status)
	})
}
