package model

// DPC objects and timers (section 14). _KDPC holds routine, context, two
// arguments and whether it is queued; _KTIMER whether it is set, its period, its
// DPC and its signal. Which objects are queued or set also stands in the header
// of the state, so that the machine finds them.
const (
	dpcRoutine = 0
	dpcContext = 8
	dpcArg1    = 16
	dpcArg2    = 24
	dpcState   = 32

	timerState  = 0
	timerPeriod = 4
	timerDpc    = 8
	timerSignal = 16
)

func dpcAPIs() map[string]*api {
	return map[string]*api{
		"KeInitializeDpc": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			d := x.arg(in, 0)
			x.store(d.plus(dpcRoutine), 8, x.arg(in, 1))
			x.store(d.plus(dpcContext), 8, x.arg(in, 2))
			x.isNotQueued(d)
			return 0
		})},
		"KeInsertQueueDpc": {run: result(func(x *exec, in *inst) Value {
			return truthValue(x.queueDpc(x.arg(in, 0), x.arg(in, 1), x.arg(in, 2)))
		})},
		"KeRemoveQueueDpc": {run: result(func(x *exec, in *inst) Value {
			d := x.arg(in, 0)
			was := x.unqueue(hdrDPCs, d, dpcState)
			if was {
				x.isNotQueued(d)
			}
			return truthValue(was)
		})},
		"KeFlushQueuedDpcs": {mover: pushes, run: func(x *exec, _ *inst) (Value, bool) {
			x.pushKernel(tableFlush, 0)
			return 0, false
		}},
		"KeInitializeTimer":   {mover: accessArg0, run: result(initTimer)},
		"KeInitializeTimerEx": {mover: accessArg0, run: result(initTimer)},
		"KeSetTimer": {run: result(func(x *exec, in *inst) Value {
			return x.setTimer(x.arg(in, 0), 0, x.arg(in, 2))
		})},
		"KeSetTimerEx": {run: result(func(x *exec, in *inst) Value {
			return x.setTimer(x.arg(in, 0), x.arg(in, 2), x.arg(in, 3))
		})},
		"KeCancelTimer": {run: result(func(x *exec, in *inst) Value {
			return truthValue(x.unsetTimer(x.arg(in, 0)))
		})},
	}
}

func initTimer(x *exec, in *inst) Value {
	t := x.arg(in, 0)
	x.isNotSet(t)
	signal := 0
	if len(in.args) > 1 && x.m.waitsOnTimers && x.arg(in, 1) == num(1) {
		signal = 2 // SynchronizationTimer
	}
	x.store(t.plus(timerSignal), 4, num(signal))
	return 0
}

// queueDpc is Q1: an object that is queued stays as it is (14.1).
func (x *exec) queueDpc(d, a1, a2 Value) bool {
	if x.load(d.plus(dpcState), 4) != 0 || x.halted {
		return false
	}
	x.store(d.plus(dpcArg1), 8, a1)
	x.store(d.plus(dpcArg2), 8, a2)
	return x.enqueue(hdrDPCs, d, dpcState)
}

// isNotQueued leaves DPC object d without what nobody reads before it is queued again.
func (x *exec) isNotQueued(d Value) {
	x.store(d.plus(dpcState), 4, 0)
	x.meansNothing(d.plus(dpcArg1), 8)
	x.meansNothing(d.plus(dpcArg2), 8)
}

// enqueue marks object a and puts it in a list of the header.
func (x *exec) enqueue(list int, a Value, state int) bool {
	x.store(a.plus(state), 4, num(1))
	if x.halted {
		return false
	}
	x.share(a)
	for i := range maxQueued {
		if off := list + 4*i; val(x.s, off) == 0 {
			put(x.s, off, a)
			return true
		}
	}
	x.capacity(boundQueued)
	return false
}

// unqueue takes object a out of a list of the header, if it is there. What the object
// itself says of that stays to be changed.
func (x *exec) unqueue(list int, a Value, state int) bool {
	x.load(a.plus(state), 4) // judges a stale pointer
	if x.halted {
		return false
	}
	for i := range maxQueued {
		if val(x.s, list+4*i)&^markFlush == a {
			x.drop(list, i)
			return true
		}
	}
	return false
}

// drop removes entry i of a list of the header, keeping the order.
func (x *exec) drop(list, i int) {
	copy(x.s[list+4*i:list+4*(maxQueued-1)], x.s[list+4*(i+1):list+4*maxQueued])
	put(x.s, list+4*(maxQueued-1), 0)
}

// runDPC lets processor ctx begin the routine of the i-th queued DPC.
func (x *exec) runDPC(i, ctx int) bool {
	x.startDPC(i, ctx)
	late := x.m.startsLate()
	x.mayWait = late
	if !x.halted && !x.section(1, !late) {
		return false
	}
	x.lone.broken = x.lone.broken || !x.halted && x.base != 0 && x.holdsLock()
	return true
}

// lastDPC is the place in the queue of the DPC that was queued last.
func (x *exec) lastDPC() int {
	n := 0
	for n+1 < maxQueued && val(x.s, hdrDPCs+4*(n+1)) != 0 {
		n++
	}
	return n
}

// startDPC is Q2: the object is idle before its routine is called, so that it
// may be queued again and run beside itself (14.2, 14.3).
func (x *exec) startDPC(i, ctx int) {
	d := val(x.s, hdrDPCs+4*i)
	x.drop(hdrDPCs, i)
	x.run(ctx)
	if d&markFlush != 0 {
		d &^= markFlush
		x.s[x.cb+ctxMark] = 1
	}
	a1, a2 := x.load(d.plus(dpcArg1), 8), x.load(d.plus(dpcArg2), 8)
	x.isNotQueued(d)
	x.callDPC(d, ctx, a1, a2)
}

// callDPC lets processor ctx run the routine of d.
func (x *exec) callDPC(d Value, ctx int, a1, a2 Value) {
	if x.halted {
		return
	}
	x.run(ctx)
	args := [4]Value{d, x.load(d.plus(dpcContext), 8), a1, a2}
	f, ok := x.m.funcOf(x.load(d.plus(dpcRoutine), 8), 0)
	if x.halted {
		return
	}
	if !ok {
		x.violate(invLifetime, CodeC7)
		return
	}
	x.s[x.cb+ctxAlive] = aliveYes
	x.s[x.cb+ctxIrql] = irqlDispatch
	put(x.s, x.cb+ctxObject, d)
	x.enter(x.m.routines[0][f], args[:], 0)
}
