package model

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/ownercheck/ownercheck/explore"
)

// Canonical rewrites s to the one state that stands for all that differ from it
// only in the numbers of things that nobody can tell apart: processors that run
// DPCs, request slots with their system buffers and MDLs, threads of the most
// general client, places in the queues of DPCs and timers.
//
// The order is found by comparing what the blocks hold but for the numbers
// themselves. Where that does not decide, every order of those that tie is
// tried, and the least state wins; so all states of an orbit have one
// representative, on which traces rely.
func (m *Model) Canonical(s explore.State) {
	if s[hdrStop] != 0 || !m.cfg.Reduce.Symmetry {
		return
	}
	p := unchanged
	moved, ties := m.sortContexts(s, &p.ctxs)
	walks := m.lay.irps.n < 2 || m.cfg.App != nil && m.walksRequests(s)
	if !walks && ties == 0 {
		var swapped bool
		swapped, ties = m.sortRequests(s, &p)
		moved, ties = moved || swapped, ties<<maxSlots
	}
	switch {
	case ties != 0:
		m.least(s, &p, ties, walks)
	case moved:
		m.renumber(s, &p)
	}
	sortQueue(s, hdrDPCs)
	sortQueue(s, hdrTimers)
}

// least tries every order of what ties: bit i of ties says that context i, in
// the order of p, ties with the one before it; the bits above are of requests.
func (m *Model) least(s []byte, p *renumbering, ties int, walks bool) {
	x, y := m.pool.Get().(*exec), m.pool.Get().(*exec)
	defer func() { m.pool.Put(x); m.pool.Put(y) }()
	sortQueue(s, hdrDPCs)
	sortQueue(s, hdrTimers)
	copy(x.s, s)
	first, moved := true, false
	try := func() {
		t := x.s
		if p.irps.settle(m.lay.irps.n) || moved {
			t = y.s
			copy(t, x.s)
			m.renumber(t, p)
			sortQueue(t, hdrDPCs)
			sortQueue(t, hdrTimers)
		}
		if first || bytes.Compare(t, s) < 0 {
			copy(s, t)
			first = false
		}
	}
	p.ctxs.permute(ties&(1<<maxSlots-1), 0, m.lay.ctxs.n, func() {
		moved = p.ctxs.settle(m.lay.ctxs.n)
		if walks {
			try()
			return
		}
		p.irps = unchanged.irps
		_, ties := m.sortRequests(x.s, p)
		p.irps.permute(ties, 0, m.lay.irps.n, try)
	})
}

// permute calls f for every order of the numbers from i to n-1 that only moves
// them within their groups: bit k of ties joins place k to the one before it.
func (o *order) permute(ties, i, n int, f func()) {
	if i >= n {
		f()
		return
	}
	end := i + 1
	for end < n && ties&(1<<end) != 0 {
		end++
	}
	o.arrange(i, end, func() { o.permute(ties, end, n, f) })
}

// arrange calls f for every order of the places from i to end-1.
func (o *order) arrange(i, end int, f func()) {
	if i >= end-1 {
		f()
		return
	}
	for k := i; k < end; k++ {
		o.from[i], o.from[k] = o.from[k], o.from[i]
		o.arrange(i+1, end, f)
		o.from[i], o.from[k] = o.from[k], o.from[i]
	}
}

const maxSlots = 16

// renumbering says for each new number which old one it is, and back.
type renumbering struct {
	ctxs, irps order
}

type order struct {
	from [maxSlots]uint8 // new number -> old
	to   [maxSlots]uint8 // old number -> new
}

// unchanged leaves every number as it is.
var unchanged = func() (p renumbering) {
	p.ctxs.identity()
	p.irps.identity()
	return p
}()

func (o *order) identity() {
	for i := range o.from {
		o.from[i], o.to[i] = uint8(i), uint8(i)
	}
}

// settle fills to from from and says whether anything moves.
func (o *order) settle(n int) bool {
	moved := false
	for i := range n {
		o.to[o.from[i]] = uint8(i)
		moved = moved || int(o.from[i]) != i
	}
	return moved
}

