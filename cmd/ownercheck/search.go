package main

import (
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/invariants"
)

// searchFlags say how one exploration is made: in which order, and how it
// outlives its process.
type searchFlags struct {
	search   string
	walks    int
	seed     uint64
	priority string
	shortest bool
	stats    bool

	checkpoint string
	resume     string
	every      time.Duration
	spill      string
}

const (
	searchBFS  = "bfs"
	searchBest = "best"
	searchWalk = "walk"
)

// What a hunt does when no limit is given.
const (
	defaultWalks      = 2000
	defaultWalkDepth  = 400
	defaultBestStates = 500_000
)

func (f *searchFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.search, "search", searchBFS, "order: bfs (exhaustive, shortest traces), best (most promising first) or walk (at random)")
	fl.IntVar(&f.walks, "walks", defaultWalks, "random walks to take, with --search walk; --depth limits their steps")
	fl.Uint64Var(&f.seed, "seed", 1, "which random walks: the same seed, the same walks")
	fl.BoolVar(&f.stats, "stats", false, "statistics of the exploration, after the report")
	fl.StringVar(&f.checkpoint, "checkpoint", "", "folder, new or empty, in which to keep what it takes to go on after an end of any kind")
	fl.StringVar(&f.resume, "resume", "", "folder of a checkpoint to go on from; new ones go there too, unless --checkpoint names another")
	fl.StringVar(&f.spill, "spill", "", "folder in which the exploration goes on when --memory is used up")
	fl.DurationVar(&f.every, "checkpoint-every", time.Minute, "least time between two checkpoints; 0 means one at each level")
}

// searchHelp is what the help of a command says about searchFlags.
const searchHelp = `--search says in which order states are explored. bfs goes level by level, and is
the one to prove something with. best explores the most promising states first
and walk takes random walks: both end at the first violation and give a real run
to it, which need not be a shortest one. best remembers states in full and ends
after --states (500,000, or what --memory allows); if it gets to the end it has
proved as much as bfs. walk remembers nothing and never proves anything.

--checkpoint keeps the exploration in a folder, at ends of levels. It survives
whatever ends the process, and --resume goes on as if nothing had happened, with
any number of workers and any limits; the report is the same. It must be the
same question: the same C, bounds, knobs and version of ownercheck. One process
at a time may use a folder.

--spill goes on past --memory in a folder, with three to six bytes a state, for a
while twice as many; the report is the same, and takes several times as long.
What it writes is removed at the end.`

// chosen says whether anything but the plain exploration is asked for.
func (f *searchFlags) chosen() bool {
	return f.search != searchBFS || f.keeps() || f.shortest || f.stats || f.spill != ""
}

// check says what does not go together.
func (f *searchFlags) check(c *cobra.Command) error {
	given := c.Flags().Changed
	switch {
	case f.search != searchBFS && f.search != searchBest && f.search != searchWalk:
		return usage("--search %s: want bfs, best or walk", f.search)
	case f.search != searchWalk && (given("walks") || given("seed")):
		return usage("--walks and --seed are for --search walk")
	case f.search == searchWalk && f.walks < 1:
		return usage("--walks %d: must be at least 1", f.walks)
	case f.search == searchWalk && given("states"):
		return usage("--states: a walk does not count states; --walks and --depth limit it")
	case f.search == searchBest && given("depth"):
		return usage("--depth: best-first search does not go by depth; --states and --time limit it")
	case f.search != searchBest && given("priority"):
		return usage("--priority is for --search best")
	case f.search == searchBest && f.priority != "" && invariants.PriorityNamed(f.priority) == nil:
		return usage("--priority %s: there is none of that name (ownercheck list priorities)", f.priority)
	case f.search != searchBFS && f.shortest:
		return usage("--shortest is for --search bfs: the others do not look for shortest runs")
	case f.search != searchBFS && f.keeps():
		return usage("--checkpoint and --resume are for --search bfs: the others keep nothing")
	case f.search != searchBFS && f.spill != "":
		return usage("--spill is for --search bfs: the others do not use the disk")
	case f.spill != "" && !given("memory"):
		return usage("--spill needs --memory, past which the exploration goes on on disk")
	case f.search != searchBFS && f.stats:
		return usage("--stats is for --search bfs")
	case f.every < 0:
		return usage("--checkpoint-every %v: must not be negative", f.every)
	case given("checkpoint-every") && !f.keeps():
		return usage("--checkpoint-every is for --checkpoint and --resume")
	}
	return nil
}

func (f *searchFlags) keeps() bool { return f.checkpoint != "" || f.resume != "" }

// hunt is the search that is not level by level, nil for bfs. It completes the
// limits.
func (f *searchFlags) hunt(lim *invariants.Limits) *invariants.Hunt {
	switch f.search {
	case searchWalk:
		if lim.MaxDepth == 0 {
			lim.MaxDepth = defaultWalkDepth
		}
		return &invariants.Hunt{Walks: f.walks, Seed: f.seed}
	case searchBest:
		switch {
		case lim.MaxStates > 0:
		case lim.MaxMemory > 0:
			lim.MaxStates = math.MaxInt32
		default:
			lim.MaxStates = defaultBestStates
		}
		p := &invariants.Priorities()[0]
		if f.priority != "" {
			p = invariants.PriorityNamed(f.priority)
		}
		return &invariants.Hunt{Priority: p.Of}
	}
	return nil
}
