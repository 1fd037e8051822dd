package explore

import "math"

// A foldTree tells how the words of a wide state are folded into one key:
// words are numbered, pairs of numbers are numbered, and so on up to the root,
// whose pair of numbers is the key.
//
// The shape decides the memory: every node costs as many pairs as its part of
// the state takes values, so the root's two halves should each take about the
// square root of the number of states. Any shape is correct.
//
// Nodes 0 to words-1 are the leaves, word i being bytes 8i to 8i+7. Inner nodes
// follow, each after its children; the last is the root.
type foldTree struct {
	words       int
	left, right []uint32 // children of inner node words+i
	parent      []uint32
}

// newFoldTree builds the tree for so many words, at least 2. weights are the
// logarithms of the numbers of values that the words were seen to take, or nil
// if nothing is known. ends are the ends of the components, in words.
func newFoldTree(words int, weights []float64, ends []int) *foldTree {
	if weights == nil {
		weights = make([]float64, words)
		for i := range weights {
			weights[i] = 1
		}
	}
	t := &foldTree{words: words, parent: make([]uint32, 2*words-1)}
	// Words that never changed go together into one subtree: it is folded and
	// unfolded once. What varies then lies in a shallow tree of its own.
	var constant, varying []int
	for i, w := range weights {
		if w == 0 {
			constant = append(constant, i)
		} else {
			varying = append(varying, i)
		}
	}
	b := &treeBuilder{tree: t, weights: weights, isEnd: make([]bool, words)}
	for _, e := range ends {
		if e > 0 && e <= words {
			b.isEnd[e-1] = true
		}
	}
	switch {
	case len(constant) == 0:
		b.build(varying)
	case len(varying) == 0:
		b.build(constant)
	default:
		b.join(b.build(constant), b.build(varying))
	}
	return t
}

type treeBuilder struct {
	tree    *foldTree
	weights []float64
	isEnd   []bool // a component ends with this word
}

// build folds the words, which are in order, and returns the node. The depth
// of the recursion is the depth of the tree.
func (b *treeBuilder) build(words []int) uint32 {
	if len(words) == 1 {
		return uint32(words[0])
	}
	cut := b.cut(words)
	return b.join(b.build(words[:cut]), b.build(words[cut:]))
}

func (b *treeBuilder) join(left, right uint32) uint32 {
	t := b.tree
	node := uint32(t.words + len(t.left))
	t.left = append(t.left, left)
	t.right = append(t.right, right)
	t.parent[left], t.parent[right] = node, node
	return node
}

// cut returns where to split so that both sides weigh most nearly the same; a
// cut between components may be off by a tenth.
func (b *treeBuilder) cut(words []int) int {
	total, count := 0.0, float64(len(words))
	for _, w := range words {
		total += b.weights[w]
	}
	best, least := len(words)/2, math.Inf(1)
	sum := 0.0
	for i, w := range words[:len(words)-1] {
		sum += b.weights[w]
		off := math.Abs(2*sum - total)
		if total == 0 {
			off = math.Abs(float64(2*(i+1)) - count)
		} else if !b.isEnd[w] {
			off += total / 10
		}
		if off < least {
			best, least = i+1, off
		}
	}
	return best
}
