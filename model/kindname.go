package model

import "fmt"

// KindName names a kind of action for statistics: what happens, the step of the
// kernel at which a context runs on, or the routine in which it does.
func (m *Model) KindName(kind uint16) string {
	switch kind {
	case KindInit:
		return "the device is open"
	case KindAPC:
		return "stage two begins"
	case KindDPC:
		return "a DPC begins"
	case KindTimer:
		return "a timer expires"
	case KindIssue:
		return "the app calls DeviceIoControl"
	case KindCancel:
		return "the app cancels a request"
	case KindTake:
		return "another process takes a frame"
	case KindGive:
		return "another process gives a frame back"
	case KindQuiet:
		return "nothing but the app can move"
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
