package model

import "fmt"

// kindNames are the names of the kinds of action that are not the code of a step.
var kindNames = [kindLimit - kindOther]string{
	KindInit - kindOther:    "the device is open",
	KindAPC - kindOther:     "stage two begins",
	KindDPC - kindOther:     "a DPC begins",
	KindTimer - kindOther:   "a timer expires",
	KindIssue - kindOther:   "the app issues a request",
	KindCancel - kindOther:  "the app cancels a request",
	KindTake - kindOther:    "another process takes a frame",
	KindGive - kindOther:    "another process gives a frame back",
	KindQuiet - kindOther:   "nothing but the app can move",
	KindExit - kindOther:    "a thread begins to end",
	KindTimeout - kindOther: "rundown has waited for five minutes",
	KindDelete - kindOther:  "the process object is deleted",
	KindClose - kindOther:   "the app closes a file",
	KindOpen - kindOther:    "the app opens a file",
	KindLastRef - kindOther: "the last reference to a file is gone",
	KindWork - kindOther:    "a worker takes a work item",
	KindDequeue - kindOther: "the app takes a packet",
	KindTrim - kindOther:    "the memory manager trims a page",
}

// KindName names a kind of action for statistics: what happens, the step of the
// kernel at which a context runs on, or the routine in which it does.
func (m *Model) KindName(kind uint16) string {
	if kind >= kindOther && kind < kindLimit {
		return kindNames[kind-kindOther]
	}
	pc := int(kind)
	if r := m.routineAt(pc); r != nil && pc < len(m.code) {
		return fmt.Sprintf("runs on in %s (%v)", r.r.Name, r.side)
	}
	if pc-m.kernelCode < len(m.steps) {
		st := &m.steps[pc-m.kernelCode]
		return "runs on at " + st.table + "." + st.name
	}
	return fmt.Sprintf("kind %d", kind)
}
