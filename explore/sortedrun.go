package explore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/cespare/xxhash/v2"
)

// A runRef names a run, a file of keys in ascending order of their mixed form, all of one
// bucket, each with its level. It consists of blocks: a header, which tells the
// first and the last key, and the other keys as varints of the difference from
// the one before. Where a run holds more than one level, the level follows each
// key, as a varint too, counted from the least.
//
// The header and the content of each block have a hash, verified when they are
// read: a reader may skip blocks that hold nothing it looks for.
type runRef struct {
	name   string
	bucket int
	lo, hi uint32 // the levels are among these
	keys   uint64
	bytes  int64
}

func (r *runRef) String() string {
	return fmt.Sprintf("%s (levels %d to %d)", r.name, r.lo, r.hi)
}

// A block header is the bytes of the content, the number of keys, the first
// and the last key, the hash of the content, and the hash of all this.
const (
	blockHeader = 4 + 4 + 8 + 8 + 8 + 8
	mostBytes   = 2 * binary.MaxVarintLen64 // of a key and its level
)

// A runWriter writes a run. The first error sticks, and comes out at the end.
type runWriter struct {
	store  store
	object object
	ref    runRef
	block  []byte // header and content of the block being filled
	count  uint32
	first  uint64
	last   uint64
	err    error
}

// newRunWriter begins a run, of which name, bucket and levels are given. The
// block is the writer's until the end; its capacity is the size of blocks.
func newRunWriter(st store, ref runRef, block []byte) *runWriter {
	w := &runWriter{store: st, ref: ref, block: block[:blockHeader]}
	w.object, w.err = st.create(ref.name)
	return w
}

func (w *runWriter) add(key uint64, level uint32) {
	if w.count == 0 {
		w.first = key
	} else {
		w.block = binary.AppendUvarint(w.block, key-w.last)
	}
	if w.ref.lo < w.ref.hi {
		w.block = binary.AppendUvarint(w.block, uint64(level-w.ref.lo))
	}
	w.last = key
	w.count++
	if len(w.block)+mostBytes > cap(w.block) {
		w.flush()
	}
}

func (w *runWriter) flush() {
	if w.count == 0 {
		return
	}
	h := w.block[:blockHeader]
	binary.LittleEndian.PutUint32(h, uint32(len(w.block)-blockHeader))
	binary.LittleEndian.PutUint32(h[4:], w.count)
	binary.LittleEndian.PutUint64(h[8:], w.first)
	binary.LittleEndian.PutUint64(h[16:], w.last)
	binary.LittleEndian.PutUint64(h[24:], xxhash.Sum64(w.block[blockHeader:]))
	binary.LittleEndian.PutUint64(h[32:], xxhash.Sum64(h[:32]))
	if w.err == nil {
		_, w.err = w.object.Write(w.block)
	}
	w.ref.keys += uint64(w.count)
	w.ref.bytes += int64(len(w.block))
	w.block, w.count = w.block[:blockHeader], 0
}

// end publishes the run.
func (w *runWriter) end() (runRef, error) {
	w.flush()
	if w.err == nil {
		w.err = w.object.publish()
	} else if w.object != nil {
		w.object.discard()
	}
	if w.err != nil {
		return runRef{}, fmt.Errorf("writing %v: %w", &w.ref, w.err)
	}
	return w.ref, nil
}

// abort forgets a run that was begun.
func (w *runWriter) abort() {
	if w.object != nil {
		w.object.discard()
	}
}

// A cursor reads a run, key by key. The first error sticks and ends it.
type cursor struct {
	ref   runRef
	from  source
	buf   []byte // room for a block
	at    int    // in the content of the block
	size  int    // of it
	count uint32 // keys of the block
	left  uint32 // of these, still to come
	first uint64
	last  uint64 // of the block
	hash  uint64
	next  int64  // where the block after this one is
	seen  uint64 // keys in the blocks up to this one

	key   uint64
	level uint32
	done  bool
	err   error
}

var errDamaged = errors.New("the file is damaged")

