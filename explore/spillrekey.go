package explore

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
)

// leastSort is the number of keys that are sorted together, if memory is short.
const leastSort = 1 << 10

// A sorter writes keys, which come in any order, to runs of one kind.
type sorter struct {
	d    *spill
	m    *merger
	kind byte
	keys []sortKey // up to its capacity
	lo   uint32
	hi   uint32
	gone uint64 // candidates that were there twice
	err  error
}

type sortKey struct {
	mixed uint64
	level uint32
}

const sortKeyBytes = 16

func (o *sorter) add(mixed uint64, level uint32) {
	if len(o.keys) == 0 {
		o.lo, o.hi = level, level
	}
	o.lo, o.hi = min(o.lo, level), max(o.hi, level)
	o.keys = append(o.keys, sortKey{mixed, level})
	if len(o.keys) == cap(o.keys) {
		o.flush()
	}
}

// flush writes a run for each bucket that has keys. Chunks of candidates may hold
// the same state, known runs may not.
func (o *sorter) flush() {
	slices.SortFunc(o.keys, func(a, b sortKey) int { return cmp.Compare(a.mixed, b.mixed) })
	for from := 0; from < len(o.keys) && o.err == nil; {
		bucket := int(o.keys[from].mixed >> o.d.shift)
		w := newRunWriter(o.d.store, o.d.newRun(bucket, o.kind, o.lo, o.hi), o.m.block())
		for ; from < len(o.keys) && int(o.keys[from].mixed>>o.d.shift) == bucket; from++ {
			k := o.keys[from]
			if w.ref.keys+uint64(w.count) > 0 && k.mixed == w.last {
				if o.kind == candidateRun {
					o.gone++
					continue
				}
				w.err = errors.Join(w.err, errTwice)
			}
			w.add(k.mixed, k.level)
		}
		ref, err := w.end()
		o.m.put(w.block)
		if o.err = err; err == nil {
			o.d.keep(ref, o.kind)
		}
	}
	o.keys = o.keys[:0]
}

// sorters calls use with a sorter for each worker, in the memory that the set,
// which must be empty, leaves free, and writes what they then hold. It returns
// how many keys are gone because they were there twice.
func (s *search) sorters(kind byte, keys uint64, use func(list []*sorter) error) (gone uint64, err error) {
	d, n := s.disk, int64(len(s.workers))
	s.releasePages()
	share := s.memoryShare() / 4
	if s.config.MaxMemory > 0 {
		share = s.room() / 2
	}
	most := min(max(share/n/sortKeyBytes, leastSort), int64(keys)+1)
	list := make([]*sorter, n)
	for i := range list {
		list[i] = &sorter{d: d, m: d.mergers[i], kind: kind, keys: make([]sortKey, 0, most)}
	}
	d.sorting = n * most * sortKeyBytes
	errs := []error{use(list)}
	for _, o := range list {
		o.flush()
		errs = append(errs, o.err)
		gone += o.gone
	}
	d.sorting = 0
	return gone, errors.Join(errs...)
}

// releasePages leaves the free pages of the table to the collector, for other
// uses.
func (s *search) releasePages() {
	for _, w := range s.workers {
		s.disk.depot.collect(&w.pool)
	}
	p := &s.disk.depot
	// Whose pages they were is not known; it is the sum that counts.
	s.workers[0].pool.total -= int64(len(p.tags))*tagPageBytes + int64(len(p.bytes))*bytePageBytes
	p.tags, p.bytes = nil, nil
	runtime.GC()
}

// forRuns calls visit with the keys of runs and their levels, as long as more,
// if it is not nil, returns true.
func (s *search) forRuns(runs []runRef, more func() bool, visit func(w *worker, mixed uint64, level uint32)) error {
	errs := make([]error, len(runs))
	s.parallel(len(runs), nil, func(w *worker, i int) {
		m := s.disk.mergers[w.index]
		c := m.open(runs[i])
		for ; !c.done && (more == nil || more()); c.advance() {
			visit(w, c.key, c.level)
		}
		errs[i] = m.close([]*cursor{c})
	})
	return errors.Join(errs...)
}