// sortContexts orders the contexts of each kind. It says whether any moved, and
// which tie with the one before them and hold anything that makes their order
// matter.
func (m *Model) sortContexts(s []byte, o *order) (moved bool, ties int) {
	var issued [maxSlots]int
	if m.alike() {
		issued = m.issuedBy(s)
		moved, ties = m.sortGroup(s, o, &issued, 0, m.threads)
	}
	for _, g := range m.lay.ctxs.alike {
		if !m.idleFrom(s, g.first+1, g.last) {
			swapped, more := m.sortGroup(s, o, &issued, g.first, g.last)
			moved, ties = moved || swapped, ties|more
		}
	}
	if moved {
		o.settle(m.lay.ctxs.n)
	}
	return moved, ties
}

func (m *Model) sortGroup(s []byte, o *order, issued *[maxSlots]int, first, last int) (moved bool, ties int) {
	equal := false
	for i := first + 1; i < last; i++ {
		for k := i; k > first; k-- {
			c := m.compareContexts(s, issued, int(o.from[k-1]), int(o.from[k]))
			if c <= 0 {
				equal = equal || c == 0
				break
			}
			o.from[k-1], o.from[k] = o.from[k], o.from[k-1]
			moved = true
		}
	}
	for i := first + 1; equal && i < last; i++ {
		a, b := int(o.from[i-1]), int(o.from[i])
		if m.matters(s, a, issued[a]) && m.compareContexts(s, issued, a, b) == 0 && !m.interchangeable(s, a, b) {
			ties |= 1 << i
		}
	}
	return moved, ties
}

// idleFrom says whether none of contexts first to last-1 exists, which is most
// often so: they come last, and tie with each other only.
func (m *Model) idleFrom(s []byte, first, last int) bool {
	for c := first; c < last; c++ {
		if s[m.lay.ctxs.at(c)+ctxAlive] != aliveNot {
			return false
		}
	}
	return true
}

// sortRequests orders the requests, those that tie as sortContexts does.
func (m *Model) sortRequests(s []byte, p *renumbering) (moved bool, ties int) {
	o, equal := &p.irps, false
	for i := 1; i < m.lay.irps.n; i++ {
		for k := i; k > 0; k-- {
			c := m.compareRequests(s, p, int(o.from[k-1]), int(o.from[k]))
			if c <= 0 {
				equal = equal || c == 0
				break
			}
			o.from[k-1], o.from[k] = o.from[k], o.from[k-1]
			moved = true
		}
	}
	named, looked := uint32(0), false
	for i := 1; equal && i < m.lay.irps.n; i++ {
		a, b := int(o.from[i-1]), int(o.from[i])
		if m.compareRequests(s, p, a, b) != 0 {
			continue
		}
		if s[m.lay.irps.at(a)+irpPhase] == phaseFree {
			if !looked {
				named, looked = m.namedRequests(s), true
			}
			if named&(1<<a|1<<b) == 0 {
				continue // slots that are free and that no stale reference names
			}
		}
		ties |= 1 << i
	}
	if moved {
		o.settle(m.lay.irps.n)
	}
	return moved, ties
}

// alike says whether the threads cannot be told apart.
func (m *Model) alike() bool { return m.cfg.App == nil && m.cfg.Bounds.Issuers == m.threads }

// matters says whether context c holds anything that makes its place matter
// beside one that is equal.
func (m *Model) matters(s []byte, c, issued int) bool {
	cb := m.lay.ctxs.at(c)
	return s[cb+ctxBase] != 0 || s[cb+ctxApcs] != 0 || issued != 0
}

// namedRequests is the set of request slots that anything refers to.
func (m *Model) namedRequests(s []byte) (named uint32) {
	m.eachRow(s, func(off, end int) {
		for ; off < end; off += 4 {
			for off+8 <= end && binary.LittleEndian.Uint64(s[off:])&noRefs == 0 {
				off += 8
			}
			if off == end {
				return
			}
			if v := val(s, off); kinds[v.Class()] == kindRequest {
				named |= 1 << (v.Slot() % maxSlots)
			}
		}
	})
	return named
}

// slotBits are the bits of a Value that carry a number that may change.
const slotBits = slotMask << slotShift

