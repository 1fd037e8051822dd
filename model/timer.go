package model

// Timers (section 14). A timer that expires queues its DPC; where nobody but the
// DPC's routine can tell when that was, expiring is put off until it shows: until
// the routine begins, or until a call asks whether the timer is still set.

// setTimer is W1 (14.11).
func (x *exec) setTimer(t, period, dpc Value) Value {
	was := x.unsetTimer(t)
	if x.halted {
		return 0
	}
	x.store(t.plus(timerPeriod), 4, period)
	x.store(t.plus(timerDpc), 8, dpc)
	x.signalTimer(t, 0)
	if !x.halted && dpc != 0 && (period != 0 || x.queuesToo(dpc)) {
		x.m.learn.dpcLost.Store(true) // it could expire in vain
	}
	if !x.halted {
		x.enqueue(hdrTimers, t, timerState)
	}
	return truthValue(was)
}

// queuesToo says whether DPC object dpc is queued, or will be by a timer that is set.
func (x *exec) queuesToo(dpc Value) bool {
	for i := range maxQueued {
		if val(x.s, hdrDPCs+4*i) == dpc || val(x.s, hdrTimers+4*i) != 0 && x.timerQueues(i) == dpc {
			return true
		}
	}
	return false
}

// timerQueues is the DPC object that the i-th set timer queues when it expires.
func (x *exec) timerQueues(i int) Value { return x.cellOf(val(x.s, hdrTimers+4*i), timerDpc) }

// signalTimer keeps a timer's signal only where something can wait for it, and
// releases who does.
func (x *exec) signalTimer(t Value, signal int) {
	if !x.m.waitsOnTimers {
		return
	}
	n, _ := x.load(t.plus(timerSignal), 4).small()
	x.store(t.plus(timerSignal), 4, num(n&2|signal))
	if signal != 0 && !x.halted {
		x.wake(t)
	}
}

// expire is W2 for the i-th set timer: not set, or set again with its period;
// signalled; its DPC queued (14.12).
func (x *exec) expire(i int) {
	t := val(x.s, hdrTimers+4*i)
	dpc := x.load(t.plus(timerDpc), 8)
	if period := x.load(t.plus(timerPeriod), 4); period == 0 {
		x.drop(hdrTimers, i)
		x.isNotSet(t)
	}
	x.signalTimer(t, 1)
	switch {
	case dpc == 0 || x.halted:
	case x.m.cfg.Knobs.TimerDpcDirect:
		x.callDPC(dpc, x.m.freeDPC(x.s), 0, 0) // not through the queue (14.18)
	case !x.queueDpc(dpc, 0, 0) && !x.halted:
		x.m.learn.dpcLost.Store(true)
	}
}

// unsetTimer takes timer t out of those that are set. It says whether t was set
// until now: one whose expiring was put off may have expired before.
func (x *exec) unsetTimer(t Value) bool {
	if x.m.expiresLate() {
		for i := range maxQueued {
			if val(x.s, hdrTimers+4*i) == t && x.timerQueues(i) != 0 && x.choose(2) == 1 {
				x.expire(i)
				break
			}
		}
	}
	was := !x.halted && x.unqueue(hdrTimers, t, timerState)
	if was {
		x.isNotSet(t)
	}
	return was
}

// isNotSet leaves timer t without what nobody reads before it is set again.
func (x *exec) isNotSet(t Value) {
	x.store(t.plus(timerState), 4, 0)
	x.meansNothing(t.plus(timerPeriod), 4)
	x.meansNothing(t.plus(timerDpc), 8)
}

// expiresLate says whether a set timer that has a DPC need not expire before its
// DPC's routine begins or a call asks for it. Both at once would differ only for a
// timer that expires again, or for another timer with the same DPC: that there is
// none is the assumption of startsLate, which setTimer and expire watch.
func (m *Model) expiresLate() bool {
	return m.startsLate() && !m.waitsOnTimers && !m.cfg.Knobs.TimerDpcDirect
}

// startsLate says whether nobody can tell when a DPC starts, as long as it does
// before its first operation that does not commute: where only timers queue DPCs,
// one that is still queued differs from one that has started for a timer that
// expires once more, and for nothing else. Memory that is freed under it is freed
// too early either way.
func (m *Model) startsLate() bool { return m.timersOnly && m.cfg.Reduce.Movers && !m.assume.dpcLost }

// expires is who takes the step in which the i-th timer of s expires: the clock, or the
// processor that runs its DPC where that begins in the same step; -1 if all are busy.
func (x *exec) expires(s []byte, i int) int {
	x.s = s
	dpc := x.timerQueues(i)
	x.s = x.own
	if x.m.cfg.Knobs.TimerDpcDirect && x.m.freeDPC(s) < 0 {
		return -1
	}
	if dpc != 0 && x.m.expiresLate() {
		return x.m.freeDPC(s)
	}
	return x.m.lay.ctxs.n
}
