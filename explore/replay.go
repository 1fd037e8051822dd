package explore

import (
	"bytes"
	"fmt"
	"runtime/debug"
)

// A ReplayError tells that actions are not a run of a System.
type ReplayError struct {
	Index  int // of the action that is no step there; -1 for the initial one
	Action Action
	Detail string
}

func (e *ReplayError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("explore: replay: initial state %+v: %s", e.Action, e.Detail)
	}
	return fmt.Sprintf("explore: replay: action %d, %+v: %s", e.Index, e.Action, e.Detail)
}

// Replay runs a trace again, without any reduction, and returns its states: the
// initial one, and the target of each action. If the trace is no run of the
// System, the error is a *ReplayError that names the action at which it stops
// being one, and the states up to there are returned.
func Replay(system System, init Action, actions []Action) (states []State, err error) {
	r := newReplayer(system, nil)
	index := -1
	defer func() {
		if v := recover(); v != nil {
			err = &SystemError{Init: init, Trace: actions[:max(index, 0)], State: r.state,
				Detail: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	for ; index < len(actions); index++ {
		a := init
		if index >= 0 {
			a = actions[index]
		}
		if n := r.take(a); n != 1 {
			detail := "no such step"
			if n > 1 {
				detail = fmt.Sprintf("%d steps have this label", n)
			}
			return states, &ReplayError{Index: index, Action: a, Detail: detail}
		}
		states = append(states, bytes.Clone(r.state))
	}
	return states, nil
}

// A replayer takes steps of a System one at a time.
type replayer struct {
	system    System
	symmetric Symmetric
	steps     *Steps
	state     State // nil before the initial state
	orbit     State
}

func newReplayer(system System, symmetric Symmetric) *replayer {
	return &replayer{system: system, symmetric: symmetric, steps: NewSteps(system.Size())}
}

// push lists the steps from the present state, or the initial states.
func (r *replayer) push() {
	r.steps.Reset()
	if r.state == nil {
		r.system.Init(r.steps)
	} else {
		r.system.Next(r.state, r.steps)
	}
}

func (r *replayer) enter(s State) {
	// Padded like the states that the engine lends.
	if r.state == nil {
		r.state = make(State, len(s), r.steps.stride)
	}
	copy(r.state, s)
}

// take takes the step with this label, and returns how many there are.
func (r *replayer) take(a Action) (n int) {
	r.push()
	at := 0
	for i := range r.steps.Len() {
		if r.steps.labels[i].action == a {
			at = i
			n++
		}
	}
	if n == 1 {
		r.enter(r.steps.target(at))
	}
	return n
}

// follow takes the least step into the orbit that goal represents.
func (r *replayer) follow(goal State) (a Action, ok bool) {
	r.push()
	at := -1
	for i := range r.steps.Len() {
		l := r.steps.labels[i].action
		if (at < 0 || l.compare(a) < 0) && r.inOrbit(r.steps.target(i), goal) {
			at, a = i, l
		}
	}
	if at < 0 {
		return a, false
	}
	r.enter(r.steps.target(at))
	return a, true
}

func (r *replayer) inOrbit(s, goal State) bool {
	if r.symmetric == nil {
		return bytes.Equal(s, goal)
	}
	r.orbit = append(r.orbit[:0], s...)
	r.symmetric.Canonical(r.orbit)
	return bytes.Equal(r.orbit, goal)
}

// confirm asks the property again at the end of the run. If it is one of steps
// it returns the least step that decides it.
func (r *replayer) confirm(p *Property) (a Action, ok bool) {
	w := newWatch(0, p)
	r.push()
	if p.Step == nil {
		return a, (!w.atEnd || r.steps.Len() == 0) && p.State(r.state) == w.want
	}
	for i := range r.steps.Len() {
		l := &r.steps.labels[i]
		if w.sees(l.notes) && p.Step(r.state, l.action, r.steps.target(i), l.notes) == w.want {
			if !ok || l.action.compare(a) < 0 {
				a, ok = l.action, true
			}
		}
	}
	return a, ok
}
