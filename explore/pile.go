package explore

// A pile holds keys of one shard with their levels, in the order in which they
// came, in pages of a table: those that the keys leave where they come from.
// There are no empty slots, so a pile is no larger than the table that it is made
// of. In a page a tag is the lower half of a key, and the planes hold the bytes of
// the level and then those of the upper half.
//
// It belongs to one worker at a time.
type pile struct {
	tags   []*tagPage
	bytes  []*bytePage // planes for each tag page
	planes int
	levels int // planes for the level
	n      int
}

const pileBits = 32 // of a key in the tag

func newPile(l layout) pile {
	upper := max(l.restBits, pileBits) - pileBits
	return pile{planes: l.levelBytes + int(upper+7)/8, levels: l.levelBytes}
}

func (h *pile) add(rest uint64, level uint32, p *pool) {
	slot := h.n % pageSlots
	if slot == 0 {
		h.tags = append(h.tags, p.tagPage())
		for range h.planes {
			h.bytes = append(h.bytes, p.bytePage())
		}
	}
	word := &h.tags[len(h.tags)-1][slot/bucketSlots][slot%bucketSlots/2]
	*word |= rest & ones(pileBits) << (slot % 2 * 32)
	beside := rest>>pileBits<<(8*h.levels) | uint64(level)
	for _, b := range h.bytes[len(h.bytes)-h.planes:] {
		b[slot] = byte(beside)
		beside >>= 8
	}
	h.n++
}

// pour moves the keys to a shard, which does not have them.
func (h *pile) pour(sh *shard, p *pool) {
	for i, tags := range h.tags {
		planes := h.bytes[i*h.planes:][:h.planes]
		for slot := range min(pageSlots, h.n-i*pageSlots) {
			rest := tags[slot/bucketSlots][slot%bucketSlots/2] >> (slot % 2 * 32) & ones(pileBits)
			beside := uint64(0)
			for j, b := range planes {
				beside |= uint64(b[slot]) << (8 * j)
			}
			rest |= beside >> (8 * h.levels) << pileBits
			sh.insert(rest, uint32(beside&ones(uint(8*h.levels))), p)
		}
		p.putTags(tags)
		for _, b := range planes {
			p.putBytes(b)
		}
	}
	*h = pile{}
}
