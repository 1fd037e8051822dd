package explore

import "slices"

const (
	firstReshape = 1 << 15 // states at which the shape is chosen by what was seen
	earlyReshape = 1 << 10 // or at which it is if the parts take too much memory:
	heavyParts   = 1 << 20 // so many bytes,
	heavyState   = 4       // and so many for each state
)

// A folding is what the folders of a search share. It changes between rounds
// only.
type folding struct {
	shape   *shape
	base    State
	parted  bool // the parts are the system's, or were chosen already
	folders []*folder
	look    uint64 // states at which to look at the shape again
}

func newFolding(system System, base State) *folding {
	f := &folding{base: base, look: earlyReshape}
	var ends []int
	if p, ok := system.(Parted); ok {
		f.parted = true
		ends = p.Parts()
	}
	f.shape = newShape(initialParts(len(base), ends), base)
	f.shape.pack(wideSpare)
	return f
}

func (f *folding) newFolder() *folder {
	d := newFolder(f.shape, f.base)
	f.folders = append(f.folders, d)
	return d
}

// misfit tells whether a key of the last round did not fit.
func (f *folding) misfit() bool {
	return slices.ContainsFunc(f.folders, func(d *folder) bool { return d.misfit })
}

// memory returns the bytes that the dictionaries take.
func (f *folding) memory() (n int64) {
	for _, d := range f.shape.dictionaries {
		n += d.memory()
	}
	return n
}

// wantsReshape tells whether to choose the parts by the states seen so far:
// once when there are enough to learn from, and at each doubling if the parts
// take much memory for the states.
func (f *folding) wantsReshape(known uint64) bool {
	if known < f.look {
		return false
	}
	first := f.look <= firstReshape && known >= firstReshape
	for f.look <= known {
		f.look *= 2
	}
	return first || f.memory() > int64(heavyParts+heavyState*known)
}

// spare returns the function that pack wants. Longer keys cost a rebuild of the
// set, which is cheap while there are few states; later short keys are worth
// more.
func (s *search) spare() func(count uint64) uint {
	if s.disk != nil {
		return diskSpare
	}
	if s.known < firstReshape {
		return wideSpare
	}
	return growSpare
}

// widen gives the numbers in the keys more bits, and rebuilds what holds keys.
func (s *search) widen() {
	next := *s.fold.shape
	s.replace(&next)
}

// reshape cuts the states into other parts, if that is better.
func (s *search) reshape() {
	f := s.fold
	parts := chooseParts(f, s.sampleStates(), s.known)
	f.parted = true
	if slices.Equal(parts, f.shape.parts) {
		s.widen()
		return
	}
	next := newShape(parts, f.base)
	if s.forKeys(newRenewals(s, next), func(r *renewal, key uint64) { r.number(key) }) {
		s.replace(next)
	}
}

// replace goes over to another shape, whose dictionaries hold what the known
// states consist of. It joins nodes until the keys are short enough. If the run is
// stopped before the keys are renewed, they stay as they are.
func (s *search) replace(next *shape) {
	f := s.fold
	s.tell(Progress{Doing: doingRekey})
	renewals := newRenewals(s, next)
	for need := next.need(); need > joinKeyBits && len(next.tops) > 1; need = next.need() {
		next = next.joined(next.chooseJoins(s.sampleNumbers(renewals[0]), need))
		renewals = newRenewals(s, next)
		if !s.forKeys(renewals, func(r *renewal, key uint64) { r.number(key) }) {
			return
		}
	}
	next.pack(s.spare())
	s.rekey(next.keyBits, renewals)
	f.shape = next
	for _, d := range f.folders {
		d.reshape(next, f.base)
	}
}

// A renewal computes the keys of known states in another shape. Each worker has
// its own.
type renewal struct {
	old, next *shape
	decode    *folder // nil if the parts are the same
	ids       []uint32
}

func newRenewals(s *search, next *shape) []*renewal {
	f := s.fold
	list := make([]*renewal, len(s.workers))
	for i := range list {
		list[i] = &renewal{old: f.shape, next: next, ids: make([]uint32, len(next.dictionaries))}
		if !slices.Equal(next.parts, f.shape.parts) {
			list[i].decode = newFolder(f.shape, f.base)
		}
	}
	return list
}

// number numbers the nodes of a state that has a key in the old shape: all of
// them, or those that are in the key and above.
func (r *renewal) number(key uint64) {
	next, firstPair := r.next, 0
	if r.decode == nil {
		firstPair = len(r.old.pairs)
		for _, node := range r.old.tops {
			r.ids[node] = r.old.places[node].of(key)
		}
	} else {
		state := r.decode.load(key)
		for i, p := range next.parts {
			r.ids[i] = next.dictionaries[i].number(state[p.at:p.end])
		}
	}
	for i, p := range next.pairs[firstPair:] {
		node := len(next.parts) + firstPair + i
		r.ids[node] = next.dictionaries[node].pair(r.ids[p.left], r.ids[p.right])
	}
}

// key returns the key in the next shape.
func (r *renewal) key(key uint64) (renewed uint64) {
	r.number(key)
	for _, node := range r.next.tops {
		renewed |= uint64(r.ids[node]) << r.next.places[node].shift
	}
	return renewed
}
