package explore

// State is the canonical encoding of one state: System.Size bytes, every unused
// bit zero. Two states are the same exactly when their bytes are, which lets the
// engine compare and store states that it cannot decode.
//
// A State passed to a function is borrowed: read it, do not keep it, and never
// write to it unless the function says that it is yours to edit.
type State []byte

// Action labels one step. In any one state an Action labels at most one step,
// so an initial state and a list of Actions are a replayable run. Actions are
// never stored with states: their room costs nothing.
type Action struct {
	Kind          uint16
	Actor, Object uint8
	Arg           uint32
}

// compare orders actions by kind, actor, object and argument.
func (a Action) compare(b Action) int {
	x, y := a.rank(), b.rank()
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (a Action) rank() uint64 {
	return uint64(a.Kind)<<48 | uint64(a.Actor)<<40 | uint64(a.Object)<<32 | uint64(a.Arg)
}

// System is a finite transition system, immutable and safe for concurrent use.
// For equal arguments its methods push equal steps in the same order, in every
// process: counts, traces and replays rest on that. systemtest.Run checks it.
type System interface {
	// Size returns the number of bytes in every State, at least 1.
	Size() int
	// Init pushes the initial states, each under its own Action.
	Init(steps *Steps)
	// Next pushes every step enabled in s, which it must not write to.
	Next(s State, steps *Steps)
}

// Symmetric is implemented by a System some of whose parts cannot be told
// apart. Canonical rewrites s in place to the representative of its orbit.
//
// It must be idempotent, and it must commute with Next up to orbit: the steps
// of s and of its representative lead to the same orbits. Properties must not
// tell members of an orbit apart either. Counterexamples are given in real
// identities: they are replayed from a real initial state.
type Symmetric interface {
	Canonical(s State)
}

// Parted is implemented by a System whose states fall into components. Parts
// returns the end of each in bytes, ascending, the last being Size. It steers the
// compression of states of more than 8 bytes only: any answer gives the same
// Report.
//
// A good part takes few values for the number of states, and most steps leave it
// alone: a thread with its stack, a request with what belongs to it. Some ten
// parts of 20 to 200 bytes serve well; the engine puts together small ones that
// go together, and takes apart one that takes too many values.
type Parted interface {
	Parts() []int
}
