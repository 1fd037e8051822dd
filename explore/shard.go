package explore

import "math/bits"

const (
	// A slot keeps the distance of its bucket from the key's home bucket, plus
	// one so that no used slot is zero, in 4 bits.
	distanceBits = 4
	maxProbe     = 1<<distanceBits - 1 // buckets that a key may lie in
	tagBits      = 32 - distanceBits   // bits of the remainder kept in the tag
	lanes        = 1<<32 | 1           // one in each half of a word
	highs        = lanes << 31         // the upper bit of each
	minHomes     = pageBuckets - (maxProbe - 1)
)

// A shard is an exact set of keys of restBits bits, each with its level.
//
// Keys are spread over home buckets in ascending order (home = key*homes /
// 2^restBits), so the place of a key tells its upper bits; a slot stores only
// as many low bits as tell apart the keys that share a home (the quotient trick
// of Cleary and Knuth), and the distance from home if that bucket was full. The
// number of homes need not be a power of two: shards grow by a third.
//
// Invariants:
//  1. A bucket is filled from lane 0 up, without holes; a key lies in the first
//     of its maxProbe buckets that had room when it came. So a search may stop
//     at the first bucket that is not full.
//  2. lowBits+distanceBits <= 32+8*(planes-levels): a slot never loses a bit.
//
// A shard belongs to one worker at a time, in settle; all may read it in expand.
// Two workers have neighbours at a time, so a shard fills its cache lines: n changes
// with each new key, and what is before it is read for each key.
type shard struct {
	tags   []*tagPage
	bytes  []*bytePage // planes for each tag page: level bytes, then remainder bytes
	planes int
	levels int // planes for the level
	homes  uint64
	up     uint // 64-restBits
	low    uint64
	n      uint64
	limit  uint64 // keys at which to grow
	_      [cacheLines - 104]byte
}

type added uint8

const (
	present added = iota
	fresh
	full
)

// A layout tells what the shards of a set hold: keys of restBits bits, and
// levels of so many bytes. One byte serves 256 levels; a run that goes deeper
// gives all slots another.
type layout struct {
	restBits   uint
	levelBytes int
}

func (sh *shard) layout() layout { return layout{64 - sh.up, sh.levels} }

// newShard returns an empty shard of so many pages, which are taken as needed.
func newShard(l layout, pages int) shard {
	homes := uint64(pages*pageBuckets - (maxProbe - 1))
	lowBits := sharedBits(l.restBits, homes)
	planes := l.levelBytes
	for lowBits+distanceBits > uint(32+8*(planes-l.levelBytes)) {
		planes++
	}
	if planes-l.levelBytes > 4 {
		panic("explore: a slot would lose bits of its key")
	}
	return shard{
		tags:   make([]*tagPage, pages),
		bytes:  make([]*bytePage, pages*planes),
		planes: planes,
		levels: l.levelBytes,
		homes:  homes,
		up:     64 - l.restBits,
		low:    ones(lowBits),
		limit:  homes * bucketSlots * 17 / 20,
	}
}

// sharedBits returns the number of low bits that tell apart the keys of width
// bits that share one of the homes.
func sharedBits(width uint, homes uint64) uint {
	if width < 64 && homes >= 1<<width {
		return 0
	}
	// The widest home has ceil(2^width/homes) keys.
	quotient, remainder := bits.Div64(bits64(1, width), 1<<width, homes)
	if remainder > 0 {
		quotient++
	}
	return bitsFor(quotient)
}

// bits64 returns the upper word of x<<n.
func bits64(x uint64, n uint) uint64 { return x >> (64 - n) }

// add inserts a key unless it is present. full means that the shard must grow first.
func (sh *shard) add(rest uint64, level uint32) added {
	if sh.n >= sh.limit {
		return full // asked before looking: a present key then costs a growth a little early
	}
	home, _ := bits.Mul64(rest<<sh.up, sh.homes)
	low := rest & sh.low
	pattern := (low&ones(tagBits)<<distanceBits | 1) * lanes
	for b := home; b < home+maxProbe; b++ {
		bucket := &sh.tags[b/pageBuckets][b%pageBuckets]
		if m := equal(bucket, pattern); m != 0 && (sh.planes == sh.levels || sh.matches(b, m, pattern, low>>tagBits)) {
			return present
		}
		if bucket[bucketSlots/2-1]>>32 == 0 {
			sh.put(b, uint32(pattern), low>>tagBits, level)
			return fresh
		}
		pattern += lanes
	}
	return full
}

