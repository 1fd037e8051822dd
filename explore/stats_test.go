package explore

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The counts of Stats agree with those taken state by state, and with the
// report, for any number of workers.
func TestStatsCountSteps(t *testing.T) {
	for _, width := range []int{3, 40} {
		g := randomGraph(rand.New(rand.NewPCG(9, 9)), 30_000, 5, width)
		for _, workers := range []int{1, 3} {
			t.Run(fmt.Sprint(width, workers), func(t *testing.T) {
				plain := run(t, Config{System: g, Workers: workers})
				var st Stats
				r := run(t, Config{System: g, Workers: workers, Stats: &st})
				if diff := cmp.Diff(plain, r); diff != "" {
					t.Errorf("Stats change the report:\n%s", diff)
				}
				checkStats(t, g, r, &st)
			})
		}
	}
}

func checkStats(t *testing.T, g *graph, r Report, st *Stats) {
	t.Helper()
	var want census
	seen := map[int]bool{}
	steps := NewSteps(g.Size())
	for queue := g.init; len(queue) > 0; queue = queue[1:] {
		if n := queue[0]; !seen[n] {
			seen[n] = true
			s := make(State, g.Size())
			g.encode(s, n)
			steps.Reset()
			g.Next(s, steps)
			want.add(steps.labels[:steps.n])
			for _, e := range g.edges[n] {
				queue = append(queue, e.to)
			}
		}
	}
	if diff := cmp.Diff(want.kinds, st.StepsByKind); diff != "" {
		t.Errorf("steps by kind:\n%s", diff)
	}
	if st.LeastSteps != want.least || st.MostSteps != want.most {
		t.Errorf("got %d to %d steps a state, want %d to %d", st.LeastSteps, st.MostSteps, want.least, want.most)
	}
	if mean := float64(r.Generated) / float64(r.Distinct); st.MeanSteps != mean {
		t.Errorf("got %v steps a state, want %v", st.MeanSteps, mean)
	}
	if initial := uint64(len(g.init)); st.Duplicates != r.Generated+initial-r.Distinct || st.Keys != r.Distinct {
		t.Errorf("got %d duplicates, %d keys of %d states and %d steps", st.Duplicates, st.Keys, r.Distinct, r.Generated)
	}
}

func TestStatsTellWhereMemoryIs(t *testing.T) {
	for _, width := range []int{3, 40} {
		g := randomGraph(rand.New(rand.NewPCG(9, 9)), 30_000, 5, width)
		var st Stats
		var peak int64
		run(t, Config{System: g, Stats: &st, Progress: func(p Progress) { peak = max(peak, p.Bytes) }})
		m := st.Memory
		if m.Table <= 0 || m.Frontier <= 0 || m.Outboxes <= 0 || (m.Dictionaries > 0) != (width > 8) {
			t.Errorf("width %d: got %+v", width, m)
		}
		if m.Peak < peak || m.Peak < m.Total() {
			t.Errorf("width %d: the peak is %d, Progress said %d, the total is %d", width, m.Peak, peak, m.Total())
		}
		if least := int64(float64(st.Keys*uint64(st.SlotBytes)) / st.Load); st.Load <= 0.3 || st.Load > 0.9 || m.Table < least {
			t.Errorf("width %d: load %v in %d bytes, must be at least %d", width, st.Load, m.Table, least)
		}
		if d := st.Time; d.Total <= 0 || d.Expand+d.Settle+d.Adapt+d.Rebuild > d.Total {
			t.Errorf("width %d: got %+v", width, d)
		}
	}
}

// Levels that a limit cut short are not counted; what is known by then is.
func TestStatsOfIncompleteRuns(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(5, 5)), 30_000, 4, 4)
	for _, bound := range []uint64{100, 5_000, 20_000} {
		var st Stats
		r := run(t, Config{System: g, MaxStates: bound, Stats: &st})
		var steps uint64
		for _, n := range st.StepsByKind {
			steps += n
		}
		if steps != r.Generated {
			t.Errorf("got %d steps, want %d", steps, r.Generated)
		}
	}
}
