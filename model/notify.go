package model

// INV17: a request that was accepted notifies once, one that failed at once
// never. What the call returns and whether the app was told become known in
// either order; the later of the two judges.

// How far the app has been told.
const (
	notifiedStatus = 1 // by Status, if it polls (19.21)
	notifiedEvent  = 2 // by F6
)

// freed is what a dispatch routine that still runs needs to know of its request,
// which stage two is about to free (values of k1).
func (x *exec) freed(i int) int {
	b := x.irp(i)
	was := freedUnmarked
	if x.s[b+irpPending] != 0 {
		was = freedMarked
	}
	if x.s[b+irpNotified] != 0 {
		was |= freedNotified
	} else if n, ok := x.m.number(val(x.s, b+irpStatus)); !ok || uint32(n)>>30 == 3 {
		was |= freedFailed // where the app was told nobody asks
	}
	if x.readWrite(b) {
		was |= freedDeferred
	}
	if x.s[b+irpPendRet] != x.s[b+irpPending] {
		was |= freedLate
	}
	switch x.s[b+irpResult] {
	case calledPending:
		x.judgeNotified(num(ntPending), was)
	case calledSuccess:
		x.judgeNotified(0, was)
	case calledError:
		x.judgeNotified(statusAccessViolation, was)
	}
	return was
}

// judgeNotified compares what the call returned with whether the app was told.
// An inline success whose copy-back faults is lost by design (2.31); who waits
// on a synchronous file object needs no notification (2.29).
func (x *exec) judgeNotified(returned Value, was int) {
	n, ok := x.m.number(returned)
	accepted, told := uint32(n)>>30 != 3, was&freedNotified != 0
	lost := was&freedLate != 0 || accepted && n != ntPending && was&freedFailed != 0
	if ok && accepted != told && !lost && x.lockedFile() == 0 {
		x.notes |= NoteOneNotify
	}
}
