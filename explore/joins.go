package explore

import (
	"cmp"
	"math"
	"slices"
)

// manyTops is the number of nodes in a key above which only neighbours are
// joined.
const manyTops = 24

// A join is a pair of nodes in the key that may be joined.
type join struct {
	pair
	saved float64 // bits
}

// chooseJoins returns disjoint pairs of nodes in the key to join, so that it
// needs few enough bits as far as the sample tells. numbers[k] are those of the
// nodes in sample k. Best are those that save most bits: those that go
// together. Where the sample does not tell, small dictionaries are joined first,
// which makes a balanced tree.
func (sh *shape) chooseJoins(numbers [][]uint32, need uint) (pairs []pair) {
	var joins []join
	counted := newPairCounter(len(numbers))
	values := make([]float64, len(sh.dictionaries))
	for _, node := range sh.tops {
		values[node] = counted.values(numbers, node, node)
	}
	for i, a := range sh.tops {
		last := len(sh.tops) - 1
		if len(sh.tops) > manyTops {
			last = min(last, i+1)
		}
		for _, b := range sh.tops[i+1 : last+1] {
			j := join{pair: pair{uint32(a), uint32(b)}}
			both := counted.values(numbers, a, b)
			if both*4 < float64(len(numbers)) {
				j.saved = math.Log2(values[a] * values[b] / both)
			} else {
				j.saved = -float64(sh.leastBits(a) + sh.leastBits(b))
			}
			joins = append(joins, j)
		}
	}
	slices.SortStableFunc(joins, func(a, b join) int { return cmp.Compare(b.saved, a.saved) })
	joined := make([]bool, len(sh.dictionaries))
	left := float64(need)
	for _, j := range joins {
		if joined[j.left] || joined[j.right] || len(pairs) > 0 && left <= joinKeyBits {
			continue
		}
		joined[j.left], joined[j.right] = true, true
		pairs = append(pairs, j.pair)
		left -= max(j.saved, 0)
	}
	return pairs
}

// A pairCounter counts distinct pairs of numbers.
type pairCounter struct {
	slots []uint64
}

func newPairCounter(most int) *pairCounter {
	return &pairCounter{make([]uint64, 1<<bitsFor(uint64(2*most+2)))}
}

// values returns how many values two nodes take together in the sample.
func (c *pairCounter) values(numbers [][]uint32, a, b int32) float64 {
	clear(c.slots)
	mask := uint64(len(c.slots) - 1)
	n := 0
	for _, ids := range numbers {
		v := uint64(ids[a])<<32 | uint64(ids[b]) + 1
		h := v * 0x9e3779b97f4a7c15
		i := h >> 32 & mask
		for c.slots[i] != 0 && c.slots[i] != v {
			i = (i + 1) & mask
		}
		if c.slots[i] == 0 {
			c.slots[i] = v
			n++
		}
	}
	return float64(max(n, 1))
}
