package explore

import (
	"math/rand/v2"
	"testing"
)

// Progress says what is being done while no states are explored.
func TestProgressTellsWhatIsDone(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(3, 3)), 3000, 4, 4)
	calls := map[string]int{}
	run(t, Config{System: g, Properties: g.properties(), Checkpoint: t.TempDir(), Progress: func(p Progress) {
		calls[p.Doing]++
	}})
	for _, doing := range []string{"", doingTrace, doingCheckpoint} {
		if calls[doing] == 0 {
			t.Errorf("never said %q: got %v", doing, calls)
		}
	}
}
