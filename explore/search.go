package explore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// inlineStates is the largest level that one worker explores alone, adding
	// keys one by one: a barrier costs more than so many states.
	inlineStates = 256
	minChunk     = 64
	maxChunk     = 8192
	// A level is cut into at least so many chunks, so that workers end together.
	chunksPerLevel = 16
	// leastRound is the least number of keys in a round, unless memory is short.
	leastRound = 1 << 18
	// targetsEach is how many targets a state is expected to have at most, where
	// it is a matter of memory.
	targetsEach = 16
)

// A search is one run of Run.
//
// It goes level by level, and through a large level in rounds. In the first
// half of a round, expand, workers take chunks of the level and sort the keys
// of all targets into outboxes by shard; the set is only read. In the second,
// settle, workers take shards, each adding the keys sent to it and listing the
// new ones for the next level. No lock and no shared counter is on either path,
// and the outcome of a round is a set, whatever the order of work.
type search struct {
	config  Config
	workers []*worker
	set     set
	fold    *folding // nil for states of at most 8 bytes
	keyBits uint

	level     int
	known     uint64 // keys in the set; on disk, those of explored levels and of this one
	held      uint64 // keys in the set
	frontier  uint64 // states of the level
	explored  uint64 // of these, in settled rounds
	count     tally  // of the settled rounds of the level
	keep      bool   // targets are added to the set
	dropped   bool   // some were not
	reason    Reason // why not, or why the run ends
	report    Report
	history   history
	meter     meter
	saver     *checkpointer
	disk      *spill // nil while all is in memory
	broken    error  // of the disk, which ends the run
	unmerged  bool   // which states of the next level are new was not found out
	partial   bool   // the level was not explored to its end, or targets were dropped
	undecided int    // properties
	goals     []goal // decided properties whose trace is not rebuilt yet

	boxes     []outbox
	chunks    []chunk
	boxMemory atomic.Int64
	sent      atomic.Int64 // keys in the outboxes of the round
	stop      atomic.Bool  // the context is done
}

// A chunk is a part of a level that one worker explores.
type chunk struct {
	list     *keyList
	from, to int
}

// Run explores level by level until no state is left, a limit is reached, or
// ctx is done. A violated property and a reached limit are Reports; an error
// means that the question could not be put: the Config is wrong, ctx ended
// before the initial states were explored, or the System broke its contract
// (*SystemError, with the run that led there).
//
// A run goes on after a violation, so that each property is answered with a
// counterexample of its own of least length. Of several on one level it is the
// one that ends in the least state, in byte order.
//
// Limits on states, depth and memory take effect at the end of a level. When
// time is up or ctx is cancelled the unfinished level is dropped; findings in
// it are kept, being shortest all the same.
func Run(ctx context.Context, c Config) (report Report, err error) {
	if err := c.check(); err != nil {
		return Report{}, err
	}
	if c.TimeLimit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.TimeLimit)
		defer cancel()
	}
	s := newSearch(c)
	defer func() { err = errors.Join(err, s.closeSpill()) }()
	defer s.fillStats()
	defer context.AfterFunc(ctx, func() { s.stop.Store(true) })()
	if err := s.begin(); err != nil {
		return Report{}, err
	}
	for s.frontier > 0 && s.reason == None {
		s.markLevel()
		if err := s.step(ctx); err != nil {
			return Report{}, err
		}
		if err := s.checkpoint(); err != nil {
			return Report{}, err
		}
	}
	if len(s.report.Levels) == 0 && s.reason != None {
		return Report{}, fmt.Errorf("explore: ended before the initial states were explored: %w", context.Cause(ctx))
	}
	if err := s.lastCheckpoint(); err != nil {
		return Report{}, err
	}
	if err := s.rebuild(); err != nil {
		return Report{}, err
	}
	s.finish()
	return s.report, nil
}

func newSearch(c Config) *search {
	s := &search{config: c, keep: true, level: -1}
	s.meter.start = time.Now()
	for i := range c.workers() {
		s.workers = append(s.workers, s.newWorker(i))
	}
	s.history.keys = keyList{width: 8, free: &s.history.blocks}
	s.report.Outcomes = make([]Outcome, len(c.Properties))
	for i := range c.Properties {
		s.report.Outcomes[i].Name = c.Properties[i].Name
	}
	s.watch()
	return s
}

func (s *search) newWorker(index int) *worker {
	w := &worker{index: index, listing: true, system: s.config.System, findings: make([]finding, len(s.config.Properties))}
	w.steps.init(s.config.System.Size())
	w.counting = s.config.Stats != nil
	w.steps.ample = s.config.PartialOrder
	if s.config.Symmetry {
		w.symmetric, _ = s.config.System.(Symmetric)
	}
	return w
}

// setCodec gives every worker a codec, and room for keys.
func (s *search) setCodec() {
	size := s.config.System.Size()
	s.keyBits = uint(8 * size)
	if size > 8 {
		base := make(State, size)
		if first := s.workers[0]; first.steps.n > 0 {
			copy(base, first.steps.target(0))
		}
		s.fold = newFolding(s.config.System, base)
		s.keyBits = s.fold.shape.keyBits
	}
	for _, w := range s.workers {
		if s.fold != nil {
			w.codec = s.fold.newFolder()
		} else {
			w.codec = newNarrow(size)
		}
	}
	s.set = newSet(s.keyBits, 0, 1, &s.workers[0].pool)
	s.setListWidth()
}

