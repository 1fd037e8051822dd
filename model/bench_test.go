package model_test

import (
	"testing"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// BenchmarkExplore explores an example driver with the most general client.
func BenchmarkExplore(b *testing.B) {
	m := build(b, "wait_event.c", func(c *model.Config) {
		c.Bounds = model.DefaultBounds()
		c.Bounds.Failures = 0
	})
	run(b, m, explore.Config{Symmetry: true, PartialOrder: true}) // learns
	var states, steps uint64
	b.ReportAllocs()
	for b.Loop() {
		r := run(b, m, explore.Config{Symmetry: true, PartialOrder: true})
		states, steps = states+r.Distinct, steps+r.Generated
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
}

// BenchmarkBesideReference explores the same state space with the engine, on one
// worker and on two, and by the book: a queue, and a map of states as strings. Its
// metrics "times" are how many times faster the engine is, all with the same Next
// and Canonical.
func BenchmarkBesideReference(b *testing.B) {
	m := build(b, queueDriver, func(c *model.Config) {
		c.Bounds = model.DefaultBounds()
		c.Bounds.Failures = 0
	})
	run(b, m, explore.Config{Symmetry: true}) // learns
	var engine [2]time.Duration
	var book time.Duration
	for b.Loop() {
		start := time.Now()
		states := byTheBook(m)
		book += time.Since(start)
		for i := range engine {
			start = time.Now()
			if r := run(b, m, explore.Config{Symmetry: true, Workers: i + 1}); r.Distinct != states {
				b.Fatalf("%d states, by the book %d", r.Distinct, states)
			}
			engine[i] += time.Since(start)
		}
	}
	b.ReportMetric(book.Seconds()/engine[0].Seconds(), "times-1-worker")
	b.ReportMetric(book.Seconds()/engine[1].Seconds(), "times-2-workers")
}

// byTheBook counts the states of m.
func byTheBook(m *model.Model) uint64 {
	known := map[string]bool{}
	var queue []string
	steps := explore.NewSteps(m.Size())
	for m.Init(steps); ; {
		for i := range steps.Len() {
			_, s, _ := steps.At(i)
			m.Canonical(s)
			if !known[string(s)] {
				known[string(s)] = true
				queue = append(queue, string(s))
			}
		}
		if len(queue) == 0 {
			return uint64(len(known))
		}
		steps.Reset()
		m.Next(explore.State(queue[0]), steps)
		queue = queue[1:]
	}
}

// BenchmarkNext takes the steps of states spread over the state space.
func BenchmarkNext(b *testing.B) {
	m := build(b, "wait_event.c", nil)
	var states []explore.State
	run(b, m, explore.Config{Workers: 1, Properties: []explore.Property{{Name: "all", Kind: explore.Always,
		State: func(s explore.State) bool { states = append(states, append(explore.State(nil), s...)); return true }}}})
	steps := explore.NewSteps(m.Size())
	n := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		steps.Reset()
		s := states[i%len(states)]
		m.Next(s, steps)
		n += steps.Len()
	}
	b.ReportMetric(float64(n)/float64(b.N), "steps/op")
}
