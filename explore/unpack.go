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
			for j, p := range planes[sh.levels:] {
				low |= uint64(p[slot]) << (tagBits + 8*j)
			}
			level := uint32(0)
			for j, p := range planes[:sh.levels] {
				level |= uint32(p[slot]) << (8 * j)
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

// grow moves the keys to a table of a quarter more pages, page by page: the
// pages that are done serve the new table.
func (sh *shard) grow(p *pool) {
	if len(sh.tags) > 64 && sh.n < sh.homes*bucketSlots/4 {
		panic("explore: keys cluster in a few buckets of a nearly empty table")
	}
	next := newShard(sh.layout(), max(len(sh.tags)+1, len(sh.tags)*5/4))
	sh.moveTo(&next, p)
	*sh = next
}

// moveTo empties sh into next, which takes fresh pages from p.
func (sh *shard) moveTo(next *shard, p *pool) {
	var u unpacked
	for i := range sh.tags {
		sh.unpack(i, &u)
		sh.putPage(i, p)
		for k := range u.n {
			next.insert(u.rests[k], u.levels[k], p)
		}
	}
	next.takeMissing(p)
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
