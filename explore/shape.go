package explore

import (
	"cmp"
	"slices"
)

// A shape tells how a wide state becomes a key: it is cut into parts, each part
// is replaced by its number in a dictionary of its own, and the numbers are
// packed side by side into the key. Where they need more bits than a key has,
// two of them are joined: the pair is numbered in turn, and takes its place.
// Pairs take fewer bits than their halves as far as the halves go together.
//
// Any shape is correct; they differ in time and memory only. A shape does not
// change, but its dictionaries grow.
type shape struct {
	parts []span
	pairs []pair // node len(parts)+i; both halves are earlier nodes
	// For each node, parts first:
	dictionaries []*dictionary
	up           []int32 // the pair that a node is a half of, or -1: it is in the key
	places       []place // of the nodes in the key
	tops         []int32 // the nodes in the key
	keyBits      uint
}

// A span is the bytes from at to end of a state.
type span struct{ at, end int }

type pair struct{ left, right uint32 }

// A place is where a number lies in a key.
type place struct{ shift, width uint }

func (p place) of(key uint64) uint32 { return uint32(key >> p.shift & ones(p.width)) }

const (
	maxKeyBits  = 63 // which leaves one to noKey
	joinKeyBits = 59 // and some to grow
)

// newShape returns a shape without pairs. In every dictionary number 0 is that
// of the base, some state to start from, whose key is therefore 0.
func newShape(parts []span, base State) *shape {
	sh := &shape{parts: parts}
	for i, p := range parts {
		d := newDictionary(p.end - p.at)
		d.number(base[p.at:p.end])
		sh.dictionaries = append(sh.dictionaries, d)
		sh.up = append(sh.up, -1)
		sh.tops = append(sh.tops, int32(i))
	}
	return sh
}

// initialParts cuts states of size bytes at the given ends, or into pieces of
// 64 bytes, of which there are at most 16.
func initialParts(size int, ends []int) (parts []span) {
	if len(ends) == 0 {
		piece := max(64, (size/16+7)&^7)
		for at := piece; at < size; at += piece {
			ends = append(ends, at)
		}
	}
	at := 0
	for _, end := range ends {
		if at < end && end < size {
			parts = append(parts, span{at, end})
			at = end
		}
	}
	return append(parts, span{at, size})
}

// joined returns the shape with some of the nodes in the key joined.
func (sh *shape) joined(pairs []pair) *shape {
	next := &shape{
		parts:        sh.parts,
		pairs:        slices.Concat(sh.pairs, pairs),
		dictionaries: slices.Clone(sh.dictionaries),
		up:           slices.Clone(sh.up),
	}
	for i, p := range pairs {
		node := int32(len(sh.dictionaries) + i)
		next.up[p.left], next.up[p.right] = node, node
		next.up = append(next.up, -1)
		d := newDictionary(8)
		d.pair(0, 0)
		next.dictionaries = append(next.dictionaries, d)
	}
	for node, up := range next.up {
		if up < 0 {
			next.tops = append(next.tops, int32(node))
		}
	}
	return next
}

// leastBits returns the bits that a node's numbers take.
func (sh *shape) leastBits(node int32) uint { return bitsFor(sh.dictionaries[node].count()) }

// need returns the least bits of a key.
func (sh *shape) need() (bits uint) {
	for _, node := range sh.tops {
		bits += sh.leastBits(node)
	}
	return bits
}

// pack lays out the key: each node has the bits that it needs by now and, as
// long as there are some, spare ones for what is to come. Those that will not
// do for long come first.
func (sh *shape) pack(spare func(count uint64) uint) {
	free := uint(maxKeyBits)
	sh.places = make([]place, len(sh.dictionaries))
	for _, node := range sh.tops {
		sh.places[node].width = sh.leastBits(node)
		free -= sh.places[node].width
	}
	order := slices.Clone(sh.tops)
	fulness := func(node int32) float64 {
		return float64(sh.dictionaries[node].count()) / float64(uint64(1)<<sh.leastBits(node))
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(fulness(b), fulness(a)) })
	for round := uint(1); round <= 32; round++ {
		for _, node := range order {
			p := &sh.places[node]
			if free > 0 && p.width < 32 && round <= spare(sh.dictionaries[node].count()) {
				p.width++
				free--
			}
		}
	}
	sh.keyBits = 0
	for _, node := range sh.tops {
		sh.places[node].shift = sh.keyBits
		sh.keyBits += sh.places[node].width
	}
	sh.keyBits = max(sh.keyBits, 8)
}

// wideSpare gives numbers all the bits that a key has.
func wideSpare(uint64) uint { return 32 }

// diskSpare lets a number grow eightfold: longer keys then cost writing all
// runs again.
func diskSpare(count uint64) uint { return 3 * growSpare(count) }

// growSpare gives a number the bit that lets it double, unless it never changed.
func growSpare(count uint64) uint {
	if count == 1 {
		return 0
	}
	return 1
}
