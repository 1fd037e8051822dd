package traces

import (
	"errors"
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// A RefusedError tells why a trace is not a run of the model, or does not end
// as it says.
type RefusedError struct {
	Step   int // which step, from 1; 0 for the initial state
	Detail string
}

func (e *RefusedError) Error() string {
	if e.Step == 0 {
		return "traces: refused at the initial state: " + e.Detail
	}
	return fmt.Sprintf("traces: refused at step %d: %s", e.Step, e.Detail)
}

// Replay takes the steps of t in m one by one and confirms where they end: with
// the same finding, in a state or step that shows what t says of p, which is the
// property of its question. It returns the run as m tells it now. m must be made
// of the case and the settings of t; Replay makes it assume what t assumed. An
// error is a *RefusedError, or a defect of the model.
func Replay(m *model.Model, t *Trace, p *invariants.Property) (*Trace, error) {
	if !m.Assume(t.Settings.Assumptions) {
		return nil, &RefusedError{0, "the assumptions of the trace do not fit the case"}
	}
	actions := make([]explore.Action, len(t.Steps))
	for i := range t.Steps {
		actions[i] = explore.Action(t.Steps[i].Action)
	}
	states, err := explore.Replay(m, explore.Action(t.Init.Action), actions)
	var broken *explore.ReplayError
	if err != nil && !errors.As(err, &broken) {
		return nil, fmt.Errorf("traces: %w", err)
	}
	for i, s := range states {
		want := t.Init.Digest
		if i > 0 {
			want = t.Steps[i-1].Digest
		}
		if got := digest(s); got != want {
			return nil, &RefusedError{i, fmt.Sprintf("it leads to a state with digest %s: the trace says %s", got, want)}
		}
	}
	if broken != nil {
		return nil, &RefusedError{len(states), refusal(t, len(states), broken)}
	}
	again, err := Record(m, t.Case, t.Question, explore.Action(t.Init.Action), actions)
	if err != nil {
		return nil, err
	}
	if again.End != t.End {
		return nil, &RefusedError{len(t.Steps), fmt.Sprintf("the run ends with %s: the trace says %s", again.End.phrase(), t.End.phrase())}
	}
	if !answers(t.Question.Answer, p) || !decidedBy(p, m, lastOf(m, states, actions)) {
		return nil, &RefusedError{len(t.Steps), fmt.Sprintf("%s is not %s where the run ends", t.Question.Property, t.Question.Answer)}
	}
	return again, nil
}

func refusal(t *Trace, step int, e *explore.ReplayError) string {
	told := t.Init.Told
	if step > 0 {
		told = t.Steps[step-1].Told
	}
	return fmt.Sprintf("%q by %q cannot happen there (%s)", told.Action, told.Actor, e.Detail)
}

func (e End) phrase() string {
	if e.Name == "" {
		return "no finding"
	}
	return e.Name + " at " + e.Where
}
