package claims

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// differing decides one claim with a fault in the model and gives the answers
// that differ from the expected ones.
func differing(t *testing.T, id string, faults ...model.Fault) map[string]string {
	t.Helper()
	out := map[string]string{}
	list := small([]*Claim{claim(t, id)})
	if len(list[0].Runs) == 0 {
		list = lighter([]*Claim{claim(t, id)})
	}
	err := Decide(context.Background(), list, Options{Faults: faults}, func(d *Decision) {
		for _, p := range d.Properties {
			if p.Answer != p.Expected {
				out[p.Name] = p.Answer.String()
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// small leaves out runs with two requests, and the explicit second process of
// those with two threads: a mutated or unreduced model would take too long on
// them.
func small(list []*Claim) []*Claim {
	var out []*Claim
	for _, c := range list {
		s := *c
		s.Runs = nil
		for _, r := range c.Runs {
			if r.Bounds.Requests < 2 {
				r.SecondProcess = r.SecondProcess && r.Bounds.Threads < 2
				s.Runs = append(s.Runs, r)
			}
		}
		out = append(out, &s)
	}
	return out
}

// lighter leaves out the second process, and the second processor for DPCs.
func lighter(list []*Claim) []*Claim {
	var out []*Claim
	for _, c := range list {
		s := *c
		s.Runs = slices.Clone(c.Runs)
		for i := range s.Runs {
			s.Runs[i].SecondProcess, s.Runs[i].Bounds.DPCs = false, 1
		}
		out = append(out, &s)
	}
	return out
}

func claim(t *testing.T, id string) *Claim {
	t.Helper()
	list, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no claim %s", id)
	return nil
}

// A claim rests on the rules of the model: turn one of them wrong, and the
// answer must turn too.
func TestFaultInTheModelTurnsTheAnswer(t *testing.T) {
	skip := func(step string) model.Fault { return model.Fault{Step: step, Kind: model.FaultSkip} }
	for _, c := range []struct {
		name     string
		claim    string
		fault    model.Fault
		property string
		answer   string
	}{
		{"completion does not unlock", "A09", skip("complete.C5"), "notified-is-unlocked", "VIOLATED"},
		{"completion does not unlock", "P20", skip("complete.C5"), "lock-count-balanced", "VIOLATED"},
		{"a locked frame goes to the free list", "P22", model.Fault{Step: "mm.unmap", Kind: model.FaultIgnore}, "unmapped-stays-pinned", "VIOLATED"},
		{"a locked frame goes to the free list", "A10", model.Fault{Step: "mm.unmap", Kind: model.FaultIgnore}, "locked-frame-is-not-given", "VIOLATED"},
		{"a locked frame goes to the free list", "A13", model.Fault{Step: "mm.unmap", Kind: model.FaultIgnore}, "stores-hit-own-frame", "VIOLATED"},
		{"pages are not referenced", "A08", skip("lock.L4"), "pending-is-locked", "INCOMPLETE"}, // paths end in INV11
		{"the system buffer is allocated twice", "A01", model.Fault{Step: "issue.A10", Kind: model.FaultTwice}, "one-system-buffer", "VIOLATED"},
		{"output is not copied back", "A05", skip("apc.F1"), "copies-back", "UNREACHABLE"},
		{"a lock fault is ignored", "P21", skip("issue.A12x"), "failed-request-is-not-dispatched", "INCOMPLETE"}, // paths end in INV11
		{"the system buffer is not allocated", "P01", skip("issue.A10"), "block-is-the-longer", "VIOLATED"},
		{"the input is not copied in", "P02", skip("issue.A11"), "input-is-captured", "VIOLATED"},
		{"the fast I/O entry is not called", "A02", skip("issue.A7"), "input-read-by-address", "UNREACHABLE"},
		{"locks are for reading", "P07", skip("lock.L3"), "lock-follows-method", "VIOLATED"},
		{"an MDL without a length", "P07", model.Fault{Step: "issue.A11d", Kind: model.FaultIgnore}, "zero-length-has-no-mdl", "VIOLATED"},
		{"nothing is locked", "P19", skip("lock.L4"), "locked-frame-shown-elsewhere", "INCOMPLETE"}, // paths end in INV11
		{"output is not copied back", "P26", skip("apc.F1"), "guard-page-becomes-warning", "UNREACHABLE"},
		{"output is not copied back", "P04", skip("apc.F1"), "copies-back-at-once", "UNREACHABLE"},
		{"completion does not unlock", "P25", skip("complete.C5"), "INV09", "INCOMPLETE"}, // paths end in INV10
		{"BUFFERED locks like DIRECT", "A22", skip("issue.A12"), "buffered-locks-nothing", "VIOLATED"},
		{"completion does not unlock", "P11", skip("complete.C5"), "unlocked-before-stage-two", "VIOLATED"},
		{"a lock counts twice", "P24", model.Fault{Step: "lock.L4", Kind: model.FaultTwice}, "lock-is-a-count", "VIOLATED"},
		{"a trimmed frame goes to the free list", "P22", model.Fault{Step: "mm.trim", Kind: model.FaultIgnore}, "unmapped-stays-pinned", "VIOLATED"},
		{"Status is written before Information", "E27", model.Fault{Step: "apc.F5", Kind: model.FaultSwap}, "nothing-written-after-status", "VIOLATED"},
		{"the API stores no length", "E39", skip("call.M3"), "bytes-returned-while-pending", "UNREACHABLE"},
		{"the API does not wait", "E40", model.Fault{Step: "call.W1", Kind: model.FaultIgnore}, "status-block-outlives-request", "VIOLATED"},
		{"the status is not written", "P06", skip("apc.F5'"), "app-told-of-fault", "UNREACHABLE"},
	} {
		t.Run(c.name+" "+c.claim, func(t *testing.T) {
			got := differing(t, c.claim, c.fault)
			if got[c.property] != c.answer {
				t.Errorf("with %s: %s answers %q (all that differ: %v), want %s", c.fault.Step, c.property, got[c.property], got, c.answer)
			}
		})
	}
}

// The app that marks its variable before the call sees it written after that.
func TestBytesReturnedIsSeenToBeWritten(t *testing.T) {
	c := *claim(t, "E39")
	const mark, call = "    n = 99;\n    marked = 1;\n", "    DeviceIoControl(device, IOCTL_FIRST"
	app := strings.Replace(strings.Replace(c.Files["app.c"], mark, "", 1), call, mark+call, 1)
	if app == c.Files["app.c"] {
		t.Fatal("the app has changed")
	}
	c.Files["app.c"] = app
	err := Decide(context.Background(), []*Claim{&c}, Options{}, func(d *Decision) {
		for _, p := range d.Properties {
			if p.Name == "bytes-returned-is-left-alone" && p.Answer != invariants.Violated {
				t.Errorf("%s: %v", p.Name, p.Answer)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// reductionCases are all reductions off, and each.
func reductionCases() map[string]func(*model.Reductions) {
	return map[string]func(*model.Reductions){
		"none":        func(r *model.Reductions) { *r = model.Reductions{} },
		"no movers":   func(r *model.Reductions) { r.Movers = false },
		"no locks":    func(r *model.Reductions) { r.Locks = false },
		"no dead":     func(r *model.Reductions) { r.Dead = false },
		"no symmetry": func(r *model.Reductions) { r.Symmetry = false },
		"no ample":    func(r *model.Reductions) { r.Ample = false },
		"no anyframe": func(r *model.Reductions) { r.AnyFrame = false },
	}
}

// Every reduction keeps every answer.
func TestReductionsKeepAnswers(t *testing.T) {
	list, err := All()
	if err != nil {
		t.Fatal(err)
	}
	all := model.AllReductions()
	for name, change := range reductionCases() {
		if testing.Short() && name != "none" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			red := all
			change(&red)
			err := Decide(context.Background(), small(list), Options{Reduce: &red}, func(d *Decision) {
				t.Logf("%s: %d states", d.Claim.ID, d.States)
				for _, p := range d.Properties {
					if p.Answer != p.Expected {
						t.Errorf("%s: %s: got %v, want %v", d.Claim.ID, p.Name, p.Answer, p.Expected)
					}
				}
				for _, g := range d.Gaps {
					t.Logf("   gap: %s", g.Text)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
