package model

// eventAPIs are dispatcher objects of the driver and waits for them (14e).
func eventAPIs() map[string]*api {
	clear := &api{run: result(func(x *exec, in *inst) Value {
		e := x.arg(in, 0)
		if x.userObject(e) {
			return 0
		}
		was := x.load(e, 4)
		x.store(e, 4, 0)
		return was
	})}
	read := &api{run: result(func(x *exec, in *inst) Value { return x.load(x.arg(in, 0), 4) })}
	nothing := &api{mover: local, run: result(func(*exec, *inst) Value { return 0 })}
	return map[string]*api{
		"KeInitializeEvent": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			e := x.arg(in, 0)
			x.store(e, 4, x.arg(in, 2))
			x.store(e.plus(4), 4, x.arg(in, 1))
			return 0
		})},
		"KeSetEvent":       {run: result(func(x *exec, in *inst) Value { return x.setEvent(x.arg(in, 0)) })},
		"KeResetEvent":     clear,
		"KeClearEvent":     clear,
		"KeReadStateEvent": read,
		"KeInitializeSemaphore": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			x.store(a, 4, x.arg(in, 1))
			x.store(a.plus(4), 4, x.arg(in, 2))
			return 0
		})},
		"KeReleaseSemaphore": {run: result(releaseSemaphore)},
		"KeInitializeMutex": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			x.store(a, 4, num(1))
			x.store(a.plus(8), 8, 0)
			return 0
		})},
		"KeReleaseMutex":           {run: result(releaseMutex)},
		"KeWaitForSingleObject":    {mover: waitMover(2), run: waitSingle},
		"KeWaitForMultipleObjects": {mover: waitMover(4), run: waitMultiple},
		// A sleep is a step that can always be taken (14.35): whatever else can
		// happen may happen first.
		"KeDelayExecutionThread": {run: result(func(*exec, *inst) Value { return 0 })},
		"KeEnterCriticalRegion":  nothing, // stage two is a special kernel APC: it runs all the same
		"KeLeaveCriticalRegion":  nothing,
		"KeSetPriorityThread":    nothing,
	}
}

// setEvent signals an event and releases who waits for it, as one action (14.34).
func (x *exec) setEvent(e Value) Value {
	if x.userObject(e) {
		return unknown(TagAny)
	}
	was := x.load(e, 4)
	x.store(e, 4, num(1))
	if !x.halted {
		x.wake(e)
	}
	return was
}

// exactLimit is the largest limit of a semaphore that is counted exactly.
const exactLimit = 15

// releaseSemaphore is KeReleaseSemaphore: above the limit it raises (14.31).
func releaseSemaphore(x *exec, in *inst) Value {
	a := x.arg(in, 0)
	by, ok := x.known(in, 2)
	was := x.load(a, 4)
	limit, bounded := x.load(a.plus(4), 4).small()
	n, counted := was.small()
	if x.halted || !ok {
		return 0
	}
	top := x.m.cfg.Bounds.Requests + 1
	if bounded && limit <= exactLimit && counted {
		top = exactLimit + 1
		if n+by > limit {
			x.raise(x.m.valueOf(ntSemaphoreLimit))
			return 0
		}
	}
	x.addCount(a, 4, by, top)
	if !x.halted {
		x.wake(a)
	}
	if n >= top {
		return unknown(TagAny)
	}
	return was
}

func releaseMutex(x *exec, in *inst) Value {
	a := x.arg(in, 0)
	n, _ := x.load(a, 4).small()
	owner := x.load(a.plus(8), 8)
	switch {
	case x.halted:
		return 0
	case owner.Class() != ClassCtx || owner.Slot() != x.ctx:
		x.violate(invLocks, CodeRaise) // STATUS_MUTANT_NOT_OWNED
		return 0
	}
	x.store(a, 4, num(n+1))
	if n == 0 {
		x.store(a.plus(8), 8, 0)
		x.wake(a)
	}
	return num(n)
}
