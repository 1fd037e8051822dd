package explore

// rekey replaces each key by the one that a renewal has for it, wherever keys
// are held. Once begun it has to be done, for traces and checkpoints need the keys
// even if the run is stopped meanwhile.
func (s *search) rekey(keyBits uint, renewals []*renewal) {
	if s.disk != nil && s.held > 0 {
		s.dump()
	}
	old := s.set.mixer
	s.keyBits = keyBits
	s.rekeySet(renewals)
	s.parallel(len(s.workers), nil, func(w *worker, i int) {
		s.workers[i].renewLists(int(keyBits+7)/8, renewals[w.index])
	})
	r := renewals[0]
	s.history.keys.renew(r)
	for i := range s.goals {
		s.goals[i].keys[0] = r.key(s.goals[i].keys[0])
	}
	if s.disk != nil && s.broken == nil {
		s.fail(s.rekeyRuns(old, renewals))
	}
}

// rekeySet makes the set anew, in its own memory. Renewed keys go anywhere, so
// that each page of the new set is needed from the first key on: were they
// inserted at once, the new set would stand beside the old one. They go to piles
// first, one for each new shard, for which the pages of the old set suffice, and
// from there to the shards one by one, each within a processor's own cache.
func (s *search) rekeySet(renewals []*renewal) {
	old := s.set
	shardBits := wantedShardBits(s.held, s.keyBits)
	next := set{mixer: newMixer(s.keyBits), shardBits: shardBits, layout: layout{s.keyBits - shardBits, old.levelBytes}}
	next.shards = make([]shard, 1<<shardBits)
	piles := make([][]pile, len(s.workers)) // by worker and shard
	for i := range piles {
		piles[i] = make([]pile, len(next.shards))
		for k := range piles[i] {
			piles[i][k] = newPile(next.layout)
		}
	}
	s.parallel(len(old.shards), nil, func(w *worker, i int) {
		var u unpacked
		sh := &old.shards[i]
		for page := range sh.tags {
			sh.unpack(page, &u)
			sh.putPage(page, &w.pool)
			for k, rest := range u.rests[:u.n] {
				to, rest := next.split(renewals[w.index].key(old.join(i, rest)))
				piles[w.index][to].add(rest, u.levels[k], &w.pool)
			}
		}
	})
	s.parallel(len(next.shards), nil, func(w *worker, i int) {
		n := 0
		for k := range piles {
			n += piles[k][i].n
		}
		sh := newShard(next.layout, pagesFor(uint64(n)))
		for k := range piles {
			piles[k][i].pour(&sh, &w.pool)
		}
		sh.takeMissing(&w.pool)
		next.shards[i] = sh
	})
	s.set = next
}

// renewLists renews the keys of the worker's lists, which may need blocks of
// another width for it.
func (w *worker) renewLists(width int, r *renewal) {
	if width == w.current.width {
		w.current.renew(r)
		w.next.renew(r)
		return
	}
	current, next := w.current, w.next
	w.blocks = blockPool{}
	w.current = current.renewed(width, &w.blocks, r)
	w.next = next.renewed(width, &w.blocks, r)
}

// renewed returns a list of the renewed keys in width bytes.
func (l *keyList) renewed(width int, free *blockPool, r *renewal) keyList {
	next := keyList{width: width, free: free}
	for i := range l.n {
		next.append(r.key(l.at(i)))
	}
	return next
}

// renew renews the keys of a list in place.
func (l *keyList) renew(r *renewal) {
	keys := make([]uint64, 0, blockKeys)
	n := l.n
	for l.n = 0; l.n < n; {
		keys = keys[:0] // of a block: put overwrites the beginning of the next key
		block := l.blocks[l.n/blockKeys]
		for i := l.n; i < min(l.n+blockKeys, n); i++ {
			keys = append(keys, r.key(l.at(i)))
		}
		for _, k := range keys {
			l.put(block, k)
		}
	}
}

// forKeys calls visit for every key on the worker that owns the renewal. It is
// false if the run was stopped meanwhile, and some were left out.
func (s *search) forKeys(renewals []*renewal, visit func(r *renewal, key uint64)) (all bool) {
	if s.disk != nil {
		known, candidates := s.disk.runs()
		s.fail(s.forRuns(append(known, candidates...), s.going, func(w *worker, mixed uint64, _ uint32) {
			visit(renewals[w.index], s.set.mixer.unmix(mixed))
		}))
		if s.over() {
			return false
		}
	}
	visited := s.parallel(len(s.set.shards), s.going, func(w *worker, i int) {
		var u unpacked
		sh := &s.set.shards[i]
		for page := range sh.tags {
			sh.unpack(page, &u)
			for k := range u.n {
				visit(renewals[w.index], s.set.join(i, u.rests[k]))
			}
		}
	})
	return visited == len(s.set.shards)
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
		s.fail(s.forRuns([]runRef{r}, nil, func(_ *worker, mixed uint64, _ uint32) { take(s.set.mixer.unmix(mixed)) }))
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
