package explore

import (
	"encoding/binary"
	"math/rand/v2"
)

// A graph is a system whose states are the numbers of its nodes, spread over
// any number of bytes.
type graph struct {
	width int
	init  []int
	edges [][]edge
}

type edge struct {
	to    int
	notes uint64
}

func (g *graph) Size() int { return g.width }

func (g *graph) Parts() []int { return []int{g.width / 3, g.width} }

// encode writes node n. Its number stands in the last bytes; the others follow
// from it, some nearly constant, some with as many values as there are nodes.
func (g *graph) encode(s State, n int) {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(n))
	k := min(g.width, 4)
	copy(s[g.width-k:], number[8-k:])
	for i := range s[:g.width-k] {
		h := uint32(n) * uint32(2*i+1) >> (i % 8)
		switch i / 8 % 4 {
		case 0:
			s[i] = byte(h)
		case 1:
			s[i] = byte(n / 100)
		case 2:
			s[i] = 7
		case 3:
			s[i] = byte(n % 3)
		}
	}
}

func (g *graph) decode(s State) int {
	n := 0
	for _, b := range s[g.width-min(g.width, 4):] {
		n = n<<8 | int(b)
	}
	return n
}

func (g *graph) Init(steps *Steps) {
	for i, n := range g.init {
		g.encode(steps.Push(Action{Arg: uint32(i)}, nil), n)
	}
}

func (g *graph) Next(s State, steps *Steps) {
	for i, e := range g.edges[g.decode(s)] {
		// Labels in an order that is not that of pushing.
		g.encode(steps.Push(Action{Kind: uint16(i % 2), Arg: uint32(i)}, s), e.to)
		steps.Note(e.notes)
		steps.Mark(uint8(e.to % 50))
	}
}

// properties asks one question of each kind about nodes.
func (g *graph) properties() []Property {
	return []Property{
		{Name: "never 3 mod 4", Kind: Always, State: func(s State) bool { return g.decode(s)%4 != 3 }},
		{Name: "never 200", Kind: Always, State: func(s State) bool { return g.decode(s) != 200 }},
		{Name: "no step from 1 to even", Kind: Step, Step: func(s State, _ Action, t State, _ uint64) bool {
			return g.decode(s)%4 != 1 || g.decode(t)%2 != 0
		}},
		{Name: "no noted step", Kind: Step, StepMask: 2, Step: func(s State, _ Action, _ State, _ uint64) bool { return false }},
		{Name: "ends in 2", Kind: AtEnd, State: func(s State) bool { return g.decode(s) == 2 }},
		{Name: "some 2", Kind: Reachable, State: func(s State) bool { return g.decode(s)%5 == 2 }},
		{Name: "some loop", Kind: Reachable, Step: func(s State, _ Action, t State, _ uint64) bool { return g.decode(s) == g.decode(t) }},
		{Name: "some 1000003", Kind: Reachable, State: func(s State) bool { return g.decode(s) == 1000003 }},
		{Name: "no step to 17 mod 50", Kind: Step, StepMark: 17, Step: func(_ State, _ Action, t State, _ uint64) bool { return g.decode(t)%50 != 17 }},
	}
}

// randomGraph returns a graph in which each node has up to degree edges, some
// to near nodes, some to far ones.
func randomGraph(r *rand.Rand, nodes, degree, width int) *graph {
	g := &graph{width: width, init: []int{r.IntN(nodes), 0}, edges: make([][]edge, nodes)}
	for i := range g.edges {
		if r.IntN(20) == 0 {
			continue
		}
		for range 1 + r.IntN(degree) {
			e := edge{to: r.IntN(nodes)}
			if r.IntN(3) > 0 {
				e.to = (i + 1 + r.IntN(8)) % nodes
			}
			if r.IntN(nodes) == 0 {
				e.notes = 2
			}
			g.edges[i] = append(g.edges[i], e)
		}
	}
	return g
}

// chain returns a graph of so many nodes in a line, the first the initial one.
func chain(nodes, width int) *graph {
	g := &graph{width: width, init: []int{0}, edges: make([][]edge, nodes)}
	for i := range nodes - 1 {
		g.edges[i] = []edge{{to: i + 1}}
	}
	return g
}

// ladder returns a graph in levels of so many nodes, each node with edges to
// some of the next level and one far back.
func ladder(levels, nodes, width int) *graph {
	g := &graph{width: width, edges: make([][]edge, levels*nodes)}
	for i := range nodes {
		g.init = append(g.init, i)
	}
	for l := range levels {
		for i := range nodes {
			from := l*nodes + i
			if l+1 < levels {
				next := (l + 1) * nodes
				g.edges[from] = append(g.edges[from], edge{to: next + i}, edge{to: next + (7*i+1)%nodes})
			}
			g.edges[from] = append(g.edges[from], edge{to: max(l-255, 0)*nodes + (i*3)%nodes})
		}
	}
	return g
}

// reversed numbers the nodes of g from the other end.
func reversed(g *graph) *graph {
	last := len(g.edges) - 1
	r := &graph{width: g.width, edges: make([][]edge, last+1)}
	for _, n := range g.init {
		r.init = append(r.init, last-n)
	}
	for n, edges := range g.edges {
		for _, e := range edges {
			r.edges[last-n] = append(r.edges[last-n], edge{last - e.to, e.notes})
		}
	}
	return r
}
