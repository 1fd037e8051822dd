package explore

// A set is the set of all known keys with their levels. The upper
// bits of the mixed key choose the shard. There is one shard while the set is
// small; their number then follows the number of keys, so that a shard stays
// small enough for a processor's own cache and is grown by its owner alone,
// without stopping the others.
type set struct {
	mixer     mixer
	shardBits uint
	layout
	shards []shard
}

func newSet(keyBits, shardBits uint, levelBytes int, p *pool) set {
	s := set{mixer: newMixer(keyBits), shardBits: shardBits, layout: layout{keyBits - shardBits, levelBytes}}
	s.shards = make([]shard, 1<<shardBits)
	for i := range s.shards {
		s.shards[i] = newShard(s.layout, 1)
		s.shards[i].takeMissing(p)
	}
	return s
}

// split returns the shard of a key and what is left of it inside the shard.
func (s *set) split(key uint64) (shard int, rest uint64) {
	m := s.mixer.mix(key)
	return int(m >> s.restBits), m & ones(s.restBits)
}

// join undoes split.
func (s *set) join(shard int, rest uint64) uint64 {
	return s.mixer.unmix(uint64(shard)<<s.restBits | rest)
}

// add inserts one key and tells whether it is new. The caller owns all shards.
func (s *set) add(key uint64, level uint32, p *pool) bool {
	i, rest := s.split(key)
	for {
		switch s.shards[i].add(rest, level) {
		case fresh:
			return true
		case present:
			return false
		case full:
			s.shards[i].grow(p)
		}
	}
}

// wantedShardBits returns the number of shards, as a power of two, for n keys
// of keyBits bits. Few shards serve small runs; 2^13 serve billions, where more
// would make the outboxes' offsets as large as their contents.
func wantedShardBits(n uint64, keyBits uint) uint {
	var want uint
	switch {
	case n < 1<<13:
		want = 0
	case n < 1<<17:
		want = 4
	case n < 1<<22:
		want = 7
	case n < 1<<27:
		want = 9
	case n < 1<<29:
		want = 12
	default:
		want = 13
	}
	return min(want, keyBits-1)
}

// children splits shard i into the shards of a set with more shard bits. The
// caller owns shard i and its children.
func (s *set) children(i int, next *set, p *pool) {
	old := &s.shards[i]
	extra := next.shardBits - s.shardBits
	first := i << extra
	pages := pagesFor(old.n >> extra)
	for c := range 1 << extra {
		next.shards[first+c] = newShard(next.layout, pages)
	}
	var u unpacked
	for page := range old.tags {
		old.unpack(page, &u)
		old.putPage(page, p)
		for k := range u.n {
			child := first + int(u.rests[k]>>next.restBits)
			next.shards[child].insert(u.rests[k]&ones(next.restBits), u.levels[k], p)
		}
	}
	for c := range 1 << extra {
		next.shards[first+c].takeMissing(p)
	}
}

// deepen gives the levels of shard i, which the caller owns, another byte.
func (s *set) deepen(i int, p *pool) {
	next := newShard(layout{s.restBits, s.levelBytes + 1}, len(s.shards[i].tags))
	s.shards[i].moveTo(&next, p)
	s.shards[i] = next
}

// pagesFor returns the pages that hold n keys with room for a few more.
func pagesFor(n uint64) int {
	return int((n*4/3/bucketSlots+maxProbe)/pageBuckets) + 1
}