// compareContexts orders two contexts of one kind. What a step seldom changes
// comes first, so that most steps leave the order as it is: the requests that
// they issued, then the frames from the bottom up, and only then how far the top
// has come.
func (m *Model) compareContexts(s []byte, issued *[maxSlots]int, a, b int) int {
	if d := issued[b] - issued[a]; d != 0 {
		return d
	}
	ab, bb := m.lay.ctxs.at(a), m.lay.ctxs.at(b)
	if end := 4 * min(int(s[ab+ctxTop]), int(s[bb+ctxTop])); end != 0 {
		if d := compareStacks(s[ab+ctxStack:][:end], s[bb+ctxStack:][:end]); d != 0 {
			return d
		}
	}
	v, w := binary.BigEndian.Uint64(s[ab:]), binary.BigEndian.Uint64(s[bb:]) // what comes before ctxHeld
	if v != w || s[ab+ctxTop] == 0 && issued[a] == 0 {
		return cmp.Compare(w, v)
	}
	return m.meets(s, a) - m.meets(s, b)
}

// compareStacks orders two rows of words but for the numbers in references.
func compareStacks(a, b []byte) int {
	for off := 0; off < len(a); off += 4 {
		v, w := val(a, off), val(b, off)
		if v != w {
			if v, w = blind(v), blind(w); v != w {
				return cmp.Compare(w, v)
			}
		}
	}
	return 0
}

// meets is where the driver's memory first names context c or a request of its.
func (m *Model) meets(s []byte, c int) int {
	at := m.namedAt(s, kindContext, c)
	for i := range m.lay.irps.n {
		if b := m.lay.irps.at(i); s[b+irpPhase] != phaseFree && int(s[b+irpThread]) == c+1 {
			at = min(at, m.namedAt(s, kindRequest, i))
		}
	}
	return at
}

// namedAt is the offset of the first reference to number n of a kind in memory
// that renumbering does not move, the size of a state if there is none.
func (m *Model) namedAt(s []byte, kind uint8, n int) int {
	for _, w := range m.words[m.shared:] {
		for off := w.off; off < w.off+4*w.n; off += 4 {
			if v := val(s, off); v >= Value(ClassCtx)<<classShift && kinds[v.Class()] == kind && v.Slot() == n {
				return off
			}
		}
	}
	return len(s)
}

// issuedBy sums up the requests that each thread issued: the further on they
// are, the more.
func (m *Model) issuedBy(s []byte) (sum [maxSlots]int) {
	for i := range m.lay.irps.n {
		r := s[m.lay.irps.at(i):][:irpSize]
		if r[irpPhase] == phaseFree || r[irpThread] == 0 {
			continue
		}
		n := 1 + int(r[irpPhase])
		n = n*4 + int(r[irpPending])
		n = n*4 + int(r[irpReturned])
		n = n*4 + int(r[irpCancel])
		n = n*4 + int(r[irpClaimed])
		n = n*4 + int(r[irpMethod])
		n = n*4 + int(r[irpGone])
		n = n*64 + u16(r, irpRoutine) + int(val(r, irpCode)&0xFFFF)*7 + u16(r, irpInLen)*3 + u16(r, irpOutLen)
		sum[(r[irpThread]-1)%maxSlots] += n
	}
	return sum
}

// blind takes out of a Value the number that renumbering may change.
func blind(v Value) Value {
	if kinds[v.Class()] != kindFixed {
		return v &^ slotBits
	}
	return v
}

// walksRequests: a context goes through the slots in the order of their
// numbers, which must stay until it is done.
func (m *Model) walksRequests(s []byte) bool {
	for c := range m.threads {
		cb := m.lay.ctxs.at(c)
		for w := int(s[cb+ctxBase]); w != 0; {
			base := cb + ctxStack + 4*(w-1)
			if m.inTable(u16(s, base+framePC), tableCancelAll) {
				return true
			}
			w = int(s[base+framePrev])
		}
	}
	return false
}

