// Package invariants holds the named properties over states and steps of the
// model, the answers that a run can give to them, and the run itself.
//
// A property is a predicate that the engine evaluates on every state or step,
// and a text for people: what it means, whose duty it is, which stop code or
// tool names it. The numbered invariants INV01 to INV34 are one table
// (numbered.go); what single claims of the forum thread ask is another
// (thread.go).
package invariants

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Duty says who has to keep an invariant (semantics 21).
type Duty uint8

const (
	DriverDuty Duty = iota
	AppDuty
	SystemDuty // the model itself; broken under default knobs it is a defect of the model
)

func (d Duty) String() string { return [...]string{"driver", "app", "system"}[d] }

// Property is one question about a case.
type Property struct {
	Name  string
	Kind  explore.Kind
	Text  string // one sentence, what holds or is looked for
	Duty  Duty
	Code  string // documented stop code or class of damage
	Rules string // SDV rule or Driver Verifier code
	Facts string // fact numbers
	Fix   string // the usual fix

	// Needs are names of routines, one of which the C must call for the
	// question to apply; none means that it always does.
	Needs []string
	// Applies, if not nil, says in place of Needs whether the question applies.
	Applies func(m *model.Model) bool
	// Trigger is the notes of the steps that the question is about: if none
	// occurs in a complete run, the answer is VACUOUS. 0 means no such test.
	Trigger uint64

	// State answers for a state that is not a finding; Step for a step whose
	// notes meet Notes. Either may be nil: with Notes and no Step a note alone
	// decides, whatever the states.
	State func(v model.View) bool
	Step  func(from, to model.View, notes uint64) bool
	Notes uint64

	// Invariant makes findings with this number violate the property; 0: none.
	Invariant int
}

// looks says whether p has to look at states that are no findings.
func (p *Property) looks(m *model.Model) bool { return p.State != nil && p.applies(m) }

// parts turns p into what the engine evaluates: a predicate on states, one on
// steps, or both; p is violated if either is. Findings are looked for on the
// steps that lead to them, which costs nothing elsewhere, unless a run can begin
// with one.
func (p *Property) parts(m *model.Model) []explore.Property {
	var out []explore.Property
	onStates := m.StartsStopped()
	if p.looks(m) || p.Invariant != 0 && onStates {
		out = append(out, explore.Property{Name: p.Name, Kind: p.Kind, State: p.onState(m)})
	}
	mask := p.Notes
	if p.Invariant != 0 && !onStates {
		mask |= model.NoteStopped
	}
	if p.Step != nil || mask != 0 {
		kind := p.Kind
		if kind == explore.Always {
			kind = explore.Step
		}
		mark := uint8(0)
		if p.Step == nil && p.Notes == 0 {
			mark = model.Mark(model.StopViolation, p.Invariant)
		}
		out = append(out, explore.Property{Name: p.Name, Kind: kind, StepMask: mask, StepMark: mark, Step: p.onStep(m)})
	}
	return out
}

// onState is ShownIn as the engine asks: true where p holds, or is reached.
func (p *Property) onState(m *model.Model) func(explore.State) bool {
	reach := p.Kind == explore.Reachable
	return func(s explore.State) bool { return p.ShownIn(m, s) == reach }
}

// onStep is ShownBy as the engine asks.
func (p *Property) onStep(m *model.Model) func(explore.State, explore.Action, explore.State, uint64) bool {
	reach := p.Kind == explore.Reachable
	return func(from explore.State, _ explore.Action, to explore.State, notes uint64) bool {
		return p.ShownBy(m, from, to, notes) == reach
	}
}

// ShownIn says whether state s shows what p looks for: it breaks p, or is what a
// reachable property wants.
func (p *Property) ShownIn(m *model.Model, s []byte) bool {
	switch {
	case model.Stopped(s):
		return p.Invariant != 0 && m.Violates(s, p.Invariant)
	case p.State == nil:
		return false
	}
	return p.State(m.View(s)) == (p.Kind == explore.Reachable)
}

// ShownBy says whether a step shows what p looks for: by the finding that it leads
// to, else by its notes and what Step says.
func (p *Property) ShownBy(m *model.Model, from, to []byte, notes uint64) bool {
	switch {
	case p.Invariant != 0 && notes&model.NoteStopped != 0 && m.Violates(to, p.Invariant):
		return true
	case p.Notes != 0 && notes&p.Notes == 0:
		return false
	case p.Step == nil:
		return p.Notes != 0
	}
	return p.Step(m.View(from), m.View(to), notes) == (p.Kind == explore.Reachable)
}

// Answer is the verdict on one property.
type Answer uint8

const (
	Incomplete    Answer = iota // a bound or limit was hit first
	Proved                      // exhaustive and exact within the bounds
	Violated                    // with a shortest trace
	Reached                     // likewise
	Unreachable                 // exhaustive and exact within the bounds
	Vacuous                     // what the property is about never happened
	NotApplicable               // the C does not do what it is about
)

var answerNames = [...]string{"INCOMPLETE", "PROVED", "VIOLATED", "REACHED", "UNREACHABLE", "VACUOUS", "NOT APPLICABLE"}

func (a Answer) String() string { return answerNames[a] }

// ParseAnswer is the inverse of String.
func ParseAnswer(s string) (Answer, bool) {
	for i, n := range answerNames {
		if n == s {
			return Answer(i), true
		}
	}
	return 0, false
}
