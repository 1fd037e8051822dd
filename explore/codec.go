package explore

import "encoding/binary"

// A codec turns states into keys of at most 64 bits and back, without loss.
// States of up to 8 bytes are their keys; wider ones are folded. Each worker
// has its own.
type codec interface {
	// load returns the state of a key; it is valid until the next load.
	load(key uint64) State
	// append appends the key of each target in steps, most of whose bytes are
	// expected to be those of the state loaded last.
	append(keys []uint64, steps *Steps) []uint64
	// key returns the key of a state that was met before.
	key(s State) uint64
}

// noKey is appended for a target whose key does not fit the key bits of this
// round; it differs from every key of fewer than 64 bits.
const noKey = ^uint64(0)

type narrow struct {
	size  int
	mask  uint64
	state [8]byte
	_     [cacheLines]byte
}

func newNarrow(size int) *narrow { return &narrow{size: size, mask: ones(uint(8 * size))} }

func (c *narrow) load(key uint64) State {
	binary.LittleEndian.PutUint64(c.state[:], key)
	return c.state[:c.size:8]
}

func (c *narrow) append(keys []uint64, steps *Steps) []uint64 {
	arena := steps.arena[:8*steps.n]
	for i := 0; i+8 <= len(arena); i += 8 {
		keys = append(keys, binary.LittleEndian.Uint64(arena[i:])&c.mask)
	}
	return keys
}

func (c *narrow) key(s State) uint64 {
	var word [8]byte
	copy(word[:], s)
	return binary.LittleEndian.Uint64(word[:])
}
