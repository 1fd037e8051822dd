package explore

import "fmt"

// A Report is what Run found. It holds no times and no addresses: equal Configs
// that end for the same Reason at the same Depth give equal Reports, for any
// number of workers, on any machine.
//
// All numbers count complete levels only: a level is complete when all of its
// states have been explored, that is, checked with all their steps.
type Report struct {
	Complete bool   // all reachable states were explored
	Reason   Reason // why not, if not Complete

	Distinct  uint64   // states
	Generated uint64   // steps, those to known states included
	Ends      uint64   // states without steps
	Depth     int      // the deepest complete level; initial states are level 0
	Levels    []uint64 // states of each level
	Digest    uint64   // of the set of states: the sum of their xxhash values

	Outcomes []Outcome // of Config.Properties, in order
}

// A Reason tells why a run is not complete.
type Reason uint8

const (
	// None: the run is complete.
	None Reason = iota
	// StateLimit: Config.MaxStates was reached.
	StateLimit
	// DepthLimit: Config.MaxDepth was reached.
	DepthLimit
	// MemoryLimit: Config.MaxMemory was reached.
	MemoryLimit
	// TimeLimit: Config.TimeLimit, or the deadline of the context, was reached.
	TimeLimit
	// Interrupted: the context was cancelled.
	Interrupted
	// Decided: what was asked for is decided, see Config.StopWhenDecided.
	Decided
)

func (r Reason) String() string {
	switch r {
	case None:
		return "none"
	case StateLimit:
		return "state limit"
	case DepthLimit:
		return "depth limit"
	case MemoryLimit:
		return "memory limit"
	case TimeLimit:
		return "time limit"
	case Interrupted:
		return "interrupted"
	case Decided:
		return "decided"
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// A SystemError reports a System, or a Property, that broke its contract, and
// the run that led there: the step after the last of Trace could not be taken.
type SystemError struct {
	Init   Action
	Trace  []Action
	State  State  // the state in which it happened; nil if in Init
	Detail string // what happened
	Stack  string // where, if it was a panic
}

func (e *SystemError) Error() string {
	if e.State == nil {
		return fmt.Sprintf("explore: the system failed in Init: %s", e.Detail)
	}
	return fmt.Sprintf("explore: the system failed after %d steps: %s", len(e.Trace), e.Detail)
}
