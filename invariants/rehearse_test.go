package invariants_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// What turns out in a small scope need not turn out again in the whole one: the
// exploration is made once, and is the one that would have come out in the end.
func TestRehearsalSparesExplorations(t *testing.T) {
	for _, file := range []string{"wait_event.c", "wait_event_racy.c"} {
		cfg := example(t, file).Config()
		cfg.Bounds.Requests = 2
		m, err := model.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		props := invariants.ForCheck()
		r, err := invariants.Run(context.Background(), m, props, invariants.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Explorations != 1 {
			t.Errorf("%s: %d explorations", file, r.Explorations)
		}
		other, err := model.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; ; n++ {
			other.Watch(^uint64(0)>>1, false) // notes decide nothing here
			want, err := explore.Run(context.Background(), explore.Config{System: other, Symmetry: true, PartialOrder: true})
			if err != nil {
				t.Fatal(err)
			}
			if other.Refine() {
				continue
			}
			if n == 1 {
				t.Errorf("%s: nothing turns out", file)
			}
			if want.Distinct != r.Report.Distinct || want.Digest != r.Report.Digest {
				t.Errorf("%s: %d states, without a rehearsal %d", file, r.Report.Distinct, want.Distinct)
			}
			break
		}
	}
}

// A rehearsal obeys the limits of the run, and leaves time for it.
func TestRehearsalObeysLimits(t *testing.T) {
	cfg := example(t, "wait_event_racy.c").Config()
	cfg.Bounds = model.DefaultBounds()
	props := invariants.ForCheck()
	for _, c := range []struct {
		limits invariants.Limits
		want   explore.Reason
	}{
		{invariants.Limits{TimeLimit: 400 * time.Millisecond}, explore.TimeLimit},
		{invariants.Limits{MaxStates: 20}, explore.StateLimit},
	} {
		m, err := model.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		began := m.Assumptions()
		start := time.Now()
		r, err := invariants.Run(context.Background(), m, props, c.limits)
		if err != nil {
			t.Fatal(err)
		}
		if r.Report.Reason != c.want || r.Report.Distinct == 0 {
			t.Errorf("%v: %v, %d states", c.want, r.Report.Reason, r.Report.Distinct)
		}
		if took := time.Since(start); c.want == explore.TimeLimit && took > 2*time.Second {
			t.Errorf("%v: it took %v", c.want, took)
		}
		if c.want == explore.StateLimit && !reflect.DeepEqual(began, m.Assumptions()) {
			t.Errorf("%v: something was learned from more states than that", c.want)
		}
	}
}
