package model

import (
	"math/bits"
	"slices"
	"sync/atomic"
)

// learn is what a run finds out about the assumptions of its reductions. Two
// are made when a driver's own memory is treated as protected:
//
//   - a cell is protected when every access to it, once it is shared, is made
//     under one and the same lock of the device extension or of a static
//     variable; then no other context can look at it between the acquire and
//     the release;
//   - a request that a driver routine has claimed (by clearing its cancel
//     routine, or because it was never made reachable) is touched by no other
//     context until it is given on.
//
// Both are watched in every step of the run that uses them. When the run is
// over and an assumption turned out wrong, the run is worthless: Refine takes
// the assumption back and the exploration is made again. An access that breaks
// an assumption is reached in the reduced run if it can be reached at all, for
// up to the first such access the merged sections are atomic.
type learn struct {
	// Per cell class: locks held at every access so far; then, per class: 0 once it
	// was stored to; then the context that alone takes from the semaphore that begins
	// there, as a bit, 0 once there are two; then
	// which uses of a remove lock that begins there were not seen (removelock.go).
	held           []atomic.Uint32
	claimBroken    atomic.Bool                 // others touch a request that was claimed
	claimSoft      atomic.Bool                 // ... that the cancel side has won, under a lock
	exchangeBroken atomic.Bool                 // ... that a driver routine has taken from the cancel side
	useBroken      atomic.Bool                 // ... that is nobody's, while a context uses it
	dpcLost        atomic.Bool                 // a timer expired while its DPC was queued
	asksBroken     atomic.Bool                 // a request was asked for what it has forgotten, out of turn
	lookedLate     atomic.Bool                 // ... by a node that may not have been known to look
	lookers        []atomic.Bool               // nodes of dispatch routines that look at what a request asks for
	looks          atomic.Uint32               // which lengths and buffers the driver looks at
	ends           [endBits / 64]atomic.Uint64 // byte offsets at which accesses to buffers ended
	informed       [2]atomic.Uint32            // the largest Information of a request that is copied back; of one that was pended
	cells          cellLearn                   // who reads which cells
}

// assume is what the present run takes for granted.
type assume struct {
	open         []bool // cell classes that are not protected; those that are not read only; semaphores that several take from; remove locks whose releases do not move
	claimOpen    bool   // claims do not protect a request
	claimSoft    bool   // ... nor does the cancel side's, before it takes a lock
	exchangeOpen bool   // ... nor does the exchange that took it from the cancel side
	useOpen      bool   // ... nor does its use
	dpcLost      bool   // it matters when a DPC starts
	asksOpen     bool   // requests remember what they ask for until they are returned
	lookers      []bool // nodes that look at it
	looks        uint32 // what the driver looks at; the client varies nothing else
	ends         []int  // where its accesses to buffers ended: lengths to try
	informed     [2]int // the largest Information; of requests that were pended
	cells        cellAssume
	grown        int // how often the longest of them turned out too short
}

// endBits bounds the ends of accesses that are learned: one page.
const endBits = 4096

// mostGrown is how often a longer end is tried: an access behind the end of whatever
// the client gives would have no last one.
const mostGrown = 6

// maxEnds is how many of them become lengths: the least and the greatest.
const maxEnds = 6

// reaches records that a load or store of size bytes at a touched a buffer of
// the client up to its end.
func (x *exec) reaches(a Value, size int) {
	if x.m.cfg.App != nil {
		return
	}
	n := a.Offset() + size
	switch a.Class() {
	case ClassLazy:
		n &= 0x3FFF
	case ClassBlock, ClassMap:
	default:
		return
	}
	if n <= 0 || n >= endBits {
		return
	}
	if w := &x.m.learn.ends[n/64]; w.Load()&(1<<(n%64)) == 0 {
		w.Or(1 << (n % 64))
	}
}

// seenEnds lists the ends that were recorded, the middle ones left out.
func (l *learn) seenEnds() []int {
	var out []int
	for i := range l.ends {
		for w := l.ends[i].Load(); w != 0; w &= w - 1 {
			out = append(out, i*64+bits.TrailingZeros64(w))
		}
	}
	if n := len(out); n > maxEnds {
		out = append(out[:maxEnds/2:maxEnds/2], out[n-maxEnds/2:]...)
	}
	return out
}