// compareRequests orders two request slots, live ones first.
func (m *Model) compareRequests(s []byte, p *renumbering, a, b int) int {
	ab, bb := m.lay.irps.at(a), m.lay.irps.at(b)
	if s[ab+irpPhase] == phaseFree || s[bb+irpPhase] == phaseFree {
		return int(s[bb+irpPhase]) - int(s[ab+irpPhase])
	}
	if d := p.thread(s[ab+irpThread]) - p.thread(s[bb+irpThread]); d != 0 {
		return d
	}
	if d := int(s[bb+irpPhase]) - int(s[ab+irpPhase]); d != 0 {
		return d
	}
	v, w := binary.BigEndian.Uint64(s[ab+irpPending:]), binary.BigEndian.Uint64(s[bb+irpPending:]) // and what follows, to irpClaimed
	if v != w {
		return cmp.Compare(w, v)
	}
	for _, off := range [...]int{irpMethod, irpFile, irpFlags, irpMajor, irpResult, irpListed} {
		if d := int(s[ab+off]) - int(s[bb+off]); d != 0 {
			return d
		}
	}
	for off := irpInLen; off < irpSize; off += 4 {
		if off == 5*4 || off == 6*4 {
			continue // event, buffer and MDL numbers; frame
		}
		v, w := val(s, ab+off), val(s, bb+off)
		if off >= irpStatus {
			v, w = blind(v), blind(w)
		}
		if v != w {
			return int(int64(v) - int64(w))
		}
	}
	if d := u16(s, ab+irpRoutine) - u16(s, bb+irpRoutine); d != 0 {
		return d
	}
	if m.lay.apcs.n > 0 {
		if d := int(val(s, m.lay.apcs.at(a))) - int(val(s, m.lay.apcs.at(b))); d != 0 {
			return d
		}
	}
	return m.namedAt(s, kindRequest, a) - m.namedAt(s, kindRequest, b)
}

// renumber moves the blocks of s and rewrites every number and reference. Each
// request takes its system buffer and its MDL along, which have its number.
func (m *Model) renumber(s []byte, p *renumbering) {
	l := &m.lay
	p.ctxs.swaps(l.ctxs.n, func(i, k int) {
		a, b := l.ctxs.at(i), l.ctxs.at(k)
		swapBytes(s[a:], s[b:], ctxStack+4*max(int(s[a+ctxTop]), int(s[b+ctxTop]))) // the rest is zero
	})
	p.irps.swaps(l.irps.n, func(i, k int) {
		swapBytes(s[l.irps.at(i):], s[l.irps.at(k):], l.irps.size)
		swapBytes(s[l.mdls.at(i):], s[l.mdls.at(k):], l.mdls.size)
		swapBytes(s[l.sysbufs.at(i):], s[l.sysbufs.at(k):], l.sysbufs.size)
		if l.fetches.n > 0 {
			swapBytes(s[l.fetches.at(i):], s[l.fetches.at(k):], l.fetches.size)
		}
		if l.apcs.n > 0 {
			swapBytes(s[l.apcs.at(i):], s[l.apcs.at(k):], l.apcs.size)
		}
	})
	m.renumberFields(s, p)
	flips := p.flips()
	for i := range m.words {
		w := &m.words[i]
		flips.values(s, w.off, w.off+4*w.n)
	}
	for c := range l.ctxs.n {
		cb := l.ctxs.at(c)
		end := cb + ctxStack + 4*int(s[cb+ctxTop])
		for w := int(s[cb+ctxBase]); w != 0; {
			base := cb + ctxStack + 4*(w-1)
			flips.values(s, base+frameRegs, end)
			end = base
			w = int(s[base+framePrev])
		}
	}
}

// swaps calls f with the places to swap, one after the other, so that what was
// at from[i] gets to i.
func (o *order) swaps(n int, f func(i, k int)) {
	at := unchanged.ctxs.from
	for i := range n {
		if at[i] == o.from[i] {
			continue
		}
		k := i + 1
		for at[k] != o.from[i] {
			k++
		}
		f(i, k)
		at[i], at[k] = at[k], at[i]
	}
}

// swapBytes swaps the first n bytes of a and b, a multiple of 4.
func swapBytes(a, b []byte, n int) {
	a, b = a[:n], b[:n]
	for len(a) >= 8 && len(b) >= 8 {
		v, w := binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b)
		binary.LittleEndian.PutUint64(a, w)
		binary.LittleEndian.PutUint64(b, v)
		a, b = a[8:], b[8:]
	}
	if len(a) > 0 {
		v, w := val(a, 0), val(b, 0)
		put(a, 0, w)
		put(b, 0, v)
	}
}

// thread is where the thread of a request comes; first if it has none.
func (p *renumbering) thread(n byte) int {
	if n == 0 {
		return -1
	}
	return int(p.ctxs.to[n-1])
}

// flips are the bits to turn in a reference, by the kind of number that its
// class carries and the number.
type flips [3][maxSlots]Value

