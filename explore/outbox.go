package explore

import "encoding/binary"

// An outbox holds the keys that one chunk sends to the shards, sorted by shard.
// Inside a part a key is what is left of it inside the shard, in width bytes.
// Expand fills it, settle reads it; it is reused in the next round.
type outbox struct {
	width  int
	starts []uint32 // part i is keys starts[i] to starts[i+1]
	packed []byte
}

// fill sorts the keys by counting. It overwrites keys with their mixed form.
func (b *outbox) fill(keys []uint64, s *set) (grown int64) {
	b.width = packedWidth(s.restBits)
	grown = b.reserve(len(keys), len(s.shards))
	starts, shift := b.starts, s.restBits
	mixer := s.mixer
	for i, k := range keys {
		m := mixer.mix(k)
		keys[i] = m
		starts[m>>shift+2]++
	}
	for i := 2; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	scatter(b.packed, keys, starts[1:], shift, b.width)
	return grown
}

// scatter writes each key to the end of its part, ends being where each part
// ends so far.
func scatter(packed []byte, keys []uint64, ends []uint32, shift uint, width int) {
	mask := ones(shift)
	if width == 4 {
		for _, m := range keys {
			end := &ends[m>>shift]
			binary.LittleEndian.PutUint32(packed[int(*end)*4:], uint32(m&mask))
			*end++
		}
		return
	}
	for _, m := range keys {
		end := &ends[m>>shift]
		packKey(packed[int(*end)*width:], width, m&mask)
		*end++
	}
}

func (b *outbox) reserve(keys, shards int) (grown int64) {
	if need := keys * b.width; cap(b.packed) < need {
		grown += int64(need + need/8 - cap(b.packed))
		b.packed = make([]byte, need+need/8)
	}
	b.packed = b.packed[:keys*b.width]
	if cap(b.starts) < shards+2 {
		grown += int64(4 * (shards + 2 - cap(b.starts)))
		b.starts = make([]uint32, shards+2)
	}
	b.starts = b.starts[:shards+2]
	clear(b.starts)
	return grown
}

func (b *outbox) part(shard int) []byte {
	return b.packed[int(b.starts[shard])*b.width : int(b.starts[shard+1])*b.width]
}
