package model

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/ownercheck/ownercheck/explore"
)

// Canonical rewrites s to the one state that stands for all that differ from it
// only in the numbers of things that nobody can tell apart: processors that run
// DPCs, request slots with their system buffers and MDLs, threads and files of the
// most general client, blocks that one call allocates, objects of the app that the
// driver references, places in the queues of DPCs and timers.
//
// The order is found by comparing what the blocks hold but for the numbers
// themselves, and by where they are met first (meet.go). Where that does not decide,
// every order of those that tie is tried, and the least state wins; so all states
// of an orbit have one representative, on which traces rely.
func (m *Model) Canonical(s explore.State) {
	if s[hdrStop] != 0 || !m.cfg.Reduce.Symmetry {
		return
	}
	p, r := unchanged, met{}
	if m.movesBlocks {
		m.meetShared(s, &r)
	}
	moved, ties := m.sortContexts(s, &r, &p.ctxs)
	walks := m.lay.irps.n < 2 || m.cfg.App != nil && m.walksRequests(s)
	if !walks && ties == 0 {
		var swapped bool
		swapped, ties = m.sortRequests(s, &r, &p)
		moved = moved || swapped
	}
	tied := ties != 0
	if !tied && m.movesBlocks {
		tied = m.sortBlocks(s, &p, &r)
		moved = p.settle(m)
	}
	switch {
	case tied:
		m.least(s, walks)
	case moved:
		m.renumber(s, &p)
	}
	sortQueue(s, hdrDPCs)
	sortQueue(s, hdrTimers)
}

// least tries every order of what ties.
func (m *Model) least(s []byte, walks bool) {
	x, y := m.pool.Get().(*exec), m.pool.Get().(*exec)
	defer func() { m.pool.Put(x); m.pool.Put(y) }()
	sortQueue(s, hdrDPCs)
	sortQueue(s, hdrTimers)
	copy(x.s, s)
	p, first := unchanged, true
	try := func() {
		t := x.s
		if p.settle(m) {
			t = y.s
			copy(t, x.s)
			m.renumber(t, &p)
			sortQueue(t, hdrDPCs)
			sortQueue(t, hdrTimers)
		}
		if first || bytes.Compare(t, s) < 0 {
			copy(s, t)
			first = false
		}
	}
	m.eachOrder(x.s, &p, walks, try)
}

// eachOrder calls f with every order p of what ties in s.
func (m *Model) eachOrder(s []byte, p *renumbering, walks bool, f func()) {
	r := met{}
	m.meetShared(s, &r)
	blocks := func() {
		if m.movesBlocks {
			m.eachBlockOrder(s, p, r, f)
			return
		}
		f()
	}
	_, ties := m.sortContexts(s, &r, &p.ctxs)
	p.ctxs.permute(ties, 0, m.lay.ctxs.n, func() {
		p.ctxs.settle(m.lay.ctxs.n)
		if walks {
			blocks()
			return
		}
		p.irps = unchanged.irps
		_, ties := m.sortRequests(s, &r, p)
		p.irps.permute(ties, 0, m.lay.irps.n, blocks)
	})
}

