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
	if !m.ordered(s) {
		m.reorder(s)
	}
	sortQueue(s, hdrDPCs)
	sortQueue(s, hdrTimers)
}

// ordered says whether s has the order that reorder would give it, and nothing
// ties: so it is after most steps.
func (m *Model) ordered(s []byte) bool {
	for i := 1; i < m.threads+m.lay.ctxs.dpcs.n; i++ {
		if i == m.threads || i < m.threads && !m.alike() {
			continue
		}
		if c := m.compareContexts(s, i-1, i); c > 0 || c == 0 && m.matters(s, i-1) {
			return false
		}
	}
	if m.lay.irps.n < 2 || m.walksRequests(s) {
		return true
	}
	for i := 1; i < m.lay.irps.n; i++ {
		c := m.compareRequests(s, &unchanged, i-1, i)
		if c > 0 || c == 0 && s[m.lay.irps.at(i-1)+irpPhase] != phaseFree {
			return false
		}
	}
	return true
}

// reorder finds the order and rewrites s.
func (m *Model) reorder(s []byte) {
	var p renumbering
	p.ctxs.identity()
	p.irps.identity()
	m.sortContexts(s, &p.ctxs)
	moved := p.ctxs.settle(m.lay.ctxs.n)
	ties := m.contextTies(s, &p.ctxs)
	walks := m.lay.irps.n < 2 || m.walksRequests(s)
	if !walks && ties == 0 {
		m.sortRequests(s, &p)
		moved = p.irps.settle(m.lay.irps.n) || moved
		ties = m.requestTies(s, &p) << maxSlots
	}
	switch {
	case ties != 0:
		m.least(s, &p, ties, walks)
	case moved:
		x := m.pool.Get().(*exec)
		m.moveBlocks(&p, func(at, _, size int) { copy(x.s[at:], s[at:at+size]) })
		m.renumber(s, &p, x.s)
		m.pool.Put(x)
	}
}

