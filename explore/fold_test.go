package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A recut is a graph whose states are cut into other parts.
type recut struct {
	*graph
	ends []int
}

func (r recut) Parts() []int { return r.ends }

// A plain system is one that names no parts.
type plain struct{ System }

func every(step, size int) (ends []int) {
	for end := step; end < size; end += step {
		ends = append(ends, end)
	}
	return append(ends, size)
}

// Whatever the parts, also wrong ones, and however many numbers must be joined
// to fit a key: the report is that of the reference.
func TestReportIndependentOfParts(t *testing.T) {
	for _, c := range []struct{ nodes, width int }{{300, 120}, {3000, 60}, {40_000, 44}} {
		if testing.Short() && c.nodes > 3000 {
			continue
		}
		g := randomGraph(rand.New(rand.NewPCG(4, uint64(c.width))), c.nodes, 4, c.width)
		properties := g.properties()
		want := exploreByTheBook(g, properties)
		for name, system := range map[string]System{
			"plain":     plain{g},
			"none":      recut{g, nil},
			"whole":     recut{g, []int{c.width}},
			"each byte": recut{g, every(1, c.width)},
			"threes":    recut{g, every(3, c.width)},
			"wrong":     recut{g, []int{-1, 0, 5, 5, 3, c.width + 9, 20}},
		} {
			t.Run(fmt.Sprint(c.nodes, " ", name), func(t *testing.T) {
				var first Report
				for workers := 1; workers <= 3; workers++ {
					got := run(t, Config{System: system, Properties: properties, Workers: workers})
					want.checkAgainst(t, system, properties, got)
					if workers == 1 {
						first = got
					} else if diff := cmp.Diff(first, got); diff != "" {
						t.Fatalf("%d workers:\n%s", workers, diff)
					}
				}
			})
		}
	}
}

func TestInitialPartsCoverTheState(t *testing.T) {
	for _, size := range []int{9, 64, 65, 1000, 5000} {
		for _, ends := range [][]int{nil, {size}, {0, 8, 8, 4, size + 1}, {3, size - 1}} {
			at := 0
			for _, p := range initialParts(size, ends) {
				if p.at != at || p.end <= p.at {
					t.Fatalf("size %d, ends %v: part %v follows %d", size, ends, p, at)
				}
				at = p.end
			}
			if at != size {
				t.Errorf("size %d, ends %v: the parts end at %d", size, ends, at)
			}
		}
	}
}

// Several goroutines number the same contents: each has one number, the numbers
// are dense, and each leads back to its content.
func TestDictionary(t *testing.T) {
	const values, size = 5000, 13
	d := newDictionary(size)
	content := func(v int) []byte { return fmt.Appendf(nil, "%0*d", size, v) }
	ids := make([][]uint32, 4)
	var wg sync.WaitGroup
	for g := range ids {
		ids[g] = make([]uint32, values)
		wg.Go(func() {
			for _, v := range rand.New(rand.NewPCG(uint64(g), 9)).Perm(values) {
				ids[g][v] = d.number(content(v))
			}
		})
	}
	wg.Wait()
	if d.count() != values {
		t.Fatalf("%d numbers for %d values", d.count(), values)
	}
	used := make([]bool, values)
	for v := range values {
		id := ids[0][v]
		for g := range ids {
			if ids[g][v] != id {
				t.Fatalf("value %d has numbers %d and %d", v, id, ids[g][v])
			}
		}
		if used[id] || !slices.Equal(d.content(id), content(v)) {
			t.Fatalf("number %d of value %d stands for %s", id, v, d.content(id))
		}
		used[id] = true
	}
}

// Parts that go together are joined before others, and as many as it takes.
func TestJoinsSaveBits(t *testing.T) {
	sh := newShape([]span{{0, 8}, {8, 16}, {16, 24}, {24, 32}}, make(State, 32))
	r := rand.New(rand.NewPCG(1, 1))
	var numbers [][]uint32
	for range 4000 {
		a, b, c := uint32(r.IntN(30)), uint32(r.IntN(30)), uint32(r.IntN(30))
		numbers = append(numbers, []uint32{a, b, a * 7, c})
	}
	if got, want := sh.chooseJoins(numbers, joinKeyBits+2), []pair{{0, 2}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := sh.chooseJoins(numbers, joinKeyBits+20); len(got) != 2 {
		t.Errorf("got %v, want two pairs", got)
	}
}

func TestPackedNumbersDoNotOverlap(t *testing.T) {
	for _, spare := range []func(uint64) uint{wideSpare, growSpare} {
		sh := newShape(initialParts(90, every(10, 90)), make(State, 90))
		for i, d := range sh.dictionaries {
			for v := range 1 << i {
				d.number(fmt.Appendf(nil, "%010d", v))
			}
		}
		sh.pack(spare)
		at := uint(0)
		for _, node := range sh.tops {
			p := sh.places[node]
			if p.shift != at || sh.dictionaries[node].count() > 1<<p.width || p.width > 32 {
				t.Errorf("number %d of %d values has place %v after %d", node, sh.dictionaries[node].count(), p, at)
			}
			at += p.width
		}
		if at != sh.keyBits || at > maxKeyBits {
			t.Errorf("%d bits in a key of %d", at, sh.keyBits)
		}
	}
}

func TestPartsAreChosenByWhatChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	states := make([][]byte, 1000)
	for k := range states {
		s := make([]byte, 200)
		s[0], s[9] = byte(r.IntN(5)), byte(r.IntN(5)) // one part: few values
		s[100] = byte(r.IntN(40))                     // another, behind a gap
		s[110] = byte(r.IntN(40))                     // and one that is independent
		s[118] = s[110] * 3                           // but for this
		states[k] = s
	}
	f := &folding{shape: newShape([]span{{0, 200}}, states[0])}
	got := chooseParts(f, states, 1<<15)
	want := []span{{0, 16}, {16, 96}, {96, 104}, {104, 120}, {120, 200}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
