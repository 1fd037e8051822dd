package model

// Double fetch (INV20, fact 22.11): the driver reads the same bytes of memory
// that it shares with the app twice, tests the first value and acts on the
// second. A value that is read there remembers where it came from, as long as it
// is in a register or a local variable of the routine; a comparison or a branch
// on it marks the bytes as tested; a value read from tested bytes is one that
// was read again. It may be passed on, but not tested, and not used as a length,
// an index or part of an address.
//
// The bytes are those of the request's user memory (lazy*), whether they are
// read through a mapping or by address. Only the most general client changes
// them at will, so that only with it the question is asked.

// maxTested is how many tested places are remembered for a request; of more, the
// last.
const maxTested = 8

const fetchBytes = 2 * maxTested

// fetchedAgain is the bit of a ClassFetched value that was read from tested bytes.
const fetchedAgain = 1 << 16

// fetched is a value that the driver has read at place a of the client's memory.
func (x *exec) fetched(a Value) Value {
	if a.Class() != ClassLazy || a.stale() {
		return unknown(TagCaller)
	}
	v := ref(ClassFetched, a.Slot(), 0, a.Offset())
	if x.tested(a.Slot(), a.Offset()) {
		v |= fetchedAgain
	}
	return v
}

func (x *exec) tested(i, off int) bool {
	b := x.m.lay.fetches.at(i)
	for k := range maxTested {
		if u16(x.s, b+2*k) == off+1 {
			return true
		}
	}
	return false
}

// tests notes that v decides something: what it was read from is tested then.
func (x *exec) tests(v Value) {
	if v.Class() != ClassFetched {
		return
	}
	x.acts(v)
	i := v.Slot()
	if v&fetchedAgain != 0 || v.stale() || x.tested(i, v.Offset()) {
		return
	}
	b := x.m.lay.fetches.at(i)
	k := 0
	for k < maxTested && u16(x.s, b+2*k) != 0 {
		k++
	}
	if k == maxTested {
		copy(x.s[b:b+fetchBytes-2], x.s[b+2:b+fetchBytes])
		k--
	}
	put16(x.s, b+2*k, v.Offset()+1)
}

// acts notes that v is used as a length, an index, part of an address or a
// condition.
func (x *exec) acts(v Value) {
	if v.Class() == ClassFetched && v&fetchedAgain != 0 {
		x.notes |= NoteDoubleFetch
	}
}

// carry is what is known of the result of an operation on a and b that the model
// does not compute: where it was read, if either was.
func carry(a, b Value) Value {
	switch {
	case a.Class() == ClassFetched && (b.Class() != ClassFetched || a&fetchedAgain != 0):
		return a
	case b.Class() == ClassFetched:
		return b
	}
	return unknown(TagAny)
}

// forget takes away where a value came from, as it is stored where others find it.
func forget(v Value) Value {
	if v.Class() == ClassFetched {
		return unknown(TagCaller)
	}
	return v
}
