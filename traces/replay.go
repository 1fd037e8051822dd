package traces

import (
	"errors"
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
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

// Last is the end of a run as a property sees it. From is nil when the run has
// no step; Notes are those of the last step; AtEnd says that nothing follows.
type Last struct {
	From, To []byte
	Notes    uint64
	AtEnd    bool
}

// Replay takes the steps of t in m one by one and confirms where they end: with
// the same finding, in a state or step that decided says answers the question.
// It returns the run as m tells it now. An error is a *RefusedError, or a defect
// of the model.
func Replay(m *model.Model, t *Trace, decided func(Last) bool) (*Trace, error) {
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
	if !decided(lastOf(m, states, actions)) {
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

func lastOf(m *model.Model, states []explore.State, actions []explore.Action) Last {
	n := len(states) - 1
	l := Last{To: states[n]}
	st := explore.NewSteps(m.Size())
	m.Next(l.To, st)
	l.AtEnd = st.Len() == 0
	if n == 0 {
		return l
	}
	l.From = states[n-1]
	st.Reset()
	m.Next(l.From, st)
	for i := range st.Len() {
		if a, _, notes := st.At(i); a == actions[n-1] {
			l.Notes = notes
		}
	}
	return l
}

func (e End) phrase() string {
	if e.Name == "" {
		return "no finding"
	}
	return e.Name + " at " + e.Where
}
