package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// A lookout explores single states with everything that is asked: it is what
// Walk and Best have in place of a worker, which looks at whole levels. It
// belongs to one goroutine.
type lookout struct {
	system   System
	steps    *Steps
	watches  []watch
	findings []finding // by property, in the state explored last
}

func newLookout(system System, properties []Property) *lookout {
	l := &lookout{system: system, steps: NewSteps(system.Size()), findings: make([]finding, len(properties))}
	for i := range properties {
		l.watches = append(l.watches, newWatch(i, &properties[i]))
	}
	return l
}

// explore takes all steps from s, or those into the initial states if s is nil,
// and looks at s and them. Of several steps that decide a property the least
// counts. The error is a panic of the system, or of a property.
func (l *lookout) explore(s State) (err *SystemError) {
	defer func() {
		if v := recover(); v != nil {
			err = &SystemError{State: s, Detail: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	for i := range l.findings {
		l.findings[i].found = false
	}
	l.steps.Reset()
	if s == nil {
		l.system.Init(l.steps)
		return nil
	}
	l.system.Next(s, l.steps)
	for i := range l.watches {
		l.look(&l.watches[i], s)
	}
	return nil
}

func (l *lookout) look(w *watch, s State) {
	f := &l.findings[w.index]
	if w.state != nil {
		if (!w.atEnd || l.steps.Len() == 0) && w.state(s) == w.want {
			f.offer(s, Action{})
		}
		return
	}
	for i := range l.steps.Len() {
		a, t, notes := l.steps.At(i)
		if w.sees(notes) && w.step(s, a, t, notes) == w.want {
			f.offer(s, a)
		}
	}
}

// decided makes an Outcome of a finding and the run that led to its state.
func decided(p *Property, f *finding, init Action, run []Action) Outcome {
	o := Outcome{Name: p.Name, Verdict: Violated, Init: init, Trace: append([]Action(nil), run...)}
	if p.Kind == Reachable {
		o.Verdict = Reached
	}
	if p.Step != nil {
		o.Trace = append(o.Trace, f.action)
	}
	return o
}

// undecided lists properties of which nothing is known yet, and their number.
func undecided(properties []Property) (outcomes []Outcome, n int) {
	outcomes = make([]Outcome, len(properties))
	for i := range properties {
		outcomes[i].Name = properties[i].Name
	}
	return outcomes, len(properties)
}

// ended returns the Reason for which a context is done, None if it is not.
func ended(ctx context.Context) Reason {
	switch err := ctx.Err(); {
	case err == nil:
		return None
	case errors.Is(err, context.DeadlineExceeded):
		return TimeLimit
	}
	return Interrupted
}

// checkHunt checks what WalkConfig and BestConfig have in common.
func checkHunt(system System, properties []Property, most string, n int) error {
	c := Config{System: system, Properties: properties}
	if err := c.check(); err != nil {
		return err
	}
	if n < 1 {
		return fmt.Errorf("explore: %s %d: must be at least 1", most, n)
	}
	return nil
}

// found counts the outcomes that are decided.
func found(outcomes []Outcome) (n int) {
	for i := range outcomes {
		if outcomes[i].Verdict != Undecided {
			n++
		}
	}
	return n
}

// stops says whether newly decided outcomes end the run.
func stops(outcomes []Outcome, all bool, when func([]Outcome) bool) bool {
	return all && found(outcomes) == len(outcomes) || when != nil && when(outcomes)
}
