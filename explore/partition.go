package explore

import "slices"

const (
	partSamples = 4096
	joinSamples = 1 << 14
	smallPart   = 64  // values that a part may always take
	widestPart  = 128 // bytes of a part that was put together: all are hashed when one changes
	widestGap   = 32  // bytes that never changed between two that did
)

// An atom is a part of the states, with what it is in each of a sample.
type atom struct {
	span
	ids    []uint32
	values uint64
}

// chooseParts returns the parts into which to cut states, given a sample of
// the known ones. It starts from the parts that the system named, or from
// words. A part that takes too many values for the states is taken apart into
// words, and neighbours are put together where that saves bits, that is where
// they go together, or where they take few values anyway: fewer parts then need
// to be compared and numbered. Bytes that never changed stay apart from those
// that did.
func chooseParts(f *folding, states [][]byte, known uint64) []span {
	var atoms []atom
	for i, p := range f.shape.parts {
		d := f.shape.dictionaries[i]
		heavy := d.count() > known/8 && d.memory() > 1<<16
		if f.parted && !heavy {
			atoms = append(atoms, newAtom(p, states))
			continue
		}
		for at := p.at; at < p.end; at += 8 {
			atoms = append(atoms, newAtom(span{at, min(at+8, p.end)}, states))
		}
	}
	joint := make([]*atom, len(atoms)) // of atoms i and i+1, where put together
	for i := range joint {
		joint[i] = jointAtom(atoms, i)
	}
	for {
		best := -1
		for i, j := range joint {
			if j != nil && (best < 0 || j.values < joint[best].values) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		atoms[best] = *joint[best]
		atoms = slices.Delete(atoms, best+1, best+2)
		joint = slices.Delete(joint, best+1, best+2)
		joint[best] = jointAtom(atoms, best)
		if best > 0 {
			joint[best-1] = jointAtom(atoms, best-1)
		}
	}
	parts := make([]span, len(atoms))
	for i := range atoms {
		parts[i] = atoms[i].span
	}
	return parts
}

func newAtom(p span, states [][]byte) atom {
	a := atom{span: p, ids: make([]uint32, len(states))}
	d := newDictionary(p.end - p.at)
	for k, s := range states {
		a.ids[k] = d.number(s[p.at:p.end])
	}
	a.values = d.count()
	return a
}

// jointAtom returns atoms i and i+1 put together, or nil if they had better stay
// apart.
func jointAtom(atoms []atom, i int) *atom {
	if i+1 >= len(atoms) {
		return nil
	}
	a, b := &atoms[i], &atoms[i+1]
	j := &atom{span: span{a.at, b.end}, values: max(a.values, b.values)}
	if a.values == 1 || b.values == 1 {
		gap := a.span
		if b.values == 1 {
			gap = b.span
		}
		if max(a.values, b.values) > 1 && (gap.end-gap.at > widestGap || j.end-j.at > widestPart) {
			return nil
		}
		j.ids = a.ids
		if a.values == 1 {
			j.ids = b.ids
		}
		return j
	}
	if j.end-j.at > widestPart {
		return nil
	}
	d := newDictionary(8)
	j.ids = make([]uint32, len(a.ids))
	// A sample does not tell how many values there are if it has few of each.
	saving := min(a.values*b.values/2, uint64(len(a.ids)/8))
	most := max(smallPart, j.values*5/4, saving)
	for k := range j.ids {
		j.ids[k] = d.pair(a.ids[k], b.ids[k])
		if d.count() > most {
			return nil
		}
	}
	j.values = d.count()
	return j
}
