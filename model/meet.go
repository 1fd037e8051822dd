package model

import (
	"bytes"
	"cmp"
)

// met says in which order a walk over a state met the numbers of each kind. The walk
// begins with memory that renumbering does not move: the device extension, static
// variables. From there it follows references, through pool blocks, requests and
// files, so what it meets has an order that is the same in every state of an orbit:
// a record of a list has its place in the list. What is not met by then is met from
// contexts and requests, once their order is known, and from files.
type met struct {
	at    [kindCount][maxNumbers]uint8 // 0: not met
	last  uint8
	ready bool // the walk over shared memory has been made

	queue      [2 * maxNumbers]struct{ kind, n uint8 } // met, their contents not looked at yet
	head, tail int
}

// place is where number n of a kind was met, as an order: itself for one that stays
// as it is, last for one that was not met, first for none (n is -1).
func (r *met) place(kind uint8, n int) int {
	switch {
	case kind == kindFixed || n < 0:
		return n
	case r.at[kind][n] == 0:
		return 1 << 8
	}
	return int(r.at[kind][n])
}

// meet notes that number n of a kind is met.
func (r *met) meet(kind uint8, n int) {
	if kind == kindFixed || r.at[kind][n] != 0 {
		return
	}
	r.last++
	r.at[kind][n] = r.last
	if kind != kindContext && kind != kindObject {
		r.queue[r.tail].kind, r.queue[r.tail].n = kind, uint8(n)
		r.tail++
	}
}

// compareValues orders two Values but for numbers in references of which all that
// counts is where they were met.
func (m *Model) compareValues(r *met, v, w Value) int {
	kv, nv := m.numberOf(v)
	kw, nw := m.numberOf(w)
	if kv != kindFixed {
		v &^= slotBits
	}
	if kw != kindFixed {
		w &^= slotBits
	}
	switch {
	case v != w:
		return cmp.Compare(w, v)
	case kv == kindFixed || kv != kw || kv == kindRequest || kv == kindContext:
		return 0
	}
	return r.place(kv, nv) - r.place(kw, nw)
}

// meetRow meets what the Values from off to end refer to.
func (m *Model) meetRow(s []byte, r *met, off, end int) {
	for off := range rowRefs(s, off, end) {
		r.meet(m.numberOf(val(s, off)))
	}
}

// follow looks at the contents of what was met, in that order.
func (m *Model) follow(s []byte, r *met) {
	for ; r.head < r.tail; r.head++ {
		n := int(r.queue[r.head].n)
		switch r.queue[r.head].kind {
		case kindRequest:
			if n < m.lay.irps.n {
				m.meetRequest(s, r, n)
			}
		case kindRecord:
			at := &m.recordAt[n]
			m.meetRow(s, r, int(at.at)+recCells, int(at.at)+m.lay.sites[at.site].size)
		case kindFile:
			b := m.lay.files.at(n)
			m.meetRow(s, r, b+filCells, b+m.lay.files.size)
		}
	}
}

func (m *Model) meetRequest(s []byte, r *met, i int) {
	b := m.lay.irps.at(i)
	if f := int(s[b+irpFile]) - 1; f >= 0 {
		r.meet(m.kinds[ClassFile], f)
	}
	m.meetRow(s, r, b+irpStatus, b+irpSize)
	b = m.lay.mdls.at(i)
	m.meetRow(s, r, b+mdlVA, b+mdlSize)
}

// meetShared walks from memory that stays where it is, once.
func (m *Model) meetShared(s []byte, r *met) {
	if r.ready {
		return
	}
	r.ready = true
	for _, w := range m.words[m.shared:] {
		m.meetRow(s, r, w.off, w.end)
		m.follow(s, r)
	}
}

// meets is where the driver's memory first names context c or a request of its.
func (m *Model) meets(s []byte, r *met, c int) int {
	m.meetShared(s, r)
	at := r.place(kindContext, c)
	for i := range m.lay.irps.n {
		if b := m.lay.irps.at(i); s[b+irpPhase] != phaseFree && int(s[b+irpThread]) == c+1 {
			at = min(at, r.place(kindRequest, i))
		}
	}
	return at
}

// sortBlocks orders files, records and objects, those of contexts and requests being
// known. It stops at the first tie and says that there is one.
func (m *Model) sortBlocks(s []byte, p *renumbering, r *met) (tied bool) {
	if m.sortFiles(s, p, r) != 0 || m.sortRecords(s, p, r) != 0 {
		return true
	}
	m.sortObjects(s, p, r)
	return false
}

// eachBlockOrder calls f with every order of those that tie.
func (m *Model) eachBlockOrder(s []byte, p *renumbering, r met, f func()) {
	ties := m.sortFiles(s, p, &r)
	p.files.permute(ties, 0, m.lay.files.n, func() {
		r := r
		ties := m.sortRecords(s, p, &r)
		p.recs.permute(ties, 0, m.records(), func() {
			r := r
			m.sortObjects(s, p, &r)
			f()
		})
	})
}

