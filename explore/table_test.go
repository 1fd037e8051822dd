package explore

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"testing"
	"unsafe"
)

func TestMixerIsABijection(t *testing.T) {
	for width := uint(1); width <= 64; width++ {
		m := newMixer(width)
		r := rand.New(rand.NewPCG(1, uint64(width)))
		for range 1000 {
			x := r.Uint64() & m.mask
			y := m.mix(x)
			if y > m.mask || m.unmix(y) != x {
				t.Fatalf("%d bits: mix(%x) = %x, unmix %x", width, x, y, m.unmix(y))
			}
		}
	}
	seen := make(map[uint64]bool)
	m := newMixer(16)
	for x := range uint64(1 << 16) {
		seen[m.mix(x)] = true
	}
	if len(seen) != 1<<16 {
		t.Errorf("16 bits: %d values of 65536", len(seen))
	}
}

func TestSharedBitsTellKeysOfAHomeApart(t *testing.T) {
	for _, width := range []uint{1, 5, 8, 13, 31, 40, 63, 64} {
		for _, homes := range []uint64{18, 19, 50, 100, 1000, 65535, 65536, 1 << 22} {
			low := sharedBits(width, homes)
			for _, h := range []uint64{0, 1, homes / 2, homes - 2} {
				if width < 32 && homes >= 1<<width {
					continue
				}
				size := homeStart(h+1, width, homes) - homeStart(h, width, homes)
				if size > 1<<low {
					t.Errorf("%d bits, %d homes: home %d has %d keys, told apart by %d bits", width, homes, h, size, low)
				}
			}
		}
	}
}

// checkTable adds keys to a set and a map, and compares answers and contents.
func checkTable(t *testing.T, keyBits, shardBits uint, keys []uint64) {
	t.Helper()
	p := &pool{}
	s := newSet(keyBits, min(shardBits, keyBits-1), 1+len(keys)%3, p)
	want := make(map[uint64]uint32)
	for i, k := range keys {
		k &= ones(keyBits)
		_, known := want[k]
		if !known {
			want[k] = uint32(i & 0xff)
		}
		if s.add(k, uint32(i&0xff), p) == known {
			t.Fatalf("key %x: added %v, known %v", k, !known, known)
		}
		if i == len(keys)/2 && shardBits > 0 && keyBits > 8 {
			s = resharded(&s, min(s.shardBits+3, keyBits-1), p)
		}
	}
	n := 0
	s.drain(p, func(key uint64, level uint32) {
		n++
		if l, ok := want[key]; !ok || l != level {
			t.Fatalf("key %x comes back with level %d, want %d, %v", key, level, l, ok)
		}
	})
	if n != len(want) {
		t.Fatalf("%d keys come back, want %d", n, len(want))
	}
}

func resharded(s *set, shardBits uint, p *pool) set {
	next := set{mixer: s.mixer, shardBits: shardBits, layout: layout{s.mixer.bits - shardBits, s.levelBytes}}
	next.shards = make([]shard, 1<<shardBits)
	for i := range s.shards {
		s.children(i, &next, p)
	}
	return next
}

func TestTableAgreesWithMap(t *testing.T) {
	for keyBits := uint(1); keyBits <= 64; keyBits += 3 {
		for _, shardBits := range []uint{0, 2, 6} {
			r := rand.New(rand.NewPCG(uint64(keyBits), uint64(shardBits)))
			keys := make([]uint64, 30_000)
			for i := range keys {
				keys[i] = r.Uint64()
				if i%3 == 0 {
					keys[i] = uint64(i) << (i % 40)
				}
				if i%4 == 1 {
					keys[i] = keys[r.IntN(i)]
				}
			}
			checkTable(t, keyBits, shardBits, keys)
		}
	}
}

// Keys of one home bucket whose slots differ in one byte beyond the tag only.
func TestKeysThatShareATag(t *testing.T) {
	for _, shift := range []uint{tagBits, tagBits + 8, tagBits + 16, tagBits + 24} {
		m := newMixer(64)
		var keys []uint64
		for i := range uint64(200) {
			keys = append(keys, m.unmix(12345+i<<shift))
		}
		checkTable(t, 64, 0, append(keys, keys...))
	}
}

func FuzzTable(f *testing.F) {
	f.Add(uint8(40), uint8(0), []byte("some keys of eight bytes, say"))
	f.Add(uint8(64), uint8(3), make([]byte, 4000))
	f.Fuzz(func(t *testing.T, keyBits, shardBits uint8, data []byte) {
		var keys []uint64
		for i := 0; i+2 <= len(data); i += 2 {
			// Neighbouring keys and wild ones.
			base := uint64(binary.LittleEndian.Uint16(data[i:]))
			keys = append(keys, base, base*0x9e3779b97f4a7c15, base<<48)
		}
		checkTable(t, 1+uint(keyBits)%64, uint(shardBits)%6, keys)
	})
}

func TestPackedKeys(t *testing.T) {
	for width := 4; width <= 8; width++ {
		b := make([]byte, 3*width)
		keys := []uint64{1<<(8*width-1) + 7, 0, ones(uint(8 * width))}
		for _, i := range []int{2, 0, 1} {
			packKey(b[i*width:], width, keys[i])
		}
		for i, want := range keys {
			if got := unpackKey(b[i*width:], width); got != want {
				t.Errorf("width %d: got %x, want %x", width, got, want)
			}
		}
	}
}

// Shards that two workers write to lie on lines of their own.
func TestShardsLieApart(t *testing.T) {
	if size := unsafe.Sizeof(shard{}); bits.UintSize == 64 && size%cacheLines != 0 {
		t.Errorf("a shard has %d bytes, want a multiple of %d", size, cacheLines)
	}
}
