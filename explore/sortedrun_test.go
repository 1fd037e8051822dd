package explore

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// memoryStore keeps files in memory.
type memoryStore struct {
	mu    sync.Mutex
	files map[string][]byte
}

type memoryFile struct {
	bytes.Buffer
	store *memoryStore
	name  string
}

type memorySource struct{ *bytes.Reader }

func (memorySource) Close() error { return nil }

func newMemoryStore() *memoryStore { return &memoryStore{files: map[string][]byte{}} }

func openMemoryStore(string) (store, error) { return newMemoryStore(), nil }

func (m *memoryStore) create(name string) (object, error) {
	return &memoryFile{store: m, name: name}, nil
}

func (m *memoryStore) open(name string) (source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return memorySource{bytes.NewReader(b)}, nil
}

func (m *memoryStore) remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	return nil
}

func (m *memoryStore) close() error { return nil }

func (f *memoryFile) publish() error {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	f.store.files[f.name] = bytes.Clone(f.Bytes())
	return nil
}

func (f *memoryFile) discard() {}

func never() bool { return false }

func newTestMerger(st store) *merger { return &merger{store: st, size: leastBlock, stop: never} }

// randomKeys returns n ascending keys, near or far apart.
func randomKeys(r *rand.Rand, n int) []uint64 {
	keys := make([]uint64, n)
	bits := 12 + r.UintN(53)
	for i := range keys {
		keys[i] = r.Uint64() & ones(bits)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func writeTestRun(t *testing.T, m *merger, ref runRef, keys []uint64, level func(key uint64) uint32) runRef {
	t.Helper()
	w := newRunWriter(m.store, ref, m.block())
	for _, k := range keys {
		w.add(k, level(k))
	}
	got, err := w.end()
	m.put(w.block)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRunsHoldWhatWasWritten(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := newTestMerger(newMemoryStore())
		keys := randomKeys(r, 1+r.IntN(3000))
		lo := uint32(r.IntN(300))
		hi := lo + uint32(seed%3)*150
		level := func(key uint64) uint32 { return lo + uint32(key%uint64(hi-lo+1)) }
		ref := writeTestRun(t, m, runRef{name: "a", lo: lo, hi: hi}, keys, level)
		c := m.open(ref)
		for i, k := range keys {
			if c.done || c.key != k || c.level != level(k) {
				t.Fatalf("key %d: got %x of level %d, want %x of %d", i, c.key, c.level, k, level(k))
			}
			c.advance()
		}
		if err := c.close(); err != nil || !c.done {
			t.Fatalf("at the end: %v, %v", c.done, err)
		}
		// Some are looked for, some that are not there, some far behind.
		c = m.open(ref)
		apart := keys[len(keys)-1]/uint64(len(keys)) + 1
		for at := uint64(0); ; at += 1 + r.Uint64N(apart<<(seed%8)) {
			i, found := slices.BinarySearch(keys, at)
			c.seek(at)
			if i == len(keys) {
				if !c.done {
					t.Fatalf("%x is behind the last, yet there is %x", at, c.key)
				}
				break
			}
			if c.done || c.key != keys[i] || found != (c.key == at) || c.level != level(c.key) {
				t.Fatalf("looking for %x: got %x of level %d, want %x", at, c.key, c.level, keys[i])
			}
		}
		if err := c.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Any byte that is changed, and any that is missing, is seen by a reader of all
// of a run.
func TestDamagedRunsAreRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, hi := range []uint32{4, 40} {
		st := newMemoryStore()
		m := newTestMerger(st)
		ref := writeTestRun(t, m, runRef{name: "a", lo: 4, hi: hi}, randomKeys(r, 700), func(uint64) uint32 { return 4 })
		whole := st.files["a"]
		for i := range whole {
			for _, bad := range [][]byte{bytes.Clone(whole), whole[:i]} {
				if len(bad) > i {
					bad[i] ^= byte(1 + r.IntN(255))
				}
				st.files["a"] = bad
				c := m.open(ref)
				for !c.done {
					c.advance()
				}
				if err := m.close([]*cursor{c}); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), "reading a ") {
					t.Fatalf("byte %d of %d, %d left: got %v", i, len(whole), len(bad), err)
				}
			}
		}
	}
}

// The run of new states does not depend on how candidates came in chunks, in
// which order, or how often.
func TestMergeBucket(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		st := newMemoryStore()
		m := newTestMerger(st)
		all := randomKeys(r, 1+r.IntN(4000))
		level := func(uint64) uint32 { return 9 }
		var known []runRef
		isKnown := map[uint64]bool{}
		for i := range r.IntN(4) {
			var keys []uint64
			for _, k := range all {
				if !isKnown[k] && r.IntN(4) == 0 {
					isKnown[k] = true
					keys = append(keys, k)
				}
			}
			if len(keys) > 0 {
				known = append(known, writeTestRun(t, m, runRef{name: "k" + string(rune('0'+i)), hi: uint32(5 * i)}, keys, func(uint64) uint32 { return 0 }))
			}
		}
		var fresh []uint64
		for _, k := range all {
			if !isKnown[k] {
				fresh = append(fresh, k)
			}
		}
		var first []byte
		for range 4 {
			var chunks []runRef
			seen := map[uint64]bool{}
			total := uint64(0)
			for n := 1 + r.IntN(6); len(seen) < len(all); n-- {
				var keys []uint64
				for _, k := range all {
					if n <= 1 && !seen[k] || r.IntN(3) == 0 {
						keys = append(keys, k)
						seen[k] = true
					}
				}
				total += uint64(len(keys))
				if len(keys) > 0 {
					chunks = append(chunks, writeTestRun(t, m, runRef{name: "c" + string(rune('0'+len(chunks))), lo: 9, hi: 9}, keys, level))
				}
			}
			got, err := m.mergeBucket(runRef{name: "new", lo: 9, hi: 9}, chunks, known)
			if err != nil {
				t.Fatal(err)
			}
			if got.fresh != uint64(len(fresh)) || got.read != total || got.known != uint64(len(isKnown)) || got.duplicates != total-uint64(len(all)) {
				t.Fatalf("got %+v: %d candidates of %d states, %d new", got, total, len(all), len(fresh))
			}
			if first == nil {
				first = st.files["new"]
			} else if !bytes.Equal(first, st.files["new"]) {
				t.Fatal("the run depends on the chunks")
			}
			delete(st.files, "new")
		}
	}
}

