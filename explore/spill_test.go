package explore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spilled runs c with all but a few keys in a store, and checks that it went
// there. What is not about files takes those in memory: small ones take a disk
// long.
func spilled(t *testing.T, c Config, keys uint64) (Report, Stats) {
	t.Helper()
	var st Stats
	c.Spill, c.spillKeys, c.Stats = "memory", keys, &st
	c.openStore = openMemoryStore
	r := run(t, c)
	if r.Complete && st.Spill.Written == 0 {
		t.Fatal("nothing went there")
	}
	return r, st
}

// checkEmpty checks that a run left nothing behind.
func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left on disk: %v, %v", left, err)
	}
}

// counters are n equal counters, each in 8 bytes, that are counted up and set
// back: wide states of parts with few values.
type counters struct{ n, top int }

func (k counters) Size() int { return 8 * k.n }

func (k counters) Parts() []int { return every(8, k.Size()) }

func (k counters) Init(steps *Steps) { steps.Push(Action{}, nil) }

func (k counters) Next(s State, steps *Steps) {
	for i := range k.n {
		if at := 8 * i; int(s[at]) < k.top {
			steps.Push(Action{Actor: uint8(i)}, s)[at]++
		} else {
			steps.Push(Action{Kind: 1, Actor: uint8(i)}, s)[at] = 3
		}
	}
}

func (k counters) properties() []Property {
	sum := func(s State) (n int) {
		for i := range k.n {
			n += int(s[8*i])
		}
		return n
	}
	return []Property{
		{Name: "top", Kind: Reachable, State: func(s State) bool { return sum(s) == k.n*k.top }},
		{Name: "half", Kind: Always, State: func(s State) bool { return sum(s) < k.n*k.top/2 }},
	}
}

// The report of a run on disk is that of one in memory, traces included,
// however often the set is emptied.
func TestSpilledReportIsTheSame(t *testing.T) {
	for _, c := range []struct{ width, nodes int }{{2, 900}, {3, 30_000}, {8, 3000}, {9, 3000}, {40, 12_000}, {300, 1500}} {
		t.Run(fmt.Sprint(c.width), func(t *testing.T) {
			g := randomGraph(rand.New(rand.NewPCG(31, uint64(c.width))), c.nodes, 4, c.width)
			config := Config{System: g, Properties: g.properties(), Workers: 1}
			want := run(t, config)
			for i, keys := range []uint64{1, 40, uint64(c.nodes / 30), uint64(c.nodes / 3)} {
				if keys < 100 && c.nodes > 5000 {
					continue
				}
				config.Workers = 1 + i%3
				got, _ := spilled(t, config, keys)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%d keys in memory:\n%s", keys, diff)
				}
			}
		})
	}
}

// A limit on memory is obeyed on disk too.
func TestSpillStaysInsideMaxMemory(t *testing.T) {
	graphs := map[int]*graph{}
	for _, width := range []int{4, 8} {
		graphs[width] = randomGraph(rand.New(rand.NewPCG(6, 6)), 80_000, 4, width)
	}
	wide := counters{3, 40}
	for _, c := range []Config{
		{System: graphs[4], Properties: graphs[4].properties(), MaxMemory: 600_000, Workers: 1},
		{System: graphs[4], Properties: graphs[4].properties(), MaxMemory: 500_000, Workers: 2},
		{System: graphs[8], Properties: graphs[8].properties(), MaxMemory: 700_000, Workers: 3},
		{System: wide, Properties: wide.properties(), MaxMemory: 500_000, Workers: 2},
	} {
		name := fmt.Sprintf("%d bytes a state, MaxMemory %d, %d workers", c.System.Size(), c.MaxMemory, c.Workers)
		want := run(t, Config{System: c.System, Properties: c.Properties})
		var peak int64
		var st Stats
		c.Spill, c.Stats = t.TempDir(), &st
		c.Progress = func(p Progress) { peak = max(peak, p.Bytes) }
		if diff := cmp.Diff(want, run(t, c)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if st.Spill.Written == 0 {
			t.Errorf("%s: %d bytes suffice", name, peak)
		}
		if peak = max(peak, st.Memory.Peak); peak > c.MaxMemory {
			t.Errorf("%s: the engine used %d", name, peak)
		}
		checkEmpty(t, c.Spill)
	}
}

// Dictionaries stay in memory, and may be too much for it.
func TestSpillDoesNotHelpDictionaries(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(6, 6)), 80_000, 4, 60)
	whole := run(t, Config{System: g})
	var st Stats
	r := run(t, Config{System: g, MaxMemory: 4 << 20, Spill: t.TempDir(), Stats: &st})
	if r.Reason != MemoryLimit || r.Distinct != clipped(whole, r.Depth+1) || st.Memory.Peak > 4<<20 {
		t.Errorf("got %v, %d states at depth %d, %+v", r.Reason, r.Distinct, r.Depth, st.Memory)
	}
}