// openRun returns a cursor at the first key of a run. The block, which is the
// cursor's until it is closed, must be as large as that of the writer.
func openRun(st store, ref runRef, block []byte) *cursor {
	c := &cursor{ref: ref, buf: block[:cap(block)]}
	if c.from, c.err = st.open(ref.name); c.err != nil {
		c.done, c.from = true, nil
		return c
	}
	c.advance()
	return c
}

// close returns what went wrong since the run was opened.
func (c *cursor) close() error {
	if c.from != nil {
		if err := c.from.Close(); err != nil && c.err == nil {
			c.err = err
		}
		c.from = nil
	}
	if c.err != nil {
		return fmt.Errorf("reading %v: %w", &c.ref, c.err)
	}
	return nil
}

func (c *cursor) fail(err error) { c.done, c.err = true, err }

// advance goes to the next key.
func (c *cursor) advance() {
	if c.left == 0 {
		if c.enter() {
			c.load()
		}
		return
	}
	d, n := binary.Uvarint(c.buf[c.at:c.size])
	if n <= 0 || d == 0 {
		c.fail(errDamaged)
		return
	}
	c.at += n
	c.key += d
	c.left--
	c.readLevel()
}

func (c *cursor) readLevel() {
	c.level = c.ref.lo
	if c.ref.lo == c.ref.hi {
		return
	}
	l, n := binary.Uvarint(c.buf[c.at:c.size])
	if n <= 0 || l > uint64(c.ref.hi-c.ref.lo) {
		c.fail(errDamaged)
		return
	}
	c.at += n
	c.level += uint32(l)
}

// seek goes on to the first key that is not less than the given one. The
// contents of blocks in between are not read.
func (c *cursor) seek(key uint64) {
	for !c.done && c.key < key {
		if c.last >= key {
			c.scan(key)
			continue
		}
		for c.enter() && c.last < key {
		}
		if !c.done {
			c.load()
		}
	}
}

// scan is seek inside a block, which has such a key. Without levels it is the
// inner loop of a merge.
func (c *cursor) scan(key uint64) {
	if c.ref.lo < c.ref.hi {
		for !c.done && c.key < key {
			c.advance()
		}
		return
	}
	buf, at, k := c.buf[:c.size], c.at, c.key
	for k < key && c.left > 0 {
		d, n := binary.Uvarint(buf[at:])
		if n <= 0 || d == 0 {
			c.fail(errDamaged)
			return
		}
		at += n
		k += d
		c.left--
	}
	c.at, c.key = at, k
	if k < key {
		c.fail(errDamaged) // the header promised more
	}
}

// enter reads the header of the next block, or ends the run.
func (c *cursor) enter() bool {
	if c.next == c.ref.bytes && c.seen == c.ref.keys {
		c.done = true
		return false
	}
	h := c.buf[:blockHeader]
	if !c.read(h, c.next) {
		return false
	}
	before := c.last
	size := binary.LittleEndian.Uint32(h)
	c.count = binary.LittleEndian.Uint32(h[4:])
	c.first = binary.LittleEndian.Uint64(h[8:])
	c.last = binary.LittleEndian.Uint64(h[16:])
	c.hash = binary.LittleEndian.Uint64(h[24:])
	if xxhash.Sum64(h[:32]) != binary.LittleEndian.Uint64(h[32:]) || int64(size) > int64(len(c.buf)) ||
		c.count == 0 || c.first > c.last || c.seen > 0 && c.first <= before {
		c.fail(errDamaged)
		return false
	}
	c.size, c.left = int(size), 0
	c.next += blockHeader + int64(size)
	c.seen += uint64(c.count)
	return true
}

// load reads the content of the block, and goes to its first key.
func (c *cursor) load() {
	content := c.buf[:c.size]
	if !c.read(content, c.next-int64(c.size)) {
		return
	}
	if xxhash.Sum64(content) != c.hash {
		c.fail(errDamaged)
		return
	}
	c.at, c.key, c.left = 0, c.first, c.count-1
	c.readLevel()
}

func (c *cursor) read(b []byte, at int64) bool {
	if len(b) == 0 {
		return true // of a block of one key
	}
	n, err := c.from.ReadAt(b, at)
	switch {
	case n == len(b):
		return true
	case err == nil || err == io.EOF:
		err = errDamaged
	}
	c.fail(err)
	return false
}
