package explore

import (
	"encoding/binary"
	"math/bits"
)

// settleBatch is the number of keys that settle looks up together.
const settleBatch = 64

// settleBoxes is the number of outboxes whose keys for a shard settle looks for
// together.
const settleBoxes = 32

// A batch holds keys on their way from the outboxes into a shard. It belongs
// to one worker.
type batch struct {
	rests   [settleBatch]uint64
	buckets [settleBatch]*[bucketSlots / 2]uint64
	parts   [settleBoxes][]byte
	n       int
	warm    bool   // the shard was read as a whole
	sink    uint64 // keeps reading from being optimised away
}

// settle inserts the keys that the outboxes hold for shard i, which the worker
// owns, and appends the new ones to its list for the next level. There are
// about so many keys for each shard.
//
// The processor waits for one missing line at a time when each insert depends on
// what it loads; that cost a third of a whole run. So memory is touched for many
// keys before it is looked at for good: the loads overlap. With as many keys as
// buckets most lines are needed several times, and the shard is read from end to
// end, which is what processors fetch ahead best.
func (s *set) settle(i int, boxes []outbox, keys int, level uint32, w *worker) {
	b, sh := &w.batch, &s.shards[i]
	b.n = 0
	b.warm = keys >= len(sh.tags)*pageBuckets
	if b.warm {
		b.touchAll(sh)
	}
	for len(boxes) > 0 {
		some := boxes[:min(len(boxes), settleBoxes)]
		boxes = boxes[len(some):]
		b.touchParts(some, i)
		for k := range some {
			part, width := b.parts[k], some[k].width
			for len(part) > 0 {
				part = part[b.take(part, width):]
				if b.n == settleBatch {
					s.settleBatch(i, level, w)
				}
			}
		}
	}
	s.settleBatch(i, level, w)
}

// touchAll reads every line of a shard.
func (b *batch) touchAll(sh *shard) {
	var sum uint64
	for _, p := range sh.tags {
		for row := range p {
			sum |= p[row][0]
		}
	}
	for _, p := range sh.bytes {
		for at := 0; at < len(p); at += 64 {
			sum |= uint64(p[at])
		}
	}
	b.sink = sum
}

// touchParts finds the parts of some outboxes for a shard, and reads both ends
// of each. In a large set a part is a line or two, at a place of its own.
func (b *batch) touchParts(boxes []outbox, shard int) {
	var sum byte
	for k := range boxes {
		part := boxes[k].part(shard)
		b.parts[k] = part
		if len(part) > 0 {
			sum |= part[0] | part[len(part)-1]
		}
	}
	b.sink = uint64(sum)
}

// take unpacks keys into the batch until it is full, and returns the bytes read.
func (b *batch) take(part []byte, width int) int {
	n := min(settleBatch-b.n, len(part)/width)
	rests := b.rests[b.n : b.n+n]
	b.n += n
	if width == 4 {
		part := part[:4*n]
		for k := range rests {
			rests[k] = uint64(binary.LittleEndian.Uint32(part[4*k:]))
		}
		return 4 * n
	}
	for k := range rests {
		rests[k] = unpackKey(part[k*width:], width)
	}
	return n * width
}

// settleBatch inserts the keys of the batch. Most are known, and lie in their
// home buckets: sift drops these without a branch that could be mispredicted.
// What remains goes the whole way of add.
func (s *set) settleBatch(i int, level uint32, w *worker) {
	b, sh := &w.batch, &s.shards[i]
	b.touch(sh)
	switch {
	case sh.planes == sh.levels:
		b.sift(sh)
	case b.warm:
		b.siftLong(sh)
	default:
		b.touchBytes(sh, sh.levels, sh.planes)
		b.siftLong(sh)
	}
	if !b.warm {
		b.touchBytes(sh, 0, 1)
	}
	for _, rest := range b.rests[:b.n] {
		result := sh.add(rest, level)
		for result == full {
			sh.grow(&w.pool)
			result = sh.add(rest, level)
		}
		if result == fresh {
			w.fresh++
			if w.listing {
				w.next.append(s.join(i, rest))
			}
		}
	}
	b.n = 0
}

// touch finds the home bucket of each key, and reads of it.
func (b *batch) touch(sh *shard) {
	var sum uint64
	for k, rest := range b.rests[:b.n] {
		home, _ := bits.Mul64(rest<<sh.up, sh.homes)
		bucket := &sh.tags[home/pageBuckets][home%pageBuckets]
		b.buckets[k] = bucket
		sum |= bucket[0]
	}
	b.sink = sum
}

// touchBytes reads of some planes of the home bucket of each key.
func (b *batch) touchBytes(sh *shard, from, to int) {
	var sum byte
	for _, rest := range b.rests[:b.n] {
		home, _ := bits.Mul64(rest<<sh.up, sh.homes)
		for _, p := range sh.bytes[int(home/pageBuckets)*sh.planes:][from:to] {
			sum |= p[home%pageBuckets*bucketSlots]
		}
	}
	b.sink = uint64(sum)
}

// sift keeps the keys whose home buckets do not hold them, in order. The shard
// must have no bytes for remainders: its tags hold all of a key that its place
// does not tell. Keys that lie beyond their full home are kept too.
func (b *batch) sift(sh *shard) {
	kept := 0
	for k, rest := range b.rests[:b.n] {
		pattern := ((rest&sh.low)<<distanceBits | 1) * lanes
		t := b.buckets[k]
		x0, x1, x2, x3 := t[0]^pattern, t[1]^pattern, t[2]^pattern, t[3]^pattern
		x4, x5, x6, x7 := t[4]^pattern, t[5]^pattern, t[6]^pattern, t[7]^pattern
		m := (x0-lanes)&^x0 | (x1-lanes)&^x1 | (x2-lanes)&^x2 | (x3-lanes)&^x3 |
			(x4-lanes)&^x4 | (x5-lanes)&^x5 | (x6-lanes)&^x6 | (x7-lanes)&^x7
		m &= highs
		b.rests[kept%settleBatch] = rest
		// One if no lane matched, that is if m is zero.
		kept += int(1 - (m|-m)>>63)
	}
	b.n = kept
}

// siftLong is sift for a shard with bytes for remainders. It looks at those of
// one lane only, the first that has the tag.
func (b *batch) siftLong(sh *shard) {
	kept := 0
	for k, rest := range b.rests[:b.n] {
		low := rest & sh.low
		m := equal(b.buckets[k], (low&ones(tagBits)<<distanceBits|1)*lanes)
		home, _ := bits.Mul64(rest<<sh.up, sh.homes)
		slot := (int(home%pageBuckets)*bucketSlots + lane(m)) % pageSlots
		ext := low >> tagBits
		differ := 1 - (m|-m)>>63
		for _, p := range sh.bytes[int(home/pageBuckets)*sh.planes:][sh.levels:sh.planes] {
			differ |= uint64(p[slot] ^ byte(ext))
			ext >>= 8
		}
		b.rests[kept%settleBatch] = rest
		kept += int((differ | -differ) >> 63)
	}
	b.n = kept
}
