package model

import "github.com/ownercheck/ownercheck/explore"

// Canonical rewrites s to the one state that stands for all that differ from it
// only in the numbers of things that nobody can tell apart: processors that run
// DPCs, request slots with their system buffers and MDLs, threads of the most
// general client, places in the queues of DPCs and timers.
//
// The order is found by comparing what the blocks hold but for the numbers
// themselves. Where that does not decide, the present order stays: two states
// of one orbit may then both be kept, which costs states and no truth.
func (m *Model) Canonical(s explore.State) {
	if s[hdrStop] != 0 || !m.cfg.Reduce.Symmetry {
		return
	}
	var p renumbering
	changed := m.orderContexts(s, &p)
	changed = m.orderRequests(s, &p) || changed
	if changed {
		x := m.pool.Get().(*exec)
		m.renumber(s, &p, x.s)
		m.pool.Put(x)
	}
	sortQueue(s, hdrDPCs)
	sortQueue(s, hdrTimers)
}

const maxSlots = 8

// renumbering says for each new number which old one it is, and back.
type renumbering struct {
	ctxs, irps, mdls, blks order
}

type order struct {
	from [maxSlots]uint8 // new number -> old
	to   [maxSlots]uint8 // old number -> new
}

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

func (m *Model) orderContexts(s []byte, p *renumbering) bool {
	p.ctxs.identity()
	less := func(a, b int) bool { return m.compareContexts(s, a, b) < 0 }
	if m.cfg.App == nil && m.cfg.Bounds.Issuers == m.threads {
		p.ctxs.sort(0, m.threads, less)
	}
	p.ctxs.sort(m.threads, m.lay.ctxs.n, less)
	return p.ctxs.settle(m.lay.ctxs.n)
}

// slotBits are the bits of a Value that carry a number that may change.
const slotBits = slotMask << slotShift

// compareContexts orders two contexts of one kind, busy ones first.
func (m *Model) compareContexts(s []byte, a, b int) int {
	ab, bb := m.lay.ctxs.at(a), m.lay.ctxs.at(b)
	for i := range ctxQueue {
		if i >= ctxHeld && i < ctxQueue {
			continue
		}
		if d := int(s[bb+i]) - int(s[ab+i]); d != 0 {
			return d
		}
	}
	end := ctxStack + 4*int(s[ab+ctxTop])
	for off := ctxStack; off < end; off += 4 {
		v, w := val(s, ab+off), val(s, bb+off)
		if v != w {
			if v, w = m.blind(v), m.blind(w); v != w {
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
func (m *Model) blind(v Value) Value {
	switch v.Class() {
	case ClassIrp, ClassStackLoc, ClassLazy, ClassMdl, ClassMap, ClassBlock, ClassCtx, ClassKStack:
		return v &^ slotBits
	}
	return v
}

func (m *Model) orderRequests(s []byte, p *renumbering) bool {
	p.irps.identity()
	p.mdls.identity()
	p.blks.identity()
	n := m.lay.irps.n
	if n < 2 || m.walksRequests(s) {
		return false
	}
	p.irps.sort(0, n, func(a, b int) bool { return m.compareRequests(s, p, a, b) < 0 })
	if !p.irps.settle(n) {
		return false
	}
	m.follow(s, &p.mdls, p, m.lay.mdls, irpMdl)
	m.follow(s, &p.blks, p, m.lay.sysbufs, irpBlock)
	return true
}

// walksRequests: a context goes through the slots in the order of their
// numbers, which must stay until it is done.
func (m *Model) walksRequests(s []byte) bool {
	found := false
	for c := range m.threads {
		m.eachFrame(s, m.lay.ctxs.at(c), func(base, _ int) {
			found = found || m.inTable(u16(s, base+framePC), tableCancelAll)
		})
	}
	return found
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
	if d := int(p.ctxs.to[s[ab+irpThread]-1]) - int(p.ctxs.to[s[bb+irpThread]-1]); d != 0 {
		return d
	}
	for _, off := range [...]int{irpMethod, irpFlags, irpMajor, irpPending, irpReturned, irpCancel, irpIrql, irpNotified, irpGone, irpPendRet, irpClaimed, irpResult} {
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
			v, w = m.blind(v), m.blind(w)
		}
		if v != w {
			return int(int64(v) - int64(w))
		}
	}
	return u16(s, ab+irpRoutine) - u16(s, bb+irpRoutine)
}

// follow orders what requests own as the requests are ordered; the rest stays
// behind in its order.
func (m *Model) follow(s []byte, o *order, p *renumbering, bl blocks, field int) {
	var taken [maxSlots]bool
	k := 0
	for i := range m.lay.irps.n {
		if b := int(s[m.lay.irps.at(int(p.irps.from[i]))+field]); b != 0 {
			o.from[k] = uint8(b - 1)
			taken[b-1] = true
			k++
		}
	}
	for i := range bl.n {
		if !taken[i] {
			o.from[k] = uint8(i)
			k++
		}
	}
	o.settle(bl.n)
}

// renumber moves the blocks and rewrites every number and reference.
func (m *Model) renumber(s []byte, p *renumbering, scratch []byte) {
	copy(scratch, s)
	for i := range m.lay.ctxs.n {
		at, old := m.lay.ctxs.at(i), m.lay.ctxs.at(int(p.ctxs.from[i]))
		copy(s[at:at+m.lay.ctxs.sizeOf(i)], scratch[old:])
	}
	move := func(bl blocks, o *order) {
		for i := range bl.n {
			copy(s[bl.at(i):bl.at(i)+bl.size], scratch[bl.at(int(o.from[i])):])
		}
	}
	move(m.lay.irps, &p.irps)
	move(m.lay.mdls, &p.mdls)
	move(m.lay.sysbufs, &p.blks)
	m.renumberFields(s, p)
	m.eachValue(s, func(off int) {
		v := val(s, off)
		if v.Class() < ClassCtx {
			return
		}
		if w := p.value(v); w != v {
			put(s, off, w)
		}
	})
}

func (p *renumbering) value(v Value) Value {
	var o *order
	switch v.Class() {
	case ClassIrp, ClassStackLoc, ClassLazy:
		o = &p.irps
	case ClassMdl, ClassMap:
		o = &p.mdls
	case ClassBlock:
		o = &p.blks
	case ClassCtx, ClassKStack:
		o = &p.ctxs
	default:
		return v
	}
	return v.withSlot(int(o.to[v.Slot()]))
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
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		fix(b+irpThread, &p.ctxs)
		fix(b+irpOwner, &p.ctxs)
		fix(b+irpBlock, &p.blks)
		fix(b+irpMdl, &p.mdls)
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
