package explore

import (
	"bytes"
	"fmt"
)

// Kind tells what a Property says of the runs of a System.
type Kind uint8

const (
	// Always: the property holds in every reachable state.
	Always Kind = iota
	// Step: it holds on every step taken from a reachable state.
	Step
	// AtEnd: it holds in every reachable state without steps.
	AtEnd
	// Reachable: it holds in some reachable state, or on some step.
	Reachable
)

func (k Kind) String() string {
	switch k {
	case Always:
		return "always"
	case Step:
		return "step"
	case AtEnd:
		return "at end"
	case Reachable:
		return "reachable"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Property is a named question about a System. Its functions are called from
// several goroutines and must depend on their arguments only.
type Property struct {
	Name string
	Kind Kind

	// State answers for one state: the one wanted by a Reachable property, or
	// one that is all right for an Always or AtEnd property.
	State func(s State) bool

	// Step answers for one step, likewise. A Step property has it in place of
	// State, a Reachable property may. With Symmetry, to is the target as the
	// System pushed it, before Canonical.
	Step func(from State, a Action, to State, notes uint64) bool

	// StepMask, if not zero, restricts Step to the steps on which one of these
	// bits was noted: all others cost nothing.
	StepMask uint64

	// StepMark, if not zero, is the mark of all steps that can decide the property:
	// Run asks Step about no others. StepMask must let these pass.
	StepMark uint8
}

func (p *Property) check() error {
	var wrong string
	switch p.Kind {
	case Always, AtEnd:
		if p.State == nil || p.Step != nil {
			wrong = "needs State and no Step"
		}
	case Step:
		if p.Step == nil || p.State != nil {
			wrong = "needs Step and no State"
		}
	case Reachable:
		if (p.State == nil) == (p.Step == nil) {
			wrong = "needs either State or Step"
		}
	default:
		wrong = "is no kind of property"
	}
	if wrong != "" {
		return fmt.Errorf("explore: property %q: %v %s", p.Name, p.Kind, wrong)
	}
	return nil
}

// A Verdict is what a run found out about a Property.
type Verdict uint8

const (
	// Undecided: nothing was found, in a run that is not complete.
	Undecided Verdict = iota
	// Holds: an Always, Step or AtEnd property holds, in a complete run.
	Holds
	// Violated: it does not; there is a trace.
	Violated
	// Reached: a Reachable property is met; there is a trace.
	Reached
	// Unreached: it is not, in a complete run.
	Unreached
)

func (v Verdict) String() string {
	switch v {
	case Undecided:
		return "undecided"
	case Holds:
		return "holds"
	case Violated:
		return "violated"
	case Reached:
		return "reached"
	case Unreached:
		return "unreached"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// An Outcome is the answer to one Property.
type Outcome struct {
	Name    string
	Verdict Verdict

	// Init and Trace are a run of least length that shows a Violated or Reached
	// property: Init labels the initial state, each action of Trace a step from
	// there. On a step property the last action is the step in question.
	Init  Action
	Trace []Action
}

// A finding is a state, or a step from it, that decides a property. Among the
// findings of one level the least counts: by state, then by action.
type finding struct {
	found  bool
	state  []byte
	action Action
}

func (f *finding) offer(s State, a Action) {
	if f.found {
		order := bytes.Compare(s, f.state)
		if order > 0 || order == 0 && a.compare(f.action) >= 0 {
			return
		}
	}
	f.found = true
	f.state = append(f.state[:0], s...)
	f.action = a
}

// take moves the lesser of f and other to f, and clears other.
func (f *finding) take(other *finding) {
	if other.found {
		f.offer(other.state, other.action)
		other.found = false
	}
}

// allNotes is looked at by a step property without a StepMask, which also sees
// steps without notes.
const allNotes = ^uint64(0)

// A watch is a property that is not decided yet, ready for the inner loop.
type watch struct {
	index int // in Config.Properties
	state func(State) bool
	step  func(State, Action, State, uint64) bool
	mask  uint64
	atEnd bool
	want  bool // the answer that decides the property
}

// marked are the properties that look at the steps of one mark only, by mark.
type marked [256][]watch

func newWatch(index int, p *Property) watch {
	w := watch{index: index, state: p.State, step: p.Step, mask: p.StepMask}
	w.atEnd = p.Kind == AtEnd
	w.want = p.Kind == Reachable
	return w
}

func (w *watch) sees(notes uint64) bool { return w.mask == 0 || notes&w.mask != 0 }
