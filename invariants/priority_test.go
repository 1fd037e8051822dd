package invariants_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// Each priority meets the violations of broken drivers long before an order that
// prefers nothing.
func TestPrioritiesHelp(t *testing.T) {
	explored := func(file string, p invariants.Priority) (n int) {
		t.Helper()
		tw := readTwins(t, filepath.Join("testdata", "twins", file))
		tw.bounds.Requests, tw.bounds.Issuers = 2, 2
		m, err := model.New(model.Config{Driver: tw.load(t, "broken.c"), Bounds: tw.bounds, Reduce: model.AllReductions(), Actions: model.AllActions()})
		if err != nil {
			t.Fatal(err)
		}
		h := invariants.Hunt{Priority: p.Of}
		r, err := h.Run(context.Background(), m, invariants.ForCheck(), invariants.Limits{MaxStates: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		if len(names(r, invariants.Violated)) == 0 {
			t.Errorf("%s by %q: nothing found", file, p.Name)
		}
		if _, err := fmt.Sscan(r.Meaning, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	none := invariants.Priority{Name: "none", Of: func(model.View) int { return 0 }}
	total := func(p invariants.Priority) (n int) {
		for _, f := range []string{"b02-cancel-and-complete", "b12-marked-after-queueing", "b21-own-mdl-unlocked-twice", "b60-record-freed-by-both"} {
			n += explored(f+".txtar", p)
		}
		return n
	}
	most := total(none)
	for _, p := range invariants.Priorities() {
		n := total(p)
		t.Logf("%s: %d states in place of %d", p.Name, n, most)
		if n > most/4 {
			t.Errorf("%s: %d states, and %d by none: want a quarter at most", p.Name, n, most)
		}
	}
}
