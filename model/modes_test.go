package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// The most general client with synchronous and with port-bound handles: each is
// seen to be used, and a driver is judged as with the usual ones (22.21).
func TestModesOfTheClient(t *testing.T) {
	for _, c := range []struct {
		mode    string
		witness explore.Property
	}{
		{"", explore.Property{Name: "pends", Kind: explore.Reachable}},
		{"sync", explore.Property{Name: "the issuer waits", Kind: explore.Reachable}},
		{"port", explore.Property{Name: "takes a packet", Kind: explore.Reachable, StepMask: model.NotePacketTaken}},
	} {
		for i, red := range []model.Reductions{model.AllReductions(), {}} {
			if i > 0 && testing.Short() {
				continue
			}
			for file, broken := range map[string]bool{"wait_event.c": false, "wait_event_racy.c": true} {
				t.Run(c.mode+" "+file, func(t *testing.T) {
					m := build(t, file, func(cfg *model.Config) {
						cfg.Reduce = red
						cfg.Actions.Kill, cfg.Actions.Close = false, false
						if c.mode != "" {
							if err := cfg.Actions.With(c.mode); err != nil {
								t.Fatal(err)
							}
						}
					})
					w := c.witness
					if w.StepMask != 0 {
						w.Step = func(explore.State, explore.Action, explore.State, uint64) bool { return true }
					} else {
						w.State = func(s explore.State) bool {
							return !model.Stopped(s) && m.View(s).Request(0).WithDriver() && m.View(s).Request(0).Synchronous() == (c.mode == "sync")
						}
					}
					r := run(t, m, explore.Config{Workers: 1, Properties: []explore.Property{w,
						{Name: "INV01", Kind: explore.Always, State: func(s explore.State) bool { return !m.Violates(s, 1) }},
						{Name: "no finding", Kind: explore.Always, State: func(s explore.State) bool { return !model.Stopped(s) }},
					}})
					t.Logf("%d states", r.Distinct)
					if r.Outcomes[0].Verdict != explore.Reached {
						t.Errorf("%s: %v", w.Name, r.Outcomes[0].Verdict)
					}
					for _, o := range r.Outcomes[1:] {
						if (o.Verdict == explore.Violated) != broken {
							t.Errorf("%s: %v", o.Name, o.Verdict)
							tell(t, m, o)
						}
					}
				})
			}
		}
	}
}
