package explore

import "math"

const (
	leastHalf    = 16      // bits of each half of a key at the start
	halfStep     = 4       // and how many are added when they do not suffice
	firstReshape = 1 << 15 // states at which the tree is shaped by what was seen
	lastReshape  = 1 << 22
	shapeSamples = 2048
)

// A folding is what the folders of a search share: the tree, the parts, and the
// width of the keys. It changes between rounds only.
type folding struct {
	tree    *foldTree
	parts   *interner
	half    uint
	size    int
	ends    []int // of the components, in words
	folders []*folder
	reshape uint64 // states at which to look at the shape again
}

func newFolding(system System) *folding {
	f := &folding{size: system.Size(), half: leastHalf, reshape: firstReshape, parts: newInterner()}
	if p, ok := system.(Parted); ok {
		for _, end := range p.Parts() {
			f.ends = append(f.ends, (end+7)/8)
		}
	}
	f.tree = newFoldTree(f.words(), nil, f.ends)
	return f
}

func (f *folding) words() int { return (f.size + 7) / 8 }

func (f *folding) keyBits() uint { return 2 * f.half }

func (f *folding) newFolder() *folder {
	d := newFolder(f.size, f.tree, f.parts, f.half)
	f.folders = append(f.folders, d)
	return d
}

// misfit tells whether a key of the last round did not fit.
func (f *folding) misfit() bool {
	for _, d := range f.folders {
		if d.misfit {
			return true
		}
	}
	return false
}

// widen gives the keys more bits and rebuilds what holds keys.
func (s *search) widen() { s.repack(s.fold.leastHalf()) }

// leastHalf returns the bits that the numbers given so far need.
func (f *folding) leastHalf() uint {
	half := uint(leastHalf)
	for half < 32 && f.parts.n.Load()>>half != 0 {
		half += halfStep
	}
	return half
}

// repack gives the keys halves of another width.
func (s *search) repack(half uint) {
	f := s.fold
	old := f.half
	f.half = half
	for _, d := range f.folders {
		d.widen(half)
	}
	s.rekey(func(key uint64) uint64 { return key>>old<<half | key&ones(old) })
}

// wantsReshape tells whether to shape the tree by the states seen so far: once
// early, and again at each power of eight if the parts are many for the states.
func (f *folding) wantsReshape(states uint64) bool {
	if states < f.reshape {
		return false
	}
	first := f.reshape == firstReshape
	for f.reshape <= states {
		f.reshape *= 8
	}
	if f.reshape > lastReshape {
		f.reshape = math.MaxUint64
	}
	return first || f.parts.n.Load() > states/8
}

// reshape folds all states again, in a tree whose halves take about equally
// many values each.
func (s *search) reshape() {
	f := s.fold
	decode := f.folders[0]
	weights := s.weigh(decode)
	f.tree = newFoldTree(f.words(), weights, f.ends)
	f.parts = newInterner()
	encode := newFolder(f.size, f.tree, f.parts, 32)
	refold := func(key uint64) uint64 {
		key = encode.fold(decode.load(key)[:8*f.words()])
		encode.load(key)
		return key
	}
	f.half = 32
	s.rekey(refold)
	for _, d := range f.folders {
		d.reshape(f.tree, f.parts, f.half)
	}
	s.widen()
}

// weigh returns the logarithm of the number of values of each word, counted in
// a sample of the states; it is zero for a word that is the same in all states.
func (s *search) weigh(decode *folder) []float64 {
	words := s.fold.words()
	seen := make([]map[uint64]struct{}, words)
	var first []uint64
	varies := make([]bool, words)
	every := max(1, s.known/shapeSamples)
	var n uint64
	s.set.each(func(key uint64) {
		state := decode.load(key)[:8*words]
		if first == nil {
			first = appendWords(nil, state)
		}
		for i, v := range first {
			varies[i] = varies[i] || v != word(state, i)
		}
		if n++; n%every != 0 {
			return
		}
		for i := range seen {
			if !varies[i] {
				continue
			}
			if seen[i] == nil {
				seen[i] = make(map[uint64]struct{})
			}
			seen[i][word(state, i)] = struct{}{}
		}
	})
	weights := make([]float64, words)
	for i := range weights {
		if varies[i] {
			weights[i] = math.Log2(float64(len(seen[i]) + 2))
		}
	}
	return weights
}

// rekey replaces each key by what renew returns for it, wherever keys are held.
func (s *search) rekey(renew func(key uint64) uint64) {
	s.keyBits = s.fold.keyBits()
	pool := &s.workers[0].pool
	old := s.set
	s.set = newSet(s.keyBits, old.shardBits, old.levelBytes, pool)
	old.drain(pool, func(key uint64, level uint32) {
		s.set.add(renew(key), level, pool)
	})
	for _, w := range s.workers {
		current, next := w.current, w.next
		w.blocks = blockPool{}
		w.current = current.renewed(int(s.keyBits+7)/8, &w.blocks, renew)
		w.next = next.renewed(int(s.keyBits+7)/8, &w.blocks, renew)
	}
	s.history.keys = s.history.keys.renewed(8, &s.history.blocks, renew)
	for i := range s.goals {
		s.goals[i].keys[0] = renew(s.goals[i].keys[0])
	}
}

// renewed returns a list of the renewed keys in width bytes.
func (l *keyList) renewed(width int, free *blockPool, renew func(uint64) uint64) keyList {
	next := keyList{width: width, free: free}
	for i := range l.n {
		next.append(renew(l.at(i)))
	}
	return next
}
