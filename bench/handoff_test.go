package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
)

func power(base, n uint64) uint64 {
	p := uint64(1)
	for range n {
		p *= base
	}
	return p
}

// checkCounts compares a report with the counts that handoff has by construction.
func checkCounts(tb testing.TB, requests int, r explore.Report) {
	tb.Helper()
	n := uint64(requests)
	states, steps := power(32, n), 54*n*power(32, n-1)
	if !r.Complete || r.Distinct != states || r.Generated != steps || r.Depth != 8*requests {
		tb.Fatalf("%d requests: got %d states, %d steps, depth %d, complete %v; want %d, %d, %d",
			requests, r.Distinct, r.Generated, r.Depth, r.Complete, states, steps, 8*requests)
	}
	for _, o := range r.Outcomes {
		if o.Verdict != explore.Holds {
			tb.Errorf("%s: %v", o.Name, o.Verdict)
		}
	}
}

func TestHandoffCounts(t *testing.T) {
	for requests := 1; requests <= 4; requests++ {
		h, err := NewHandoff(requests)
		if err != nil {
			t.Fatal(err)
		}
		r, err := explore.Run(context.Background(), explore.Config{System: h, Properties: h.Properties()})
		if err != nil {
			t.Fatal(err)
		}
		checkCounts(t, requests, r)
	}
}

func TestSpreadCounts(t *testing.T) {
	for _, order := range []Order{ByRequest, ByType} {
		for requests := 1; requests <= 3; requests++ {
			h, err := NewHandoff(requests)
			if err != nil {
				t.Fatal(err)
			}
			r, err := explore.Run(context.Background(), explore.Config{System: NewSpread(h, order)})
			if err != nil {
				t.Fatal(err)
			}
			checkCounts(t, requests, r)
		}
	}
}

// A driver that keeps its mapping when it unlocks the pages breaks the second
// invariant, in the steps of one whole request.
func TestBrokenHandoff(t *testing.T) {
	h, err := NewHandoff(2)
	if err != nil {
		t.Fatal(err)
	}
	for r := range h.moves {
		for i := range h.moves[r] {
			if m := &h.moves[r][i]; m.kind == Unlock {
				m.to |= request(r) & mapped
			}
		}
	}
	r, err := explore.Run(context.Background(), explore.Config{System: h, Properties: h.Properties()})
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Outcomes[0].Verdict; v != explore.Holds {
		t.Errorf("%s: %v", r.Outcomes[0].Name, v)
	}
	var run []string
	for _, a := range r.Outcomes[1].Trace {
		run = append(run, Name(a))
	}
	want := "[issue 1 dispatch 1 take 1 map 1 write 1 complete 1 unlock 1]"
	if got := fmt.Sprint(run); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// BenchmarkHandoff explores handoff with HANDOFF_REQUESTS requests, 4 if unset.
func BenchmarkHandoff(b *testing.B) {
	requests := 4
	if v := os.Getenv("HANDOFF_REQUESTS"); v != "" {
		requests, _ = strconv.Atoi(v)
	}
	h, err := NewHandoff(requests)
	if err != nil {
		b.Fatal(err)
	}
	systems := []struct {
		name       string
		system     explore.System
		properties []explore.Property
	}{
		{"narrow", h, h.Properties()},
		{"spread", NewSpread(h, ByRequest), nil},
		{"spread-by-type", NewSpread(h, ByType), nil},
	}
	for _, s := range systems {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/R=%d/workers=%d", s.name, requests, workers), func(b *testing.B) {
				benchmark(b, requests, explore.Config{System: s.system, Properties: s.properties, Workers: workers})
			})
		}
	}
}

// BenchmarkHandoffOnDisk has three bytes of memory a state, or a quarter of what a
// run in memory takes.
func BenchmarkHandoffOnDisk(b *testing.B) {
	requests := 4
	if v := os.Getenv("HANDOFF_REQUESTS"); v != "" {
		requests, _ = strconv.Atoi(v)
	}
	h, err := NewHandoff(requests)
	if err != nil {
		b.Fatal(err)
	}
	var st explore.Stats
	benchmark(b, requests, explore.Config{System: h, Workers: 2, MaxMemory: 3 << (5 * requests), Spill: b.TempDir(), Stats: &st})
	if st.Spill.Most == 0 {
		b.Fatal("all was in memory")
	}
	b.ReportMetric(float64(st.Spill.Most)/float64(st.Keys), "disk-bytes/state")
}

func benchmark(b *testing.B, requests int, c explore.Config) {
	var peak int64
	c.Progress = func(p explore.Progress) { peak = max(peak, p.Bytes) }
	var r explore.Report
	for b.Loop() {
		var err error
		if r, err = explore.Run(context.Background(), c); err != nil {
			b.Fatal(err)
		}
		checkCounts(b, requests, r)
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(r.Distinct)/seconds, "states/s")
	b.ReportMetric(float64(r.Generated)/seconds, "steps/s")
	b.ReportMetric(float64(peak)/float64(r.Distinct), "bytes/state")
}

// BenchmarkWalk and BenchmarkBest measure the other ways to search.
func BenchmarkWalk(b *testing.B) {
	h, err := NewHandoff(4)
	if err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("R=4/workers=%d", workers), func(b *testing.B) {
			var steps uint64
			for b.Loop() {
				r, err := explore.Walk(context.Background(), explore.WalkConfig{System: h, Properties: h.Properties(),
					Seed: 1, Walks: 1024, MaxDepth: 1000, Workers: workers})
				if err != nil || r.Steps != 1024*1000 {
					b.Fatal(r, err)
				}
				steps += r.Steps
			}
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}

func BenchmarkBest(b *testing.B) {
	h, err := NewHandoff(3)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, err := explore.Best(context.Background(), explore.BestConfig{System: h, Properties: h.Properties(),
			Priority: func(s explore.State) int { return int(s[0]) }, MaxStates: 1 << 15})
		if err != nil || !r.Complete {
			b.Fatal(r, err)
		}
	}
	states, steps, _ := h.Counts()
	b.ReportMetric(float64(states)*float64(b.N)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(steps)*float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}
