package explore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errFull = errors.New("no space left on device")

// A faultyStore is a directory of which one operation fails, or one reading
// gives other bytes.
type faultyStore struct {
	store
	at     int64 // the operation, from 1
	n      *atomic.Int64
	damage func(b []byte, n int) int // in place of failing, for operations that read
	last   *atomic.Value             // name of the file of the operation
}

// turn counts an operation and says whether it is the one.
func (f *faultyStore) turn() bool { return f.n.Add(1) == f.at }

func (f *faultyStore) fail(name string) error {
	f.last.Store(name)
	return fmt.Errorf("%s: %w", name, errFull)
}

func (f *faultyStore) hit(name string) error {
	if !f.turn() || f.damage != nil {
		return nil
	}
	return f.fail(name)
}

type faultyFile struct {
	object
	*faultyStore
	name string
}

type faultySource struct {
	source
	*faultyStore
	name string
}

func (f *faultyStore) create(name string) (object, error) {
	if err := f.hit(name); err != nil {
		return nil, err
	}
	o, err := f.store.create(name)
	return faultyFile{o, f, name}, err
}

func (f *faultyStore) open(name string) (source, error) {
	if err := f.hit(name); err != nil {
		return nil, err
	}
	s, err := f.store.open(name)
	return faultySource{s, f, name}, err
}

func (f *faultyStore) remove(name string) error {
	return errors.Join(f.hit(name), f.store.remove(name))
}

func (f faultyFile) Write(b []byte) (int, error) {
	if err := f.hit(f.name); err != nil {
		n, _ := f.object.Write(b[:len(b)/2])
		return n, err
	}
	return f.object.Write(b)
}

func (f faultyFile) publish() error {
	if err := f.hit(f.name); err != nil {
		f.discard()
		return err
	}
	return f.object.publish()
}

func (f faultySource) ReadAt(b []byte, at int64) (int, error) {
	turn := f.turn()
	if turn && f.damage == nil {
		return 0, f.fail(f.name)
	}
	n, err := f.source.ReadAt(b, at)
	if turn && n > 0 {
		f.last.Store(f.name)
		n = f.damage(b, n)
	}
	return n, err
}

func (f faultySource) Close() error { return f.source.Close() }

// faultyRun runs c with one fault and returns the file that it was in.
func faultyRun(t *testing.T, c Config, at int64, damage func([]byte, int) int) (r Report, file string, ops int64, err error) {
	t.Helper()
	f := &faultyStore{at: at, n: &atomic.Int64{}, last: &atomic.Value{}, damage: damage}
	f.last.Store("")
	c.Spill = t.TempDir()
	c.openStore = func(dir string) (store, error) {
		var err error
		if f.store = newMemoryStore(); at%4 == 0 { // a disk takes longer
			f.store, err = newDirectory(dir)
		}
		return f, err
	}
	r, err = Run(context.Background(), c)
	checkEmpty(t, c.Spill)
	return r, f.last.Load().(string), f.n.Load(), err
}

// Whatever operation of the disk fails, the run ends with an error that names
// the file, and without a report.
func TestSpillErrorsEndTheRun(t *testing.T) {
	faults := int64(25)
	if testing.Short() {
		faults = 10
	}
	r := rand.New(rand.NewPCG(3, 3))
	for _, width := range []int{4, 44} {
		g := randomGraph(rand.New(rand.NewPCG(4, uint64(width))), 900, 4, width)
		c := Config{System: g, Properties: g.properties(), Workers: 2, spillKeys: 100}
		want := run(t, Config{System: g, Properties: g.properties()})
		got, _, ops, err := faultyRun(t, c, 0, nil)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("without faults: %v\n%s", err, diff)
		}
		for i := range faults {
			at := 1 + i*ops/faults
			r, file, _, err := faultyRun(t, c, at, nil)
			if file == "" {
				continue // the other worker came first
			}
			if !errors.Is(err, errFull) || !strings.Contains(err.Error(), file) || !strings.HasPrefix(err.Error(), "explore: ") {
				t.Fatalf("operation %d of %d, on %q: got %v", at, ops, file, err)
			}
			if r.Levels != nil {
				t.Fatalf("operation %d: an error, and a report of %d levels", at, len(r.Levels))
			}
		}
		for i := range faults {
			at := 1 + i*ops/faults
			_, file, _, err := faultyRun(t, c, at, func(b []byte, n int) int {
				if i%2 == 0 {
					return r.IntN(n)
				}
				b[r.IntN(n)] ^= byte(1 + r.IntN(255))
				return n
			})
			if file == "" {
				continue // it was no reading
			}
			if err == nil || !strings.Contains(err.Error(), file) {
				t.Fatalf("operation %d of %d, on %q: damage is not seen: %v", at, ops, file, err)
			}
		}
	}
}

func TestSpillDirectoryThatIsAFile(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	g := ladder(20, 30, 4)
	if _, err := Run(context.Background(), Config{System: g, Spill: file, spillKeys: 50}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
	// It is not looked at while memory suffices.
	run(t, Config{System: g, Spill: file})
}
