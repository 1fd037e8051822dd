package explore

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clipped is what a report of the whole graph would be after so many levels.
func clipped(whole Report, levels int) (distinct uint64) {
	for _, n := range whole.Levels[:levels] {
		distinct += n
	}
	return distinct
}

func TestMaxDepth(t *testing.T) {
	g := ladder(60, 30, 5)
	whole := run(t, Config{System: g})
	for _, depth := range []int{1, 2, 17, 58} {
		r := run(t, Config{System: g, MaxDepth: depth})
		if r.Complete || r.Reason != DepthLimit || r.Depth != depth || r.Distinct != clipped(whole, depth+1) {
			t.Errorf("MaxDepth %d: got %v %v, depth %d, %d states", depth, r.Complete, r.Reason, r.Depth, r.Distinct)
		}
	}
	for _, depth := range []int{59, 60, 1000} {
		if diff := cmp.Diff(whole, run(t, Config{System: g, MaxDepth: depth})); diff != "" {
			t.Errorf("MaxDepth %d changes a run that ends before:\n%s", depth, diff)
		}
	}
}

// A limit on states is obeyed at the level, whatever the rounds and workers.
func TestMaxStates(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(5, 5)), 30_000, 4, 4)
	whole := run(t, Config{System: g})
	for level := 1; level < len(whole.Levels); level++ {
		bound := clipped(whole, level+1) - 1
		var first Report
		for _, workers := range []int{1, 2, 3} {
			r := run(t, Config{System: g, MaxStates: bound, Workers: workers, Properties: g.properties()})
			if r.Complete || r.Reason != StateLimit || r.Distinct != clipped(whole, level) {
				t.Fatalf("MaxStates %d: got %v %v, %d states, want %d", bound, r.Complete, r.Reason, r.Distinct, clipped(whole, level))
			}
			if workers == 1 {
				first = r
			} else if diff := cmp.Diff(first, r); diff != "" {
				t.Fatalf("%d workers:\n%s", workers, diff)
			}
		}
	}
	if r := run(t, Config{System: g, MaxStates: whole.Distinct}); !r.Complete {
		t.Errorf("MaxStates equal to the number of states: got %v", r.Reason)
	}
}

func TestMaxMemory(t *testing.T) {
	for width, limit := range map[int]int64{4: 600_000, 60: 4 << 20} {
		g := randomGraph(rand.New(rand.NewPCG(6, 6)), 80_000, 4, width)
		whole := run(t, Config{System: g})
		var peak int64
		c := Config{System: g, MaxMemory: limit, Progress: func(p Progress) { peak = max(peak, p.Bytes) }}
		r := run(t, c)
		if r.Complete || r.Reason != MemoryLimit || r.Distinct != clipped(whole, r.Depth+1) {
			t.Errorf("got %v %v, %d states at depth %d", r.Complete, r.Reason, r.Distinct, r.Depth)
		}
		if peak > c.MaxMemory {
			t.Errorf("width %d: MaxMemory %d: the engine used %d", width, c.MaxMemory, peak)
		}
	}
}

// endless is a binary tree without end.
type endless struct{ onNext func(n uint64) }

func (endless) Size() int { return 8 }

func (endless) Init(steps *Steps) { steps.Push(Action{}, nil)[0] = 1 }

func (e endless) Next(s State, steps *Steps) {
	n := newNarrow(8).key(s)
	if e.onNext != nil {
		e.onNext(n)
	}
	for i := range uint64(2) {
		put(steps.Push(Action{Arg: uint32(i)}, s), 2*n+i)
	}
}

func put(s State, n uint64) {
	for i := range s {
		s[i] = byte(n >> (8 * i))
	}
}

func TestInterruptDropsTheUnfinishedLevel(t *testing.T) {
	for _, at := range []uint64{1 << 5, 1<<7 + 3, 1<<13 + 999, 1<<16 + 77} {
		ctx, cancel := context.WithCancel(context.Background())
		system := endless{onNext: func(n uint64) {
			if n == at {
				cancel()
				time.Sleep(50 * time.Millisecond) // context.AfterFunc runs on its own
			}
		}}
		r, err := Run(ctx, Config{System: system, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if r.Complete || r.Reason != Interrupted {
			t.Errorf("interrupted at %d: got %v %v", at, r.Complete, r.Reason)
		}
		if want := uint64(1)<<(r.Depth+1) - 1; r.Distinct != want || r.Generated != 2*want {
			t.Errorf("interrupted at %d: got %d states and %d steps in %d levels", at, r.Distinct, r.Generated, r.Depth)
		}
	}
}

func TestTimeLimit(t *testing.T) {
	r := run(t, Config{System: endless{}, TimeLimit: 30 * time.Millisecond})
	if r.Complete || r.Reason != TimeLimit {
		t.Errorf("got %v %v", r.Complete, r.Reason)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if r, err := Run(ctx, Config{System: endless{}}); err != nil || r.Reason != TimeLimit {
		t.Errorf("deadline of the context: got %v, %v", r.Reason, err)
	}
}

func TestNoFirstLevelIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for {
		// The cancelled context stops the run as soon as it is noticed.
		_, err := Run(ctx, Config{System: endless{onNext: func(uint64) { time.Sleep(time.Millisecond) }}})
		if err == nil {
			continue
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		return
	}
}

func TestStopWhenDecided(t *testing.T) {
	g := chain(1000, 4)
	at := func(n int) Property {
		return Property{Name: "at", Kind: Reachable, State: func(s State) bool { return g.decode(s) == n }}
	}
	r := run(t, Config{System: g, Properties: []Property{at(70), at(12)}, StopWhenDecided: true})
	if r.Reason != Decided || r.Depth != 70 {
		t.Errorf("got %v at depth %d", r.Reason, r.Depth)
	}
	if r := run(t, Config{System: g, StopWhenDecided: true}); !r.Complete {
		t.Errorf("without properties: got %v", r.Reason)
	}
}

func TestFindingInAnUnfinishedLevelIsKept(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	at := uint64(1<<14 + 5)
	c := Config{System: endless{}, Workers: 1, Properties: []Property{{Name: "not there", Kind: Always,
		State: func(s State) bool {
			if newNarrow(8).key(s) != at {
				return true
			}
			cancel()
			time.Sleep(50 * time.Millisecond)
			return false
		}}}}
	r, err := Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if o := r.Outcomes[0]; r.Depth != 13 || o.Verdict != Violated || len(o.Trace) != 14 {
		t.Errorf("got depth %d, %v after %d steps", r.Depth, o.Verdict, len(o.Trace))
	}
}

func TestWrongConfigs(t *testing.T) {
	holds := func(State) bool { return true }
	for want, c := range map[string]Config{
		`explore: System is nil`:                                      {},
		`explore: Workers -1: must not be negative`:                   {System: endless{}, Workers: -1},
		`explore: MaxDepth -2: must not be negative`:                  {System: endless{}, MaxDepth: -2},
		`explore: states of 0 bytes: must be at least 1`:              {System: &graph{}},
		`explore: property "p": step needs Step and no State`:         {System: endless{}, Properties: []Property{{Name: "p", Kind: Step, State: holds}}},
		`explore: property "p": reachable needs either State or Step`: {System: endless{}, Properties: []Property{{Name: "p", Kind: Reachable}}},
		`explore: property "p": Kind(9) is no kind of property`:       {System: endless{}, Properties: []Property{{Name: "p", Kind: 9, State: holds}}},
		`explore: property "p": at end needs State and no Step`:       {System: endless{}, Properties: []Property{{Name: "p", Kind: AtEnd}}},
	} {
		if _, err := Run(context.Background(), c); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
