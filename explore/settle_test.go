package explore

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// What settle adds to a set are the keys of the outboxes that are not in it yet,
// each once: with bytes for remainders and without, in a shard that is read as a
// whole and in one that is not.
func TestSettleAgreesWithMap(t *testing.T) {
	for _, keyBits := range []uint{17, 40, 48, 57, 64} {
		for _, keys := range []int{200, 40_000} {
			t.Run(fmt.Sprintf("bits=%d/keys=%d", keyBits, keys), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(keyBits), uint64(keys)))
				w := &worker{listing: true, blocks: blockPool{}}
				w.next = keyList{width: 8, free: &w.blocks}
				s := newSet(keyBits, 3, 2, &w.pool)
				level := make(map[uint64]uint32)
				for round := range uint32(12) {
					fresh := settleRound(&s, w, settleKeys(r, keys, keyBits), 300+round, level)
					if got := w.fresh; got != fresh {
						t.Fatalf("round %d: %d new keys, want %d", round, got, fresh)
					}
					w.fresh = 0
				}
				listed := make(map[uint64]bool)
				for i := range w.next.n {
					listed[w.next.at(i)] = true
				}
				if w.next.n != len(level) || len(listed) != len(level) {
					t.Fatalf("%d keys are listed, %d different ones, want %d", w.next.n, len(listed), len(level))
				}
				s.drain(&w.pool, func(key uint64, l uint32) {
					if want, ok := level[key]; !ok || l != want || !listed[key] {
						t.Fatalf("key %x comes back with level %d, listed %v, want %d, %v", key, l, listed[key], want, ok)
					}
					delete(level, key)
				})
				if len(level) > 0 {
					t.Errorf("%d keys do not come back", len(level))
				}
			})
		}
	}
}

// settleKeys returns keys of which a third are likely to be known and some
// differ from others in one bit of their mixed form.
func settleKeys(r *rand.Rand, n int, keyBits uint) []uint64 {
	m := newMixer(keyBits)
	keys := make([]uint64, n)
	for i := range keys {
		switch r.IntN(3) {
		case 0:
			keys[i] = uint64(r.IntN(2*n)) & ones(keyBits)
		case 1:
			keys[i] = m.unmix(m.mix(keys[i/2]) ^ 1<<r.IntN(int(keyBits)))
		default:
			keys[i] = r.Uint64() & ones(keyBits)
		}
	}
	return keys
}

// settleRound sends keys through three outboxes, notes the new ones in a map, and
// returns their number.
func settleRound(s *set, w *worker, keys []uint64, level uint32, known map[uint64]uint32) (fresh uint64) {
	for _, key := range keys {
		if _, ok := known[key]; !ok {
			known[key] = level
			fresh++
		}
	}
	boxes := make([]outbox, 3)
	for i := range boxes {
		boxes[i].fill(keys[len(keys)*i/3:len(keys)*(i+1)/3], s)
	}
	for i := range s.shards {
		s.settle(i, boxes, len(keys)/len(s.shards), level, w)
	}
	return fresh
}
