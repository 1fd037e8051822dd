package invariants

import (
	"context"
	"slices"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Shortest is what Shorten found out about the trace of one violated property.
type Shortest struct {
	Property *Property
	// Steps is how many steps of the unreduced graph the trace takes that the
	// reduced exploration found; 0 if that is not known.
	Steps int
	// Witness is a shortest run of the unreduced graph, nil if the limits ended
	// the search before one was found.
	Witness *Witness
	Finding model.Finding // that it ends in
}

// Shortened is the answer of Shorten.
type Shortened struct {
	Model  *model.Model // whose runs the witnesses are
	Reason explore.Reason
	States uint64 // of the unreduced graph that were explored
	Traces []Shortest
}

// Shorten looks for shortest runs to the violations of a result of m in the
// graph without the reductions that put several operations into one step, or
// leave steps out. Every reduced run is a run there, of more steps, so no depth
// needs to bound the search: it goes level by level and ends when each
// violation has been met, at the latest where the reduced run leads. Other
// limits may end it before.
func Shorten(ctx context.Context, m *model.Model, res *Result, lim Limits) (*Shortened, error) {
	plain, err := unreduced(m)
	if err != nil {
		return nil, err
	}
	out := &Shortened{Model: plain}
	var props []*Property
	var witnesses []*Witness
	for i := range res.Answers {
		if a := &res.Answers[i]; a.Answer == Violated {
			props = append(props, a.Property)
			witnesses = append(witnesses, a.Witness)
		}
	}
	q := &questions{}
	for _, p := range props {
		q.first = append(q.first, len(q.engine))
		q.engine = append(q.engine, p.parts(plain)...)
	}
	q.first = append(q.first, len(q.engine))
	r, err := explore.Run(ctx, explore.Config{
		System: plain, Properties: q.engine, Workers: lim.Workers, Symmetry: plain.Config().Reduce.Symmetry,
		MaxStates: lim.MaxStates, MaxMemory: lim.MaxMemory, TimeLimit: lim.TimeLimit, Progress: lim.Progress, Spill: lim.Spill, StopWhen: q.allDecided,
	})
	if err != nil {
		return nil, err
	}
	out.Reason, out.States = r.Reason, r.Distinct
	for i, p := range props {
		s := Shortest{Property: p, Witness: q.shortest(i, r.Outcomes)}
		s.Steps = stepsIn(plain, m, witnesses[i])
		if s.Witness != nil {
			if s.Finding, err = finding(plain, s.Witness); err != nil {
				return nil, err
			}
		}
		out.Traces = append(out.Traces, s)
	}
	return out, nil
}

// unreduced is the case of m, with its assumptions, explored one operation that
// another context could notice at a time.
func unreduced(m *model.Model) (*model.Model, error) {
	cfg := m.Config()
	cfg.Reduce.Movers, cfg.Reduce.Locks, cfg.Reduce.Ample = false, false, false
	plain, err := model.New(cfg)
	if err == nil {
		plain.Assume(m.Assumptions())
	}
	return plain, err
}

// allDecided says whether each property has a part that is violated.
func (q *questions) allDecided(outcomes []explore.Outcome) bool {
	for i := range q.first[1:] {
		if !slices.ContainsFunc(outcomes[q.first[i]:q.first[i+1]], func(o explore.Outcome) bool { return o.Verdict == explore.Violated }) {
			return false
		}
	}
	return true
}

// shortest is the shortest witness among the parts of property i.
func (q *questions) shortest(i int, outcomes []explore.Outcome) *Witness {
	var w *Witness
	for _, o := range outcomes[q.first[i]:q.first[i+1]] {
		if o.Verdict == explore.Violated && (w == nil || len(o.Trace) < len(w.Actions)) {
			w = &Witness{o.Init, o.Trace}
		}
	}
	return w
}

// mostUnfolded bounds the states that are looked at to unfold one step.
const mostUnfolded = 20_000

// stepsIn counts the steps that a run of m takes in the unreduced model: each of
// its steps is unfolded into steps that lead to the same state. 0 means that one
// could not be.
func stepsIn(plain, m *model.Model, w *Witness) int {
	s, total := m.InitState(int(w.Init.Arg)), 0
	for _, a := range w.Actions {
		_, to, err := m.Tell(s, a)
		if err != nil {
			return 0
		}
		n := unfold(plain, s, a, to)
		if n == 0 {
			return 0
		}
		total += n
		s = to
	}
	return total
}

// unfold counts the steps from one state to another that begin with an action
// of this kind and go on with what belongs to it.
func unfold(plain *model.Model, from []byte, a explore.Action, to []byte) int {
	steps := explore.NewSteps(plain.Size())
	level, known := []string{string(from)}, map[string]bool{}
	for n := 1; len(level) > 0 && len(known) < mostUnfolded; n++ {
		var next []string
		for _, s := range level {
			steps.Reset()
			plain.Next(explore.State(s), steps)
			for i := range steps.Len() {
				b, target, _ := steps.At(i)
				if n == 1 && !begins(a, b) || n > 1 && !goesOn(plain, s, a, b) {
					continue
				}
				if string(target) == string(to) {
					return n
				}
				if !known[string(target)] {
					known[string(target)] = true
					next = append(next, string(target))
				}
			}
		}
		level = next
	}
	return 0
}

func begins(a, b explore.Action) bool {
	return b.Kind == a.Kind && b.Object == a.Object && (b.Actor == a.Actor || a.Kind == model.KindTimer)
}

// goesOn says whether b, a step from state s, can be a part of the step a: the same
// actor goes on, a thread runs stage two, a timer expires that is asked for or whose
// DPC begins.
func goesOn(plain *model.Model, s string, a, b explore.Action) bool {
	switch {
	case b.Kind == model.KindAPC, b.Kind == model.KindTimer:
		return true
	case b.Kind == model.KindDPC:
		return a.Kind == model.KindTimer
	}
	return b.Kind < model.KindInit && (b.Actor == a.Actor || plain.RunsStageTwo([]byte(s), int(b.Actor)))
}
