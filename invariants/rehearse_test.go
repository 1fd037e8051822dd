package invariants_test

import (
	"context"
	"testing"

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