// runs returns the runs of all known states, and those of candidates.
func (d *spill) runs() (known, candidates []runRef) {
	for i := range d.buckets {
		known = append(known, d.buckets[i].all()...)
		candidates = append(candidates, d.buckets[i].candidates...)
	}
	return known, candidates
}

func countKeys(runs []runRef) (n uint64) {
	for _, r := range runs {
		n += r.keys
	}
	return n
}

// rekeyRuns writes all runs again, with the keys that renewals have for theirs.
// The keys come out in another order, so they are sorted in pieces.
func (s *search) rekeyRuns(old mixer, renewals []*renewal) error {
	d := s.disk
	d.rekeyed++
	known, candidates := d.runs()
	rest := d.feed
	d.shift = s.keyBits - bucketBits
	d.feed = feed{own: true}
	for i := range d.buckets {
		b := &d.buckets[i]
		b.known, b.newest, b.candidates, b.emitted = nil, runRef{}, nil, 0
	}
	renewed := func(w *worker, mixed uint64) uint64 {
		return s.set.mixer.mix(renewals[w.index].key(old.unmix(mixed)))
	}
	_, err := s.sorters(restRun, countKeys(rest.runs), func(list []*sorter) error {
		for {
			mixed, ok, err := d.pull(&rest)
			if !ok || err != nil {
				return err
			}
			list[0].add(renewed(s.workers[0], mixed), uint32(s.level))
		}
	})
	if err != nil {
		return err
	}
	gone := uint64(0) // of the candidates
	for _, part := range []struct {
		kind byte
		runs []runRef
	}{{knownRun, known}, {candidateRun, candidates}} {
		n, err := s.sorters(part.kind, countKeys(part.runs), func(list []*sorter) error {
			return s.forRuns(part.runs, nil, func(w *worker, mixed uint64, level uint32) {
				list[w.index].add(renewed(w, mixed), level)
			})
		})
		if err := errors.Join(err, d.remove(part.runs)); err != nil {
			return err
		}
		gone += n
	}
	nowKnown, nowCandidates := d.runs()
	if a, b := countKeys(known), countKeys(nowKnown); a != b {
		return fmt.Errorf("%d keys were renewed, and %d were written", a, b)
	}
	if a, b := countKeys(candidates), countKeys(nowCandidates)+gone; a != b {
		return fmt.Errorf("%d keys of candidates were renewed, and %d were written or there already", a, b)
	}
	s.meter.fresh -= gone
	return s.compactAll()
}

// compactAll keeps the runs of all buckets few.
func (s *search) compactAll() error {
	d := s.disk
	errs := make([]error, len(d.buckets))
	s.parallel(len(errs), nil, func(w *worker, i int) {
		err := d.compact(d.mergers[w.index], &d.buckets[i], i)
		if !errors.Is(err, errStopped) { // more runs do no harm at the end
			errs[i] = err
		}
	})
	return errors.Join(errs...)
}

// ofLevel returns the runs of known states that may be of a level.
func (d *spill) ofLevel(level uint32) (list []runRef) {
	known, _ := d.runs()
	for _, r := range known {
		if r.lo <= level && level <= r.hi {
			list = append(list, r)
		}
	}
	return list
}

// feedLevel finds the states of the level to be explored among the known ones,
// of which they are no run of their own.
func (s *search) feedLevel() error {
	d := s.disk
	d.feed = feed{own: true}
	_, err := s.sorters(restRun, s.frontier, func(list []*sorter) error {
		return s.forRuns(d.ofLevel(uint32(s.level)), nil, func(w *worker, mixed uint64, level uint32) {
			if int(level) == s.level {
				list[w.index].add(mixed, level)
			}
		})
	})
	return err
}
