package claims

import (
	"context"
	"testing"
)

func TestSuiteAsExpected(t *testing.T) {
	list, err := All()
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		list = small(list)
	}
	err = Decide(context.Background(), list, Options{}, func(d *Decision) {
		t.Logf("%s %s: %d states, %d steps, depth %d, %.3fs", d.Claim.ID, d.Verdict, d.States, d.Steps, d.Depth, d.Seconds)
		for _, p := range d.Properties {
			if p.Answer != p.Expected {
				t.Errorf("%s: %s: got %v, want %v (trace of %d steps, finding %+v)", d.Claim.ID, p.Name, p.Answer, p.Expected, p.TraceSteps, p.Evidence.Finding)
			}
		}
		for _, g := range d.Gaps {
			t.Logf("   gap: %s", g.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
