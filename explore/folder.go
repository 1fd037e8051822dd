package explore

import (
	"encoding/binary"
	"math/bits"
)

// A folder is the codec of states of more than 8 bytes, in the shape of the
// moment. Both directions work by difference. load starts from the state loaded
// before: where a number is the same, so are all bytes below it. append starts
// from the state loaded last: only the parts that a step changed, and the pairs
// above them, are numbered again.
//
// The engine compares whole states to find what a step changed. A mask of dirty
// words from the system would save little and could be wrong.
type folder struct {
	shape  *shape
	ids    []uint32 // number of each node of the state loaded
	state  []byte   // the state loaded, padded to whole words
	size   int
	loaded uint64 // key of the state loaded
	stack  []int32
	dirty  []uint64 // pairs of which a half has changed, as a bit set
	undo   []change
	misfit bool // a number did not fit its place since the flag was cleared
	_      [cacheLines]byte
}

type change struct {
	node int32
	id   uint32
}

// newFolder returns a folder that has loaded the base of the shape.
func newFolder(sh *shape, base State) *folder {
	f := &folder{size: len(base), state: apart[byte]((len(base) + 7) &^ 7)}
	f.reshape(sh, base)
	return f
}

// reshape goes over to another shape, which has the given base.
func (f *folder) reshape(sh *shape, base State) {
	f.shape = sh
	f.ids = apart[uint32](len(sh.dictionaries))
	copy(f.state, base)
	f.loaded = 0
	f.stack = apart[int32](len(sh.dictionaries))[:0]
	f.dirty = apart[uint64]((len(sh.pairs) + 63) / 64)
	f.undo = apart[change](len(sh.dictionaries))[:0]
	f.misfit = false
}

func (f *folder) load(key uint64) State {
	if key != f.loaded {
		f.loaded = key
		sh := f.shape
		for _, node := range sh.tops {
			if id := sh.places[node].of(key); id != f.ids[node] {
				f.unfold(node, id)
			}
		}
	}
	return f.state[:f.size:len(f.state)]
}

// unfold gives a node its number and writes what lies below.
func (f *folder) unfold(node int32, id uint32) {
	sh := f.shape
	f.ids[node] = id
	f.stack = append(f.stack[:0], node)
	for len(f.stack) > 0 {
		last := len(f.stack) - 1
		node := f.stack[last]
		f.stack = f.stack[:last]
		content := sh.dictionaries[node].content(f.ids[node])
		if int(node) < len(sh.parts) {
			copy(f.state[sh.parts[node].at:], content)
			continue
		}
		p := sh.pairs[int(node)-len(sh.parts)]
		f.setBelow(p.left, binary.LittleEndian.Uint32(content))
		f.setBelow(p.right, binary.LittleEndian.Uint32(content[4:]))
	}
}

// setBelow gives a node its number; if it is another one, what lies below is
// left to unfold.
func (f *folder) setBelow(node, id uint32) {
	if f.ids[node] != id {
		f.ids[node] = id
		f.stack = append(f.stack, int32(node))
	}
}

func (f *folder) append(keys []uint64, steps *Steps) []uint64 {
	stride := steps.stride
	for i := range steps.n {
		keys = append(keys, f.fold(steps.arena[i*stride:][:stride]))
	}
	return keys
}

func (f *folder) key(s State) uint64 { return f.fold(s) }

// fold returns the key of a state, and leaves the state loaded as it is.
func (f *folder) fold(target []byte) uint64 {
	sh := f.shape
	key, fits := f.loaded, true
	for i, p := range sh.parts {
		part := target[p.at:p.end]
		if string(part) == string(f.state[p.at:p.end]) {
			continue
		}
		id := sh.dictionaries[i].number(part)
		if sh.up[i] >= 0 {
			f.renumber(int32(i), id)
			continue
		}
		place := sh.places[i]
		fits = fits && uint64(id)>>place.width == 0
		key += (uint64(id) - uint64(f.ids[i])) << place.shift
	}
	if len(f.undo) > 0 {
		change, fit := f.foldPairs()
		key, fits = key+change, fits && fit
	}
	if !fits {
		f.misfit = true
		return noKey
	}
	return key
}

// renumber gives a half of a pair the number that it has in the target.
func (f *folder) renumber(node int32, id uint32) {
	f.undo = append(f.undo, change{node, f.ids[node]})
	f.ids[node] = id
	p := int(f.shape.up[node]) - len(f.shape.parts)
	f.dirty[p/64] |= 1 << (p % 64)
}

// foldPairs renumbers the pairs above the changed parts in ascending order,
// which is halves first, and returns what this adds to the key and whether it
// fits.
func (f *folder) foldPairs() (change uint64, fits bool) {
	sh := f.shape
	fits = true
	for i := range f.dirty {
		for f.dirty[i] != 0 {
			n := 64*i + bits.TrailingZeros64(f.dirty[i])
			f.dirty[i] &= f.dirty[i] - 1
			node := int32(len(sh.parts) + n)
			id := sh.dictionaries[node].pair(f.ids[sh.pairs[n].left], f.ids[sh.pairs[n].right])
			if sh.up[node] >= 0 {
				f.renumber(node, id)
				continue
			}
			place := sh.places[node]
			fits = fits && uint64(id)>>place.width == 0
			change += (uint64(id) - uint64(f.ids[node])) << place.shift
		}
	}
	for i := len(f.undo) - 1; i >= 0; i-- {
		f.ids[f.undo[i].node] = f.undo[i].id
	}
	f.undo = f.undo[:0]
	return change, fits
}
