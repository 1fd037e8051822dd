package explore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func best(t *testing.T, c BestConfig) BestReport {
	t.Helper()
	r, err := Best(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Without a limit in its way Best answers as Run does, in any order.
func TestBestAgreesWithReference(t *testing.T) {
	for seed := range uint64(20) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 2)), 700, 4, 2+int(seed))
		properties := g.properties()
		want := exploreByTheBook(g, properties)
		priorities := []func(State) int{
			func(State) int { return 0 },
			func(s State) int { return -g.decode(s) },
			func(s State) int { return int(uint32(g.decode(s)) * 2654435761 >> 20) },
		}
		for k, priority := range priorities {
			r := best(t, BestConfig{System: g, Properties: properties, Priority: priority, MaxStates: 700})
			w := want.report
			if !r.Complete || r.Reason != None || uint64(r.Distinct) != w.Distinct || r.Explored != r.Distinct ||
				r.Generated != w.Generated || uint64(r.Ends) != w.Ends || r.Farthest < w.Depth {
				t.Fatalf("priority %d: got %+v, want %+v", k, r, w)
			}
			for i, o := range r.Outcomes {
				if o.Verdict != w.Outcomes[i].Verdict {
					t.Errorf("%s: got %v, want %v", o.Name, o.Verdict, w.Outcomes[i].Verdict)
				}
				if o.Verdict != Violated && o.Verdict != Reached {
					continue
				}
				if len(o.Trace) < want.depths[i] {
					t.Errorf("%s: trace of %d steps, want at least %d", o.Name, len(o.Trace), want.depths[i])
				}
				checkRun(t, g, &properties[i], o)
			}
			// With equal priorities it is first in, first out: breadth-first.
			if k == 0 && r.Farthest != w.Depth {
				t.Errorf("got depth %d, want %d", r.Farthest, w.Depth)
			}
		}
	}
}

// A grid of 100 by 100, from corner to corner: with the distance as priority
// only states on the way are explored. The correct twin is a goal outside.
func TestBestGoesStraight(t *testing.T) {
	const side = 100
	g := &graph{width: 4, init: []int{0}, edges: make([][]edge, side*side)}
	for n := range g.edges {
		if n%side < side-1 {
			g.edges[n] = append(g.edges[n], edge{to: n + 1})
		}
		if n/side < side-1 {
			g.edges[n] = append(g.edges[n], edge{to: n + side})
		}
	}
	c := BestConfig{System: g, MaxStates: side * side, StopWhenDecided: true}
	c.Priority = func(s State) int { n := g.decode(s); return 2*side - n/side - n%side }
	for goal, want := range map[int]Verdict{side*side - 1: Violated, side * side: Holds} {
		c.Properties = []Property{{Name: "never there", Kind: Always, State: func(s State) bool { return g.decode(s) != goal }}}
		r := best(t, c)
		if r.Outcomes[0].Verdict != want {
			t.Errorf("%d: got %v, want %v", goal, r.Outcomes[0].Verdict, want)
		}
		if want == Violated && r.Explored != 2*side-1 {
			t.Errorf("%d states explored, want %d", r.Explored, 2*side-1)
		}
		if want == Holds && (r.Explored != side*side || !r.Complete) {
			t.Errorf("%d states explored, complete %v", r.Explored, r.Complete)
		}
	}
}

func TestBestMemoryLimit(t *testing.T) {
	g := ladder(50, 10, 4)
	c := BestConfig{System: g, Priority: func(State) int { return 0 }, MaxStates: 500}
	calls := 0
	c.Progress = func(r BestReport) {
		if calls++; r.Distinct < r.Explored || r.Distinct > 500 {
			t.Errorf("progress: %d of %d states explored", r.Explored, r.Distinct)
		}
	}
	for limit, want := range map[int64]Reason{40 * 204: MemoryLimit, 500 * 204: None, 0: None} {
		c.MaxMemory = limit
		if r := best(t, c); r.Reason != want || want == MemoryLimit && r.Distinct != 40 {
			t.Errorf("%d bytes: %v with %d states", limit, r.Reason, r.Distinct)
		}
	}
	if calls == 0 {
		t.Error("no progress")
	}
	c.MaxMemory = -1
	if _, err := Best(context.Background(), c); err == nil {
		t.Error("negative: no error")
	}
}

func TestBestStateLimit(t *testing.T) {
	g := ladder(50, 10, 4)
	c := BestConfig{System: g, Properties: g.properties()[7:], Priority: func(State) int { return 0 }}
	for _, c.MaxStates = range []int{1, 9, 10, 123, 499} {
		r := best(t, c)
		if r.Complete || r.Reason != StateLimit || r.Distinct != c.MaxStates || r.Outcomes[0].Verdict != Undecided {
			t.Errorf("%d: got %+v", c.MaxStates, r)
		}
		if diff := cmp.Diff(r, best(t, c)); diff != "" {
			t.Errorf("not the same again:\n%s", diff)
		}
	}
	c.MaxStates = 500
	if r := best(t, c); !r.Complete || r.Outcomes[0].Verdict != Unreached {
		t.Errorf("got %+v", r)
	}
}

func TestBestMeaning(t *testing.T) {
	g := chain(30, 4)
	c := BestConfig{System: g, Properties: g.properties()[:2], Priority: func(State) int { return 0 }, MaxStates: 10}
	for _, want := range []string{"10 states were explored", "(state limit)", "1 of 2 properties", "proves nothing"} {
		if got := best(t, c).Meaning(); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	c.MaxStates = 30
	if got := best(t, c).Meaning(); !strings.HasPrefix(got, "All 30 reachable states were explored: what is said of each property is proved.") {
		t.Errorf("got %q", got)
	}
}

func TestBestEndsWithItsContext(t *testing.T) {
	g := chain(9000, 4)
	ctx, cancel := context.WithCancel(context.Background())
	c := BestConfig{System: g, MaxStates: 1 << 20, Priority: func(s State) int {
		if g.decode(s) == 2000 {
			cancel()
		}
		return 0
	}}
	if r, err := Best(ctx, c); err != nil || r.Reason != Interrupted || r.Complete || r.Explored < 2000 || r.Explored > 4000 {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := Best(ctx, c); err == nil {
		t.Error("no error, yet no state was explored")
	}
}

func TestFailuresOfBestComeWithTheRun(t *testing.T) {
	g := chain(100, 12)
	c := BestConfig{System: broken{g, func(State, *Steps) { panic("no such frame") }}, MaxStates: 200, Priority: func(State) int { return 0 }}
	_, err := Best(context.Background(), c)
	checkFailure(t, g, err, "no such frame")
	c.System = g
	c.Priority = func(s State) int {
		if g.decode(s) == 77 {
			panic("no such number")
		}
		return 0
	}
	_, err = Best(context.Background(), c)
	checkFailure(t, g, err, "no such number")
}

func TestBestConfigIsChecked(t *testing.T) {
	good := BestConfig{System: chain(2, 2), MaxStates: 1, Priority: func(State) int { return 0 }}
	tests := map[string]func(*BestConfig){
		"System is nil":                   func(c *BestConfig) { c.System = nil },
		"MaxStates 0: must be at least 1": func(c *BestConfig) { c.MaxStates = 0 },
		"Priority is nil":                 func(c *BestConfig) { c.Priority = nil },
	}
	for want, change := range tests {
		c := good
		change(&c)
		if _, err := Best(context.Background(), c); fmt.Sprint(err) != "explore: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
