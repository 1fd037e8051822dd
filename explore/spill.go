package explore

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	bucketBits = 4
	// blocksEach is the number of blocks that a worker needs at most: to merge
	// candidates with known runs, to write, and one for the level being read.
	blocksEach = mergeFan + keptRuns + 4
	mostBlock  = 1 << 16
	leastBlock = 1 << 9
	leastLoad  = thinLevel // states of a level that are read at once
	mostLoad   = 1 << 22

	ascentBytes = 12 * 3 * pageSlots
)

// A spill is what a search has on disk, once its memory does not suffice.
//
// The known states are in sorted runs by bucket, the upper bits of the mixed
// key. Only states found for the next level are in the set then, which is
// emptied to the disk whenever it is full: each time makes a chunk of candidates
// for each bucket. At the end of a level the chunks of a bucket are merged, and
// what is not in its known runs is new: a further run, and a part of the next
// level. So two kernels do all the work. The first expands a part of a level to
// chunks of candidates; it is the loop of a search in memory. The second is
// mergeBucket. What passes between them is runs, which never change, and their
// names, so either could be done in another process.
//
// The merges of a bucket are the business of one worker, as is the emptying of
// a shard: no lock is taken for a key.
type spill struct {
	store   store
	shift   uint       // what is left of a mixed key is its bucket
	mu      sync.Mutex // of what newRun and keep change, a few times a level
	buckets []bucket
	mergers []*merger // of the workers
	ascents []*ascent
	depot   depot
	feed    feed
	found   uint64 // states of the next level
	load    int    // states of a level that are read at once
	sorting int64  // bytes of sorters
	small   int64  // bytes set aside for small files
	rekeyed int
	stats   spillStats
}

// A bucket is one part of the states on disk.
type bucket struct {
	known      []runRef
	newest     runRef   // of the level being explored, known as well; may have no keys
	candidates []runRef // of the level after it
	emitted    uint64   // keys in them
	made       int      // runs
}

// all returns the runs of all known states of the bucket.
func (b *bucket) all() []runRef {
	if b.newest.keys == 0 {
		return b.known
	}
	return append(slices.Clip(b.known), b.newest)
}

type spillStats struct {
	now, most, written atomic.Int64 // bytes
}

func (t *spillStats) add(bytes int64) {
	t.written.Add(bytes)
	now := t.now.Add(bytes)
	for {
		most := t.most.Load()
		if now <= most || t.most.CompareAndSwap(most, now) {
			return
		}
	}
}

// newSpill prepares the disk. Nothing is written yet.
func (s *search) newSpill() (*spill, error) {
	open := s.config.openStore
	if open == nil {
		open = func(dir string) (store, error) {
			st, err := newDirectory(dir)
			return newSmallFiles(st, s.blockBytes(), s.smallBytes()), err
		}
	}
	st, err := open(s.config.Spill)
	if err != nil {
		return nil, err
	}
	d := &spill{store: st, small: s.smallBytes(), buckets: make([]bucket, 1<<bucketBits), load: s.loadStates()}
	d.shift = s.keyBits - bucketBits
	for _, w := range s.workers {
		d.mergers = append(d.mergers, &merger{store: st, size: s.blockBytes(), stop: s.stop.Load})
		d.ascents = append(d.ascents, &ascent{})
		w.listing = false
	}
	return d, nil
}

// spillOver moves what is in the set to disk, and tells whether that made room.
func (s *search) spillOver() bool {
	if s.disk != nil && s.held == 0 {
		return false
	}
	s.tell(Progress{Doing: doingSpill})
	defer s.meter.since(time.Now(), &s.meter.time.Merge)
	first := s.disk == nil
	if first {
		d, err := s.newSpill()
		if err != nil {
			s.fail(err)
			return true
		}
		s.disk = d
	}
	s.dump()
	if first {
		// What was found for the next level is on disk, and is listed nowhere.
		for _, w := range s.workers {
			w.next.reset()
			w.blocks.release()
		}
		if s.history.blocks.total > s.historyBytes() {
			s.history.forget()
		}
		runtime.GC() // so that what comes now takes the place of the lists
	}
	return !s.short()
}

// A SpillError tells that Config.Spill could not be used.
type SpillError struct {
	Dir string
	Err error
}

func (e *SpillError) Error() string { return fmt.Sprintf("explore: spill to %s: %v", e.Dir, e.Err) }
func (e *SpillError) Unwrap() error { return e.Err }