// meetOwned goes on with what contexts and requests hold.
func (m *Model) meetOwned(s []byte, p *renumbering, r *met) {
	for i := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(int(p.ctxs.from[i]))
		m.meetRow(s, r, cb+ctxLast, cb+ctxQueue)
		for base, end := range frames(s, cb) {
			m.meetRow(s, r, base+frameRegs, end)
		}
		m.follow(s, r)
	}
	for i := range m.lay.irps.n {
		m.meetRequest(s, r, int(p.irps.from[i]))
		m.follow(s, r)
	}
}

// sortFiles puts files first that are met, in that order, then the others by what
// they hold.
func (m *Model) sortFiles(s []byte, p *renumbering, r *met) (ties uint64) {
	m.meetOwned(s, p, r)
	p.files = unchanged.files
	if m.kinds[ClassFile] == kindFixed {
		return 0
	}
	o := &p.files
	compare := func(a, b int) int {
		if d := r.place(kindFile, a) - r.place(kindFile, b); d != 0 {
			return d
		}
		ab, bb := m.lay.files.at(a), m.lay.files.at(b)
		if d := bytes.Compare(s[bb:bb+filLock], s[ab:ab+filLock]); d != 0 {
			return d
		}
		if d := p.thread(s[ab+filLock]) - p.thread(s[bb+filLock]); d != 0 {
			return d
		}
		if d := bytes.Compare(s[bb+filLock+1:bb+filCells], s[ab+filLock+1:ab+filCells]); d != 0 {
			return d
		}
		return m.compareRows(r, s[ab+filCells:ab+m.lay.files.size], s[bb+filCells:bb+m.lay.files.size])
	}
	o.sort(0, m.lay.files.n, compare)
	for i := 1; i < m.lay.files.n; i++ {
		a, b := int(o.from[i-1]), int(o.from[i])
		if s[m.lay.files.at(a)+filPhase] != fileNone && compare(a, b) == 0 {
			ties |= 1 << i
		}
	}
	return ties
}

// sortRecords orders the blocks of each site as sortFiles does files, the order of
// files being known.
func (m *Model) sortRecords(s []byte, p *renumbering, r *met) (ties uint64) {
	for i := range m.lay.files.n {
		r.meet(m.kinds[ClassFile], int(p.files.from[i]))
		m.follow(s, r)
	}
	p.recs = unchanged.recs
	if m.kinds[ClassRecord] != kindRecord {
		return 0
	}
	n := m.cfg.Bounds.Records
	for first := 0; first < m.records(); first += n {
		ties |= m.sortSite(s, &p.recs, r, first, first+n)
	}
	if ties != 0 && !m.unmetNamed(s, r) {
		ties = 0
	}
	return ties
}

func (m *Model) sortSite(s []byte, o *order, r *met, first, last int) (ties uint64) {
	size := m.lay.sites[m.recordAt[first].site].size
	compare := func(a, b int) int {
		if d := r.place(kindRecord, a) - r.place(kindRecord, b); d != 0 || r.at[kindRecord][a] != 0 {
			return d
		}
		ab, bb := int(m.recordAt[a].at), int(m.recordAt[b].at)
		if d := bytes.Compare(s[bb:bb+recCells], s[ab:ab+recCells]); d != 0 {
			return d
		}
		return m.compareRows(r, s[ab+recCells:ab+size], s[bb+recCells:bb+size])
	}
	o.sort(first, last, compare)
	for i := first + 1; i < last; i++ {
		a, b := int(o.from[i-1]), int(o.from[i])
		if s[m.recordAt[a].at+recUsed] != 0 && compare(a, b) == 0 {
			ties |= 1 << i
		}
	}
	return ties
}

// unmetNamed says whether a block that was not met names another one: then the order
// of those that hold the same can matter.
func (m *Model) unmetNamed(s []byte, r *met) bool {
	for i := range m.records() {
		at := int(m.recordAt[i].at)
		if r.at[kindRecord][i] != 0 || s[at+recUsed] == 0 {
			continue
		}
		for off := at + recCells; off < at+m.lay.sites[m.recordAt[i].site].size; off += 4 {
			if k, n := m.numberOf(val(s, off)); k == kindRecord && n != i && r.at[k][n] == 0 {
				return true
			}
		}
	}
	return false
}

// sortObjects orders the objects: as they are met, then by their references. Nothing
// names those that are not met.
func (m *Model) sortObjects(s []byte, p *renumbering, r *met) {
	for i := range m.records() {
		r.meet(m.kinds[ClassRecord], int(p.recs.from[i]))
		m.follow(s, r)
	}
	m.sortFree(s, p, r)
	p.objs = unchanged.objs
	if m.kinds[ClassSystem] == kindFixed {
		return
	}
	p.objs.sort(0, m.lay.objects.n, func(a, b int) int {
		ab, bb := m.lay.objects.at(a), m.lay.objects.at(b)
		return cmp.Or(r.place(kindObject, a)-r.place(kindObject, b), bytes.Compare(s[bb:bb+objSize], s[ab:ab+objSize]))
	})
}

// sortFree orders the request slots that are free: those that a stale reference names
// as they are met, then the others, which nothing tells apart.
func (m *Model) sortFree(s []byte, p *renumbering, r *met) {
	p.irps.sort(0, m.lay.irps.n, func(a, b int) int {
		if s[m.lay.irps.at(a)+irpPhase] != phaseFree {
			return 0 // free ones come last
		}
		return r.place(kindRequest, a) - r.place(kindRequest, b)
	})
}
