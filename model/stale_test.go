package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// A reference to what is gone says so, in every state: the next object of its slot
// would pass for the old one otherwise (22.20).
func TestNoReferenceDangles(t *testing.T) {
	for _, f := range []string{"wait_event.c", "wait_event_racy.c", queueDriver, files, records, semaphores} {
		t.Run(f, func(t *testing.T) {
			m := build(t, f, func(c *model.Config) { c.Bounds.Failures = 1 })
			run(t, m, explore.Config{Workers: 1, Symmetry: true, PartialOrder: true, MaxStates: 100000, Properties: []explore.Property{{
				Name: "stale", Kind: explore.Always,
				State: func(s explore.State) bool {
					if d := m.Dangling(s); d != "" {
						t.Fatal(d)
					}
					return true
				}}}})
		})
	}
}
