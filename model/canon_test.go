package model_test

import (
	"bytes"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// All states of an orbit have one representative, which is one of them.
func TestOrbitHasOneRepresentative(t *testing.T) {
	for _, f := range []string{"wait_event.c", "wait_event_racy.c", files, records} {
		t.Run(f, func(t *testing.T) {
			m := build(t, f, func(c *model.Config) { c.Bounds = model.DefaultBounds() })
			limit := uint64(40000)
			if testing.Short() {
				limit = 2000
			}
			var states []explore.State
			n := 0
			run(t, m, explore.Config{Workers: 1, MaxStates: limit, Properties: []explore.Property{{Name: "all", Kind: explore.Always,
				State: func(s explore.State) bool {
					if n++; n%17 == 0 && !model.Stopped(s) {
						states = append(states, bytes.Clone(s))
					}
					return true
				}}}})
			largest := 0
			for _, s := range states {
				orbit, whole := m.Orbit(s)
				largest = max(largest, len(orbit))
				want := bytes.Clone(s)
				m.Canonical(want)
				member := false
				for _, o := range orbit {
					member = member || bytes.Equal(o, want)
					got := bytes.Clone(o)
					m.Canonical(got)
					if !bytes.Equal(got, want) {
						t.Fatalf("%x and %x are of one orbit, their representatives differ:\n%x\n%x", s, o, want, got)
					}
				}
				if whole && !member {
					t.Fatalf("%x is not in the orbit that it stands for", want)
				}
			}
			if largest < 8 {
				t.Errorf("the largest orbit has %d states: nothing was tried", largest)
			}
		})
	}
}
