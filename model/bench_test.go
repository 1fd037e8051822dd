package model_test

import (
	"testing"

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
