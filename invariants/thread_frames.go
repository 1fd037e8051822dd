package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// pageProperties are about what locks and unlocks do, and to whose memory (A18,
// A20, P08, P23, P24, P26, P27).
func pageProperties() []*Property {
	return []*Property{
		{
			Name: "lock-is-a-count", Kind: explore.Step, Duty: SystemDuty, Facts: "5.2, 5.9", Notes: model.NoteLock, Trigger: model.NoteLock,
			Text: "a lock adds one to a frame's references and changes nothing else of any frame",
			Step: func(from, to model.View, _ uint64) bool { return countsOnly(from, to, +1) },
		},
		{
			Name: "lock-changes-no-region", Kind: explore.Step, Duty: SystemDuty, Facts: "5.26", Notes: model.NoteLock, Trigger: model.NoteLock,
			Text: "a lock changes no range of addresses, no heap block and no stack",
			Step: func(from, to model.View, _ uint64) bool { return from.SameRegions(to) },
		},
		{
			Name: "unlock-looks-at-frame-only", Kind: explore.Step, Duty: SystemDuty, Facts: "5.4, 5.5", Notes: model.NoteUnlock, Trigger: model.NoteUnlock,
			Text: "what an unlock does to a frame follows from the frame's counts and deleted mark, whatever kind of memory it backs",
			Step: func(from, to model.View, _ uint64) bool { return countsOnly(from, to, -1) },
		},
		{
			Name: "completion-changes-no-region", Kind: explore.Step, Duty: SystemDuty, Facts: "5.4", Trigger: model.NoteUnlock,
			Notes: model.NoteComplete | model.NoteUnlock | model.NoteStage2 | model.NoteMdlFreed | model.NoteCopyBack | model.NoteNotify,
			Text:  "no step of completion changes a range of addresses, a heap block or a stack",
			Step:  func(from, to model.View, _ uint64) bool { return from.SameRegions(to) },
		},
		unlocksKind("unlocks-virtual-memory", "VirtualAlloc memory", model.FrameVirtual),
		unlocksKind("unlocks-stack", "a thread's stack", model.FrameStack),
		unlocksKind("unlocks-heap", "the heap", model.FrameHeap),
		{
			Name: "unlock-keeps-frame", Kind: explore.Reachable, Facts: "5.4", Notes: model.NoteUnlock,
			Text: "an unlock drops the last lock of a frame that stays in use, for the app still has the memory",
			Step: func(from, to model.View, _ uint64) bool {
				return someFrame(from, to, func(f, t model.Frame) bool { return f.Locks() > 0 && t.Locks() == 0 && t.Mapped() && !t.Free() })
			},
		},
		{
			Name: "frame-locked-twice", Kind: explore.Reachable, Facts: "1.45, 5.9",
			Text:  "two MDLs hold one frame locked: all that the frame keeps of them is a count of two",
			State: func(v model.View) bool { return !eachFrame(v, func(f model.Frame) bool { return f.MDLLocks() < 2 }) },
		},
		{
			Name: "list-follows-counts", Kind: explore.Always, Duty: SystemDuty, Facts: "5.1 to 5.4", Trigger: model.NoteUnlock,
			Text:  "a frame is in use while it is mapped, on no list while it is only locked, and free exactly when it is neither",
			State: func(v model.View) bool { return eachFrame(v, listFollowsCounts) },
		},
	}
}

func listFollowsCounts(f model.Frame) bool {
	switch {
	case f.Mapped():
		return !f.Free() && !f.Limbo()
	case f.Locks() > 0:
		return f.Limbo() && f.Deleted()
	}
	return f.Free()
}

func unlocksKind(name, what string, kind model.FrameKind) *Property {
	return &Property{Name: name, Kind: explore.Reachable, Facts: "5.4", Notes: model.NoteUnlock,
		Text: "an unlock drops a lock on a page of " + what,
		Step: func(from, to model.View, _ uint64) bool {
			return someFrame(from, to, func(f, t model.Frame) bool { return f.Kind() == kind && t.Locks() < f.Locks() })
		}}
}

// someFrame looks for a frame of which f holds, before and after a step.
func someFrame(from, to model.View, f func(from, to model.Frame) bool) bool {
	for i := range from.Frames() {
		if f(from.Frame(i), to.Frame(i)) {
			return true
		}
	}
	return false
}

// countsOnly says whether the one effect of a step on frames is that references
// of one of them change by d, and that it goes to the free list if that was the
// last and the page is deleted.
func countsOnly(from, to model.View, d int) bool {
	changed := 0
	for i := range from.Frames() {
		f, t := from.Frame(i), to.Frame(i)
		if f.Locks() == t.Locks() {
			if f.Share() != t.Share() || f.Free() != t.Free() || f.Deleted() != t.Deleted() || f.Limbo() != t.Limbo() {
				return false
			}
			continue
		}
		changed++
		freed := d < 0 && t.Locks() == 0 && f.Share() == 0 && f.Deleted()
		if t.Locks() != f.Locks()+d || t.Free() != freed || t.Limbo() != (f.Limbo() && !freed) || !freed && (t.Share() != f.Share() || t.Deleted() != f.Deleted()) {
			return false
		}
	}
	return changed <= 1
}
