package explore

import (
	"encoding/binary"
	"math/bits"
)

// settleBatch is the number of keys that settle looks up together.
const settleBatch = 64

// A batch holds keys on their way from the outboxes into a shard. It belongs
// to one worker.
type batch struct {
	rests   [settleBatch]uint64
	buckets [settleBatch]*[bucketSlots / 2]uint64
	n       int
	sink    uint64 // keeps touch from being optimised away
}

// settle inserts the keys that the outboxes hold for shard i, which the worker
// owns, and appends the new ones to its list for the next level.
func (s *set) settle(i int, boxes []outbox, level uint32, w *worker) {
	b := &w.batch
	b.n = 0
	for k := range boxes {
		part, width := boxes[k].part(i), boxes[k].width
		for len(part) > 0 {
			part = part[b.take(part, width):]
			if b.n == settleBatch {
				s.settleBatch(i, level, w)
			}
		}
	}
	s.settleBatch(i, level, w)
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
	if sh.planes == sh.levels {
		b.sift(sh)
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

// touch reads the home bucket of each key so that the loads overlap: the
// lookups that follow find their buckets in the cache. The processor waits for
// one missing line at a time when each insert depends on what it loads; that
// cost a third of a whole run.
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

// sift keeps the keys whose home buckets do not hold them, in order. The shard
// must have no bytes for remainders: its tags hold all of a key that its place
// does not tell. Keys that lie beyond their full home are kept too.
func (b *batch) sift(sh *shard) {
	const high = lanes << 31
	kept := 0
	for k, rest := range b.rests[:b.n] {
		pattern := ((rest&sh.low)<<distanceBits | 1) * lanes
		t := b.buckets[k]
		x0, x1, x2, x3 := t[0]^pattern, t[1]^pattern, t[2]^pattern, t[3]^pattern
		x4, x5, x6, x7 := t[4]^pattern, t[5]^pattern, t[6]^pattern, t[7]^pattern
		m := (x0-lanes)&^x0 | (x1-lanes)&^x1 | (x2-lanes)&^x2 | (x3-lanes)&^x3 |
			(x4-lanes)&^x4 | (x5-lanes)&^x5 | (x6-lanes)&^x6 | (x7-lanes)&^x7
		m &= high
		b.rests[kept%settleBatch] = rest
		// One if no lane matched, that is if m is zero.
		kept += int(1 - (m|-m)>>63)
	}
	b.n = kept
}