// A state in two runs of known states means that a merge went wrong.
func TestCompactRefusesAStateTwice(t *testing.T) {
	m := newTestMerger(newMemoryStore())
	level := func(uint64) uint32 { return 1 }
	a := writeTestRun(t, m, runRef{name: "a", lo: 1, hi: 1}, []uint64{1, 5, 9}, level)
	b := writeTestRun(t, m, runRef{name: "b", lo: 1, hi: 1}, []uint64{2, 9}, level)
	if _, err := m.compact(runRef{name: "c", lo: 1, hi: 1}, []runRef{a, b}); !errors.Is(err, errTwice) {
		t.Errorf("got %v", err)
	}
}

// Candidates that were written and are not there when they are merged are
// missed, and so are those that nobody wrote.
func TestLostCandidatesAreMissed(t *testing.T) {
	for name, change := range map[string]func(b *bucket){
		"one chunk less": func(b *bucket) { b.candidates = b.candidates[1:] },
		"all lost":       func(b *bucket) { b.candidates = nil },
		"twice":          func(b *bucket) { b.candidates = append(b.candidates, b.candidates[0]) },
		"none":           nil,
	} {
		m := newTestMerger(newMemoryStore())
		d := &spill{store: m.store, buckets: make([]bucket, 1), shift: 63}
		for i := range 2 * mergeFan {
			keys := []uint64{uint64(i), uint64(i + 40), 100}
			d.keep(writeTestRun(t, m, d.newRun(0, candidateRun, 3, 3), keys, func(uint64) uint32 { return 3 }), candidateRun)
		}
		if change != nil {
			change(&d.buckets[0])
		}
		r, err := d.mergeCandidates(m, 0, 3)
		if (err != nil) != (change != nil) {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil && r.fresh != 4*mergeFan+1 {
			t.Errorf("got %+v", r)
		}
	}
}

// A shard lists its keys in ascending order, each with its level, and is empty.
func TestAscent(t *testing.T) {
	for _, width := range []uint{13, 30, 52, 64} {
		for _, n := range []int{0, 1, 3000, 20_000} {
			r := rand.New(rand.NewPCG(uint64(width), uint64(n)))
			p := &pool{}
			sh := newShard(layout{width, 1}, 1)
			sh.takeMissing(p)
			want := map[uint64]uint32{}
			for range min(n, 1<<width/2) {
				k := r.Uint64() & ones(width)
				if r.IntN(3) == 0 {
					k &= ones(width) >> 1 // more in one half
				}
				if _, ok := want[k]; !ok {
					want[k] = uint32(r.IntN(256))
					sh.insert(k, want[k], p)
				}
			}
			a := &ascent{}
			last := int64(-1)
			before, got := uint64(0), 0
			a.drain(&sh, p, func(rest uint64, level uint32) {
				if last >= 0 && rest <= before || level != want[rest] {
					t.Fatalf("%d bits: %x of level %d comes after %x, want level %d", width, rest, level, before, want[rest])
				}
				last, before = 0, rest
				got++
			})
			if got != len(want) || a.n != 0 {
				t.Errorf("%d bits: got %d keys, want %d", width, got, len(want))
			}
		}
	}
}