// least tries every order of what ties: bit i of ties says that context i, in
// the order of p, ties with the one before it; the bits above are of requests.
func (m *Model) least(s []byte, p *renumbering, ties int, walks bool) {
	x, y := m.pool.Get().(*exec), m.pool.Get().(*exec)
	defer func() { m.pool.Put(x); m.pool.Put(y) }()
	copy(x.s, s)
	first := true
	try := func() {
		p.irps.settle(m.lay.irps.n)
		copy(y.s, x.s)
		m.renumber(y.s, p, x.s)
		sortQueue(y.s, hdrDPCs)
		sortQueue(y.s, hdrTimers)
		if first || bytes.Compare(y.s, s) < 0 {
			copy(s, y.s)
			first = false
		}
	}
	p.ctxs.permute(ties&(1<<maxSlots-1), 0, m.lay.ctxs.n, func() {
		p.ctxs.settle(m.lay.ctxs.n)
		if walks {
			try()
			return
		}
		p.irps.identity()
		m.sortRequests(x.s, p)
		p.irps.permute(m.requestTies(x.s, p), 0, m.lay.irps.n, try)
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

// sort orders numbers first to last-1 by less, keeping equals in place.
func (o *order) sort(first, last int, less func(a, b int) bool) {
	for i := first + 1; i < last; i++ {
		for k := i; k > first && less(int(o.from[k]), int(o.from[k-1])); k-- {
			o.from[k], o.from[k-1] = o.from[k-1], o.from[k]
		}
	}
}

func (m *Model) sortContexts(s []byte, o *order) {
	less := func(a, b int) bool { return m.compareContexts(s, a, b) < 0 }
	if m.alike() {
		o.sort(0, m.threads, less)
	}
	o.sort(m.threads, m.threads+m.lay.ctxs.dpcs.n, less)
}

// alike says whether the threads cannot be told apart.
func (m *Model) alike() bool { return m.cfg.App == nil && m.cfg.Bounds.Issuers == m.threads }

// contextTies says which contexts tie with the one before them in order o and
// hold anything that makes their order matter.
func (m *Model) contextTies(s []byte, o *order) int {
	ties := 0
	for i := 1; i < m.threads+m.lay.ctxs.dpcs.n; i++ {
		if i == m.threads || i < m.threads && !m.alike() {
			continue
		}
		a, b := int(o.from[i-1]), int(o.from[i])
		if m.matters(s, a) && m.compareContexts(s, a, b) == 0 {
			ties |= 1 << i
		}
	}
	return ties
}

// matters says whether context c holds anything that makes its place matter
// beside one that is equal.
func (m *Model) matters(s []byte, c int) bool {
	cb := m.lay.ctxs.at(c)
	return s[cb+ctxBase] != 0 || s[cb+ctxApcs] != 0 || m.issued(s, c) != 0
}

func (m *Model) requestTies(s []byte, p *renumbering) int {
	ties := 0
	for i := 1; i < m.lay.irps.n; i++ {
		a, b := int(p.irps.from[i-1]), int(p.irps.from[i])
		if s[m.lay.irps.at(a)+irpPhase] != phaseFree && m.compareRequests(s, p, a, b) == 0 {
			ties |= 1 << i
		}
	}
	return ties
}

// slotBits are the bits of a Value that carry a number that may change.
const slotBits = slotMask << slotShift

// compareContexts orders two contexts of one kind, busy ones first.
func (m *Model) compareContexts(s []byte, a, b int) int {
	ab, bb := m.lay.ctxs.at(a), m.lay.ctxs.at(b)
	v, w := binary.BigEndian.Uint64(s[ab:]), binary.BigEndian.Uint64(s[bb:]) // what comes before ctxHeld
	if v != w {
		return cmp.Compare(w, v)
	}
	end := ctxStack + 4*int(s[ab+ctxTop])
	for off := ctxStack; off < end; off += 4 {
		v, w := val(s, ab+off), val(s, bb+off)
		if v != w {
			if v, w = blind(v), blind(w); v != w {
				return int(int64(v) - int64(w))
			}
		}
	}
	return m.issued(s, b) - m.issued(s, a)
}

// issued sums up the requests that context c issued, so that of two idle
// threads the one with the request further on comes first.
func (m *Model) issued(s []byte, c int) int {
	sum := 0
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		if s[b+irpPhase] == phaseFree || int(s[b+irpThread]) != c+1 {
			continue
		}
		n := 1 + int(s[b+irpPhase])
		for _, off := range [...]int{irpPending, irpReturned, irpCancel, irpClaimed, irpMethod, irpGone} {
			n = n*4 + int(s[b+off])
		}
		sum += n*64 + u16(s, b+irpRoutine) + int(val(s, b+irpCode)&0xFFFF)*7 + u16(s, b+irpInLen)*3 + u16(s, b+irpOutLen)
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

func (m *Model) sortRequests(s []byte, p *renumbering) {
	p.irps.sort(0, m.lay.irps.n, func(a, b int) bool { return m.compareRequests(s, p, a, b) < 0 })
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
	if d := int(s[bb+irpPhase]) - int(s[ab+irpPhase]); d != 0 {
		return d
	}
	if s[ab+irpPhase] == phaseFree {
		return 0
	}
	if d := p.thread(s[ab+irpThread]) - p.thread(s[bb+irpThread]); d != 0 {
		return d
	}
	for _, off := range [...]int{irpMethod, irpFile, irpFlags, irpMajor, irpPending, irpReturned, irpCancel, irpIrql, irpNotified, irpGone, irpPendRet, irpClaimed, irpResult, irpListed} {
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
	return u16(s, ab+irpRoutine) - u16(s, bb+irpRoutine)
}

// renumber rewrites s, which is old: it moves the blocks and rewrites every
// number and reference. Each request takes its system buffer and its MDL along,
// which have its number. Of old it reads the blocks that move only.
func (m *Model) renumber(s []byte, p *renumbering, old []byte) {
	m.moveBlocks(p, func(at, from, size int) { copy(s[at:at+size], old[from:]) })
	m.renumberFields(s, p)
	flips := p.flips()
	for _, w := range m.words {
		flips.values(s, w.off, w.off+4*w.n)
	}
	for i := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(i)
		end := cb + ctxStack + 4*int(s[cb+ctxTop])
		for w := int(s[cb+ctxBase]); w != 0; {
			base := cb + ctxStack + 4*(w-1)
			flips.values(s, base+frameRegs, end)
			end = base
			w = int(s[base+framePrev])
		}
	}
}

// moveBlocks calls f for each block that changes its place.
func (m *Model) moveBlocks(p *renumbering, f func(at, from, size int)) {
	l := &m.lay
	for i := range l.ctxs.n {
		if from := int(p.ctxs.from[i]); from != i {
			f(l.ctxs.at(i), l.ctxs.at(from), l.ctxs.sizeOf(i))
		}
	}
	for i := range l.irps.n {
		if from := int(p.irps.from[i]); from != i {
			for _, bl := range [...]*blocks{&l.irps, &l.mdls, &l.sysbufs, &l.apcs} {
				f(bl.at(i), bl.at(from), bl.size)
			}
		}
	}
}

// thread is the new number of the thread that a request names, -1 for none.
func (p *renumbering) thread(t byte) int {
	if t == 0 {
		return -1
	}
	return int(p.ctxs.to[t-1])
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
	ClassIrp: kindRequest, ClassStackLoc: kindRequest, ClassLazy: kindRequest,
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

// values rewrites the references among the Values from off to end.
func (f *flips) values(s []byte, off, end int) {
	for ; off < end; off += 4 {
		if v := val(s, off); v >= Value(ClassCtx)<<classShift {
			if flip := f[kinds[v.Class()]][v.Slot()%maxSlots]; flip != 0 {
				put(s, off, v^flip)
			}
		}
	}
}

// renumberFields rewrites the numbers that stand outside of Values, one more
// than the slot, 0 for none.
func (m *Model) renumberFields(s []byte, p *renumbering) {
	fix := func(off int, o *order) {
		if s[off] != 0 {
			s[off] = o.to[s[off]-1] + 1
		}
	}
	fix(hdrCancel, &p.ctxs)
	for i := range m.lay.files.n {
		fix(m.lay.files.at(i)+filLock, &p.ctxs)
	}
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		fix(b+irpThread, &p.ctxs)
		fix(b+irpOwner, &p.ctxs)
		fix(b+irpBlock, &p.irps)
		fix(b+irpMdl, &p.irps)
	}
	for i := range m.lay.mdls.n {
		fix(m.lay.mdls.at(i)+mdlIrp, &p.irps)
	}
	for i := range m.lay.sysbufs.n {
		fix(m.lay.sysbufs.at(i)+blkIrp, &p.irps)
	}
	for c := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(c)
		for k := range int(s[cb+ctxApcs]) {
			fix(cb+ctxQueue+k, &p.irps)
		}
	}
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
