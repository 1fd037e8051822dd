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
