package explore

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"sync"
	"sync/atomic"
)

// A dictionary numbers the contents of one part of a state, from 0 in the order
// in which they come: byte strings of one size, each stored once and compared
// in full. The numbers are small where a part takes few values, which is what
// makes keys short.
//
// Expand only looks contents up, without a lock; a miss takes the lock. Misses
// become rare after the first levels, because a part takes far fewer values
// than the states do. Numbers depend on timing, so keys do; reports do not,
// because they state facts about sets of states.
type dictionary struct {
	size   int
	seed   maphash.Seed
	secret uint64 // the seed for contents of 8 bytes
	index  atomic.Pointer[dictionaryIndex]
	pages  [dictionaryPages]atomic.Pointer[[]byte] // page k holds firstContents<<k contents
	mu     sync.Mutex
	n      atomic.Uint64 // numbers given, under mu
	bytes  atomic.Int64
}

// dictionaryIndex is an open hash table, at most three quarters full. A slot
// holds the upper half of the content's hash, which spares most looks at other
// contents, and its number plus one. The hash is seeded: it decides where a slot
// lies and nothing else, and is never written to a file.
type dictionaryIndex struct {
	slots []atomic.Uint64
}

const (
	firstContents   = 8
	dictionaryPages = 29
	maxContents     = firstContents<<dictionaryPages - firstContents
)

func newDictionary(size int) *dictionary {
	d := &dictionary{size: size, seed: maphash.MakeSeed()}
	d.secret = maphash.Bytes(d.seed, nil)
	x := &dictionaryIndex{slots: make([]atomic.Uint64, 16)}
	d.index.Store(x)
	d.bytes.Store(int64(8 * len(x.slots)))
	return d
}

// content returns the content of a number that was given out.
func (d *dictionary) content(id uint32) []byte {
	i := uint64(id) + firstContents
	k := bits.Len64(i/firstContents) - 1
	at := int(i-firstContents<<k) * d.size
	return (*d.pages[k].Load())[at : at+d.size]
}

// count returns how many numbers were given.
func (d *dictionary) count() uint64 { return d.n.Load() }

// number returns the number of a content, which it may have to give out.
func (d *dictionary) number(content []byte) uint32 {
	h := d.hash(content)
	if id, ok := d.find(d.index.Load(), h, content); ok {
		return id
	}
	return d.insert(h, content)
}

// pair returns the number of a content that consists of two numbers.
func (d *dictionary) pair(left, right uint32) uint32 {
	word := uint64(right)<<32 | uint64(left)
	h := d.hashWord(word)
	x := d.index.Load()
	mask := uint64(len(x.slots) - 1)
	for i := h; ; i++ {
		slot := x.slots[i&mask].Load()
		if slot == 0 {
			break
		}
		if slot>>32 == h>>32 && binary.LittleEndian.Uint64(d.content(uint32(slot)-1)) == word {
			return uint32(slot) - 1
		}
	}
	var content [8]byte
	binary.LittleEndian.PutUint64(content[:], word)
	return d.insert(h, content[:])
}

func (d *dictionary) hash(content []byte) uint64 {
	if d.size == 8 {
		return d.hashWord(binary.LittleEndian.Uint64(content))
	}
	return maphash.Bytes(d.seed, content)
}

// hashWord is the hash of a content of 8 bytes.
func (d *dictionary) hashWord(word uint64) uint64 {
	hi, lo := bits.Mul64(word^d.secret, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

func (d *dictionary) find(x *dictionaryIndex, h uint64, content []byte) (id uint32, ok bool) {
	mask := uint64(len(x.slots) - 1)
	for i := h; ; i++ {
		slot := x.slots[i&mask].Load()
		if slot == 0 {
			return 0, false
		}
		if slot>>32 == h>>32 && string(d.content(uint32(slot)-1)) == string(content) {
			return uint32(slot) - 1, true
		}
	}
}

func (d *dictionary) insert(h uint64, content []byte) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.index.Load()
	if id, ok := d.find(x, h, content); ok {
		return id
	}
	n := d.n.Load()
	if n >= maxContents {
		panic("explore: a part of the states takes more than 2^32 values")
	}
	if n >= uint64(len(x.slots))/4*3 {
		x = d.rehash(x)
	}
	k := bits.Len64(n/firstContents+1) - 1
	at := int(n+firstContents-firstContents<<k) * d.size
	if at == 0 {
		page := make([]byte, d.size*firstContents<<k)
		d.pages[k].Store(&page)
		d.bytes.Add(int64(len(page)))
	}
	copy((*d.pages[k].Load())[at:], content)
	x.place(h, uint32(n)) // publishes the content
	d.n.Store(n + 1)
	return uint32(n)
}

func (x *dictionaryIndex) place(h uint64, id uint32) {
	mask := uint64(len(x.slots) - 1)
	i := h
	for x.slots[i&mask].Load() != 0 {
		i++
	}
	x.slots[i&mask].Store(h>>32<<32 | uint64(id) + 1)
}

// rehash publishes an index of twice the size. Readers of the old one may miss
// what is added from now on, and then look again under the lock.
func (d *dictionary) rehash(old *dictionaryIndex) *dictionaryIndex {
	next := &dictionaryIndex{slots: make([]atomic.Uint64, 2*len(old.slots))}
	for id := range d.n.Load() {
		next.place(d.hash(d.content(uint32(id))), uint32(id))
	}
	d.bytes.Add(int64(8 * len(old.slots)))
	d.index.Store(next)
	return next
}

// memory returns the bytes in use.
func (d *dictionary) memory() int64 { return d.bytes.Load() }
