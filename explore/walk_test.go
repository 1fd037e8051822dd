package explore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func walk(t *testing.T, c WalkConfig) WalkReport {
	t.Helper()
	r, err := Walk(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkRun replays the trace of a decided outcome and asks its property again.
func checkRun(t *testing.T, system System, p *Property, o Outcome) {
	t.Helper()
	states, err := Replay(system, o.Init, o.Trace)
	if err != nil {
		t.Fatalf("%s: %v", o.Name, err)
	}
	r := newReplayer(system, nil)
	last := len(states) - 1
	if p.Step != nil {
		last--
	}
	r.enter(states[last])
	if _, ok := r.confirm(p); !ok {
		t.Errorf("%s: the trace does not show it", o.Name)
	}
}

// What a walk finds is there: the reference finds it too, in at most as many steps.
func TestWalksShowOnlyWhatIsThere(t *testing.T) {
	for seed := range uint64(20) {
		g := randomGraph(rand.New(rand.NewPCG(seed, 1)), 300, 4, 2+int(seed))
		properties := g.properties()
		want := exploreByTheBook(g, properties)
		r := walk(t, WalkConfig{System: g, Properties: properties, Seed: seed, Walks: 100, MaxDepth: 50})
		for i, o := range r.Outcomes {
			if o.Verdict == Undecided {
				continue
			}
			if v := want.verdict(i, properties[i].Kind); o.Verdict != v {
				t.Errorf("%s: got %v, want %v", o.Name, o.Verdict, v)
			}
			if len(o.Trace) < want.depths[i] || len(o.Trace) > 51 {
				t.Errorf("%s: trace of %d steps, want %d to 51", o.Name, len(o.Trace), want.depths[i])
			}
			checkRun(t, g, &properties[i], o)
		}
	}
}

func TestWalksIndependentOfWorkers(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(3, 3)), 5000, 4, 9)
	c := WalkConfig{System: g, Properties: g.properties(), Seed: 7, Walks: 1000, MaxDepth: 40}
	seldom := []Property{{Name: "seldom", Kind: Reachable, State: func(s State) bool { return g.decode(s)%999 == 5 }}}
	for _, stop := range []bool{false, true} {
		if c.StopWhenDecided = stop; stop {
			c.Properties = seldom
		}
		c.Workers = 1
		want := walk(t, c)
		if stop && (want.Reason != Decided || want.Walks < 2) {
			t.Errorf("got %v after %d walks", want.Reason, want.Walks)
		}
		for _, c.Workers = range []int{2, 3, 8} {
			if diff := cmp.Diff(want, walk(t, c)); diff != "" {
				t.Errorf("%d workers:\n%s", c.Workers, diff)
			}
		}
	}
	c.StopWhenDecided = false
	first := walk(t, c)
	if c.Seed++; cmp.Equal(first.Steps, walk(t, c).Steps) {
		t.Error("another seed, the same walks")
	}
}

// Every branch of a binary tree is taken about equally often.
func TestWalksAreEven(t *testing.T) {
	const depth, walks = 6, 64 * 400
	g := &graph{width: 2, init: []int{1}, edges: make([][]edge, 2<<depth)}
	for n := 1; n < 1<<depth; n++ {
		g.edges[n] = []edge{{to: 2 * n}, {to: 2*n + 1}}
	}
	var leaves [2 << depth]int
	count := Property{Name: "count", Kind: Reachable, State: func(s State) bool {
		leaves[g.decode(s)]++
		return false
	}}
	r := walk(t, WalkConfig{System: g, Properties: []Property{count}, Seed: 1, Walks: walks, MaxDepth: 10, Workers: 1})
	if r.Walks != walks || r.Ends != walks || r.Longest != depth || r.Steps != depth*walks {
		t.Errorf("got %+v", r)
	}
	sum := 0.0
	for _, n := range leaves[1<<depth:] {
		sum += float64((n-400)*(n-400)) / 400
	}
	// Chi-squared with 63 degrees of freedom: 103 in one case of a thousand.
	if sum > 103 {
		t.Errorf("chi-squared is %.1f", sum)
	}
}

