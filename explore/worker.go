package explore

import (
	"bytes"
	"fmt"
	"runtime/debug"

	"github.com/cespare/xxhash/v2"
)

// A worker is one goroutine's share of a run. In expand it owns its codec, its
// steps and its key buffer; in settle its pool and its list of new states.
// Everything here is preallocated and reused.
type worker struct {
	index     int // in search.workers
	system    System
	symmetric Symmetric // nil if states are not to be made canonical
	codec     codec
	steps     Steps
	keys      []uint64 // of the targets of the chunk

	states   []watch // properties of states that are not decided
	stepping []watch // properties of steps that are not decided, but for those of one mark
	seen     uint64  // notes that one of these looks at
	marked   *marked
	findings []finding
	failure  failure
	count    tally
	census   census
	counting bool // the census is wanted

	pool    pool
	batch   batch
	blocks  blockPool
	current keyList // this worker's part of the level being explored
	next    keyList // and of the level after it
	listing bool    // new keys go to next: not if the next level is on disk
	fresh   uint64  // new keys of the round

	loaded State // the state being explored
	at     int   // position in the chunk being expanded
	inside bool  // the system's code is running: a panic is the system's
	_      [cacheLines]byte
}

// A tally counts what was seen in one round. It is added to the level's when
// the round is settled.
type tally struct {
	generated uint64
	ends      uint64
	digest    uint64
}

func (t *tally) take(other *tally) {
	t.generated += other.generated
	t.ends += other.ends
	t.digest += other.digest
	*other = tally{}
}

// A failure is a panic of the system; of several in a level the one in the
// least state counts.
type failure struct {
	finding
	detail, stack string
}

// expand explores the states of a chunk and leaves the keys of their targets in
// w.keys, unless keep is false. It returns early when stop says so.
func (w *worker) expand(c chunk, keep bool, stop func() bool) {
	w.keys = w.keys[:0]
	for w.at = c.from; w.at < c.to; {
		w.expandUntilPanic(c, keep, stop)
	}
}

func (w *worker) expandUntilPanic(c chunk, keep bool, stop func() bool) {
	defer w.recoverSystem()
	for w.at < c.to {
		if w.at%64 == 0 && stop() {
			w.at = c.to
			return
		}
		w.explore(c.list.at(w.at))
		if keep {
			w.keys = w.codec.append(w.keys, &w.steps)
		}
		w.at++
	}
}

// recoverSystem turns a panic of the system into a failure and goes on behind
// the state that caused it. Our own panics pass.
func (w *worker) recoverSystem() {
	if !w.inside {
		return
	}
	w.inside = false
	if v := recover(); v != nil {
		w.fail(fmt.Sprint(v), string(debug.Stack()))
	}
	w.at++
}

func (w *worker) fail(detail, stack string) {
	f := failure{detail: detail, stack: stack}
	f.offer(w.loaded, Action{})
	w.failure.take(&f)
}

func (f *failure) take(other *failure) {
	if other.found && (!f.found || bytes.Compare(other.state, f.state) < 0) {
		*f = *other
	}
	*other = failure{}
}

// explore takes all steps from one state and looks at it with the properties.
func (w *worker) explore(key uint64) {
	s := w.codec.load(key)
	w.loaded = s
	w.count.digest += xxhash.Sum64(s)
	w.inside = true
	w.steps.Reset()
	w.system.Next(s, &w.steps)
	n := w.steps.Len()
	w.count.generated += uint64(n)
	if w.counting {
		w.census.add(w.steps.labels[:n])
	}
	if n == 0 {
		w.count.ends++
	}
	if len(w.states) > 0 {
		w.watchState(s, n == 0)
	}
	if len(w.stepping) > 0 || w.marked != nil {
		w.watchSteps(s)
	}
	if w.symmetric != nil {
		for i := range n {
			w.symmetric.Canonical(w.steps.target(i))
		}
	}
	w.inside = false
}

func (w *worker) watchState(s State, end bool) {
	for i := range w.states {
		p := &w.states[i]
		if (end || !p.atEnd) && p.state(s) == p.want {
			w.findings[p.index].offer(s, Action{})
		}
	}
}

func (w *worker) watchSteps(s State) {
	for i := range w.steps.labels[:w.steps.n] {
		l := &w.steps.labels[i]
		if l.notes&w.seen != 0 || w.seen == allNotes {
			w.watchStep(s, i, w.stepping)
		}
		if l.mark != 0 && w.marked != nil {
			w.watchStep(s, i, w.marked[l.mark])
		}
	}
}

// watchStep looks at step i with some properties.
func (w *worker) watchStep(s State, i int, watches []watch) {
	l := &w.steps.labels[i]
	for k := range watches {
		p := &watches[k]
		if p.sees(l.notes) && p.step(s, l.action, w.steps.target(i), l.notes) == p.want {
			w.findings[p.index].offer(s, l.action)
		}
	}
}

// successors leaves the keys of the targets of one state in w.keys, without
// looking at properties.
func (w *worker) successors(key uint64) {
	s := w.codec.load(key)
	w.steps.Reset()
	w.system.Next(s, &w.steps)
	if w.symmetric != nil {
		for i := range w.steps.n {
			w.symmetric.Canonical(w.steps.target(i))
		}
	}
	w.keys = w.codec.append(w.keys[:0], &w.steps)
}

// init collects the initial states in w.steps.
func (w *worker) init() (err error) {
	defer func() {
		if !w.inside {
			return
		}
		w.inside = false
		if v := recover(); v != nil {
			err = &SystemError{Detail: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	w.inside = true
	w.steps.Reset()
	w.system.Init(&w.steps)
	if w.symmetric != nil {
		for i := range w.steps.n {
			w.symmetric.Canonical(w.steps.target(i))
		}
	}
	w.inside = false
	return nil
}