// equal returns a bit for each lane that equals the (doubled) pattern, without
// branches: a lane of x is zero exactly where subtracting one borrows. Bit j is
// the lower lane of word j and bit 32+j its upper one, which may be set wrongly if
// the lower one is equal: the lowest bit is always right.
func equal(b *[bucketSlots / 2]uint64, pattern uint64) uint64 {
	x0, x1, x2, x3 := b[0]^pattern, b[1]^pattern, b[2]^pattern, b[3]^pattern
	x4, x5, x6, x7 := b[4]^pattern, b[5]^pattern, b[6]^pattern, b[7]^pattern
	return (x0-lanes)&^x0&highs>>31 | (x1-lanes)&^x1&highs>>30 |
		(x2-lanes)&^x2&highs>>29 | (x3-lanes)&^x3&highs>>28 |
		(x4-lanes)&^x4&highs>>27 | (x5-lanes)&^x5&highs>>26 |
		(x6-lanes)&^x6&highs>>25 | (x7-lanes)&^x7&highs>>24
}

// lane returns the lane of the lowest bit of what equal returned.
func lane(m uint64) int {
	i := bits.TrailingZeros64(m)
	return i%32*2 + i/32
}

// matches compares the tags and the remainder bytes of some lanes, as equal
// returns them, of bucket b.
func (sh *shard) matches(b, m, pattern, ext uint64) bool {
	page, row := int(b/pageBuckets), int(b%pageBuckets)
	planes := sh.bytes[page*sh.planes:][sh.levels:sh.planes]
	for ; m != 0; m &= m - 1 {
		lane := lane(m)
		same := uint32(sh.tags[page][row][lane/2]>>(lane%2*32)) == uint32(pattern)
		for j, p := range planes {
			same = same && p[row*bucketSlots+lane] == byte(ext>>(8*j))
		}
		if same {
			return true
		}
	}
	return false
}

// put fills the first free lane of bucket b, which has one.
func (sh *shard) put(b uint64, tag uint32, ext uint64, level uint32) {
	page, row := int(b/pageBuckets), int(b%pageBuckets)
	bucket := &sh.tags[page][row]
	lane := bucketSlots - bits.OnesCount64(equal(bucket, 0))
	bucket[lane/2] |= uint64(tag) << (lane % 2 * 32)
	slot := row*bucketSlots + lane
	sh.bytes[page*sh.planes][slot] = byte(level)
	if sh.planes > 1 {
		sh.putBytes(page, slot, level, ext)
	}
	sh.n++
}

// putBytes writes what belongs to a slot outside the tags, all planes of it.
func (sh *shard) putBytes(page, slot int, level uint32, ext uint64) {
	planes := sh.bytes[page*sh.planes:][:sh.planes]
	for j, p := range planes[:sh.levels] {
		p[slot] = byte(level >> (8 * j))
	}
	for j, p := range planes[sh.levels:] {
		p[slot] = byte(ext >> (8 * j))
	}
}

// addNew inserts a key that is known to be absent, taking pages as it needs
// them; false means that all its buckets are full.
func (sh *shard) addNew(rest uint64, level uint32, p *pool) bool {
	home, _ := bits.Mul64(rest<<sh.up, sh.homes)
	low := rest & sh.low
	for d := range uint64(maxProbe) {
		b := home + d
		if sh.tags[b/pageBuckets] == nil {
			sh.takePage(int(b/pageBuckets), p)
		}
		if sh.tags[b/pageBuckets][b%pageBuckets][bucketSlots/2-1]>>32 == 0 {
			sh.put(b, uint32(low<<distanceBits|(d+1)), low>>tagBits, level)
			return true
		}
	}
	return false
}

func (sh *shard) takePage(i int, p *pool) {
	sh.tags[i] = p.tagPage()
	for j := range sh.planes {
		sh.bytes[i*sh.planes+j] = p.bytePage()
	}
}

// takeMissing completes the pages, after which add may be called.
func (sh *shard) takeMissing(p *pool) {
	for i, page := range sh.tags {
		if page == nil {
			sh.takePage(i, p)
		}
	}
}

func (sh *shard) putPage(i int, p *pool) {
	if sh.tags[i] == nil {
		return
	}
	p.putTags(sh.tags[i])
	for j := range sh.planes {
		p.putBytes(sh.bytes[i*sh.planes+j])
		sh.bytes[i*sh.planes+j] = nil
	}
	sh.tags[i] = nil
}
