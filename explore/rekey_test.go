package explore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A run that is stopped while keys are renewed ends there, and reports the levels
// that are complete, with traces to find, a checkpoint to write, and on disk.
func TestStopWhileKeysAreRenewed(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(4, 44)), 4000, 3, 44)
	system := recut{g, every(1, g.width)}
	config := Config{System: system, Workers: 2}
	whole := run(t, config)
	for _, with := range []string{"nothing", "trace", "checkpoint", "disk"} {
		stopped := 0
		for at := 1; ; at++ {
			c := config
			switch with {
			case "trace":
				c.Properties = []Property{{Name: "never", Kind: Always, State: func(State) bool { return false }}}
			case "checkpoint":
				c.Checkpoint = t.TempDir()
			case "disk":
				c.Spill, c.spillKeys, c.openStore = "memory", 100, openMemoryStore
			}
			r, reached := stopAtRekey(t, c, at)
			if !reached {
				break
			}
			name := fmt.Sprintf("%s: stopped at %d", with, at)
			if r.Reason == Interrupted {
				stopped++
			}
			if n := len(r.Levels); n > 0 && !slices.Equal(r.Levels, whole.Levels[:n]) {
				t.Errorf("%s: got levels of %v states, want %v", name, r.Levels, whole.Levels)
			}
			for _, o := range r.Outcomes {
				if o.Verdict != Violated || len(o.Trace) != 0 {
					t.Errorf("%s: got %v after %d steps", name, o.Verdict, len(o.Trace))
				}
			}
			if c.Checkpoint != "" && r.Reason == Interrupted {
				resumed := run(t, Config{System: system, Resume: c.Checkpoint})
				if diff := cmp.Diff(whole, resumed); diff != "" {
					t.Errorf("%s, resumed:\n%s", name, diff)
				}
			}
		}
		if stopped < 4 {
			t.Errorf("%s: stopped %d times only", with, stopped)
		}
	}
}

// stopAtRekey stops a run at the so many-th time that it says to renew keys, and
// tells whether it got there.
func stopAtRekey(t *testing.T, c Config, at int) (r Report, reached bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	c.Progress = func(p Progress) {
		if p.Doing != doingRekey {
			return
		}
		if n++; n == at {
			reached = true
			cancel()
			time.Sleep(20 * time.Millisecond) // context.AfterFunc runs on its own
		}
	}
	r, err := Run(ctx, c)
	if err != nil && len(r.Levels) > 0 {
		t.Fatal(err)
	}
	return r, reached
}
