package explore

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/emirpasic/gods/queues/priorityqueue"
)

// BestConfig is a question for Best. System, Priority and MaxStates must be given.
type BestConfig struct {
	System     System
	Properties []Property

	// Priority says which state to explore first: of those that wait, one with
	// the least number, such as an estimate of how many steps are missing to
	// what is looked for. It must depend on its argument only. A bad one costs
	// time, never truth.
	Priority func(State) int

	// MaxStates ends the run before it would know more distinct states, at least 1.
	MaxStates int

	// MaxMemory, if not 0, ends the run before the states take about so many
	// bytes: each takes some 200 and its own size.
	MaxMemory int64

	// Progress, if not nil, is called now and then with the report so far.
	Progress func(BestReport)

	// StopWhenDecided ends the run when every property is violated or reached.
	StopWhenDecided bool
	// StopWhen, if not nil, is asked after each state that decides a property, and
	// ends the run by returning true. Outcomes are those so far, in order.
	StopWhen func(outcomes []Outcome) bool
}

// A BestReport is what Best found. Equal BestConfigs give equal reports, unless
// the context ends the run.
type BestReport struct {
	Complete bool   // all reachable states were explored
	Reason   Reason // why not, if not Complete

	Distinct  int    // states known, explored or not
	Explored  int    // states checked with all their steps
	Generated uint64 // steps from them
	Ends      int    // explored states without steps
	Farthest  int    // explored state, in steps of the run that found it

	Outcomes []Outcome // of BestConfig.Properties, in order
}

// Meaning says in words what the report proves, and what it does not.
func (r BestReport) Meaning() string {
	if r.Complete {
		return fmt.Sprintf("All %d reachable states were explored: what is said of each property is proved. "+
			"A trace is a real run, but need not be a shortest one.", r.Distinct)
	}
	return fmt.Sprintf("%d states were explored, the most promising first, when the run ended (%v); %d of %d properties were decided. "+
		"What was violated or reached was met: its trace is a real run, but need not be a shortest one. "+
		"What is undecided was not met in these states; that proves nothing about the others.",
		r.Explored, r.Reason, found(r.Outcomes), len(r.Outcomes))
}

// Best explores best-first: always the state of least Priority among those that
// wait, and of several the one that was found first. With a good Priority it
// meets what it looks for long before Run would; without MaxStates in its way it
// explores every state, and then proves as much as Run does.
//
// It remembers states in full, and for each the step that found it: more memory
// than Run needs, and one goroutine. There are no reductions.
//
// The error is that of a wrong config, a *SystemError, or the cause for which
// ctx ended before a state was explored.
func Best(ctx context.Context, c BestConfig) (BestReport, error) {
	if err := checkHunt(c.System, c.Properties, "MaxStates", c.MaxStates); err != nil {
		return BestReport{}, err
	}
	if c.Priority == nil {
		return BestReport{}, fmt.Errorf("explore: Priority is nil")
	}
	if c.MaxMemory < 0 {
		return BestReport{}, fmt.Errorf("explore: MaxMemory %d: must not be negative", c.MaxMemory)
	}
	b := newBestSearch(&c)
	if err := b.lookout.explore(nil); err != nil {
		return BestReport{}, err
	}
	if err := b.add(-1); err != nil {
		return BestReport{}, err
	}
	for b.report.Reason == None && !b.queue.Empty() {
		if b.report.Explored%progressEvery == 0 {
			b.tell()
			if b.report.Reason = ended(ctx); b.report.Reason != None {
				break
			}
		}
		if err := b.step(); err != nil {
			return BestReport{}, err
		}
	}
	if b.report.Explored == 0 && ctx.Err() != nil {
		return BestReport{}, fmt.Errorf("explore: ended before the initial states were explored: %w", context.Cause(ctx))
	}
	return b.finish(), nil
}

// progressEvery is how many states Best explores between two calls of Progress.
const progressEvery = 256

// bestOverhead is about what Best keeps of a state besides its bytes.
const bestOverhead = 200

// A bestSearch is one run of Best.
type bestSearch struct {
	config  *BestConfig
	lookout *lookout
	queue   *priorityqueue.Queue // of waiting
	known   map[string]struct{}
	met     []foundBy
	state   State
	report  BestReport
}

// foundBy is how a known state was found: by this step from that state.
type foundBy struct {
	parent int // in bestSearch.met; -1 for an initial state
	depth  int
	action Action
}