// permute calls f for every order of the numbers from i to n-1 that only moves
// them within their groups: bit k of ties joins place k to the one before it.
func (o *order) permute(ties uint64, i, n int, f func()) {
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

// sortContexts orders the contexts of each kind. It says whether any moved, and
// which tie with the one before them and hold anything that makes their order
// matter.
func (m *Model) sortContexts(s []byte, r *met, o *order) (moved bool, ties uint64) {
	var issued [maxSlots]int
	if m.alike() {
		issued = m.issuedBy(s)
		moved, ties = m.sortGroup(s, r, o, &issued, 0, m.threads)
	}
	for _, g := range m.lay.ctxs.alike {
		if !m.idleFrom(s, g.first+1, g.last) {
			swapped, more := m.sortGroup(s, r, o, &issued, g.first, g.last)
			moved, ties = moved || swapped, ties|more
		}
	}
	if moved {
		o.settle(m.lay.ctxs.n)
	}
	return moved, ties
}

func (m *Model) sortGroup(s []byte, r *met, o *order, issued *[maxSlots]int, first, last int) (moved bool, ties uint64) {
	moved, equal := o.sort(first, last, func(a, b int) int { return m.compareContexts(s, r, issued, a, b) })
	for i := first + 1; equal && i < last; i++ {
		a, b := int(o.from[i-1]), int(o.from[i])
		if m.matters(s, a, issued[a]) && m.compareContexts(s, r, issued, a, b) == 0 && !m.interchangeable(s, a, b) {
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
func (m *Model) sortRequests(s []byte, r *met, p *renumbering) (moved bool, ties uint64) {
	o := &p.irps
	moved, equal := o.sort(0, m.lay.irps.n, func(a, b int) int { return m.compareRequests(s, r, p, a, b) })
	named, looked := uint64(0), false
	for i := 1; equal && i < m.lay.irps.n; i++ {
		a, b := int(o.from[i-1]), int(o.from[i])
		if m.compareRequests(s, r, p, a, b) != 0 {
			continue
		}
		if s[m.lay.irps.at(a)+irpPhase] == phaseFree {
			if m.movesBlocks {
				continue // sortFree
			}
			if !looked {
				named, looked = m.namedNumbers(s, kindRequest), true
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

// namedNumbers is the set of numbers of a kind that anything refers to.
func (m *Model) namedNumbers(s []byte, kind uint8) (named uint64) {
	for off := range m.refs(s) {
		if k, n := m.numberOf(val(s, off)); k == kind {
			named |= 1 << n
		}
	}
	return named
}

// compareContexts orders two contexts of one kind. What a step seldom changes
// comes first, so that most steps leave the order as it is: the requests that
// they issued, then the frames from the bottom up, and only then how far the top
// has come.
func (m *Model) compareContexts(s []byte, r *met, issued *[maxSlots]int, a, b int) int {
	if d := issued[b] - issued[a]; d != 0 {
		return d
	}
	ab, bb := m.lay.ctxs.at(a), m.lay.ctxs.at(b)
	if end := 4 * min(int(s[ab+ctxTop]), int(s[bb+ctxTop])); end != 0 {
		if d := m.compareRows(r, s[ab+ctxStack:][:end], s[bb+ctxStack:][:end]); d != 0 {
			return d
		}
	}
	v, w := binary.BigEndian.Uint64(s[ab:]), binary.BigEndian.Uint64(s[bb:]) // what comes before ctxHeld
	if v != w || s[ab+ctxTop] == 0 && issued[a] == 0 {
		return cmp.Compare(w, v)
	}
	return m.meets(s, r, a) - m.meets(s, r, b)
}

// compareRows orders two rows of Values but for the numbers in references.
func (m *Model) compareRows(r *met, a, b []byte) int {
	for off := 0; off < len(a); off += 4 {
		v, w := val(a, off), val(b, off)
		if v != w {
			if d := m.compareValues(r, v, w); d != 0 {
				return d
			}
		}
	}
	return 0
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

// walksRequests: a context goes through the slots in the order of their
// numbers, which must stay until it is done.
func (m *Model) walksRequests(s []byte) bool {
	for c := range m.threads {
		if m.frameIn(s, m.lay.ctxs.at(c), tableCancelAll) != 0 {
			return true
		}
	}
	return false
}

// compareRequests orders two request slots, live ones first.
func (m *Model) compareRequests(s []byte, r *met, p *renumbering, a, b int) int {
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
	if d := r.place(m.kinds[ClassFile], int(s[ab+irpFile])-1) - r.place(m.kinds[ClassFile], int(s[bb+irpFile])-1); d != 0 {
		return d
	}
	for _, off := range [...]int{irpMethod, irpFlags, irpMajor, irpResult, irpListed} {
		if d := int(s[ab+off]) - int(s[bb+off]); d != 0 {
			return d
		}
	}
	for off := irpInLen; off < irpSize; off += 4 {
		if off == 5*4 || off == 6*4 {
			continue // event, buffer and MDL numbers; frame
		}
		v, w := val(s, ab+off), val(s, bb+off)
		switch {
		case v == w:
		case off < irpStatus:
			return int(int64(v) - int64(w))
		default:
			if d := m.compareValues(r, v, w); d != 0 {
				return d
			}
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
	m.meetShared(s, r)
	return r.place(kindRequest, a) - r.place(kindRequest, b)
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
	for off := range m.refs(s) {
		if k, n := m.numberOf(val(s, off)); k == kindContext && (n == a || n == b) {
			return false
		}
	}
	return true
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
