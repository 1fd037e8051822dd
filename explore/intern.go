package explore

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// An interner numbers 64-bit values: words of states, and pairs of numbers. The
// number of zero is zero. Words and pairs may share numbers, for whoever asks
// for the value of a number knows what it stands for.
//
// Expand only looks values up, without a lock; a miss takes the lock. Misses
// become rare after the first levels, because the parts of a state take far
// fewer values than the states. Numbers depend on timing, so keys do; reports
// do not, because they state facts about sets of states.
type interner struct {
	values [23]atomic.Pointer[[]uint64] // page k holds 1024<<k values
	index  atomic.Pointer[internIndex]
	mu     sync.Mutex
	n      atomic.Uint64 // numbers given, under mu
	bytes  atomic.Int64
}

// internIndex is an open hash table of numbers, at most three quarters full.
type internIndex struct {
	slots []atomic.Uint32
	shift uint
}

const firstValues = 1024

func newInterner() *interner {
	t := &interner{}
	t.index.Store(newInternIndex(8))
	t.addPage(0)
	t.n.Store(1)
	return t
}

func newInternIndex(bits uint) *internIndex {
	return &internIndex{slots: make([]atomic.Uint32, 1<<bits), shift: 64 - bits}
}

func (x *internIndex) home(v uint64) uint64 {
	v ^= v >> 32
	return v * 0x9e3779b97f4a7c15 >> x.shift
}

func (t *interner) addPage(k int) {
	page := make([]uint64, firstValues<<k)
	t.values[k].Store(&page)
	t.bytes.Add(int64(8 * len(page)))
}

// value returns the value of a number that was given out.
func (t *interner) value(id uint32) uint64 {
	i := uint64(id) + firstValues
	k := bits.Len64(i) - 11
	return (*t.values[k].Load())[i-firstValues<<k]
}

// number returns the number of v, which it may have to give out.
func (t *interner) number(v uint64) uint32 {
	if v == 0 {
		return 0
	}
	if id := t.find(t.index.Load(), v); id != 0 {
		return id
	}
	return t.insert(v)
}

func (t *interner) find(x *internIndex, v uint64) uint32 {
	mask := uint64(len(x.slots) - 1)
	for i := x.home(v); ; i++ {
		id := x.slots[i&mask].Load()
		if id == 0 || t.value(id) == v {
			return id
		}
	}
}

func (t *interner) insert(v uint64) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.index.Load()
	if id := t.find(x, v); id != 0 {
		return id
	}
	n := t.n.Load()
	if n > 1<<32-1 {
		panic("explore: more than 2^32 parts of states")
	}
	if n >= uint64(len(x.slots))/4*3 {
		x = t.rehash(x)
	}
	id := uint32(n)
	i := n + firstValues
	k := bits.Len64(i) - 11
	if i == firstValues<<k && k > 0 {
		t.addPage(k)
	}
	(*t.values[k].Load())[i-firstValues<<k] = v
	x.place(v, id) // publishes the value written above
	t.n.Store(n + 1)
	return id
}

func (x *internIndex) place(v uint64, id uint32) {
	mask := uint64(len(x.slots) - 1)
	i := x.home(v)
	for x.slots[i&mask].Load() != 0 {
		i++
	}
	x.slots[i&mask].Store(id)
}

// rehash publishes an index of twice the size. Readers of the old one may miss
// what is added from now on, and then look again under the lock.
func (t *interner) rehash(old *internIndex) *internIndex {
	next := newInternIndex(64 - old.shift + 1)
	for id := range t.n.Load() {
		if id > 0 {
			next.place(t.value(uint32(id)), uint32(id))
		}
	}
	t.bytes.Add(int64(4 * (len(next.slots) - len(old.slots))))
	t.index.Store(next)
	return next
}

// memory returns the bytes in use.
func (t *interner) memory() int64 { return t.bytes.Load() + 4*256 }
