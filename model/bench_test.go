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

// BenchmarkBesideReference explores the same state space with one worker of the
// engine and by the book: a queue, and a map of states as strings. Its metric
// "times" is how many times faster the engine is, both with the same Next and
// Canonical.
func BenchmarkBesideReference(b *testing.B) {
	m := build(b, "wait_event.c", func(c *model.Config) { c.Bounds.Requests, c.Bounds.Failures = 2, 0 })
	run(b, m, explore.Config{Symmetry: true, Workers: 1}) // learns
	var engine, book time.Duration
	for b.Loop() {
		start := time.Now()
		r := run(b, m, explore.Config{Symmetry: true, Workers: 1})
		engine += time.Since(start)
		start = time.Now()
		if n := byTheBook(m); n != r.Distinct {
			b.Fatalf("%d states, by the book %d", r.Distinct, n)
		}
		book += time.Since(start)
	}
	b.ReportMetric(book.Seconds()/engine.Seconds(), "times")
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
