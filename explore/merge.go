package explore

import (
	"errors"
	"fmt"
	"sync/atomic"
)

const (
	mergeFan  = 16 // runs that are merged at once
	keptRuns  = 10 // of the known states of a bucket, before some are made one
	stopEvery = 1 << 16
)

var (
	errStopped = errors.New("stopped")
	errTwice   = errors.New("a state is in two runs")
)

// A merger has what the kernels on runs need: the store, and blocks for the
// cursors and the writer. It belongs to one worker.
type merger struct {
	store  store
	size   int // of a block, with its header
	blocks [][]byte
	made   atomic.Int64 // blocks; read while other workers merge
	stop   func() bool
	ticks  int
	read   int64 // bytes of the runs that were opened
}

// stopped tells, now and then, whether to stop.
func (m *merger) stopped() bool {
	m.ticks++
	return m.ticks%stopEvery == 0 && m.stop()
}

func (m *merger) block() []byte {
	if last := len(m.blocks) - 1; last >= 0 {
		b := m.blocks[last]
		m.blocks = m.blocks[:last]
		return b
	}
	m.made.Add(1)
	return make([]byte, 0, m.size)
}

func (m *merger) put(block []byte) { m.blocks = append(m.blocks, block[:0]) }

func (m *merger) open(ref runRef) *cursor {
	m.read += ref.bytes
	return openRun(m.store, ref, m.block())
}

func (m *merger) openAll(refs []runRef) []*cursor {
	list := make([]*cursor, len(refs))
	for i, ref := range refs {
		list[i] = m.open(ref)
	}
	return list
}

// close closes cursors and returns the first of their errors.
func (m *merger) close(list []*cursor) (first error) {
	for _, c := range list {
		if err := c.close(); first == nil {
			first = err
		}
		m.put(c.buf)
	}
	return first
}

// finish ends a run that was written from cursors. It is published only if they
// met no error, and has no file if it holds no keys.
func (m *merger) finish(w *runWriter, from []*cursor, err error) (runRef, error) {
	if e := m.close(from); err == nil {
		err = e
	}
	defer m.put(w.block)
	if err != nil || w.ref.keys == 0 && w.count == 0 {
		w.abort()
		if err == nil {
			err = w.err
		}
		return runRef{}, err
	}
	return w.end()
}

// A receipt accounts for the candidates of a bucket: those that were read are
// the sum of the others.
type receipt struct {
	run        runRef // of the new states
	read       uint64
	duplicates uint64 // of other candidates
	known      uint64
	fresh      uint64
}

// mergeBucket is the second kernel of a run on disk: it writes the run of the
// states that are among the candidates of a bucket and not among the known
// ones. It depends on nothing but the runs it is given, and does no harm when
// it is done twice.
func (m *merger) mergeBucket(out runRef, candidates, known []runRef) (r receipt, err error) {
	w := newRunWriter(m.store, out, m.block())
	from, old := m.openAll(candidates), m.openAll(known)
	for err == nil {
		key, copies, ok := least(from)
		if !ok {
			break
		}
		r.read += copies
		r.duplicates += copies - 1
		if among(old, key) {
			r.known++
		} else {
			r.fresh++
			w.add(key, out.lo)
		}
		if m.stopped() {
			err = errStopped
		}
	}
	r.run, err = m.finish(w, append(from, old...), err)
	return r, err
}

// least returns the least key of the cursors and goes on behind it, in all that
// have it.
func least(list []*cursor) (key uint64, copies uint64, ok bool) {
	for _, c := range list {
		if !c.done && (!ok || c.key < key) {
			key, ok = c.key, true
		}
	}
	for _, c := range list {
		if !c.done && c.key == key {
			copies++
			c.advance()
		}
	}
	return key, copies, ok
}

// among tells whether a key, which is greater than the last one that was asked
// for, is in one of the runs.
func among(list []*cursor, key uint64) bool {
	for _, c := range list {
		if c.seek(key); !c.done && c.key == key {
			return true
		}
	}
	return false
}

// mergeChunks makes several runs of candidates of one level one.
func (m *merger) mergeChunks(out runRef, chunks []runRef) (run runRef, duplicates uint64, err error) {
	w := newRunWriter(m.store, out, m.block())
	from := m.openAll(chunks)
	for err == nil {
		key, copies, ok := least(from)
		if !ok {
			break
		}
		duplicates += copies - 1
		w.add(key, out.lo)
		if m.stopped() {
			err = errStopped
		}
	}
	run, err = m.finish(w, from, err)
	return run, duplicates, err
}

// compact makes several runs of known states one. No state is in two of them.
func (m *merger) compact(out runRef, runs []runRef) (runRef, error) {
	w := newRunWriter(m.store, out, m.block())
	from := m.openAll(runs)
	err := eachLeast(from, func(key uint64, level uint32) error {
		w.add(key, level)
		if m.stopped() {
			return errStopped
		}
		return nil
	})
	return m.finish(w, from, err)
}

// eachLeast calls visit with the keys of runs that have none in common, in
// ascending order, and their levels.
func eachLeast(from []*cursor, visit func(key uint64, level uint32) error) error {
	for {
		var at *cursor
		for _, c := range from {
			if !c.done && (at == nil || c.key < at.key) {
				at = c
			}
		}
		if at == nil {
			return nil
		}
		if err := visit(at.key, at.level); err != nil {
			return err
		}
		for _, c := range from {
			if c != at && !c.done && c.key == at.key {
				return fmt.Errorf("%v and %v: %w", &c.ref, &at.ref, errTwice)
			}
		}
		at.advance()
	}
}