// A waiting state. It is the same string as in known, so it takes no room of
// its own.
type waiting struct {
	priority int
	number   int // in bestSearch.met: the order in which states were found
	state    string
}

func newBestSearch(c *BestConfig) *bestSearch {
	l := newLookout(c.System, c.Properties)
	b := &bestSearch{config: c, lookout: l, known: map[string]struct{}{}, state: make(State, c.System.Size(), l.steps.stride)}
	b.queue = priorityqueue.NewWith(func(x, y any) int {
		v, w := x.(waiting), y.(waiting)
		return cmp.Or(cmp.Compare(v.priority, w.priority), cmp.Compare(v.number, w.number))
	})
	b.report.Outcomes, _ = undecided(c.Properties)
	return b
}

// step explores the best of the waiting states.
func (b *bestSearch) step() error {
	v, _ := b.queue.Dequeue()
	w := v.(waiting)
	copy(b.state, w.state)
	if err := b.lookout.explore(b.state); err != nil {
		return b.failed(err, w.number)
	}
	r, n := &b.report, b.lookout.steps.Len()
	r.Explored++
	r.Generated += uint64(n)
	r.Farthest = max(r.Farthest, b.met[w.number].depth)
	if n == 0 {
		r.Ends++
	}
	fresh := false
	for i := range b.lookout.findings {
		if f := &b.lookout.findings[i]; f.found && r.Outcomes[i].Verdict == Undecided {
			init, run := b.runTo(w.number)
			r.Outcomes[i] = decided(&b.config.Properties[i], f, init, run)
			fresh = true
		}
	}
	if err := b.add(w.number); err != nil {
		return err
	}
	if fresh && stops(r.Outcomes, b.config.StopWhenDecided, b.config.StopWhen) {
		r.Reason = Decided
	}
	return nil
}

// add lets the targets of the steps wait that are new, as far as the limit allows.
func (b *bestSearch) add(parent int) error {
	depth := 0
	if parent >= 0 {
		depth = b.met[parent].depth + 1
	}
	for i := range b.lookout.steps.Len() {
		a, target, _ := b.lookout.steps.At(i)
		if _, ok := b.known[string(target)]; ok {
			continue
		}
		if b.report.Reason = b.full(); b.report.Reason != None {
			return nil
		}
		s, number := string(target), len(b.met)
		b.met = append(b.met, foundBy{parent, depth, a})
		priority, err := b.priority(target)
		if err != nil {
			return b.failed(err, number)
		}
		b.known[s] = struct{}{}
		b.queue.Enqueue(waiting{priority, number, s})
	}
	return nil
}

// full returns the Reason for which no more states can be known, None if they can.
func (b *bestSearch) full() Reason {
	c := b.config
	switch each := int64(c.System.Size() + bestOverhead); {
	case len(b.met) == c.MaxStates:
		return StateLimit
	case c.MaxMemory > 0 && int64(len(b.met)+1)*each > c.MaxMemory:
		return MemoryLimit
	}
	return None
}

func (b *bestSearch) tell() {
	if b.config.Progress != nil {
		r := b.report
		r.Distinct = len(b.met)
		b.config.Progress(r)
	}
}

// priority asks the caller's function, whose panic is reported like the system's.
func (b *bestSearch) priority(s State) (n int, err *SystemError) {
	defer func() {
		if v := recover(); v != nil {
			err = &SystemError{State: s, Detail: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	return b.config.Priority(s), nil
}

// failed completes an error with the run to the state in which it happened.
func (b *bestSearch) failed(err *SystemError, number int) error {
	err.State = slices.Clone(err.State)
	err.Init, err.Trace = b.runTo(number)
	return err
}

// runTo returns the run that found a state.
func (b *bestSearch) runTo(number int) (init Action, run []Action) {
	for ; b.met[number].parent >= 0; number = b.met[number].parent {
		run = append(run, b.met[number].action)
	}
	slices.Reverse(run)
	return b.met[number].action, run
}

// finish says of what remains undecided that it holds, if every state was explored.
func (b *bestSearch) finish() BestReport {
	r := &b.report
	r.Distinct = len(b.met)
	if b.queue.Empty() && (r.Reason == None || r.Reason == Decided) {
		r.Complete, r.Reason = true, None
	}
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		switch {
		case !r.Complete || o.Verdict != Undecided:
		case b.config.Properties[i].Kind == Reachable:
			o.Verdict = Unreached
		default:
			o.Verdict = Holds
		}
	}
	return *r
}