// setListWidth gives every worker empty lists for keys of the present width.
func (s *search) setListWidth() {
	width := int(s.keyBits+7) / 8
	for _, w := range s.workers {
		w.blocks = blockPool{}
		w.current = keyList{width: width, free: &w.blocks}
		w.next = keyList{width: width, free: &w.blocks}
	}
}

// watch tells the workers which properties are still to be decided.
func (s *search) watch() {
	s.undecided = 0
	var states, stepping []watch
	var byMark *marked
	seen := uint64(0)
	for i := range s.config.Properties {
		p := &s.config.Properties[i]
		if s.report.Outcomes[i].Verdict != Undecided {
			continue
		}
		s.undecided++
		switch {
		case p.State != nil:
			states = append(states, newWatch(i, p))
		case p.StepMark != 0:
			if byMark == nil {
				byMark = new(marked)
			}
			byMark[p.StepMark] = append(byMark[p.StepMark], newWatch(i, p))
		default:
			stepping = append(stepping, newWatch(i, p))
			if p.StepMask == 0 {
				seen = allNotes
			}
			seen |= p.StepMask
		}
	}
	for _, w := range s.workers {
		w.states, w.stepping, w.seen, w.marked = states, stepping, seen, byMark
	}
}

// begin makes the initial states level 0, or goes to where a run was left.
func (s *search) begin() (err error) {
	if s.saver, err = newCheckpointer(&s.config); err != nil {
		return err
	}
	if s.config.Resume != "" {
		return s.resume()
	}
	w := s.workers[0]
	if err := w.init(); err != nil {
		return err
	}
	s.setCodec()
	w.keys = w.codec.append(w.keys[:0], &w.steps)
	for s.fold != nil && s.fold.misfit() {
		s.widen()
		w.keys = w.codec.append(w.keys[:0], &w.steps)
	}
	s.meter.lookedUp += uint64(len(w.keys))
	s.insert(w.keys, 0)
	s.advance()
	return nil
}

// step explores one level.
func (s *search) step(ctx context.Context) error {
	s.exploreLevel()
	stopped := s.explored < s.frontier
	if !stopped {
		s.mergeLevel()
		s.limitStates()
		s.completeLevel()
	}
	if s.broken != nil {
		return s.broken
	}
	if err := s.decide(); err != nil {
		return err
	}
	c := &s.config
	switch {
	case stopped || s.unmerged || s.stop.Load() && s.pending() > 0:
		s.reason = Interrupted
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			s.reason = TimeLimit
		}
	case s.pending() == 0 && !s.dropped:
		s.reason = None // a limit was reached by the last state
	case s.reason != None:
	case s.satisfied():
		s.reason = Decided
	case c.MaxDepth > 0 && s.level >= c.MaxDepth:
		s.reason = DepthLimit
	}
	s.partial = stopped || s.dropped || s.unmerged
	s.tell(Progress{})
	s.advance()
	return s.broken
}

// satisfied says whether the properties decided so far are all that is wanted.
func (s *search) satisfied() bool {
	n := len(s.config.Properties)
	return n > s.undecided && stops(s.report.Outcomes, s.config.StopWhenDecided, s.config.StopWhen)
}

// pending returns the number of states found for the next level.
func (s *search) pending() (n uint64) {
	if s.disk != nil {
		return s.disk.found
	}
	for _, w := range s.workers {
		n += uint64(w.next.n)
	}
	return n
}

// completeLevel adds the level to the report.
func (s *search) completeLevel() {
	r := &s.report
	r.Distinct += s.frontier
	r.Generated += s.count.generated
	r.Ends += s.count.ends
	r.Digest += s.count.digest
	r.Depth = s.level
	r.Levels = append(r.Levels, s.frontier)
	s.meter.whole.take(&s.meter.level)
}

// advance makes the states found the level to explore.
func (s *search) advance() {
	s.level++
	s.frontier, s.explored, s.count = 0, 0, tally{}
	s.deepen()
	if s.disk != nil {
		s.nextLevel()
		return
	}
	for _, w := range s.workers {
		w.current.reset()
		w.current, w.next = w.next, w.current
		s.frontier += uint64(w.current.n)
	}
	s.history.record(s.workers, s.frontier)
}

// finish fills in the verdicts of the properties that nothing decided.
func (s *search) finish() {
	r := &s.report
	r.Reason = s.reason
	r.Complete = s.reason == None
	for i := range r.Outcomes {
		if r.Outcomes[i].Verdict == Undecided && r.Complete {
			r.Outcomes[i].Verdict = Holds
			if s.config.Properties[i].Kind == Reachable {
				r.Outcomes[i].Verdict = Unreached
			}
		}
	}
	s.tell(Progress{Done: true})
}

// tell reports progress.
func (s *search) tell(p Progress) {
	if s.config.Progress == nil {
		return
	}
	p.Level, p.Frontier, p.Explored = s.level, s.frontier, s.explored
	p.Distinct = s.known
	p.Generated = s.report.Generated
	if uint64(len(s.report.Levels)) <= uint64(s.level) {
		p.Generated += s.count.generated
	}
	p.Bytes = s.memory()
	if s.disk != nil {
		p.OnDisk = s.disk.stats.now.Load()
	}
	s.config.Progress(p)
}