// What a driver can look at of a request's buffers. The most general client
// varies only what has been seen to be looked at (22.5).
const (
	lookInLen uint32 = 1 << iota
	lookOutLen
	lookIn
	lookOut
	lookUser
	lookFile
	lookLate      // at the parameters of a request whose dispatch has returned
	lookLateBlock // ... at its system buffer
)

func (x *exec) looksAt(what uint32) {
	if l := &x.m.learn.looks; l.Load()&what != what {
		l.Or(what)
	}
}

// watchedClaim is an assumption that is right or wrong as a whole: what shows that
// it is wrong, and whether it was taken back.
type watchedClaim struct {
	wrong *atomic.Bool
	open  *bool
}

// watchedClaims are in an order that saved traces and checkpoints rely on.
func (m *Model) watchedClaims() [6]watchedClaim {
	l, a := &m.learn, &m.assume
	return [...]watchedClaim{{&l.claimBroken, &a.claimOpen}, {&l.claimSoft, &a.claimSoft}, {&l.dpcLost, &a.dpcLost},
		{&l.useBroken, &a.useOpen}, {&l.exchangeBroken, &a.exchangeOpen}, {&l.asksBroken, &a.asksOpen}}
}

// Refine compares what the last exploration saw with what it assumed. It
// reports whether another exploration is needed.
func (m *Model) Refine() bool {
	late, lost := m.learnLookers(), m.learnCells()
	again := false
	for i := range m.learn.held {
		if m.learn.held[i].Load() == 0 && !m.assume.open[i] && !lost {
			m.assume.open[i] = true
			again = true
		}
		m.learn.held[i].Store(^uint32(0))
	}
	for _, a := range m.watchedClaims() {
		if a.wrong.Load() && !*a.open && (!lost || a.wrong == &m.learn.asksBroken) {
			*a.open = true // not if what moves may have looked at what was forgotten
			again = true
		}
		a.wrong.Store(false)
	}
	again = again && (m.cfg.Reduce.Locks || m.cfg.Reduce.Movers) || late || lost
	seen, ends := m.learn.looks.Load()|m.assume.looks, m.learn.seenEnds()
	if old := m.reached(); old > 0 && len(ends) > 0 && ends[len(ends)-1] > old {
		if m.assume.grown++; m.assume.grown > mostGrown {
			ends = m.assume.ends
			again = again || !m.assume.asksOpen
			m.assume.asksOpen = true // it forgets buffers that are longer
		}
	}
	for i := range m.learn.informed {
		if n := int(m.learn.informed[i].Load()); m.cfg.App == nil && n > m.assume.informed[i] {
			m.assume.informed[i], again = n, true
		}
	}
	if m.cfg.App == nil && (seen != m.assume.looks || !slices.Equal(ends, m.assume.ends)) {
		m.assume.looks, m.assume.ends = seen, ends
		m.client = m.newClient()
		again = true
	}
	return again
}

// Assumptions gives what the present run takes for granted, in a form that
// Assume of another Model of the same case understands: a trace is a run only
// under the assumptions under which it was found.
func (m *Model) Assumptions() []int {
	out := []int{int(m.assume.looks), 0, m.assume.grown, m.assume.informed[0], m.assume.informed[1], len(m.assume.ends)}
	for i, a := range m.watchedClaims() {
		if *a.open {
			out[1] |= 1 << i
		}
	}
	out = append(out, m.assume.ends...)
	for i, open := range m.assume.open {
		if open {
			out = append(out, i)
		}
	}
	for i, looks := range m.assume.lookers {
		if looks {
			out = append(out, len(m.assume.open)+i)
		}
	}
	return m.assume.cells.append(out)
}

// Assume takes over assumptions; it says whether they fit this case.
func (m *Model) Assume(list []int) bool {
	const fixed = 6
	if len(list) < fixed || list[5] < 0 || list[5] > maxEnds || len(list) < fixed+list[5] {
		return false
	}
	cells, ok := m.assume.cells.take(list[fixed+list[5]:])
	if !ok {
		return false
	}
	m.assume.grown, m.assume.informed, m.assume.ends = list[2], [2]int{list[3], list[4]}, slices.Clone(list[fixed:fixed+list[5]])
	for _, c := range cells {
		switch n := len(m.assume.open); {
		case c < 0 || c >= n+len(m.assume.lookers):
			return false
		case c < n:
			m.assume.open[c] = true
		default:
			m.assume.lookers[c-n] = true
		}
	}
	m.lookAhead()
	m.readAhead()
	m.assume.looks = uint32(list[0])
	for i, a := range m.watchedClaims() {
		*a.open = list[1]&(1<<i) != 0
	}
	m.client = m.newClient()
	return true
}

