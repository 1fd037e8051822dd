package explore

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A feed is what is still to be read of the level being explored.
type feed struct {
	runs []runRef
	own  bool // the runs hold nothing else, and are removed behind it
	at   *cursor
}

// pull returns the next key. It is false at the end, or after an error.
func (d *spill) pull(f *feed) (key uint64, ok bool, err error) {
	for {
		if f.at == nil {
			if len(f.runs) == 0 {
				return 0, false, nil
			}
			f.at = d.mergers[0].open(f.runs[0])
		}
		if !f.at.done {
			key = f.at.key
			f.at.advance()
			return key, true, nil
		}
		if err := d.endFeed(f); err != nil {
			return 0, false, err
		}
		if f.own {
			if err := d.remove(f.runs[:1]); err != nil {
				return 0, false, err
			}
		}
		f.runs = f.runs[1:]
	}
}

// endFeed closes the run being read.
func (d *spill) endFeed(f *feed) (err error) {
	if c := f.at; c != nil {
		err = d.mergers[0].close([]*cursor{c})
		f.at = nil
	}
	return err
}

// loadLevel makes a part of the level on disk the workers' lists, and tells
// whether there was one.
func (s *search) loadLevel() bool {
	d := s.disk
	for _, w := range s.workers {
		w.current.reset()
	}
	n := 0
	for ; n < d.load; n++ {
		key, ok, err := d.pull(&d.feed)
		s.fail(err)
		if !ok {
			break
		}
		s.workers[n/blockKeys%len(s.workers)].current.append(s.set.mixer.unmix(key))
	}
	return n > 0
}

// mergeLevel finds out which of the candidates are new.
func (s *search) mergeLevel() {
	d := s.disk
	if d == nil || s.dropped || s.broken != nil {
		return
	}
	defer s.meter.since(time.Now(), &s.meter.time.Merge)
	s.tell(Progress{Doing: doingMerge})
	if s.held > 0 {
		s.dump()
	}
	receipts := make([]receipt, len(d.buckets))
	errs := make([]error, len(d.buckets))
	done := s.parallel(len(d.buckets), func() bool { return !s.stop.Load() }, func(w *worker, i int) {
		receipts[i], errs[i] = d.mergeCandidates(d.mergers[w.index], i, uint32(s.level+1))
		if w.index == 0 {
			s.tell(Progress{Doing: doingMerge})
		}
	})
	s.unmerged = done < len(d.buckets)
	d.found = 0
	for i, err := range errs {
		if errors.Is(err, errStopped) {
			s.unmerged = true
		} else {
			s.fail(err)
		}
		d.found += receipts[i].fresh
		s.meter.fresh -= receipts[i].read - receipts[i].fresh
	}
	s.known += d.found
}

// mergeCandidates merges the candidates of one bucket, and checks that none
// was lost. The run of the states that are new becomes the newest.
func (d *spill) mergeCandidates(m *merger, bucket int, level uint32) (r receipt, err error) {
	b := &d.buckets[bucket]
	b.known, b.newest = b.all(), runRef{}
	if err := d.compact(m, b, bucket); err != nil {
		return r, err
	}
	merged, err := d.mergeSome(m, b, bucket)
	if err != nil {
		return r, err
	}
	if len(b.candidates) > 0 {
		r, err = m.mergeBucket(d.newRun(bucket, knownRun, level, level), b.candidates, b.known)
		if err != nil {
			return r, err
		}
	}
	if r.read+merged != b.emitted || r.read != r.duplicates+r.known+r.fresh || r.run.keys != r.fresh {
		return r, fmt.Errorf("bucket %d of level %d: %d candidates were written, %d and %d were merged, of which %d were duplicates, %d known and %d new, and %d states are in %q",
			bucket, level, b.emitted, merged, r.read, r.duplicates, r.known, r.fresh, r.run.keys, r.run.name)
	}
	r.read += merged
	d.stats.add(r.run.bytes)
	b.newest = r.run
	gone := b.candidates
	b.candidates, b.emitted = nil, 0
	return r, d.remove(gone)
}

// mergeSome merges chunks until they can all be merged with the known runs at
// once, and returns how many duplicates went.
func (d *spill) mergeSome(m *merger, b *bucket, bucket int) (gone uint64, err error) {
	for len(b.candidates) > mergeFan {
		some := smallest(b.candidates, min(mergeFan, len(b.candidates)-mergeFan+1))
		level := some[0].lo
		run, n, err := m.mergeChunks(d.newRun(bucket, candidateRun, level, level), some)
		if err != nil {
			return gone, err
		}
		gone += n
		d.stats.add(run.bytes)
		b.candidates = append(b.candidates[len(some):], run)
		if err := d.remove(some); err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// compact keeps the known runs of a bucket few: each level has to read all of
// them. The smallest become one, so that a key is copied as often as its run
// has been outgrown.
func (d *spill) compact(m *merger, b *bucket, bucket int) error {
	for len(b.known) > keptRuns {
		some := smallest(b.known, min(mergeFan, max(len(b.known)/2, len(b.known)-keptRuns+1)))
		out := d.newRun(bucket, knownRun, some[0].lo, some[0].hi)
		for _, r := range some {
			out.lo, out.hi = min(out.lo, r.lo), max(out.hi, r.hi)
		}
		run, err := m.compact(out, some)
		if err != nil {
			return err
		}
		d.stats.add(run.bytes)
		b.known = append(b.known[len(some):], run)
		if err := d.remove(some); err != nil {
			return err
		}
	}
	return nil
}

// smallest sorts runs by size and returns a copy of the first n.
func smallest(runs []runRef, n int) []runRef {
	slices.SortStableFunc(runs, func(a, b runRef) int { return cmp.Compare(a.bytes, b.bytes) })
	return slices.Clone(runs[:n])
}

// nextLevel makes the states found the level to explore, and loads the first
// part of it.
func (s *search) nextLevel() {
	d := s.disk
	var lists int64
	for _, w := range s.workers {
		w.current.reset()
		lists += w.blocks.total
	}
	if lists > 2*s.listBytes() { // those of the level that began in memory
		for _, w := range s.workers {
			w.blocks.release()
		}
		runtime.GC()
	}
	d.feed = feed{}
	for i := range d.buckets {
		if r := d.buckets[i].newest; r.keys > 0 && int(r.lo) == s.level {
			d.feed.runs = append(d.feed.runs, r)
		}
	}
	s.frontier, d.found = d.found, 0
	s.beginLevel()
}

// beginLevel loads the first part of the level.
func (s *search) beginLevel() {
	s.loadLevel()
	n := s.frontier
	if s.history.blocks.total > s.historyBytes() {
		n = thinLevel + 1 // it is found on disk
	}
	s.history.record(s.workers, n)
}
