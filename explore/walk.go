package explore

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// walksPerRound is the number of walks that are taken before their results are
// put together, in order.
const walksPerRound = 256

// WalkConfig is a question for Walk. System, Walks and MaxDepth must be given.
type WalkConfig struct {
	System     System
	Properties []Property

	// Seed chooses the walks: equal seeds, equal walks, on every machine.
	Seed uint64
	// Walks is the number of walks to take, at least 1.
	Walks int
	// MaxDepth is the number of steps after which a walk ends, at least 1. A
	// walk also ends in a state without steps.
	MaxDepth int

	// Workers is the number of goroutines that walk; 0 means GOMAXPROCS.
	Workers int

	// Progress, if not nil, is called now and then with the report so far.
	Progress func(WalkReport)

	// StopWhenDecided ends the run after the first walk by which every property
	// is violated or reached.
	StopWhenDecided bool
	// StopWhen, if not nil, is asked after each walk that decides a property, and
	// ends the run by returning true. Outcomes are those so far, in order.
	StopWhen func(outcomes []Outcome) bool
}

// A WalkReport is what Walk found. Equal WalkConfigs give equal reports, for
// any number of workers, unless the context ends the run.
type WalkReport struct {
	Seed    uint64
	Walks   int    // that were taken
	Reason  Reason // why not all that were asked for, None if all
	Steps   uint64 // taken
	Ends    int    // walks that ended in a state without steps
	Longest int    // walk, in steps

	// Outcomes are of WalkConfig.Properties, in order: Violated or Reached with
	// the run of the first walk that showed it, or Undecided.
	Outcomes []Outcome
}

// Meaning says in words what the report proves, and what it does not.
func (r WalkReport) Meaning() string {
	return fmt.Sprintf("%d random walks of at most %d steps (seed %d) decided %d of %d properties. "+
		"What was violated or reached was met: its trace is a real run, but need not be a shortest one. "+
		"What is undecided was not met on these walks; that proves nothing, since how many states they missed is not known.",
		r.Walks, r.Longest, r.Seed, found(r.Outcomes), len(r.Outcomes))
}

// Walk explores at random: each walk begins in one of the initial states and
// goes on with one of the steps enabled, all equally likely. Each state on the
// way, the last one included, is looked at with all its steps, as by Run, so a
// property of steps sees also those that were not chosen.
//
// It needs no memory for states, so it can look deep into systems that are too
// large for Run. It can show that a property is violated, never that it holds:
// see WalkReport.Meaning. Walks are not even: what few of the runs do is seldom
// met. There are no reductions: walks and traces are those of the plain System.
//
// When ctx ends, the walks up to the first unfinished one are reported. The
// error is that of a wrong config, or a *SystemError.
func Walk(ctx context.Context, c WalkConfig) (WalkReport, error) {
	if err := checkHunt(c.System, c.Properties, "Walks", c.Walks); err != nil {
		return WalkReport{}, err
	}
	switch {
	case c.MaxDepth < 1:
		return WalkReport{}, fmt.Errorf("explore: MaxDepth %d: must be at least 1", c.MaxDepth)
	case c.Workers < 0:
		return WalkReport{}, fmt.Errorf("explore: Workers %d: must not be negative", c.Workers)
	}
	r := WalkReport{Seed: c.Seed}
	r.Outcomes, _ = undecided(c.Properties)
	walkers := newWalkers(&c)
	results := make([]walkResult, walksPerRound)
	for r.Walks < c.Walks && r.Reason == None {
		round := results[:min(walksPerRound, c.Walks-r.Walks)]
		takeWalks(ctx, walkers, r.Walks, round)
		for i := range round {
			if err := r.add(&c, &round[i]); err != nil {
				return WalkReport{}, err
			}
			if r.Reason != None {
				break
			}
		}
		if c.Progress != nil {
			c.Progress(r)
		}
	}
	return r, nil
}

// add counts one more walk, unless the context ended it.
func (r *WalkReport) add(c *WalkConfig, w *walkResult) error {
	if w.failure != nil {
		return w.failure
	}
	if r.Reason = w.cut; r.Reason != None {
		return nil
	}
	r.Walks++
	r.Steps += uint64(w.steps)
	r.Longest = max(r.Longest, w.steps)
	if w.end {
		r.Ends++
	}
	fresh := false
	for i, o := range w.outcomes {
		if r.Outcomes[i].Verdict == Undecided {
			r.Outcomes[i] = o
			fresh = true
		}
	}
	if fresh && r.Walks < c.Walks && stops(r.Outcomes, c.StopWhenDecided, c.StopWhen) {
		r.Reason = Decided
	}
	return nil
}

// takeWalks takes walks first, first+1, ... and leaves what they found in
// results. Which walker takes which walk does not matter: each has a generator
// of its own.
func takeWalks(ctx context.Context, walkers []*walker, first int, results []walkResult) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for _, w := range walkers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(results); i = int(next.Add(1)) - 1 {
				results[i] = w.walk(ctx, uint64(first+i))
			}
		})
	}
	wait.Wait()
}

// A walkResult is what one walk found.
type walkResult struct {
	steps    int
	end      bool            // in a state without steps
	outcomes map[int]Outcome // by property
	cut      Reason          // the context ended the walk
	failure  error
}

// A walker takes walks, one at a time.
type walker struct {
	config  *WalkConfig
	lookout *lookout
	chance  *rand.PCG
	state   State
	init    Action
	run     []Action
}

func newWalkers(c *WalkConfig) (list []*walker) {
	n := c.Workers
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	for range min(n, c.Walks, walksPerRound) {
		l := newLookout(c.System, c.Properties)
		list = append(list, &walker{config: c, lookout: l, chance: rand.NewPCG(0, 0), state: make(State, c.System.Size(), l.steps.stride)})
	}
	return list
}

// walk takes the walk of this number.
func (w *walker) walk(ctx context.Context, number uint64) (r walkResult) {
	w.chance.Seed(w.config.Seed, number)
	w.run = w.run[:0]
	if err := w.lookout.explore(nil); err != nil {
		r.failure = err
		return r
	}
	if w.lookout.steps.Len() == 0 {
		r.end = true
		return r
	}
	w.init = w.choose()
	for {
		if err := w.lookout.explore(w.state); err != nil {
			err.Init, err.Trace = w.init, append([]Action(nil), w.run...)
			err.State = append(State(nil), w.state...)
			r.failure = err
			return r
		}
		w.collect(&r)
		r.steps = len(w.run)
		if r.end = w.lookout.steps.Len() == 0; r.end || r.steps == w.config.MaxDepth {
			return r
		}
		if r.steps%1024 == 0 {
			if r.cut = ended(ctx); r.cut != None {
				return r
			}
		}
		w.run = append(w.run, w.choose())
	}
}

// collect keeps the first finding of each property.
func (w *walker) collect(r *walkResult) {
	for i := range w.lookout.findings {
		f := &w.lookout.findings[i]
		if _, known := r.outcomes[i]; !f.found || known {
			continue
		}
		if r.outcomes == nil {
			r.outcomes = map[int]Outcome{}
		}
		r.outcomes[i] = decided(&w.config.Properties[i], f, w.init, w.run)
	}
}

// choose takes one of the steps. It uses the generator directly, whose output
// is fixed, and not rand.Rand, whose methods may change with the Go version.
func (w *walker) choose() Action {
	i, _ := bits.Mul64(w.chance.Uint64(), uint64(w.lookout.steps.Len()))
	a, target, _ := w.lookout.steps.At(int(i))
	copy(w.state, target)
	return a
}