// accessMover says how an access by the running context to memory at a moves.
func (x *exec) accessMover(a Value) mover {
	switch a.Class() {
	case ClassKStack, ClassCtx:
		if a.Slot() == x.ctx {
			return moverBoth
		}
	case ClassUStack:
		if a.Slot() == x.ctx && !x.namedByAny(a) {
			return moverBoth
		}
	case ClassDevice, ClassDriver, ClassString:
		return moverBoth
	case ClassIrp:
		f := fieldAt(x.m.irpFields, a.Offset())
		if f >= fieldCell+irpFlink {
			return x.protected(x.m.classIrpList)
		}
		switch f {
		case fieldCancel:
			return moverNone // the cancel side writes it whoever owns the request
		case fieldCancelIrql:
			if x.owns(x.irp(a.Slot())) && x.s[x.irp(a.Slot())+irpClaimed]&^claimDriver != 0 && x.m.cfg.Reduce.Movers && !x.m.assume.claimOpen {
				return moverBoth // X1 wrote it for the cancel side
			}
		}
		return x.claimed(a.Slot())
	case ClassStackLoc:
		return x.claimed(a.Slot())
	case ClassBlock:
		if b := x.m.lay.sysbufs.at(a.Slot()); x.s[b+blkIrp] != 0 {
			return x.claimed(int(x.s[b+blkIrp]) - 1)
		}
	case ClassLazy:
		if x.m.cfg.App == nil && x.m.cfg.Reduce.Movers {
			return moverBoth // what the memory is, is chosen at each access
		}
	case ClassMap:
		if x.m.cfg.App == nil {
			return x.mdlMoves(a)
		}
	case ClassFile:
		if x.m.cfg.Reduce.Movers && x.unknownFile(a.Slot()) {
			return moverBoth
		}
	case ClassExt:
		return x.protected(x.m.classExt + x.m.extLayout.CellAt(int32(a.Offset())))
	case ClassGlobal:
		return x.protected(x.m.classGlobal + x.m.globals.layout.CellAt(int32(a.Offset())))
	case ClassRecord:
		site, _, at := x.m.record(a)
		if !a.stale() && (x.s[at+recShared] == 0 || x.lone.alone && !x.namedElsewhere(a)) {
			return moverBoth
		}
		return x.protected(x.m.classSite[site] + x.m.sites[site].layout.CellAt(int32(a.Offset())))
	}
	return moverNone
}

// mdlMoves: an MDL moves as the request that it belongs to; one that the driver
// has made and shown to nobody is the running context's own.
func (x *exec) mdlMoves(a Value) mover {
	b := x.mdl(a.Slot())
	if i := int(x.s[b+mdlIrp]) - 1; i >= 0 {
		return x.claimed(i)
	}
	if x.m.cfg.Reduce.Movers && x.s[b+mdlUsed] == mdlHidden {
		return moverBoth
	}
	return moverNone
}

// protected says whether cells of class c are taken to be reached only under a
// lock, and the running context holds one. Which lock it is, watch finds out.
func (x *exec) protected(c int) mover {
	if x.lone.alone {
		return moverNone // it is the others' as well
	}
	if x.boot || c < 0 || c >= len(x.m.assume.open) || x.m.assume.open[c] || !x.m.cfg.Reduce.Locks || x.held() == 0 {
		return moverNone
	}
	return moverBoth
}

// held is the set of locks that the running context holds.
func (x *exec) held() uint32 {
	if x.ctx < 0 {
		return 0 // the clock
	}
	held := u32(x.s, x.cb+ctxHeld)
	if x.s[hdrCancel] == byte(x.ctx+1) {
		held |= cancelLockBit
	}
	return held
}

// watch records an access to cells of class c, first to last: the locks that
// protect a class are those held at every access.
func (x *exec) watch(first, last int) {
	if x.boot || !x.m.cfg.Reduce.Locks || last < 0 {
		return
	}
	held := x.held()
	for c := max(first, 0); c <= last && c < x.m.classCount; c++ {
		if x.m.removes && !x.locking {
			x.usesLock(c, unseenOther)
		}
		for {
			old := x.m.learn.held[c].Load()
			if old&held == old || x.m.learn.held[c].CompareAndSwap(old, old&held) {
				break
			}
		}
	}
}

