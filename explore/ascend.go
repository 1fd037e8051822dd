package explore

// An ascent lists the keys of shards in ascending order, in little memory: a
// key lies at most maxProbe-1 buckets behind its home, so what is to be sorted
// is a page and the end of the one before.
type ascent struct {
	page   unpacked
	n      int
	keys   [2 * pageSlots]uint64
	levels [2 * pageSlots]uint32
}

// drain calls visit with the keys of a shard and their levels in ascending
// order, giving the pages to p.
func (a *ascent) drain(sh *shard, p *pool, visit func(rest uint64, level uint32)) {
	for i := range sh.tags {
		sh.unpack(i, &a.page)
		sh.putPage(i, p)
		a.merge()
		last := i+1 == len(sh.tags)
		// Keys on later pages have this home or one after it.
		later := homeStart(uint64((i+1)*pageBuckets-(maxProbe-1)), 64-sh.up, sh.homes)
		k := 0
		for ; k < a.n && (last || a.keys[k] < later); k++ {
			visit(a.keys[k], a.levels[k])
		}
		copy(a.keys[:], a.keys[k:a.n])
		copy(a.levels[:], a.levels[k:a.n])
		a.n -= k
	}
}

// merge sorts the page into what is left of the one before. Keys are near their
// places, so each is moved past a few others only.
func (a *ascent) merge() {
	for k, key := range a.page.rests[:a.page.n] {
		at := a.n
		for ; at > 0 && a.keys[at-1] > key; at-- {
			a.keys[at], a.levels[at] = a.keys[at-1], a.levels[at-1]
		}
		a.keys[at], a.levels[at] = key, a.page.levels[k]
		a.n++
	}
}
