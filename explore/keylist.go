package explore

import "encoding/binary"

const blockKeys = 1024

// A keyList is a list of keys in width bytes each, in blocks that go back to
// the owner's free list. It belongs to one worker while it is written.
type keyList struct {
	width  int
	n      int
	blocks [][]byte
	free   *blockPool
}

// A blockPool keeps blocks of one width for reuse.
type blockPool struct {
	blocks [][]byte
	total  int64
}

func (l *keyList) append(key uint64) {
	if l.n%blockKeys == 0 {
		l.blocks = append(l.blocks, l.free.take(l.width))
	}
	l.put(l.blocks[len(l.blocks)-1], key)
}

// put writes the next key, whose block this is. Eight bytes are written and the
// key after it overwrites the surplus.
func (l *keyList) put(block []byte, key uint64) {
	binary.LittleEndian.PutUint64(block[l.n%blockKeys*l.width:], key)
	l.n++
}

func (l *keyList) at(i int) uint64 {
	block := l.blocks[i/blockKeys]
	return binary.LittleEndian.Uint64(block[i%blockKeys*l.width:]) & ones(uint(8*l.width))
}

// reset empties the list.
func (l *keyList) reset() {
	l.free.blocks = append(l.free.blocks, l.blocks...)
	clear(l.blocks)
	l.blocks = l.blocks[:0]
	l.n = 0
}

// release leaves the free blocks to the collector.
func (p *blockPool) release() {
	for _, b := range p.blocks {
		p.total -= int64(len(b))
	}
	p.blocks = nil
}

func (p *blockPool) take(width int) []byte {
	if last := len(p.blocks) - 1; last >= 0 {
		b := p.blocks[last]
		p.blocks = p.blocks[:last]
		return b
	}
	size := blockKeys*width + 8
	p.total += int64(size)
	return make([]byte, size)
}

// unpackKey reads a key of width bytes, 4 to 8, by two loads that may overlap.
func unpackKey(b []byte, width int) uint64 {
	low := uint64(binary.LittleEndian.Uint32(b))
	high := uint64(binary.LittleEndian.Uint32(b[width-4:]))
	return low | high<<(8*(width-4))
}

// packKey writes a key of width bytes, 4 to 8, and not a byte more: its
// neighbour may have been written already.
func packKey(b []byte, width int, key uint64) {
	binary.LittleEndian.PutUint32(b, uint32(key))
	binary.LittleEndian.PutUint32(b[width-4:], uint32(key>>(8*(width-4))))
}

// packedWidth returns the bytes that packKey needs for keys of so many bits.
func packedWidth(bits uint) int { return max(4, int(bits+7)/8) }
