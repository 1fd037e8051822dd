package explore

// rekeyBatch is about the number of keys that are in flight in a rekey.
const rekeyBatch = 1 << 20

// A parcel holds keys and levels on their way from one shard of a set to those
// of another, sorted by shard.
type parcel struct {
	starts []uint32 // part i is starts[i] to starts[i+1]
	rests  []uint64
	levels []uint32
}

// rekey replaces each key by the one that a renewal has for it, wherever keys
// are held. It works in batches of shards, whose pages serve the new set.
func (s *search) rekey(keyBits uint, renewals []*renewal) {
	if s.disk != nil && s.held > 0 {
		s.dump()
	}
	s.keyBits = keyBits
	old := s.set
	shardBits := wantedShardBits(s.held, keyBits)
	s.set = set{mixer: newMixer(keyBits), shardBits: shardBits, layout: layout{keyBits - shardBits, old.levelBytes}}
	s.set.shards = make([]shard, 1<<shardBits)
	for i := range s.set.shards {
		s.set.shards[i] = newShard(s.set.layout, pagesFor(s.held>>shardBits))
	}
	batch := max(1, int(uint64(len(old.shards))*rekeyBatch/max(s.held, 1)))
	parcels := make([]parcel, min(batch, len(old.shards)))
	for from := 0; from < len(old.shards); from += batch {
		some := old.shards[from:min(from+batch, len(old.shards))]
		s.parallel(len(some), nil, func(w *worker, i int) {
			parcels[i].fill(&old, from+i, &s.set, renewals[w.index], &w.pool)
		})
		s.parallel(len(s.set.shards), nil, func(w *worker, i int) {
			for k := range some {
				p := &parcels[k]
				for at := p.starts[i]; at < p.starts[i+1]; at++ {
					s.set.shards[i].insert(p.rests[at], p.levels[at], &w.pool)
				}
			}
		})
	}
	s.parallel(len(s.set.shards), nil, func(w *worker, i int) { s.set.shards[i].takeMissing(&w.pool) })
	s.parallel(len(s.workers), nil, func(w *worker, i int) {
		r, owner := renewals[w.index], s.workers[i]
		width := int(keyBits+7) / 8
		current, next := owner.current, owner.next
		owner.blocks = blockPool{}
		owner.current = current.renewed(width, &owner.blocks, r)
		owner.next = next.renewed(width, &owner.blocks, r)
	})
	r := renewals[0]
	s.history.keys = s.history.keys.renewed(8, &s.history.blocks, r)
	for i := range s.goals {
		s.goals[i].keys[0] = r.key(s.goals[i].keys[0])
	}
	if s.disk != nil && s.broken == nil {
		s.fail(s.rekeyRuns(old.mixer, renewals))
	}
}

// fill empties a shard of the old set into the parcel.
func (p *parcel) fill(old *set, i int, next *set, r *renewal, pages *pool) {
	var u unpacked
	sh := &old.shards[i]
	keys := make([]uint64, 0, sh.n)
	levels := make([]uint32, 0, sh.n)
	p.starts = append(p.starts[:0], make([]uint32, len(next.shards)+2)...)
	for page := range sh.tags {
		sh.unpack(page, &u)
		sh.putPage(page, pages)
		for k := range u.n {
			m := next.mixer.mix(r.key(old.join(i, u.rests[k])))
			keys = append(keys, m)
			p.starts[m>>next.restBits+2]++
		}
		levels = append(levels, u.levels[:u.n]...)
	}
	for i := 2; i < len(p.starts); i++ {
		p.starts[i] += p.starts[i-1]
	}
	p.rests = append(p.rests[:0], keys...)
	p.levels = append(p.levels[:0], levels...)
	ends := p.starts[1:]
	for k, m := range keys {
		end := &ends[m>>next.restBits]
		p.rests[*end] = m & ones(next.restBits)
		p.levels[*end] = levels[k]
		*end++
	}
}

// renewed returns a list of the renewed keys in width bytes.
func (l *keyList) renewed(width int, free *blockPool, r *renewal) keyList {
	next := keyList{width: width, free: free}
	for i := range l.n {
		next.append(r.key(l.at(i)))
	}
	return next
}

// forKeys calls visit for every key on the worker that owns the renewal.
func (s *search) forKeys(renewals []*renewal, visit func(r *renewal, key uint64)) {
	if s.disk != nil {
		known, candidates := s.disk.runs()
		s.fail(s.forRuns(append(known, candidates...), func(w *worker, mixed uint64, _ uint32) {
			visit(renewals[w.index], s.set.mixer.unmix(mixed))
		}))
	}
	s.parallel(len(s.set.shards), nil, func(w *worker, i int) {
		var u unpacked
		sh := &s.set.shards[i]
		for page := range sh.tags {
			sh.unpack(page, &u)
			for k := range u.n {
				visit(renewals[w.index], s.set.join(i, u.rests[k]))
			}
		}
	})
}

// sampleKeys returns at most so many of the known keys, from all over the set.
func (s *search) sampleKeys(most uint64) (keys []uint64) {
	every := (s.known + most - 1) / most
	n := uint64(0)
	take := func(key uint64) {
		if n%every == 0 {
			keys = append(keys, key)
		}
		n++
	}
	if s.disk == nil {
		s.set.each(take)
		return keys
	}
	known, _ := s.disk.runs()
	for _, r := range known {
		// One by one, so that one worker is at work.
		s.fail(s.forRuns([]runRef{r}, func(_ *worker, mixed uint64, _ uint32) { take(s.set.mixer.unmix(mixed)) }))
	}
	return keys
}

// sampleStates returns some of the known states.
func (s *search) sampleStates() (states [][]byte) {
	decode := s.fold.folders[0]
	for _, key := range s.sampleKeys(partSamples) {
		states = append(states, append([]byte(nil), decode.load(key)...))
	}
	return states
}

// sampleNumbers returns the numbers of all nodes in some of the known states.
func (s *search) sampleNumbers(r *renewal) (numbers [][]uint32) {
	for _, key := range s.sampleKeys(joinSamples) {
		r.number(key)
		numbers = append(numbers, append([]uint32(nil), r.ids...))
	}
	return numbers
}
