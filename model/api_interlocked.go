package model

// Interlocked operations (13c): each is one action. The lists that take a spin
// lock hold it for their own duration (13.27).

// operation says what an interlocked operation does with the value that it finds:
// what it stores, and what it gives back.
type operation func(x *exec, in *inst, old Value) (store, result Value)

func interlockedAPIs() map[string]*api {
	out := map[string]*api{}
	add := func(name string, size int, op operation) {
		out[name] = &api{run: result(func(x *exec, in *inst) Value {
			a := x.arg(in, 0)
			old := x.load(a, size)
			if x.halted {
				return 0
			}
			v, r := op(x, in, old)
			if v != old {
				x.store(a, size, v)
			}
			return r
		})}
	}
	for suffix, size := range map[string]int{"": 4, "64": 8, "16": 2} {
		add("InterlockedIncrement"+suffix, size, added(func(*exec, *inst) (int64, bool) { return 1, true }, size, true))
		add("InterlockedDecrement"+suffix, size, added(func(*exec, *inst) (int64, bool) { return -1, true }, size, true))
		add("InterlockedExchange"+suffix, size, exchanged)
		add("InterlockedCompareExchange"+suffix, size, compared)
	}
	for suffix, size := range map[string]int{"": 4, "64": 8} {
		add("InterlockedAdd"+suffix, size, added(addend, size, true))
		add("InterlockedExchangeAdd"+suffix, size, added(addend, size, false))
		add("InterlockedAnd"+suffix, size, combined(func(a, b int64) int64 { return a & b }))
		add("InterlockedOr"+suffix, size, combined(func(a, b int64) int64 { return a | b }))
		add("InterlockedXor"+suffix, size, combined(func(a, b int64) int64 { return a ^ b }))
		add("InterlockedBitTestAndSet"+suffix, size, tested(true))
		add("InterlockedBitTestAndReset"+suffix, size, tested(false))
	}
	add("InterlockedExchange8", 1, exchanged)
	add("InterlockedExchangePointer", 8, exchanged)
	add("InterlockedCompareExchangePointer", 8, compared)
	return out
}

func addend(x *exec, in *inst) (int64, bool) { return x.m.number(x.arg(in, 1)) }

// added adds; it gives back the sum, or what was there before.
func added(by func(*exec, *inst) (int64, bool), size int, sum bool) operation {
	return func(x *exec, in *inst, old Value) (Value, Value) {
		n, ok := x.m.number(old)
		k, ok2 := by(x, in)
		v := unknown(TagAny)
		if ok && ok2 {
			v = x.m.convert(x.m.valueOf(n+k), size, true)
		}
		if sum {
			return v, v
		}
		return v, old
	}
}

func exchanged(x *exec, in *inst, old Value) (Value, Value) { return x.arg(in, 1), old }

// compared stores the second operand where the third is found. Of an unknown
// value nobody knows whether it is equal.
func compared(x *exec, in *inst, old Value) (Value, Value) {
	v, c := x.arg(in, 1), x.arg(in, 2)
	if old == c && !old.isUnknown() || (old.isUnknown() || c.isUnknown()) && x.choose(2) == 0 {
		return v, old
	}
	return old, old
}

func combined(f func(a, b int64) int64) operation {
	return func(x *exec, in *inst, old Value) (Value, Value) {
		a, ok := x.m.number(old)
		b, ok2 := x.m.number(x.arg(in, 1))
		if !ok || !ok2 {
			return unknown(TagAny), old
		}
		return x.m.valueOf(f(a, b)), old
	}
}

// tested gives back the bit that the second operand numbers, and sets or clears
// it.
func tested(set bool) operation {
	return func(x *exec, in *inst, old Value) (Value, Value) {
		n, ok := x.m.number(old)
		k, ok2 := x.m.number(x.arg(in, 1))
		if !ok || !ok2 || k < 0 || k > 63 {
			return unknown(TagAny), unknown(TagAny)
		}
		v := n &^ (1 << k)
		if set {
			v = n | 1<<k
		}
		return x.m.valueOf(v), truthValue(n&(1<<k) != 0)
	}
}

// lockedListAPIs are lists whose operations take a spin lock, and single lists.
func lockedListAPIs() map[string]*api {
	locked := func(lock int, f func(*exec, *inst) Value) *api {
		return &api{
			ready: func(x *exec, in *inst) bool { return x.lockIsFree(x.arg(in, lock)) },
			run: result(func(x *exec, in *inst) Value {
				l := x.arg(in, lock)
				if off, ok := x.lockAt(l); !ok {
					return 0
				} else if val(x.s, off) != 0 {
					x.violate(invLocks, CodeDeadlock)
					return 0
				}
				held := u32(x.s, x.cb+ctxHeld)
				put32(x.s, x.cb+ctxHeld, held|x.m.lockBit(l))
				v := f(x, in)
				if !x.halted {
					put32(x.s, x.cb+ctxHeld, held)
				}
				return v
			}),
		}
	}
	head := func(x *exec, h Value) Value {
		e := x.load(h, 8)
		if e == h || x.halted {
			return 0
		}
		x.unlink(e)
		return e
	}
	push := func(x *exec, h, e Value) Value {
		old := x.load(h, 8)
		x.store(e, 8, old)
		x.store(h, 8, e)
		return old
	}
	pop := func(x *exec, h Value) Value {
		e := x.load(h, 8)
		if e != 0 && !x.halted {
			x.store(h, 8, x.load(e, 8))
		}
		return e
	}
	args := func(f func(*exec, Value, Value) Value) func(*exec, *inst) Value {
		return func(x *exec, in *inst) Value { return f(x, x.arg(in, 0), x.arg(in, 1)) }
	}
	return map[string]*api{
		"ExInterlockedInsertTailList": locked(2, args(func(x *exec, h, e Value) Value {
			last := x.load(h.plus(8), 8)
			x.link(last, e, h)
			return orEmpty(last, h)
		})),
		"ExInterlockedInsertHeadList": locked(2, args(func(x *exec, h, e Value) Value {
			first := x.load(h, 8)
			x.link(h, e, first)
			return orEmpty(first, h)
		})),
		"ExInterlockedRemoveHeadList": locked(1, func(x *exec, in *inst) Value { return head(x, x.arg(in, 0)) }),
		"ExInitializeSListHead": {mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			x.store(x.arg(in, 0), 8, 0)
			return 0
		})},
		"ExInterlockedPushEntrySList": {run: result(args(push))},
		"ExInterlockedPopEntrySList":  {run: result(func(x *exec, in *inst) Value { return pop(x, x.arg(in, 0)) })},
		"PushEntryList":               {run: result(func(x *exec, in *inst) Value { push(x, x.arg(in, 0), x.arg(in, 1)); return 0 })},
		"PopEntryList":                {run: result(func(x *exec, in *inst) Value { return pop(x, x.arg(in, 0)) })},
	}
}

// orEmpty is the neighbour that an insertion gives back: NULL where the list was
// empty.
func orEmpty(e, head Value) Value {
	if e == head {
		return 0
	}
	return e
}
