package claims

import (
	"context"
	"testing"

	"github.com/ownercheck/ownercheck/model"
)

// What the claims about exit say rests on the rules of rundown and teardown: each
// is turned wrong once. No other process takes frames, which makes the runs small.
func TestFaultInExitTurnsTheAnswer(t *testing.T) {
	skip := func(step string) model.Fault { return model.Fault{Step: step, Kind: model.FaultSkip} }
	ignore := func(step string) model.Fault { return model.Fault{Step: step, Kind: model.FaultIgnore} }
	for _, c := range []struct {
		name     string
		claim    string
		run      int
		fault    model.Fault
		property string
		answer   string
	}{
		{"rundown cancels nothing", "P13", 0, skip("exit.T2a"), "rundown-cancels-all", "VIOLATED"},
		{"a thread does not wait for its requests", "P12", 0, ignore("exit.T2b"), "address-space-outlives-requests", "VIOLATED"},
		{"a thread does not wait for its requests", "A21", 0, ignore("exit.T2b"), "stack-freed-after-own-requests", "VIOLATED"},
		{"a locked frame goes to the free list", "A12", 0, ignore("mm.unmap"), "freed-means-unlocked", "VIOLATED"},
		{"the five minutes complete the request", "A15", 0, ignore("rundown.complete"), "system-completes-nothing", "VIOLATED"},
		{"the five minutes complete the request", "P28", 0, ignore("rundown.complete"), "system-completes-nothing", "VIOLATED"},
		{"the five minutes unlock the pages", "A19", 0, ignore("rundown.unlock"), "five-minutes-change-no-page", "VIOLATED"},
		{"the five minutes unlock the pages", "P31", 0, ignore("rundown.unlock"), "pending-is-locked", "VIOLATED"},
		{"completion does not unlock", "P16", 0, skip("complete.C5"), "exits-with-nothing-locked", "INCOMPLETE"}, // paths end in 0x76
		{"a late completion frees nothing", "P17", 0, skip("complete.C8"), "late-completion", "UNREACHABLE"},
		{"nobody looks for locked pages", "A16", 1, skip("exit.T10"), "locked-pages-stop-the-system", "UNREACHABLE"},
	} {
		t.Run(c.name+" "+c.claim, func(t *testing.T) {
			one := *claim(t, c.claim)
			one.Runs = one.Runs[c.run : c.run+1 : c.run+1]
			one.Runs[0].SecondProcess = false
			got := "as expected"
			err := Decide(context.Background(), []*Claim{&one}, Options{Faults: []model.Fault{c.fault}}, func(d *Decision) {
				for _, p := range d.Properties {
					if p.Name == c.property && p.Answer != p.Expected {
						got = p.Answer.String()
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if got != c.answer {
				t.Errorf("with %s: %s answers %s, want %s", c.fault.Step, c.property, got, c.answer)
			}
		})
	}
}

// Every reduction keeps every answer about exit.
func TestReductionsKeepAnswersAboutExit(t *testing.T) {
	for _, c := range []struct {
		claim string
		run   int
	}{{"E05", 0}, {"P13", 2}} {
		if testing.Short() && c.claim != "E05" {
			continue
		}
		one := *claim(t, c.claim)
		one.Runs = one.Runs[c.run : c.run+1 : c.run+1]
		for name, change := range reductionCases() {
			if (testing.Short() || c.claim != "E05") && (name == "none" || name == "no movers") {
				continue // a million states, and more
			}
			t.Run(c.claim+" "+name, func(t *testing.T) {
				red := model.AllReductions()
				change(&red)
				err := Decide(context.Background(), []*Claim{&one}, Options{Reduce: &red}, func(d *Decision) {
					t.Logf("%d states", d.States)
					for _, p := range d.Properties {
						if p.Answer != p.Expected {
							t.Errorf("%s: got %v, want %v; gaps %v", p.Name, p.Answer, p.Expected, d.Gaps)
						}
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
