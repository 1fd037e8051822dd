package explore

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// tokens is a ring of n equal processes, each of which counts to top; a process
// may only be at top alone, unless the system is faulty.
type tokens struct {
	n, top int
	faulty bool
}

func (k tokens) Size() int { return k.n }

func (k tokens) Init(steps *Steps) { steps.Push(Action{}, nil) }

func (k tokens) Next(s State, steps *Steps) {
	for i := range s {
		switch {
		case int(s[i]) == k.top:
			steps.Push(Action{Kind: 2, Actor: uint8(i)}, s)[i] = 0
		case int(s[i]) < k.top-1 || k.faulty || bytes.IndexByte(s, byte(k.top)) < 0:
			steps.Push(Action{Kind: 1, Actor: uint8(i)}, s)[i]++
		}
	}
}

func (k tokens) Canonical(s State) { slices.Sort(s) }

func (k tokens) exclusive() Property {
	return Property{Name: "one at top", Kind: Always, State: func(s State) bool {
		return bytes.Count(s, []byte{byte(k.top)}) < 2
	}}
}

func TestSymmetryKeepsVerdictsAndRealIdentities(t *testing.T) {
	for _, n := range []int{4, 10} {
		for _, faulty := range []bool{false, true} {
			k := tokens{n: n, top: 3, faulty: faulty}
			top := Property{Name: "step to top", Kind: Reachable, Step: func(_ State, a Action, to State, _ uint64) bool {
				return a.Kind == 1 && int(to[a.Actor]) == k.top
			}}
			c := Config{System: k, Properties: []Property{k.exclusive(), top}}
			if n < 10 {
				whole := run(t, c)
				c.Symmetry = true
				r := run(t, c)
				if r.Distinct*5 > whole.Distinct {
					t.Errorf("%d of %d states with symmetry", r.Distinct, whole.Distinct)
				}
				for i, o := range r.Outcomes {
					if o.Verdict != whole.Outcomes[i].Verdict || len(o.Trace) != len(whole.Outcomes[i].Trace) {
						t.Errorf("%s: got %v in %d steps, want %v in %d", o.Name, o.Verdict, len(o.Trace),
							whole.Outcomes[i].Verdict, len(whole.Outcomes[i].Trace))
					}
				}
			}
			c.Symmetry = true
			checkRealRun(t, k, run(t, c))
		}
	}
}

// checkRealRun replays a violation without symmetry.
func checkRealRun(t *testing.T, k tokens, r Report) {
	t.Helper()
	o := r.Outcomes[0]
	if (o.Verdict == Violated) != k.faulty {
		t.Fatalf("faulty %v: got %v", k.faulty, o.Verdict)
	}
	if !k.faulty {
		return
	}
	states, err := Replay(k, o.Init, o.Trace)
	if err != nil {
		t.Fatal(err)
	}
	if last := states[len(states)-1]; len(o.Trace) != 2*k.top || k.exclusive().State(last) {
		t.Errorf("%d steps lead to %v, which is no violation", len(o.Trace), last)
	}
}

func TestPropertyThatTellsSymmetricStatesApart(t *testing.T) {
	k := tokens{n: 4, top: 3}
	p := Property{Name: "last stays", Kind: Always, State: func(s State) bool { return s[3] == 0 }}
	_, err := Run(context.Background(), Config{System: k, Properties: []Property{p}, Symmetry: true})
	var failed *SystemError
	if !errors.As(err, &failed) || !strings.Contains(failed.Detail, "symmetric states") {
		t.Errorf("got %v", err)
	}
}

// walkers are n independent processes that each take length local steps, and
// then one that all see.
type walkers struct{ n, length int }

func (k walkers) Size() int { return k.n + 1 }

func (k walkers) Init(steps *Steps) { steps.Push(Action{}, nil) }

func (k walkers) Next(s State, steps *Steps) {
	for i := range k.n {
		if int(s[i]) < k.length {
			steps.Push(Action{Actor: uint8(i)}, s)[i]++
			// Alone, if it was pushed first: the steps before are not local.
			if steps.Len() == 1 && steps.Ample() {
				return
			}
		}
	}
	for i := range k.n {
		if int(s[i]) == k.length {
			t := steps.Push(Action{Kind: 1, Actor: uint8(i)}, s)
			t[i]++
			t[k.n] = t[k.n]*3 + byte(i)
		}
	}
}

func TestPartialOrderKeepsVerdicts(t *testing.T) {
	k := walkers{n: 3, length: 6}
	c := Config{System: k, Properties: []Property{
		{Name: "some end", Kind: Reachable, State: func(s State) bool { return s[k.n] == 2*9+1*3 }},
		{Name: "no other end", Kind: AtEnd, State: func(s State) bool { return s[k.n] != 1*9+2*3 }},
		{Name: "end", Kind: Always, State: func(s State) bool { return s[k.n] < 22 }},
	}}
	whole := run(t, c)
	c.PartialOrder = true
	r := run(t, c)
	if r.Distinct*10 > whole.Distinct {
		t.Errorf("%d of %d states with partial order", r.Distinct, whole.Distinct)
	}
	for i, o := range r.Outcomes {
		if o.Verdict != whole.Outcomes[i].Verdict {
			t.Errorf("%s: got %v, want %v", o.Name, o.Verdict, whole.Outcomes[i].Verdict)
		}
		if _, err := Replay(k, o.Init, o.Trace); err != nil {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
}
