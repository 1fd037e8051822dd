package explore

// roundKeys returns how many keys a round may send. The more there are for a
// shard, the more of them find their bucket in the cache; a quarter of the
// table's memory is a good price. If memory is short it is what would fit if
// all keys were new.
func (s *search) roundKeys() int64 {
	width := int64(packedWidth(s.set.restBits))
	n := max(leastRound, int64(s.held)*2/width)
	if s.config.MaxMemory > 0 {
		n = max(1, min(n, s.room()/s.bytesPerNewKey()-s.leastKeys()))
	}
	if s.config.spillKeys > 0 {
		n = min(n, int64(s.config.spillKeys))
	}
	return n
}

// bytesPerNewKey bounds what a new key costs: a slot at the least load, a place
// in the next level, one in the outbox, which may be an eighth too large, and a
// share of the outbox's index, if each state has one target.
func (s *search) bytesPerNewKey() int64 {
	slot := int64(4 + s.set.shards[0].planes)
	box := int64(packedWidth(s.set.restBits))*9/8 + int64(4*(len(s.set.shards)+2)/s.mostChunk()+1)
	return slot*8/5 + int64(s.keyBits+7)/8 + box
}

const mostUneven = 64 << 20

// room returns the bytes that keys may still take. The dictionaries, which
// grow by doubling, and the buffers of a run on disk have theirs; a shard may
// have a page more than its keys need. Some is for what workers hold
// unevenly, as it happens; a round is bounded, so that it need not grow with the
// memory for ever.
func (s *search) room() int64 {
	uneven := min(s.config.MaxMemory/8, mostUneven)
	n := s.config.MaxMemory - uneven - s.memory() - s.spillReserve() + s.reusable()
	n -= int64(len(s.set.shards) * (tagPageBytes + s.set.shards[0].planes*bytePageBytes))
	if s.fold != nil {
		n -= s.fold.memory()
	}
	return n
}

// short tells that there is no room for the least round: a chunk of each worker.
func (s *search) short() bool {
	if s.config.MaxMemory == 0 {
		return false
	}
	return s.room() < s.leastKeys()*s.bytesPerNewKey()
}

// leastKeys returns the keys of the least round, by which a round may also
// exceed its budget.
func (s *search) leastKeys() int64 {
	return int64(len(s.workers)*s.mostChunk()) * targetsEach
}

// limit moves states to disk when there is no memory for more, or stops adding
// any if that does not help or there are too many. The level is then explored to
// its end without.
func (s *search) limit() {
	s.limitStates()
	if s.over() {
		return // to move states to disk takes long, and nothing more will be added
	}
	full := s.short() || s.config.spillKeys > 0 && s.held >= s.config.spillKeys
	if s.keep && full && !(s.config.Spill != "" && s.spillOver()) {
		s.keep, s.reason = false, MemoryLimit
	}
}

func (s *search) limitStates() {
	if most := s.config.MaxStates; s.keep && most > 0 && s.known > most {
		s.keep, s.reason = false, StateLimit
	}
}
