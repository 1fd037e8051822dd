package explore

import (
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// exploreLevel explores the states of the level, in rounds. A level on disk is
// read part by part.
func (s *search) exploreLevel() {
	if s.frontier <= inlineStates {
		s.exploreInline()
		return
	}
	s.exploreLists()
	for s.disk != nil && !s.over() && s.loadLevel() {
		s.exploreLists()
	}
	if !s.over() && s.explored != s.frontier {
		s.fail(fmt.Errorf("level %d has %d states, of which %d were read", s.level, s.frontier, s.explored))
	}
}

// over tells that nothing more is to be explored.
func (s *search) over() bool { return s.broken != nil || s.stop.Load() }

// going is what phases that can be cut short ask as they go.
func (s *search) going() bool { return !s.stop.Load() }

// exploreLists explores the states in the workers' lists.
func (s *search) exploreLists() {
	chunks := s.cut()
	for len(chunks) > 0 && !s.over() {
		start := time.Now()
		done := s.expand(chunks, s.roundKeys())
		s.meter.since(start, &s.meter.time.Expand)
		if s.stop.Load() {
			return // a chunk may have ended early
		}
		if s.fold != nil && s.fold.misfit() {
			s.dropRound()
			s.widen()
			continue // with the same chunks, whose keys are wider now
		}
		start = time.Now()
		whole := s.settle(done)
		s.meter.since(start, &s.meter.time.Settle)
		if !whole {
			return
		}
		for _, c := range chunks[:done] {
			s.explored += uint64(c.to - c.from)
		}
		chunks = chunks[done:]
		s.measure()
		s.limit()
		s.adapt()
		s.tell(Progress{})
	}
}

// exploreInline explores a small level on the first worker.
func (s *search) exploreInline() {
	start := time.Now()
	for _, owner := range s.workers {
		list := &owner.current
		if list.n > 0 && !s.over() {
			s.exploreList(list)
		}
	}
	s.meter.since(start, &s.meter.time.Expand)
	s.measure()
	s.limit()
	s.adapt()
}

func (s *search) exploreList(list *keyList) {
	w := s.workers[0]
	for {
		w.expand(chunk{list, 0, list.n}, s.keep, s.stop.Load)
		if s.fold == nil || !s.fold.misfit() {
			break
		}
		s.dropRound()
		if s.widen(); s.over() {
			return
		}
	}
	if s.stop.Load() {
		return
	}
	s.collect(w)
	s.explored += uint64(list.n)
	if s.keep {
		s.meter.lookedUp += uint64(len(w.keys))
		s.insert(w.keys, uint32(s.level+1))
	} else {
		s.dropped = true
	}
}

// insert adds keys one by one. No other worker is at work.
func (s *search) insert(keys []uint64, level uint32) {
	w := s.workers[0]
	fresh := uint64(0)
	for _, key := range keys {
		if s.set.add(key, level, &w.pool) {
			fresh++
			if w.listing {
				w.next.append(key)
			}
		}
	}
	s.added(fresh)
}

// added counts keys that were added to the set. On disk it may turn out that
// their states are known.
func (s *search) added(fresh uint64) {
	s.held += fresh
	s.meter.fresh += fresh
	if s.disk == nil {
		s.known += fresh
	}
}

// cut divides the level into chunks.
func (s *search) cut() []chunk {
	n := 0
	for _, w := range s.workers {
		n += w.current.n
	}
	size := min(max(n/chunksPerLevel, minChunk), s.mostChunk())
	s.chunks = s.chunks[:0]
	for _, w := range s.workers {
		for from := 0; from < w.current.n; from += size {
			s.chunks = append(s.chunks, chunk{&w.current, from, min(from+size, w.current.n)})
		}
	}
	return s.chunks
}

// mostChunk returns the most states of a chunk: fewer if memory is short, of
// which a chunk takes as much as its targets need whatever the round's budget.
func (s *search) mostChunk() int {
	if s.config.MaxMemory == 0 {
		return maxChunk
	}
	share := s.config.MaxMemory / int64(len(s.workers)*targetsEach*192)
	return int(min(max(share, minChunk), maxChunk))
}

// expand explores chunks until all are done or the outboxes are full, and
// returns how many were done: always the first so many.
func (s *search) expand(chunks []chunk, budget int64) int {
	for len(s.boxes) < len(chunks) {
		s.boxes = append(s.boxes, outbox{})
	}
	s.sent.Store(0)
	keep := s.keep
	return s.parallel(len(chunks), func() bool { return s.sent.Load() < budget },
		func(w *worker, i int) {
			w.expand(chunks[i], keep, s.stop.Load)
			if keep {
				grown := s.boxes[i].fill(w.keys, &s.set)
				s.sent.Add(int64(len(w.keys)))
				if grown > 0 {
					s.boxMemory.Add(grown)
				}
			}
		})
}

// settle adds the keys in the first so many outboxes to the set. It is false if
// the run was stopped meanwhile, and some were not.
func (s *search) settle(boxes int) (whole bool) {
	for _, w := range s.workers {
		s.collect(w)
	}
	if !s.keep {
		s.dropped = true
		return true
	}
	level := uint32(s.level + 1)
	keys := int(s.sent.Load()) / len(s.set.shards)
	settled := s.parallel(len(s.set.shards), s.going, func(w *worker, shard int) {
		s.set.settle(shard, s.boxes[:boxes], keys, level, w)
	})
	for _, w := range s.workers {
		s.added(w.fresh)
		w.fresh = 0
	}
	s.meter.lookedUp += uint64(s.sent.Load())
	return settled == len(s.set.shards)
}

// collect takes what a worker counted in a round that is settled.
func (s *search) collect(w *worker) {
	s.count.take(&w.count)
	s.meter.level.take(&w.census)
}

// dropRound forgets what a round counted that is to be done again. Findings
// may stay: they will be found again.
func (s *search) dropRound() {
	for _, w := range s.workers {
		w.count = tally{}
		w.census.reset()
	}
}

// parallel calls work for 0 to n-1 on all workers, in ascending order as far as
// they are handed out, until more returns false, and returns how many were. It
// hands out at least one.
func (s *search) parallel(n int, more func() bool, work func(w *worker, i int)) int {
	var next atomic.Int64
	loop := func(w *worker) {
		for more == nil || next.Load() == 0 || more() {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(w, i)
		}
	}
	var g errgroup.Group
	for _, w := range s.workers[1:max(1, min(len(s.workers), n))] {
		g.Go(func() error { loop(w); return nil })
	}
	loop(s.workers[0])
	if err := g.Wait(); err != nil {
		panic(err) // none is ever returned
	}
	return min(int(next.Load()), n)
}

// adapt makes more shards, or reshapes the fold, when the set has grown.
func (s *search) adapt() {
	if !s.keep || s.over() {
		return
	}
	defer s.meter.since(time.Now(), &s.meter.time.Adapt)
	if bits := wantedShardBits(s.held, s.keyBits); bits > s.set.shardBits {
		s.reshard(bits)
	}
	if s.fold != nil && s.fold.wantsReshape(s.known) {
		s.reshape()
	}
}

// deepen makes room for the level after this one.
func (s *search) deepen() {
	if (s.level+1)>>(8*s.set.levelBytes) != 0 {
		s.parallel(len(s.set.shards), nil, func(w *worker, i int) { s.set.deepen(i, &w.pool) })
		s.set.levelBytes++
	}
}

func (s *search) reshard(shardBits uint) {
	next := set{mixer: s.set.mixer, shardBits: shardBits, layout: layout{s.keyBits - shardBits, s.set.levelBytes}}
	next.shards = make([]shard, 1<<shardBits)
	s.parallel(len(s.set.shards), nil, func(w *worker, i int) {
		s.set.children(i, &next, &w.pool)
	})
	s.set = next
}
