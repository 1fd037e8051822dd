package explore

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// A folder is the codec of states of more than 8 bytes. Both directions work by
// difference. load starts from the state loaded before: where a number of the
// tree is the same, so are all words below it. append starts from the state
// loaded last: only the words that a step changed, and the pairs above them,
// are numbered again.
//
// The engine compares whole states to find what a step changed. A mask of dirty
// words from the system would save a tenth of the time and could be wrong.
type folder struct {
	tree   *foldTree
	parts  *interner
	half   uint     // bits of each half of a key
	ids    []uint32 // number of each node but the root, of the state loaded
	state  []byte   // the state loaded, padded to whole words
	size   int
	loaded uint64 // key of the state loaded
	stack  []uint32
	dirty  []uint64 // inner nodes whose pair has changed, as a bit set
	undo   []change
	memo   []memoEntry
	misfit bool // a key did not fit since the flag was cleared
}

type change struct{ node, id uint32 }

// A memo is a worker's own small cache before the interner.
type memoEntry struct {
	value uint64
	id    uint32
}

const memoBits = 12

func newFolder(size int, tree *foldTree, parts *interner, half uint) *folder {
	f := &folder{size: size, state: make([]byte, 8*tree.words)}
	f.reshape(tree, parts, half)
	return f
}

// reshape forgets the state loaded, for another tree or another interner.
func (f *folder) reshape(tree *foldTree, parts *interner, half uint) {
	f.tree, f.parts, f.half = tree, parts, half
	f.ids = make([]uint32, 2*tree.words-1)
	clear(f.state)
	f.loaded = 0
	f.stack = make([]uint32, 0, tree.words+1)
	f.dirty = make([]uint64, (tree.words+62)/64)
	f.memo = nil
}

func (f *folder) load(key uint64) State {
	if key != f.loaded {
		f.loaded = key
		root := len(f.tree.left) - 1
		f.setNumber(f.tree.left[root], uint32(key>>f.half))
		f.setNumber(f.tree.right[root], uint32(key&ones(f.half)))
		f.unfold()
	}
	return f.state[:f.size:len(f.state)]
}

// setNumber gives a node its number; if it is another one, what lies below is
// left to unfold.
func (f *folder) setNumber(node, id uint32) {
	if f.ids[node] != id {
		f.ids[node] = id
		f.stack = append(f.stack, node)
	}
}

func (f *folder) unfold() {
	words := uint32(f.tree.words)
	for len(f.stack) > 0 {
		last := len(f.stack) - 1
		node := f.stack[last]
		f.stack = f.stack[:last]
		value := f.parts.value(f.ids[node])
		if node < words {
			binary.LittleEndian.PutUint64(f.state[8*node:], value)
			continue
		}
		f.setNumber(f.tree.left[node-words], uint32(value>>32))
		f.setNumber(f.tree.right[node-words], uint32(value))
	}
}

func (f *folder) append(keys []uint64, steps *Steps) []uint64 {
	stride := steps.stride
	for i := range steps.n {
		keys = append(keys, f.fold(steps.arena[i*stride:][:stride]))
	}
	return keys
}

func (f *folder) key(s State) uint64 {
	padded := make([]byte, len(f.state))
	copy(padded, s)
	return f.fold(padded)
}

// widen makes room in the keys for more numbers.
func (f *folder) widen(half uint) {
	root := len(f.tree.left) - 1
	f.half = half
	f.loaded = uint64(f.ids[f.tree.left[root]])<<half | uint64(f.ids[f.tree.right[root]])
	f.misfit = false
}

// fold returns the key of a state, padded to whole words, and leaves the state
// loaded as it is.
func (f *folder) fold(target []byte) uint64 {
	const block = 128
	state := f.state
	f.undo = f.undo[:0]
	for at := 0; at < len(target); at += block {
		end := min(at+block, len(target))
		if !bytes.Equal(target[at:end], state[at:end]) {
			f.foldWords(target, at, end)
		}
	}
	if len(f.undo) == 0 {
		return f.loaded
	}
	key := f.foldPairs()
	for i := len(f.undo) - 1; i >= 0; i-- {
		f.ids[f.undo[i].node] = f.undo[i].id
	}
	return key
}

func (f *folder) foldWords(target []byte, at, end int) {
	for ; at < end; at += 8 {
		v := binary.LittleEndian.Uint64(target[at:])
		if v != binary.LittleEndian.Uint64(f.state[at:]) {
			f.renumber(uint32(at/8), f.number(v))
		}
	}
}

// renumber gives a node the number that it has in the target.
func (f *folder) renumber(node, id uint32) {
	f.undo = append(f.undo, change{node, f.ids[node]})
	f.ids[node] = id
	p := f.tree.parent[node] - uint32(f.tree.words)
	f.dirty[p/64] |= 1 << (p % 64)
}

// foldPairs renumbers the inner nodes above the changed words in ascending
// order, which is children first, and returns the root's pair as a key.
func (f *folder) foldPairs() uint64 {
	words := f.tree.words
	root := words - 2
	for i := range f.dirty {
		for f.dirty[i] != 0 {
			n := 64*i + bits.TrailingZeros64(f.dirty[i])
			f.dirty[i] &= f.dirty[i] - 1
			left, right := f.ids[f.tree.left[n]], f.ids[f.tree.right[n]]
			if n == root {
				return f.packRoot(left, right)
			}
			id := f.number(uint64(left)<<32 | uint64(right))
			if id != f.ids[words+n] {
				f.renumber(uint32(words+n), id)
			}
		}
	}
	return f.loaded // the changes cancelled out, which distinct words cannot do
}

func (f *folder) packRoot(left, right uint32) uint64 {
	if f.half < 32 && (left|right)>>f.half != 0 {
		f.misfit = true
		return noKey
	}
	return uint64(left)<<f.half | uint64(right)
}

// number asks the memo before the interner.
func (f *folder) number(v uint64) uint32 {
	if v == 0 {
		return 0
	}
	if f.memo == nil {
		f.memo = make([]memoEntry, 1<<memoBits)
	}
	h := (v ^ v>>32) * 0x9e3779b97f4a7c15 >> (64 - memoBits)
	e := &f.memo[h]
	if e.value != v {
		e.value, e.id = v, f.parts.number(v)
	}
	return e.id
}

func word(state []byte, i int) uint64 { return binary.LittleEndian.Uint64(state[8*i:]) }

func appendWords(dst []uint64, state []byte) []uint64 {
	for i := range len(state) / 8 {
		dst = append(dst, word(state, i))
	}
	return dst
}
