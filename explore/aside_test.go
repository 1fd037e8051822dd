package explore

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// What the caller remembers beside the states goes with the checkpoint: a
// resumed run knows at least what was seen in the levels before it.
func TestAsideGoesWithTheCheckpoint(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(9, 9)), 20_000, 4, 4)
	var least atomic.Int64 // number of a state that was looked at
	look := []Property{{Name: "look", Kind: Always, State: func(s State) bool {
		for n := int64(g.decode(s)); ; {
			if old := least.Load(); n >= old || least.CompareAndSwap(old, n) {
				return true
			}
		}
	}}}
	c := Config{System: g, Properties: look, Workers: 2,
		Aside: func() []byte { return binary.AppendVarint(nil, least.Load()) },
		Restore: func(b []byte) error {
			n, _ := binary.Varint(b)
			least.Store(min(n, least.Load()))
			return nil
		}}
	least.Store(1 << 40)
	r := run(t, c)
	want := least.Load()
	for cut := 1; cut < r.Depth; cut += 4 {
		dir := t.TempDir()
		c.Resume = ""
		least.Store(1 << 40)
		stopAt(t, c, dir, cut)
		least.Store(1 << 40) // another process
		c.Resume = dir
		run(t, c)
		if got := least.Load(); got != want {
			t.Errorf("cut at level %d: got %d, want %d", cut, got, want)
		}
	}
	c.Restore = func([]byte) error { return errors.New("no") }
	var failed *CheckpointError
	if _, err := Run(context.Background(), c); !errors.As(err, &failed) || !failed.Reading || failed.Dir != c.Resume {
		t.Errorf("Restore fails: got %v", err)
	}
}

// A data file that is gone is damage, not the lack of a checkpoint.
func TestResumeWithoutADataFile(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(8, 8)), 600, 4, 4)
	c := Config{System: g}
	dir := t.TempDir()
	stopAt(t, c, dir, 3)
	names, err := dataFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, names[0].String())); err != nil {
		t.Fatal(err)
	}
	c.Resume = dir
	if _, err := Run(context.Background(), c); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// StopWhen ends a search of any kind at the first finding that it wants.
func TestStopWhen(t *testing.T) {
	g := chain(1000, 4)
	at := func(n int) Property {
		return Property{Name: "at", Kind: Reachable, State: func(s State) bool { return g.decode(s) == n }}
	}
	props := []Property{at(70), at(12), at(90)}
	first := func(o []Outcome) bool { return o[0].Verdict == Reached }
	r := run(t, Config{System: g, Properties: props, StopWhen: first})
	if r.Reason != Decided || r.Depth != 70 || r.Outcomes[2].Verdict != Undecided {
		t.Errorf("Run: got %v at depth %d", r.Reason, r.Depth)
	}
	w, err := Walk(context.Background(), WalkConfig{System: g, Properties: props, Walks: 9, MaxDepth: 80, StopWhen: first})
	if err != nil || w.Reason != Decided || w.Walks != 1 {
		t.Errorf("Walk: got %v after %d walks, %v", w.Reason, w.Walks, err)
	}
	b, err := Best(context.Background(), BestConfig{System: g, Properties: props, MaxStates: 999, StopWhen: first,
		Priority: func(State) int { return 0 }})
	if err != nil || b.Reason != Decided || b.Explored != 71 {
		t.Errorf("Best: got %v after %d states, %v", b.Reason, b.Explored, err)
	}
}