// fail ends the run with an error of the disk. The first counts.
func (s *search) fail(err error) {
	if s.broken == nil && err != nil {
		s.broken = &SpillError{s.config.Spill, err}
	}
}

// newRun names a run to be written.
func (d *spill) newRun(bucket int, kind byte, lo, hi uint32) runRef {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &d.buckets[bucket]
	b.made++
	return runRef{name: fmt.Sprintf("%02x.%08d.%c", bucket, b.made, kind), bucket: bucket, lo: lo, hi: hi}
}

const (
	knownRun     = 'k'
	candidateRun = 'c'
	restRun      = 'r' // of the level being explored, if its states are known elsewhere
)

// keep notes a run that was written.
func (d *spill) keep(ref runRef, kind byte) {
	d.stats.add(ref.bytes)
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &d.buckets[ref.bucket]
	switch kind {
	case knownRun:
		b.known = append(b.known, ref)
	case candidateRun:
		b.candidates = append(b.candidates, ref)
		b.emitted += ref.keys
	case restRun:
		d.feed.runs = append(d.feed.runs, ref)
	}
}

// remove removes files that are not needed any more.
func (d *spill) remove(refs []runRef) error {
	for _, r := range refs {
		if err := d.store.remove(r.name); err != nil {
			return fmt.Errorf("removing %s: %w", r.name, err)
		}
		d.stats.now.Add(-r.bytes)
	}
	return nil
}

// dump empties the set: levels up to the present one to known runs, which only
// the first time has, the next level to chunks of candidates.
func (s *search) dump() {
	d := s.disk
	// The shards of a bucket, or a shard with its buckets, are one worker's.
	group := max(1, len(s.set.shards)>>bucketBits)
	errs := make([]error, len(s.set.shards)/group)
	s.parallel(len(errs), nil, func(w *worker, i int) {
		e := emptying{d: d, m: d.mergers[w.index], level: uint32(s.level)}
		for k := i * group; k < (i+1)*group; k++ {
			first := uint64(k) << s.set.restBits
			d.ascents[w.index].drain(&s.set.shards[k], &w.pool, func(rest uint64, level uint32) {
				e.add(first|rest, level)
			})
		}
		e.end()
		errs[i] = e.err
	})
	s.fail(errors.Join(errs...))
	for _, w := range s.workers {
		d.depot.collect(&w.pool)
	}
	s.held = 0
	s.known = 0
	for i := range d.buckets {
		for _, r := range d.buckets[i].all() {
			s.known += r.keys
		}
	}
	s.parallel(len(s.set.shards), nil, func(w *worker, i int) {
		s.set.shards[i] = newShard(s.set.layout, 1)
		s.set.shards[i].takeMissing(&w.pool)
	})
}

// An emptying writes ascending keys to runs, of which a bucket gets at most two.
type emptying struct {
	d      *spill
	m      *merger
	level  uint32 // being explored
	bucket int
	known  *runWriter
	chunk  *runWriter
	err    error
}

func (e *emptying) add(key uint64, level uint32) {
	if b := int(key >> e.d.shift); b != e.bucket {
		e.end()
		e.bucket = b
	}
	if level > e.level {
		if e.chunk == nil {
			e.chunk = newRunWriter(e.d.store, e.d.newRun(e.bucket, candidateRun, level, level), e.m.block())
		}
		e.chunk.add(key, level)
		return
	}
	if e.known == nil {
		e.known = newRunWriter(e.d.store, e.d.newRun(e.bucket, knownRun, 0, e.level), e.m.block())
	}
	e.known.add(key, level)
}

// end publishes the runs of a bucket.
func (e *emptying) end() {
	e.publish(&e.known, knownRun)
	e.publish(&e.chunk, candidateRun)
}

func (e *emptying) publish(at **runWriter, kind byte) {
	w := *at
	if w == nil {
		return
	}
	*at = nil
	ref, err := w.end()
	e.m.put(w.block)
	if err == nil {
		e.d.keep(ref, kind)
	} else if e.err == nil {
		e.err = err
	}
}

// closeSpill removes the files.
func (s *search) closeSpill() error {
	if s.disk == nil {
		return nil
	}
	err := errors.Join(s.disk.endFeed(&s.disk.feed), s.disk.store.close())
	if err != nil && s.broken == nil {
		return &SpillError{s.config.Spill, err}
	}
	return nil
}
