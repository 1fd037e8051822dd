package explore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func run(t *testing.T, c Config) Report {
	t.Helper()
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// checkWorkers compares the runs with several numbers of workers with the reference.
func checkWorkers(t *testing.T, g *graph, workers ...int) {
	t.Helper()
	properties := g.properties()
	want := exploreByTheBook(g, properties)
	var first Report
	for i, w := range workers {
		got := run(t, Config{System: g, Properties: properties, Workers: w})
		want.checkAgainst(t, g, properties, got)
		if i == 0 {
			first = got
		} else if diff := cmp.Diff(first, got); diff != "" {
			t.Fatalf("%d workers (-%d +%d):\n%s", w, workers[0], w, diff)
		}
	}
}

func TestAgreesWithReferenceOnAllSmallDigraphs(t *testing.T) {
	most := 4
	if testing.Short() {
		most = 3
	}
	for nodes := 1; nodes <= most; nodes++ {
		for bits := range 1 << (nodes * nodes) {
			g := &graph{width: 1 + 8*(bits%2), init: []int{0}, edges: make([][]edge, nodes)}
			for k := range nodes * nodes {
				if bits>>k&1 != 0 {
					g.edges[k/nodes] = append(g.edges[k/nodes], edge{to: k % nodes, notes: uint64(k & 2)})
				}
			}
			properties := g.properties()
			want := exploreByTheBook(g, properties)
			want.checkAgainst(t, g, properties, run(t, Config{System: g, Properties: properties, Workers: 1}))
		}
	}
}

func TestAgreesWithReferenceAtAllWidths(t *testing.T) {
	for _, width := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 200, 1000, 4096} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			nodes := 3000
			switch {
			case width == 1:
				nodes = 256
			case width >= 1000:
				nodes = 400
			}
			checkWorkers(t, randomGraph(rand.New(rand.NewPCG(1, uint64(width))), nodes, 5, width), 1, 2)
		})
	}
}

// The graphs are large enough for several shards, parallel rounds, wider keys
// and another tree.
func TestReportIndependentOfWorkers(t *testing.T) {
	for width, nodes := range map[int]int{3: 180_000, 8: 30_000, 40: 40_000} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			if testing.Short() {
				nodes /= 4
			}
			checkWorkers(t, randomGraph(rand.New(rand.NewPCG(2, uint64(width))), nodes, 4, width), 1, 2, 3, 8)
		})
	}
}

func TestLongThinGraphs(t *testing.T) {
	for _, width := range []int{3, 24} {
		checkWorkers(t, chain(8_000, width), 1, 3)
		checkWorkers(t, ladder(700, 20, width), 1, 2)
	}
}

// Levels too large for the history, and more than 256 of them: predecessors
// are found by level bytes, of which two levels may share one.
func TestTracesThroughFatLevels(t *testing.T) {
	// The states that share a level byte are the lesser ones, and would be chosen.
	g := reversed(ladder(300, thinLevel+76, 4))
	last := len(g.edges) - 1
	properties := []Property{
		{Name: "not the last", Kind: Always, State: func(s State) bool { return g.decode(s) != 0 }},
		{Name: "level 20", Kind: Reachable, State: func(s State) bool { return g.decode(s) == last-20*(thinLevel+76)-6 }},
		{Name: "level 270", Kind: Reachable, State: func(s State) bool { return g.decode(s) == last-270*(thinLevel+76)-9 }},
	}
	want := exploreByTheBook(g, properties)
	want.checkAgainst(t, g, properties, run(t, Config{System: g, Properties: properties, Workers: 2}))
}

func FuzzRandomGraphs(f *testing.F) {
	f.Add(uint64(1), uint16(100), uint8(3), uint16(4))
	f.Add(uint64(2), uint16(900), uint8(2), uint16(30))
	f.Add(uint64(3), uint16(5000), uint8(7), uint16(8))
	f.Add(uint64(4), uint16(1), uint8(0), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, nodes uint16, degree uint8, width uint16) {
		w := 2 + int(width)%300
		g := randomGraph(rand.New(rand.NewPCG(seed, 0)), 1+int(nodes), 1+int(degree)%8, w)
		checkWorkers(t, g, 1, 2)
	})
}
