package explore

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// A pile gives back the keys and levels that it was given, whatever their width,
// and its pages.
func TestPileGivesBackItsKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for _, restBits := range []uint{7, 31, 32, 33, 48, 63} {
		for levelBytes := 1; levelBytes <= 4; levelBytes++ {
			l := layout{restBits, levelBytes}
			h, p, want := newPile(l), &pool{}, make(map[uint64]uint32)
			for range 3000 {
				rest, level := r.Uint64()&ones(restBits), r.Uint32()&uint32(ones(uint(8*levelBytes)))
				if _, ok := want[rest]; !ok {
					want[rest] = level
					h.add(rest, level, p)
				}
			}
			sh := newShard(l, pagesFor(uint64(h.n)))
			h.pour(&sh, p)
			if sh.n != uint64(len(want)) {
				t.Errorf("%+v: %d keys come back, want %d", l, sh.n, len(want))
			}
			var u unpacked
			for page := range sh.tags {
				sh.unpack(page, &u)
				for k, rest := range u.rests[:u.n] {
					if level, ok := want[rest]; !ok || level != u.levels[k] {
						t.Fatalf("%+v: key %x comes back with level %d, want %d, %v", l, rest, u.levels[k], level, ok)
					}
				}
				sh.putPage(page, p)
			}
			if got := int64(len(p.tags)*tagPageBytes + len(p.bytes)*bytePageBytes); got != p.total {
				t.Errorf("%+v: %d bytes of pages come back, want %d", l, got, p.total)
			}
		}
	}
}

// The keys are renewed in the memory that they have: the set is never there
// twice, but for the byte that longer keys take.
func TestRekeyTakesNoSecondSet(t *testing.T) {
	const left, right = 1 << 11, 1 << 10
	old := newShape([]span{{0, 8}, {8, 16}}, make(State, 16))
	for i, n := range []uint64{left, right} {
		for v := range n {
			old.dictionaries[i].number(binary.LittleEndian.AppendUint64(nil, v))
		}
	}
	old.pack(func(uint64) uint { return 6 })
	for _, spare := range []uint{0, 12} {
		next := *old
		next.pack(func(uint64) uint { return spare })
		s := &search{keyBits: old.keyBits, fold: &folding{shape: old}, workers: []*worker{{index: 0}, {index: 1}}}
		pool := &s.workers[1].pool
		s.set = newSet(old.keyBits, 7, 1, pool)
		level := func(a, b uint64) uint32 { return uint32(a*7+b) % 200 }
		for a := range uint64(left) {
			for b := range uint64(right) {
				s.set.add(a<<old.places[0].shift|b<<old.places[1].shift, level(a, b), pool)
			}
		}
		s.held = left * right
		before := pool.total
		s.keyBits = next.keyBits
		s.rekeySet(newRenewals(s, &next))
		if after := pool.total + s.workers[0].pool.total; after > before+before/3 {
			t.Errorf("spare %d: the set takes %d bytes, and %d when its keys are renewed", spare, before, after)
		}
		n := 0
		s.set.drain(pool, func(key uint64, l uint32) {
			a, b := next.places[0].of(key), next.places[1].of(key)
			if want := level(uint64(a), uint64(b)); l != want || a >= left || b >= right {
				t.Fatalf("spare %d: key %x comes back with level %d, want %d", spare, key, l, want)
			}
			n++
		})
		if n != left*right {
			t.Errorf("spare %d: %d keys come back, want %d", spare, n, left*right)
		}
	}
}
