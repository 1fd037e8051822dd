package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// inputProperties are about the input and the system buffer (A02, A07, P01 to
// P03).
func inputProperties() []*Property {
	return []*Property{
		{
			Name: "block-is-the-longer", Kind: explore.Always, Duty: SystemDuty, Facts: "1.13, 1.16", Trigger: model.NoteDispatch,
			Text:  "the system buffer of a BUFFERED request has max(in, out) bytes, that of a DIRECT one the input's",
			State: func(v model.View) bool { return eachRequest(v, blockIsTheLonger) },
		},
		{
			Name: "input-is-captured", Kind: explore.Always, Duty: SystemDuty, Facts: "1.14, 1.16", Trigger: model.NoteCopyIn,
			Text:  "when the driver gets the request, the system buffer holds the whole input if one was given, and nothing of the caller's else",
			State: func(v model.View) bool { return eachRequest(v, inputIsCaptured) },
		},
		{
			Name: "gets-no-input", Kind: explore.Reachable, Facts: "1.14",
			Text: "the driver gets a request whose caller gave no input",
			State: func(v model.View) bool {
				return !eachRequest(v, func(r model.Request) bool { return !r.WithDriver() || r.HasInput() })
			},
		},
		never("input-not-read-again", "once the driver has been called, nobody reads the caller's input buffer by its address", "1.14, 1.16", model.NoteInputLate, model.NoteDispatch),
		sometime("input-read-by-address", "the driver reads the caller's input buffer by its user address", "1.10, 1.19", model.NoteInputLate),
		never("input-read-before-output", "the driver reads no input byte that it has overwritten with output", "6.8", model.NoteReadOwn, model.NoteCopyBack),
		sometime("input-overwritten-first", "the driver reads as input what it wrote as output", "6.8", model.NoteReadOwn),
		{
			Name: "buffered-locks-nothing", Kind: explore.Always, Duty: SystemDuty, Facts: "1.15", Trigger: model.NoteDispatch,
			Text: "a BUFFERED request has no MDL: the system locks no page for it",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool { return !r.Buffered() || !r.HasMDL() && r.Locks() == 0 })
			},
		},
		{
			Name: "zero-length-has-no-mdl", Kind: explore.Always, Duty: SystemDuty, Facts: "1.17", Trigger: model.NoteDispatch,
			Text: "a DIRECT request without an output length has no MDL",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool { return !r.Direct() || r.OutLen() > 0 || !r.HasMDL() })
			},
		},
		{
			Name: "gets-zero-length", Kind: explore.Reachable, Facts: "1.17",
			Text: "the driver gets a DIRECT request without an output length",
			State: func(v model.View) bool {
				return !eachRequest(v, func(r model.Request) bool { return !(r.WithDriver() && r.Direct() && r.OutLen() == 0) })
			},
		},
		{
			Name: "lock-follows-method", Kind: explore.Always, Duty: SystemDuty, Facts: "1.18", Trigger: model.NoteLock,
			Text: "the pages are locked for write with OUT_DIRECT, for read with IN_DIRECT",
			State: func(v model.View) bool {
				return eachRequest(v, func(r model.Request) bool { return r.Locks() == 0 || r.LockedForWrite() == r.WantsWrite() })
			},
		},
		lockedFor("locked-for-write", true),
		lockedFor("locked-for-read", false),
	}
}

func lockedFor(name string, write bool) *Property {
	text := "a request is with the driver, its pages locked for read"
	if write {
		text = "a request is with the driver, its pages locked for write"
	}
	return &Property{Name: name, Kind: explore.Reachable, Facts: "1.18", Text: text, State: func(v model.View) bool {
		return !eachRequest(v, func(r model.Request) bool {
			return !(r.WithDriver() && r.Locks() > 0 && r.LockedForWrite() == write)
		})
	}}
}

func blockIsTheLonger(r model.Request) bool {
	if !r.WithDriver() {
		return true
	}
	switch {
	case r.Buffered():
		return r.BlockSize() == max(r.InLen(), r.OutLen())
	case r.Direct():
		return r.BlockSize() == r.InLen()
	}
	return r.BlockSize() == 0
}

func inputIsCaptured(r model.Request) bool {
	if !r.WithDriver() || !r.Buffered() && !r.Direct() {
		return true
	}
	if !r.HasInput() {
		return r.BlockCaller() == 0
	}
	return r.BlockCaller() == r.InLen()
}