const (
	kindFixed = iota
	kindRequest
	kindContext
)

// kinds says of each class which kind of number its slot is.
var kinds = [1 << (32 - classShift)]uint8{
	ClassIrp: kindRequest, ClassStackLoc: kindRequest, ClassLazy: kindRequest, ClassFetched: kindRequest,
	ClassMdl: kindRequest, ClassMap: kindRequest, ClassBlock: kindRequest, // identity beyond the requests
	ClassCtx: kindContext, ClassKStack: kindContext,
}

func (p *renumbering) flips() (f flips) {
	for i := range maxSlots {
		f[kindRequest][i] = Value(i^int(p.irps.to[i])) << slotShift
		f[kindContext][i] = Value(i^int(p.ctxs.to[i])) << slotShift
	}
	return f
}

// noRefs has no bit in common with two Values of the classes below 4: numbers
// and functions.
const noRefs = ((31 &^ 3) << classShift) * lanes

const lanes = 1<<32 | 1

// values rewrites the references among the Values from off to end.
func (f *flips) values(s []byte, off, end int) {
	for ; off < end; off += 4 {
		for off+8 <= end && binary.LittleEndian.Uint64(s[off:])&noRefs == 0 {
			off += 8
		}
		if off == end {
			return
		}
		if v := val(s, off); v >= Value(ClassCtx)<<classShift {
			if flip := f[kinds[v.Class()]][v.Slot()%maxSlots]; flip != 0 {
				put(s, off, v^flip)
			}
		}
	}
}

// renumberFields rewrites the numbers that stand outside of Values.
func (m *Model) renumberFields(s []byte, p *renumbering) {
	for _, off := range m.numbers[kindContext] {
		if n := s[off]; n != 0 {
			s[off] = p.ctxs.to[n-1] + 1
		}
	}
	for _, off := range m.numbers[kindRequest] {
		if n := s[off]; n != 0 {
			s[off] = p.irps.to[n-1] + 1
		}
	}
	for c := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(c)
		for k := range int(s[cb+ctxApcs]) {
			n := &s[cb+ctxQueue+k]
			*n = p.irps.to[*n-1] + 1
		}
	}
}

// numberFields lists by kind the bytes outside of Values and of APC queues that
// hold one more than a number, 0 for none.
func (m *Model) numberFields() (fields [3][]int) {
	l := &m.lay
	add := func(kind int, offs ...int) { fields[kind] = append(fields[kind], offs...) }
	add(kindContext, hdrCancel)
	for i := range l.files.n {
		add(kindContext, l.files.at(i)+filLock)
	}
	for i := range l.irps.n {
		b := l.irps.at(i)
		add(kindContext, b+irpThread, b+irpOwner)
		add(kindRequest, b+irpBlock, b+irpMdl)
	}
	add(kindContext, hdrCut)
	for i := range l.mdls.n {
		add(kindRequest, l.mdls.at(i)+mdlIrp)
	}
	for i := range l.sysbufs.n {
		add(kindRequest, l.sysbufs.at(i)+blkIrp)
	}
	return fields
}

// interchangeable says whether s stays as it is when contexts a and b change
// places: they hold the same bytes, and nothing names either.
func (m *Model) interchangeable(s []byte, a, b int) bool {
	size := m.lay.ctxs.sizeOf(a)
	if !bytes.Equal(s[m.lay.ctxs.at(a):][:size], s[m.lay.ctxs.at(b):][:size]) {
		return false
	}
	for _, off := range m.numbers[kindContext] {
		if n := int(s[off]) - 1; n == a || n == b {
			return false
		}
	}
	clean := true
	m.eachRow(s, func(off, end int) {
		for ; off < end; off += 4 {
			if v := val(s, off); kinds[v.Class()] == kindContext && (v.Slot() == a || v.Slot() == b) {
				clean = false
			}
		}
	})
	return clean
}

// sortQueue orders a queue whose entries may be taken in any order (14.5).
func sortQueue(s []byte, off int) {
	if val(s, off+4) == 0 {
		return
	}
	for i := 1; i < maxQueued; i++ {
		for k := i; k > 0; k-- {
			v, w := val(s, off+4*k-4), val(s, off+4*k)
			if w == 0 || v <= w {
				break
			}
			put(s, off+4*k-4, w)
			put(s, off+4*k, v)
		}
	}
}
