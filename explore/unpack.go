package explore

import "math/bits"

// An unpacked page lists the keys of one page of a shard with their levels.
type unpacked struct {
	n      int
	rests  [pageSlots]uint64
	levels [pageSlots]uint32
}

// unpack lists the keys of page i in bucket order, which is nearly ascending:
// what it is copied to is filled as a stream.
func (sh *shard) unpack(i int, u *unpacked) {
	u.n = 0
	if sh.tags[i] == nil {
		return
	}
	width := 64 - sh.up
	first := uint64(i * pageBuckets)
	// starts[h%16] is the least key of home h, for the homes that reach bucket b.
	var starts [1 << distanceBits]uint64
	for h := first - min(first, maxProbe-1); h < first; h++ {
		starts[h%(1<<distanceBits)] = homeStart(h, width, sh.homes)
	}
	planes := sh.bytes[i*sh.planes:][:sh.planes]
	for row := range pageBuckets {
		b := first + uint64(row)
		starts[b%(1<<distanceBits)] = homeStart(b, width, sh.homes)
		for lane := range bucketSlots {
			tag := uint32(sh.tags[i][row][lane/2] >> (lane % 2 * 32))
			if tag == 0 {
				break
			}
			slot := row*bucketSlots + lane
			low := uint64(tag >> distanceBits)
			level := uint32(planes[0][slot])
			if len(planes) > 1 {
				for j, p := range planes[sh.levels:] {
					low |= uint64(p[slot]) << (tagBits + 8*j)
				}
				for j, p := range planes[1:sh.levels] {
					level |= uint32(p[slot]) << (8 * (j + 1))
				}
			}
			start := starts[(b-uint64(tag&maxProbe)+1)%(1<<distanceBits)]
			u.rests[u.n] = start + (low-start)&sh.low
			u.levels[u.n] = level
			u.n++
		}
	}
}

// homeStart returns the least key of width bits whose home is h, or anything
// if h is beyond the last home.
func homeStart(h uint64, width uint, homes uint64) uint64 {
	if h >= homes {
		return 0
	}
	quotient, remainder := bits.Div64(bits64(h, width), h<<width, homes)
	if remainder > 0 {
		quotient++
	}
	return quotient
}

// grow moves the keys to a table of a third more pages, page by page: the pages
// that are done serve the new table. With the limit of newShard the load is then
// between 0.64 and 0.85; a quarter would save 0.3 bytes a key and move each key
// once more.
func (sh *shard) grow(p *pool) {
	if len(sh.tags) > 64 && sh.n < sh.homes*bucketSlots/4 {
		panic("explore: keys cluster in a few buckets of a nearly empty table")
	}
	next := newShard(sh.layout(), max(len(sh.tags)+1, len(sh.tags)*4/3))
	sh.moveTo(&next, p)
	*sh = next
}

// moveTo empties sh into next, which takes fresh pages from p.
func (sh *shard) moveTo(next *shard, p *pool) {
	var u unpacked
	used := p.counters(len(next.tags) * pageBuckets)
	stream := true
	for i := range sh.tags {
		sh.unpack(i, &u)
		sh.putPage(i, p)
		done := 0
		if stream {
			done = next.stream(&u, used, p)
			stream = done == u.n
		}
		for k := done; k < u.n; k++ {
			next.insert(u.rests[k], u.levels[k], p)
		}
	}
	next.takeMissing(p)
}

// stream is addNew for a page of keys, into a shard that is filled in bucket
// order: used counts the keys in each bucket, which spares looking for the free
// lane. It returns how many keys were added; the next finds its buckets full.
func (sh *shard) stream(u *unpacked, used []uint8, p *pool) int {
	for k, rest := range u.rests[:u.n] {
		home, _ := bits.Mul64(rest<<sh.up, sh.homes)
		b := home
		for used[b] == bucketSlots {
			b++
			if b == home+maxProbe {
				return k
			}
		}
		page, row, lane := b/pageBuckets, b%pageBuckets, uint64(used[b])
		if sh.tags[page] == nil {
			sh.takePage(int(page), p)
		}
		low := rest & sh.low
		tag := uint32(low<<distanceBits | (b - home + 1))
		sh.tags[page][row][lane/2%(bucketSlots/2)] |= uint64(tag) << (lane % 2 * 32)
		used[b]++
		slot := (row*bucketSlots + lane) % pageSlots
		level := u.levels[k]
		sh.bytes[page*uint64(sh.planes)][slot] = byte(level)
		if sh.planes > 1 {
			sh.putBytes(int(page), int(slot), level, low>>tagBits)
		}
		sh.n++
	}
	return u.n
}

// insert is addNew into a shard that grows when it must.
func (sh *shard) insert(rest uint64, level uint32, p *pool) {
	for !sh.addNew(rest, level, p) {
		sh.grow(p)
	}
}

// each calls visit with every key.
func (s *set) each(visit func(key uint64)) {
	var u unpacked
	for i := range s.shards {
		for page := range s.shards[i].tags {
			s.shards[i].unpack(page, &u)
			for k := range u.n {
				visit(s.join(i, u.rests[k]))
			}
		}
	}
}

// drain calls visit with every key and its level, giving the pages to p.
func (s *set) drain(p *pool, visit func(key uint64, level uint32)) {
	var u unpacked
	for i := range s.shards {
		for page := range s.shards[i].tags {
			s.shards[i].unpack(page, &u)
			s.shards[i].putPage(page, p)
			for k := range u.n {
				visit(s.join(i, u.rests[k]), u.levels[k])
			}
		}
	}
}
