package model

// Objects that the driver references (14.28, 20.7): its own threads by handle,
// and the events of the app by a handle that the app passes. Of the app's objects
// the model keeps the driver's references and nothing else: each successful look-up
// is an object of its own.
const (
	objUsed = 0
	objRefs = 1
	objSize = 4
)

// handleKernel marks a handle of a system thread; its slot is the context.
const handleKernel = 1

func objectAPIs() map[string]*api {
	nothing := &api{mover: local, run: result(func(*exec, *inst) Value { return num(ntSuccess) })}
	return map[string]*api{
		"ObReferenceObjectByHandle":  {mover: local, run: result(referenceByHandle)},
		"ObReferenceObject":          {run: result(func(x *exec, in *inst) Value { x.reference(x.arg(in, 0), 1); return unknown(TagAny) })},
		"ObReferenceObjectByPointer": {run: result(func(x *exec, in *inst) Value { x.reference(x.arg(in, 0), 1); return num(ntSuccess) })},
		"ObDereferenceObject":        {mover: givesBack, run: result(func(x *exec, in *inst) Value { x.reference(x.arg(in, 0), -1); return unknown(TagAny) })},
		"ZwClose":                    {run: result(zwClose)},
		"IoCreateDeviceSecure":       {mover: local, run: result(createDevice(8))},
		"ExGetPreviousMode":          {mover: local, run: result(func(*exec, *inst) Value { return num(1) })},
		"KeStallExecutionProcessor":  nothing,
	}
}

// referenceByHandle is ObReferenceObjectByHandle. A handle that the app passes
// may be bad, and means something in the app's process only (INV19).
func referenceByHandle(x *exec, in *inst) Value {
	h := x.arg(in, 0)
	if h.Class() == ClassHandle && h.Offset() == handleKernel {
		t := h.Slot()
		cb := x.m.lay.ctxs.at(t)
		if h.stale() || x.s[cb+thrHandle] == 0 {
			return x.m.valueOf(ntInvalidHandle)
		}
		x.s[cb+thrRefs]++
		x.store(x.arg(in, 4), 8, threadRef(t))
		return num(ntSuccess)
	}
	switch {
	case !x.m.isThread(x.ctx):
		x.violate(invContext, CodeCorrupt)
		return 0
	case !h.isUnknown() && h.Class() != ClassInt && h.Class() != ClassHandle:
		x.unsupported(whatAPI)
		return 0
	case x.choose(2) == 1:
		return x.m.valueOf(ntInvalidHandle)
	}
	free := uint64(0)
	for i := range x.m.lay.objects.n {
		if x.s[x.m.lay.objects.at(i)+objUsed] == 0 {
			free |= 1 << i
		}
	}
	if i := x.pick(ClassSystem, sysObjects, free); i >= 0 {
		b := x.m.lay.objects.at(i)
		x.s[b+objUsed], x.s[b+objRefs] = 1, 1
		x.store(x.arg(in, 4), 8, ref(ClassSystem, sysObjects+i, 0, 0))
		return num(ntSuccess)
	}
	x.capacity(boundObjects)
	return 0
}

// userObject judges a use of an object of the app; false if a names none.
func (x *exec) userObject(a Value) bool {
	if a.Class() != ClassSystem {
		return false
	}
	i := a.Slot() - sysObjects
	switch {
	case i < 0 || i >= x.m.lay.objects.n:
		x.unsupported(whatAPI)
	case a.stale():
		x.violate(invLifetime, CodeUAF)
	}
	return true
}

// reference changes the driver's references to an object. The last one given
// back may free it, so it is gone for the driver.
func (x *exec) reference(a Value, by int) {
	switch a.Class() {
	case ClassSystem:
		if x.userObject(a); x.halted {
			return
		}
		b := x.m.lay.objects.at(a.Slot() - sysObjects)
		if x.s[b+objRefs] += byte(by); x.s[b+objRefs] == 0 {
			clear(x.s[b : b+objSize])
			x.makeStale(1<<ClassSystem, a.Slot())
		}
	case ClassCtx:
		cb := x.m.lay.ctxs.at(a.Slot())
		switch {
		case !x.m.isSystem(a.Slot()):
			x.unsupported(whatAPI)
		case !x.liveThread(a) || by < 0 && x.s[cb+thrRefs] == 0:
			x.violate(invLifetime, Code18)
		default:
			x.s[cb+thrRefs] += byte(by)
			x.dropThread(a.Slot())
		}
	case ClassDevice, ClassFile, ClassDriver:
		x.unsupported(whatAPI)
	default:
		x.badAddress(a)
	}
}

func zwClose(x *exec, in *inst) Value {
	h := x.arg(in, 0)
	if h.Class() != ClassHandle || h.Offset() != handleKernel {
		x.unsupported(whatAPI)
		return 0
	}
	cb := x.m.lay.ctxs.at(h.Slot())
	if h.stale() || x.s[cb+thrHandle] == 0 {
		x.violate(invLifetime, CodeHandle)
		return 0
	}
	x.s[cb+thrHandle] = 0
	x.markStale(func(v Value) bool { return v == h })
	x.dropThread(h.Slot())
	return num(ntSuccess)
}