// Chunks of candidates that hold the same states are there when keys are renewed.
func TestSpilledCandidatesAreRenewed(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(4, 12)), 4000, 3, 12)
	c := Config{System: recut{g, every(1, 12)}, Properties: g.properties(), Workers: 2}
	want := run(t, c)
	got, st := spilled(t, c, 100)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if st.Spill.Rekeyed == 0 {
		t.Error("no keys were renewed on disk")
	}
	// As in memory, but for the steps of rounds that were made again.
	if most := got.Generated + uint64(len(g.init)); st.Duplicates > most-got.Distinct {
		t.Errorf("%d duplicates in %d steps to %d states", st.Duplicates, got.Generated, got.Distinct)
	}
}

// Parts that take more and more values make keys longer when all is on disk.
func TestSpilledKeysAreRenewed(t *testing.T) {
	renewed := 0
	for width, nodes := range map[int]int{12: 8000, 44: 8000, 120: 8000, 60: 45_000} {
		if testing.Short() && nodes > 8000 {
			continue // enough for other parts to be chosen, all states being on disk
		}
		g := randomGraph(rand.New(rand.NewPCG(4, uint64(width))), nodes, 3, width)
		for name, system := range map[string]System{"parts": g, "plain": plain{g}, "each byte": recut{g, every(1, width)}} {
			if testing.Short() && (name == "plain") == (width == 44) {
				continue
			}
			c := Config{System: system, Properties: g.properties(), Workers: 2}
			want := run(t, c)
			for _, keys := range []uint64{50, 3000} {
				if keys == 50 && name != "parts" {
					continue
				}
				got, st := spilled(t, c, keys)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("width %d, %s:\n%s", width, name, diff)
				}
				renewed += st.Spill.Rekeyed
			}
		}
	}
	if renewed == 0 {
		t.Error("never")
	}
}

// Deep graphs: many runs, most of a few states, and levels of two bytes.
func TestSpilledLongThinGraphs(t *testing.T) {
	for _, g := range []*graph{chain(600, 3), chain(300, 24), ladder(300, 20, 4), ladder(40, 300, 24), reversed(ladder(270, thinLevel+6, 4))} {
		if testing.Short() && len(g.edges) > 100_000 {
			continue
		}
		last := len(g.edges) - 1
		c := Config{System: g, Workers: 2, Properties: []Property{
			{Name: "last", Kind: Reachable, State: func(s State) bool { return g.decode(s) == last-3 }},
			{Name: "first", Kind: Reachable, State: func(s State) bool { return g.decode(s) == 3 }},
		}}
		want := run(t, c)
		got, _ := spilled(t, c, 50)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d states in %d levels:\n%s", want.Distinct, want.Depth, diff)
		}
	}
}

func TestSpillWithReductions(t *testing.T) {
	for _, faulty := range []bool{false, true} {
		k := tokens{n: 8, top: 5, faulty: faulty}
		c := Config{System: k, Properties: []Property{k.exclusive()}, Symmetry: true, Workers: 3}
		want := run(t, c)
		got, _ := spilled(t, c, 60)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("symmetry, faulty %v:\n%s", faulty, diff)
		}
		checkRealRun(t, k, got)
	}
	c := Config{System: walkers{n: 3, length: 6}, PartialOrder: true}
	got, _ := spilled(t, c, 5)
	if diff := cmp.Diff(run(t, c), got); diff != "" {
		t.Errorf("partial order:\n%s", diff)
	}
}

// Limits of other kinds end a run on disk where they end one in memory.
func TestSpillAndOtherLimits(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(5, 5)), 9000, 4, 4)
	whole := run(t, Config{System: g})
	for level := 1; level < len(whole.Levels); level++ {
		for _, c := range []Config{
			{MaxStates: clipped(whole, level+1) - 1},
			{MaxDepth: level},
			{Properties: g.properties()[:2], StopWhenDecided: true},
		} {
			c.System, c.Workers = g, 1+level%3
			want := run(t, c)
			got, st := spilled(t, c, 5)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("level %d:\n%s", level, diff)
			}
			if st.Spill.Written == 0 && level > 3 {
				t.Errorf("level %d: nothing went there", level)
			}
		}
	}
}