// The violation is 40 steps from the start and the only way there is straight,
// so walks of 39 steps cannot meet it; the correct twin has no such state.
func TestWalkDepth(t *testing.T) {
	g := chain(60, 4)
	never := func(n int) []Property {
		return []Property{{Name: "never", Kind: Always, State: func(s State) bool { return g.decode(s) != n }}}
	}
	for _, test := range []struct {
		node, depth int
		want        Verdict
	}{{40, 39, Undecided}, {40, 40, Violated}, {60, 200, Undecided}} {
		r := walk(t, WalkConfig{System: g, Properties: never(test.node), Walks: 3, MaxDepth: test.depth})
		if o := r.Outcomes[0]; o.Verdict != test.want || test.want == Violated && len(o.Trace) != 40 {
			t.Errorf("%+v: got %v after %d steps", test, o.Verdict, len(o.Trace))
		}
	}
}

func TestWalkMeaning(t *testing.T) {
	g := chain(10, 4)
	r := walk(t, WalkConfig{System: g, Properties: g.properties()[:2], Seed: 99, Walks: 5, MaxDepth: 20})
	for _, want := range []string{"5 random walks", "seed 99", "decided 1 of 2 properties", "proves nothing"} {
		if got := r.Meaning(); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestWalkEndsWithItsContext(t *testing.T) {
	g := ladder(1000, 4, 4)
	for _, edges := range g.edges {
		for i := range edges {
			edges[i].to %= len(g.edges)
		}
	}
	c := WalkConfig{System: g, Walks: math.MaxInt, MaxDepth: math.MaxInt}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if r, err := Walk(ctx, c); err != nil || r.Reason != TimeLimit {
		t.Errorf("got %v, %v", r, err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	cancel()
	if r, err := Walk(ctx, c); err != nil || r.Reason != Interrupted || r.Walks != 0 {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestFailuresOnWalksComeWithTheRun(t *testing.T) {
	g := chain(100, 12)
	b := broken{g, func(State, *Steps) { panic("no such frame") }}
	_, err := Walk(context.Background(), WalkConfig{System: b, Walks: 10, MaxDepth: 90})
	checkFailure(t, g, err, "no such frame")
	_, err = Walk(context.Background(), WalkConfig{System: brokenInit{g}, Walks: 10, MaxDepth: 90})
	if err == nil || err.Error() != "explore: the system failed in Init: no memory" {
		t.Errorf("got %v", err)
	}
}

// checkFailure wants a *SystemError in node 77, with the way there.
func checkFailure(t *testing.T, g *graph, err error, detail string) {
	t.Helper()
	var failed *SystemError
	if !errors.As(err, &failed) || failed.Detail != detail {
		t.Fatalf("got %v", err)
	}
	states, err := Replay(g, failed.Init, failed.Trace)
	if err != nil {
		t.Fatal(err)
	}
	if n := g.decode(states[len(states)-1]); n != 77 || g.decode(failed.State) != 77 || failed.Stack == "" {
		t.Errorf("the run ends in node %d", n)
	}
}

func TestWalkWithoutInitialStates(t *testing.T) {
	r := walk(t, WalkConfig{System: &graph{width: 2}, Walks: 2, MaxDepth: 1})
	if r.Ends != 2 || r.Steps != 0 {
		t.Errorf("got %+v", r)
	}
}

func TestWalkConfigIsChecked(t *testing.T) {
	good := WalkConfig{System: chain(2, 2), Walks: 1, MaxDepth: 1}
	tests := map[string]func(*WalkConfig){
		"System is nil":                                func(c *WalkConfig) { c.System = nil },
		"Walks 0: must be at least 1":                  func(c *WalkConfig) { c.Walks = 0 },
		"MaxDepth -1: must be at least 1":              func(c *WalkConfig) { c.MaxDepth = -1 },
		"Workers -1: must not be negative":             func(c *WalkConfig) { c.Workers = -1 },
		`property "p": always needs State and no Step`: func(c *WalkConfig) { c.Properties = []Property{{Name: "p"}} },
	}
	for want, change := range tests {
		c := good
		change(&c)
		if _, err := Walk(context.Background(), c); fmt.Sprint(err) != "explore: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