// wrote records a store to cells of class c, first to last, that others can find.
func (x *exec) wrote(first, last int) {
	if x.boot || !x.m.cfg.Reduce.Locks {
		return
	}
	for c := max(first, 0); c <= last && c < x.m.classCount; c++ {
		if w := &x.m.learn.held[x.m.classCount+c]; w.Load() != 0 {
			w.Store(0)
		}
	}
}

// classesOf gives the first and the last class of the cells that size bytes of
// the driver's memory at a meet; the last is -1 where nobody else can find them.
func (x *exec) classesOf(a Value, size int) (first, last int) {
	m := x.m
	l := m.extLayout
	switch a.Class() {
	case ClassExt:
		first = m.classExt
	case ClassGlobal:
		first, l = m.classGlobal, m.globals.layout
	case ClassRecord:
		site, _, at := m.record(a)
		if x.s[at+recShared] == 0 {
			return 0, -1
		}
		first, l = m.classSite[site], m.sites[site].layout
	case ClassFile:
		if x.unknownFile(a.Slot()) {
			return 0, -1
		}
		return m.classFile, m.classFile
	default:
		return 0, -1
	}
	c := l.CellAt(int32(a.Offset()))
	if c < 0 {
		return 0, -1
	}
	last = c
	for last+1 < len(l.Cells) && int(l.Cells[last+1].Offset) < a.Offset()+size {
		last++
	}
	return first + c, first + last
}

// loadMover says how a load moves. Cells that nobody stores to once others can
// find them are read only: a load of one commutes with all but the end of the
// object. So it must not be put off past what lets another context end it: it
// moves right only. The device extension and static variables have no end.
func (x *exec) loadMover(a Value) mover {
	mv := x.accessMover(a)
	if mv != moverNone || x.boot || !x.m.cfg.Reduce.Locks {
		return mv
	}
	c, last := x.classesOf(a, 1)
	switch {
	case last < 0 || x.m.assume.open[x.m.classCount+c]:
	case a.Class() == ClassExt || a.Class() == ClassGlobal:
		return moverRead
	case a.Class() == ClassFile && x.pins(a.Slot()):
		return moverRead
	case a.Class() == ClassFile, a.Class() == ClassRecord && !a.stale():
		return moverEarly
	}
	return moverNone
}

// unknownFile: in CREATE and CLOSE nobody else knows the file object (15.16).
func (x *exec) unknownFile(f int) bool {
	p := x.s[x.file(f)+filPhase]
	return p == fileOpening || p == fileDeleting
}

// pins says whether the running context owns a request on file object f alone:
// before that is over the file object cannot go away.
func (x *exec) pins(f int) bool {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if int(x.s[b+irpFile]) == f+1 && x.owns(b) && x.s[b+irpPhase] == phaseDriver {
			return true
		}
	}
	return false
}

const cancelLockBit = 1 << 31

// lockCell numbers the cells that can hold a lock of which there is only one.
func (m *Model) lockCell(a Value) int {
	switch a.Class() {
	case ClassExt:
		return m.extLayout.CellAt(int32(a.Offset()))
	case ClassGlobal:
		if c := m.globals.layout.CellAt(int32(a.Offset())); c >= 0 {
			return m.classGlobal + c
		}
	}
	return -1
}

// nameLock gives a lock that DriverEntry initialises a bit among those that can
// protect. A lock inside a pool block protects nothing here.
func (m *Model) nameLock(a Value) {
	if c := m.lockCell(a); c >= 0 && m.lockBits[c] == 0 && m.locks < 31 {
		m.lockBits[c] = 1 << m.locks
		m.locks++
	}
}

func (m *Model) lockBit(a Value) uint32 {
	if c := m.lockCell(a); c >= 0 {
		return m.lockBits[c]
	}
	return 0
}

// namedByAny says whether the request that is outstanding names memory on this
// stack: then the kernel or the driver may touch it at any time.
func (x *exec) namedByAny(a Value) bool {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if x.s[b+irpPhase] == phaseFree {
			continue
		}
		for _, f := range [...]int{irpIn, irpOut, irpOver} {
			if v := val(x.s, b+f); v.Class() == ClassUStack && v.Slot() == a.Slot() {
				return true
			}
		}
	}
	return false
}

func newHeld(n int) []atomic.Uint32 {
	h := make([]atomic.Uint32, n)
	for i := range h {
		h[i].Store(^uint32(0))
	}
	return h
}
