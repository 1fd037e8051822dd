package explore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stopAt runs c until so many levels are complete, and checks that it left a
// checkpoint there.
func stopAt(t *testing.T, c Config, dir string, level int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.Checkpoint, c.MaxDepth = dir, level
	r, err := Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Reason != DepthLimit {
		t.Fatalf("got %v at depth %d", r.Reason, r.Depth)
	}
	names, err := dataFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	if files := 1 + min(c.System.Size()/9, 1); len(names) != files {
		t.Errorf("got data files %v, want %d", names, files)
	}
}

// A run in parts gives the report of a run in one, whatever the workers of each
// part and wherever it was cut.
func TestResumedReportIsTheSame(t *testing.T) {
	for width, nodes := range map[int]int{3: 30_000, 8: 3000, 40: 10_000, 300: 2000} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			g := randomGraph(rand.New(rand.NewPCG(11, uint64(width))), nodes, 4, width)
			c := Config{System: g, Properties: g.properties(), Identity: "graph"}
			want := run(t, c)
			for cut := 1; cut < want.Depth; cut += 3 {
				dir := t.TempDir()
				c.Workers, c.Resume = 1+cut%3, ""
				stopAt(t, c, dir, cut)
				c.Workers, c.Resume = 1+(cut+1)%3, dir
				if cut+1 < want.Depth {
					stopAt(t, c, dir, cut+1) // goes on in the same directory
				}
				if diff := cmp.Diff(want, run(t, c)); diff != "" {
					t.Fatalf("cut at level %d of %d:\n%s", cut, want.Depth, diff)
				}
			}
		})
	}
}

// More than 256 levels, most of them thin: levels take two bytes, and traces
// find their way through the history.
func TestResumeDeepInAThinGraph(t *testing.T) {
	for _, g := range []*graph{ladder(700, 20, 4), ladder(400, 20, 24), reversed(ladder(300, thinLevel+6, 4))} {
		last := len(g.edges) - 1
		c := Config{System: g, Properties: []Property{
			{Name: "last", Kind: Reachable, State: func(s State) bool { return g.decode(s) == last-3 }},
			{Name: "first", Kind: Reachable, State: func(s State) bool { return g.decode(s) == 3 }},
		}}
		want := run(t, c)
		for _, cut := range []int{1, 256, 290} {
			if testing.Short() && cut != 256 {
				continue
			}
			dir := t.TempDir()
			c.Resume, c.CheckpointEvery = "", 1<<62
			stopAt(t, c, dir, cut)
			c.Resume = dir
			if diff := cmp.Diff(want, run(t, c)); diff != "" {
				t.Fatalf("cut at level %d:\n%s", cut, diff)
			}
		}
	}
}

// A run that a limit cuts short inside a level goes back to its start.
func TestResumeAfterALimit(t *testing.T) {
	for width, memory := range map[int]int64{4: 600_000, 60: 4 << 20} {
		g := randomGraph(rand.New(rand.NewPCG(6, 6)), 80_000, 4, width)
		c := Config{System: g, Properties: g.properties(), CheckpointEvery: 1 << 62}
		want := run(t, c)
		limits := map[Reason]func(c *Config){
			MemoryLimit: func(c *Config) { c.MaxMemory = memory },
			StateLimit:  func(c *Config) { c.MaxStates = 50_000 },
		}
		for reason, limit := range limits {
			cut := c
			cut.Checkpoint = t.TempDir()
			limit(&cut)
			first := run(t, cut)
			if first.Reason != reason {
				t.Fatalf("got %v", first.Reason)
			}
			next := c
			next.Resume = cut.Checkpoint
			if diff := cmp.Diff(want, run(t, next)); diff != "" {
				t.Errorf("width %d, %v:\n%s", width, reason, diff)
			}
			// The same limit is met again, with no more levels than before.
			cut.Resume = cut.Checkpoint
			if again := run(t, cut); again.Reason != reason || again.Depth > first.Depth {
				t.Errorf("again: got %v at depth %d, want %v at %d", again.Reason, again.Depth, reason, first.Depth)
			}
		}
	}
}

func TestResumeAfterInterrupt(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(8, 8)), 60_000, 4, 4)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := Config{System: g, Properties: g.properties(), Checkpoint: t.TempDir(), CheckpointEvery: 1 << 62,
		Progress: func(p Progress) {
			if p.Distinct > 20_000 {
				cancel()
			}
		}}
	r, err := Run(ctx, c)
	if err != nil || r.Reason != Interrupted {
		t.Fatalf("got %v, %v", r.Reason, err)
	}
	want := run(t, Config{System: g, Properties: g.properties()})
	got := run(t, Config{System: g, Properties: g.properties(), Resume: c.Checkpoint})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestResumeRefusesAnotherQuestion(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(8, 8)), 3000, 4, 4)
	c := Config{System: g, Properties: g.properties(), Identity: "one"}
	dir := t.TempDir()
	stopAt(t, c, dir, 3)
	c.Resume = dir
	for want, change := range map[string]func(c *Config){
		`it is of "one": this is "two"`: func(c *Config) { c.Identity = "two" },
		"its states have 4 bytes":       func(c *Config) { c.System = chain(10, 5) },
		"its properties are":            func(c *Config) { c.Properties = c.Properties[1:] },
		"it has Symmetry false":         func(c *Config) { c.Symmetry = true },
		"it has PartialOrder false":     func(c *Config) { c.PartialOrder = true },
	} {
		other := c
		change(&other)
		if _, err := Run(context.Background(), other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	c.Resume = t.TempDir()
	if _, err := Run(context.Background(), c); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty directory: got %v", err)
	}
}

// Every byte of every file is covered: a changed one, or a lost end, is seen.
func TestResumeRefusesDamage(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(8, 8)), 600, 4, 12)
	c := Config{System: g, Properties: g.properties()}
	dir := t.TempDir()
	stopAt(t, c, dir, 3)
	c.Resume = dir
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			bad := append([]byte(nil), whole...)
			if at := r.IntN(len(bad)); i%2 == 0 {
				bad[at] ^= byte(1 + r.IntN(255))
			} else {
				bad = bad[:at]
			}
			if err := os.WriteFile(path, bad, 0o666); err != nil {
				t.Fatal(err)
			}
			if _, err := Run(context.Background(), c); err == nil {
				t.Fatalf("%s: damage is not seen", e.Name())
			}
		}
		if err := os.WriteFile(path, whole, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	run(t, c)
}

func TestCheckpointErrorsEndTheRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), Config{System: chain(10, 4), Checkpoint: file}); err == nil {
		t.Error("no error for a directory that is a file")
	}
}
