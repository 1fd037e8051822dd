package explore

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// broken is a graph that breaks the contract in node 77.
type broken struct {
	*graph
	do func(s State, steps *Steps)
}

func (b broken) Next(s State, steps *Steps) {
	if b.decode(s) == 77 {
		b.do(s, steps)
	}
	b.graph.Next(s, steps)
}

func TestFailuresComeWithTheRunThatLeadsThere(t *testing.T) {
	for _, width := range []int{4, 50} {
		g := ladder(50, 300, width)
		g.edges[0] = append(g.edges[0], edge{to: 299})
		tests := map[string]struct {
			do   func(s State, steps *Steps)
			want string
		}{
			"panic":        {func(State, *Steps) { panic("no such frame") }, "no such frame"},
			"out of range": {func(s State, _ *Steps) { s[0] = s[len(s):][0] }, "index out of range"},
			"wrong size":   {func(s State, steps *Steps) { steps.Push(Action{}, s[1:]) }, "Push from a state of"},
		}
		for name, test := range tests {
			b := broken{g, test.do}
			for _, workers := range []int{1, 2} {
				_, err := Run(context.Background(), Config{System: b, Workers: workers, Properties: g.properties()})
				var failed *SystemError
				if !errors.As(err, &failed) {
					t.Fatalf("%s: got %v, want a *SystemError", name, err)
				}
				if !strings.Contains(failed.Detail, test.want) || failed.Stack == "" {
					t.Errorf("%s: got %q", name, failed.Detail)
				}
				states, err := Replay(g, failed.Init, failed.Trace)
				if err != nil {
					t.Fatal(err)
				}
				if n := g.decode(states[len(states)-1]); n != 77 {
					t.Errorf("%s: the run ends in node %d", name, n)
				}
			}
		}
	}
}

func TestPanicInProperty(t *testing.T) {
	g := chain(100, 4)
	p := Property{Name: "p", Kind: Always, State: func(s State) bool {
		if g.decode(s) == 40 {
			panic("bad property")
		}
		return true
	}}
	_, err := Run(context.Background(), Config{System: g, Properties: []Property{p}})
	var failed *SystemError
	if !errors.As(err, &failed) || len(failed.Trace) != 40 || failed.Detail != "bad property" {
		t.Errorf("got %v", err)
	}
}

type brokenInit struct{ *graph }

func (brokenInit) Init(*Steps) { panic("no memory") }

func TestPanicInInit(t *testing.T) {
	_, err := Run(context.Background(), Config{System: brokenInit{chain(3, 2)}})
	if err == nil || err.Error() != "explore: the system failed in Init: no memory" {
		t.Errorf("got %v", err)
	}
}

func TestReplayNamesTheActionThatIsNoStep(t *testing.T) {
	g := chain(10, 4)
	step := Action{}
	if states, err := Replay(g, Action{}, []Action{step, step}); err != nil || g.decode(states[2]) != 2 {
		t.Fatalf("got %v, %v", states, err)
	}
	tests := []struct {
		init    Action
		actions []Action
		index   int
	}{
		{Action{Arg: 9}, nil, -1},
		{Action{}, []Action{{Kind: 5}}, 0},
		{Action{}, []Action{step, step, {Actor: 1}, step}, 2},
		{Action{}, []Action{step, step, step, step, step, step, step, step, step, step}, 9},
	}
	for _, test := range tests {
		states, err := Replay(g, test.init, test.actions)
		var replay *ReplayError
		if !errors.As(err, &replay) || replay.Index != test.index || len(states) != test.index+1 {
			t.Errorf("%v: got %d states, %v", test.actions, len(states), err)
		}
	}
}

type twoLabels struct{ *graph }

func (g twoLabels) Next(s State, steps *Steps) {
	g.encode(steps.Push(Action{Kind: 1}, s), 1)
	g.encode(steps.Push(Action{Kind: 1}, s), 2)
}

func TestReplayRefusesAmbiguousLabels(t *testing.T) {
	_, err := Replay(twoLabels{chain(3, 4)}, Action{}, []Action{{Kind: 1}})
	var replay *ReplayError
	if !errors.As(err, &replay) || !strings.Contains(replay.Detail, "2 steps have this label") {
		t.Errorf("got %v", err)
	}
}

// moody pushes other steps each time it is asked.
type moody struct {
	*graph
	calls *int
}

func (m moody) Next(s State, steps *Steps) {
	*m.calls++
	m.encode(steps.Push(Action{}, s), *m.calls)
}

func TestNextThatIsNotDeterministic(t *testing.T) {
	g := chain(1<<16, 4)
	p := Property{Name: "not 50", Kind: Always, State: func(s State) bool { return g.decode(s) != 50 }}
	_, err := Run(context.Background(), Config{System: moody{g, new(int)}, Properties: []Property{p}, Workers: 1, MaxDepth: 60})
	var failed *SystemError
	if !errors.As(err, &failed) || !strings.Contains(failed.Detail, "deterministic") {
		t.Errorf("got %v", err)
	}
}
