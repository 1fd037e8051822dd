package explore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ownercheck/ownercheck/bench"
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/explore/systemtest"
)

// In a tenth of the memory the rest is on disk, and the report is the same.
func TestHandoffOnDisk(t *testing.T) {
	h, err := bench.NewHandoff(4)
	if err != nil {
		t.Fatal(err)
	}
	small, err := bench.NewHandoff(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []explore.Config{
		{System: h, Properties: h.Properties(), MaxMemory: 2 << 20},
		{System: small, Properties: small.Properties(), MaxMemory: 350_000},
		{System: bench.NewSpread(h, bench.ByType), MaxMemory: 8 << 20},
	} {
		if testing.Short() && c.System != small {
			continue
		}
		var st explore.Stats
		c.Workers = 2
		want, err := explore.Run(context.Background(), explore.Config{System: c.System, Properties: c.Properties})
		if err != nil {
			t.Fatal(err)
		}
		c.Spill, c.Stats = t.TempDir(), &st
		got, err := explore.Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if st.Spill.Most == 0 || st.Memory.Peak > c.MaxMemory {
			t.Errorf("MaxMemory %d: got %+v, %+v", c.MaxMemory, st.Memory, st.Spill)
		}
	}
}

func TestHandoffAgreesWithReference(t *testing.T) {
	for requests := 1; requests <= 3; requests++ {
		for _, spread := range []bool{false, true} {
			t.Run(fmt.Sprint(requests, spread), func(t *testing.T) {
				h, err := bench.NewHandoff(requests)
				if err != nil {
					t.Fatal(err)
				}
				var system explore.System = h
				properties := h.Properties()
				if spread {
					system, properties = bench.NewSpread(h, bench.ByType), nil
				}
				systemtest.Run(t, system)
				var first explore.Report
				for _, workers := range []int{1, 2, 3, 8} {
					r, err := explore.Run(context.Background(), explore.Config{System: system, Properties: properties, Workers: workers})
					if err != nil {
						t.Fatal(err)
					}
					if workers == 1 {
						first = r
						explore.CheckByTheBook(t, system, properties, r)
					} else if diff := cmp.Diff(first, r); diff != "" {
						t.Errorf("%d workers:\n%s", workers, diff)
					}
				}
			})
		}
	}
}