// A run on disk that is interrupted has the report of its complete levels.
func TestSpilledRunIsInterrupted(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(8, 8)), 30_000, 4, 4)
	whole := run(t, Config{System: g})
	seen := map[string]bool{}
	for at := range 60 {
		ctx, cancel := context.WithCancel(context.Background())
		calls, doing := 0, ""
		files := newMemoryStore()
		c := Config{System: g, Workers: 2, Spill: "memory", spillKeys: 900, Progress: func(p Progress) {
			if calls++; calls == 12+3*at {
				doing = p.Doing
				cancel()
			}
		}}
		c.openStore = func(string) (store, error) { return files, nil }
		r, err := Run(ctx, c)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if r.Complete {
			continue
		}
		seen[doing] = true
		if r.Reason != Interrupted || r.Distinct != clipped(whole, r.Depth+1) || !cmp.Equal(r.Levels, whole.Levels[:r.Depth+1]) {
			t.Errorf("at call %d: got %v, %d states at depth %d", at, r.Reason, r.Distinct, r.Depth)
		}
	}
	if !seen[""] || !seen[doingMerge] || !seen[doingSpill] {
		t.Errorf("interrupted only while %v", seen)
	}
}

// A run may be cut anywhere and go on with more or less memory than before: each
// part begins where its states fit.
func TestSpilledRunIsResumed(t *testing.T) {
	g, wide := randomGraph(rand.New(rand.NewPCG(6, 6)), 60_000, 4, 4), counters{3, 36}
	for _, c := range []Config{
		{System: g, Properties: g.properties(), MaxMemory: 500_000},
		{System: wide, Properties: wide.properties(), MaxMemory: 500_000},
	} {
		memory, disk := c, c
		memory.MaxMemory, disk.Spill, disk.openStore = 0, "memory", openMemoryStore
		want := run(t, memory)
		cuts := []int{12, want.Depth * 2 / 3, want.Depth - 2}
		if testing.Short() {
			cuts = cuts[1:2]
		}
		for _, cut := range cuts {
			for name, part := range map[string][2]Config{"disk, memory": {disk, memory}, "memory, disk": {memory, disk}, "disk, disk": {disk, disk}} {
				name := fmt.Sprintf("%d bytes a state, %s, cut at level %d of %d", c.System.Size(), name, cut, want.Depth)
				dir := t.TempDir()
				part[0].CheckpointEvery = 1 << 62
				stopAt(t, part[0], dir, cut)
				next := part[1]
				var st Stats
				next.Resume, next.Stats, next.Workers = dir, &st, 1+cut%3
				if diff := cmp.Diff(want, run(t, next)); diff != "" {
					t.Fatalf("%s:\n%s", name, diff)
				}
				if (st.Spill.Written > 0) != (next.Spill != "") {
					t.Errorf("%s: %d bytes written", name, st.Spill.Written)
				}
				if next.MaxMemory > 0 && st.Memory.Peak > next.MaxMemory {
					t.Errorf("%s: MaxMemory %d: the engine used %d", name, next.MaxMemory, st.Memory.Peak)
				}
			}
		}
	}
}

// A run on disk that is interrupted inside a level leaves a checkpoint of its
// start.
func TestSpilledRunIsResumedAfterInterrupt(t *testing.T) {
	g := randomGraph(rand.New(rand.NewPCG(8, 8)), 30_000, 4, 12)
	plain := Config{System: g, Properties: g.properties()}
	want := run(t, plain)
	for at := range 6 {
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		c := plain
		c.Workers, c.Spill, c.spillKeys = 2, t.TempDir(), 900
		c.Checkpoint, c.CheckpointEvery = t.TempDir(), 1<<62
		c.Progress = func(p Progress) {
			if calls++; calls == 20+30*at {
				cancel()
			}
		}
		r, err := Run(ctx, c)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if r.Complete {
			continue
		}
		next := plain
		next.Resume = c.Checkpoint
		if diff := cmp.Diff(want, run(t, next)); diff != "" {
			t.Fatalf("at call %d:\n%s", calls, diff)
		}
	}
}

func FuzzSpilledGraphs(f *testing.F) {
	f.Add(uint64(1), uint16(100), uint8(3), uint16(4), uint16(10))
	f.Add(uint64(2), uint16(900), uint8(2), uint16(30), uint16(100))
	f.Add(uint64(3), uint16(5000), uint8(7), uint16(8), uint16(300))
	f.Add(uint64(5), uint16(3000), uint8(5), uint16(90), uint16(1))
	f.Fuzz(func(t *testing.T, seed uint64, nodes uint16, degree uint8, width, keys uint16) {
		w := 2 + int(width)%300
		g := randomGraph(rand.New(rand.NewPCG(seed, 0)), 1+int(nodes), 1+int(degree)%8, w)
		c := Config{System: g, Properties: g.properties(), Workers: 1 + int(seed%3)}
		want := run(t, c)
		c.Spill, c.spillKeys = t.TempDir(), 1+uint64(keys)
		if diff := cmp.Diff(want, run(t, c)); diff != "" {
			t.Fatal(diff)
		}
	})
}
