package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// The driver goes wrong where an operation leaves or gives back something else
// than is documented.
func TestInterlockedOperations(t *testing.T) {
	m := build(t, "../../../model/testdata/interlocked.c", nil)
	var finding model.Finding
	r := run(t, m, explore.Config{Properties: []explore.Property{{Name: "right", Kind: explore.Always, State: func(s explore.State) bool {
		if model.Stopped(s) {
			finding = m.Finding(s)
		}
		return !model.Stopped(s)
	}}}})
	if finding.Stop != model.StopNone || r.Distinct < 10 {
		t.Errorf("%d states, %+v", r.Distinct, finding)
	}
}
