package explore

import (
	"encoding/binary"
	"fmt"
)

// Steps collects the steps of one state: the engine resets it, passes it to
// System.Next, and reads what was pushed. It belongs to one goroutine, and once
// it has grown to the largest number of steps it allocates nothing.
type Steps struct {
	size   int
	stride int // size rounded up to whole words, so that the engine can read words
	n      int
	labels []label
	arena  []byte // target i is arena[i*stride:][:size]; the padding stays zero
	ample  bool
}

type label struct {
	action Action
	notes  uint64
	mark   uint8
}

// NewSteps returns Steps for states of size bytes, for callers that run a
// System themselves: tests, and programs that print a trace. In it Ample is
// false, so that Next pushes every enabled step.
func NewSteps(size int) *Steps {
	st := &Steps{}
	st.init(size)
	return st
}

func (st *Steps) init(size int) {
	st.size = size
	st.stride = (size + 7) &^ 7
}

// Reset forgets the steps pushed so far and keeps their memory.
func (st *Steps) Reset() { st.n = 0 }

// Len returns the number of steps pushed since Reset.
func (st *Steps) Len() int { return st.n }

// At returns step i: its label, its target, which is valid until Reset or the
// next Push, and the bits that Note added to it.
func (st *Steps) At(i int) (a Action, target State, notes uint64) {
	l := st.labels[:st.n][i]
	return l.action, st.target(i), l.notes
}

// Push adds a step labelled a and returns its target, a copy of from for the
// caller to edit. A nil from stands for the state of all zero bytes. The
// returned State is valid until the next Push.
func (st *Steps) Push(a Action, from State) State {
	if st.n == len(st.labels) {
		st.grow()
	}
	st.labels[st.n] = label{action: a}
	off := st.n * st.stride
	st.n++
	t := st.arena[off : off+st.size : off+st.stride]
	// One word moves faster than a call of memmove. A State that the engine
	// lends or that Push returned always has a whole last word behind it.
	if st.stride == 8 && len(from) == len(t) && cap(from) >= 8 {
		binary.LittleEndian.PutUint64(t[:8], binary.LittleEndian.Uint64(from[:8]))
		return t
	}
	st.fill(t, from)
	return t
}

func (st *Steps) fill(t, from State) {
	switch {
	case len(from) == len(t):
		copy(t, from)
	case from == nil:
		clear(t)
	default:
		st.n--
		panic(fmt.Sprintf("explore: Push from a state of %d bytes: states of this system have %d", len(from), st.size))
	}
}

// Drop takes back the step pushed last: a System may build a target to find out
// that there is no such step.
func (st *Steps) Drop() { st.n-- }

// Note adds facts about the step pushed last. They are or-ed together, handed
// to the step properties, and never stored.
func (st *Steps) Note(bits uint64) { st.labels[st.n-1].notes |= bits }

// Mark says of the step pushed last which it is of up to 255 things that exclude
// each other, 0 for none. Like a note it is handed on and never stored; a property
// that is about one mark costs nothing on all other steps.
func (st *Steps) Mark(m uint8) { st.labels[st.n-1].mark = m }

// Ample is called by a Next that reduces by partial order, after it has pushed
// all steps of one actor; true means that these suffice and that Next may
// return. It is always false when the reduction is off.
//
// The System answers for the choice: the steps pushed so far are independent of
// everything that other actors can do before one of them is taken, no property
// sees them, and no cycle consists of such states only (never call Ample for a
// step back to the head of a loop).
func (st *Steps) Ample() bool { return st.ample && st.n > 0 }

func (st *Steps) target(i int) State {
	off := i * st.stride
	return st.arena[off : off+st.size : off+st.stride]
}

// grow makes room for at least one more step. States returned earlier keep
// their old memory, so a caller may still push from one of them.
func (st *Steps) grow() {
	room := max(8, 2*len(st.labels))
	labels := apart[label](room)
	copy(labels, st.labels)
	arena := apart[byte](room * st.stride)
	copy(arena, st.arena)
	st.labels, st.arena = labels, arena
}
