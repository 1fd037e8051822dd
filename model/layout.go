package model

import (
	"encoding/binary"
	"slices"

	"github.com/ownercheck/ownercheck/model/program"
)

// A state is a fixed number of bytes: a header, then one block per object the
// bounds allow, in the order of the fields below. A free object's block is all
// zero, so that how a slot was used before does not tell two states apart.
type layout struct {
	size    int
	irps    blocks
	mdls    blocks
	sysbufs blocks
	fetches blocks // of each request, which of its user memory the driver has tested
	frames  blocks
	ranges  blocks
	heaps   blocks
	events  blocks
	files   blocks
	apcs    blocks // routine of each request that ends with a user APC
	uapcs   blocks // queue of user APCs of each thread
	ports   blocks
	posts   blocks // packets that the app made
	procs   blocks // the app's process
	items   blocks // work items, where the driver allocates any
	objects blocks // objects of the app that the driver has referenced, where it can
	ctxs    contexts
	sites   []blocks // driver records, one group per allocation site
	ext     int      // device extension cells
	globals int      // driver static variables
	uglobal int      // app static variables
}

// blocks is an array of n equal blocks of size bytes at off.
type blocks struct{ off, size, n int }

func (b blocks) at(i int) int { return b.off + i*b.size }

// contexts are the app's threads first, then processors that run DPCs, whose
// stacks are shorter, then a system worker thread where files are closed, then
// worker threads for work items and system threads of the driver: of those there
// are none where it uses none.
type contexts struct {
	threads, dpcs, workers, pool, system blocks
	n                                    int
	offs                                 []int   // of each
	alike                                []group // of those that take no part in the order of requests
}

// A group is contexts that cannot be told apart: first to last-1.
type group struct{ first, last int }

func (c *contexts) at(i int) int { return c.offs[i] }

// place lists the contexts.
func (c *contexts) place() {
	for _, b := range [...]blocks{c.threads, c.dpcs, c.workers, c.pool, c.system} {
		for i := range b.n {
			c.offs = append(c.offs, b.at(i))
		}
	}
	c.n = len(c.offs)
	c.alike = []group{{c.threads.n, c.firstWorker()}, {c.firstPool(), c.firstSystem()}}
}

// firstWorker, firstPool and firstSystem are where those contexts begin.
func (c *contexts) firstWorker() int { return c.threads.n + c.dpcs.n }
func (c *contexts) firstPool() int   { return c.firstWorker() + c.workers.n }
func (c *contexts) firstSystem() int { return c.firstPool() + c.pool.n }

// sizeOf is the size of context i's block, words the room on its stack.
func (c *contexts) sizeOf(i int) int {
	switch {
	case i < c.threads.n:
		return c.threads.size
	case i < c.firstWorker():
		return c.dpcs.size
	case i < c.firstPool():
		return c.workers.size
	}
	return c.system.size // and of the pool
}

func (c *contexts) words(i int) int { return (c.sizeOf(i) - ctxStack) / 4 }

// Header bytes.
const (
	hdrStop    = 0                     // StopKind; the rest of a stopped state is the finding, all else zero
	hdrWhat    = 1                     // which invariant, bound
	hdrCut     = 1                     // in a state that goes on: context+1 whose section was cut (cut.go)
	hdrCutDone = 2                     // how far that section was: cut* bits
	hdrCuts    = 3                     // how often it was cut
	hdrSite    = 2                     // u16 code where
	hdrCode    = 4                     // u16 index into stopCodes
	hdrCancel  = 6                     // context+1 that holds the cancel lock
	hdrDPCs    = 8                     // queued DPC objects, in order of queueing: maxQueued Values
	hdrTimers  = hdrDPCs + 4*maxQueued // set timers: maxQueued Values
	hdrSize    = hdrTimers + 4*maxQueued
)

// maxQueued is how many DPC objects can be queued, and timers be set, at once
// (capacity).
const maxQueued = 8

// Fields of an IRP block, bytes from its start.
const (
	irpPhase     = 0
	irpThread    = 1 // issuing context+1; 0: disassociated (T7)
	irpFile      = 2
	irpMethod    = 3
	irpFlags     = 4
	irpMajor     = 6
	irpOwner     = 7 // context+1 that alone may touch it, 0: nobody in particular
	irpPending   = 8 // the pending bit of the driver's location (fact 1.30)
	irpReturned  = 9 // what dispatch returned: see returned*
	irpCancel    = 10
	irpIrql      = 11 // CancelIrql
	irpNotified  = 12 // notified*
	irpGone      = 13 // gone*: which of the request's memory the app has given up
	irpPendRet   = 14 // PendingReturned
	irpClaimed   = 15 // the cancel side has won the exchange (X1)
	irpInLen     = 16 // u16
	irpOutLen    = 18 // u16
	irpRoutine   = 20 // u16 cancel routine+1
	irpEvent     = 22 // event slot+1
	irpBlock     = 23 // system buffer slot+1
	irpMdl       = 24 // MDL slot+1
	irpFrame     = 25 // frame slot+1 that the I/O manager's lock took; stays after the unlock
	irpResult    = 26 // how the call ended for the app: see called*
	irpListed    = 27 // place in the thread's list of requests, the head has the largest; 0: on none
	irpStatus    = 28 // Value
	irpInfo      = 32 // Value
	irpIn        = 36 // Value: user input address
	irpOut       = 40 // Value: user output address
	irpOver      = 44 // Value: OVERLAPPED
	irpCode      = 48 // Value: control code
	irpCells     = 52 // Values: what the driver stores in the IRP
	irpContext   = 0  // cells: DriverContext[0..3]
	irpFlink     = 4
	irpBlink     = 5
	irpCellCount = 6
	irpSize      = irpCells + 4*irpCellCount
)

// Phases of an IRP.
const (
	phaseFree     = iota
	phaseIssue    // being built by the issuer
	phaseDriver   // the driver has it
	phaseStage1   // IoCompleteRequest has begun
	phaseQueued   // stage two is queued to the thread
	phaseStage2   // stage two runs
	phaseDeferred // stage two is left to the issuer (D2)
	phaseTaken    // over, and on no list; the app has to take its user APC or packet
	phaseDone     // CREATE, CLEANUP or CLOSE: its sender may go on
)

// irpFlags bits.
const (
	flagBuffered = 1 << iota
	flagDealloc
	flagInputOp
	flagFileList  // on the file object's list, not on the thread's (19.4)
	flagNoContext // no packet is due: the APC context is NULL (19.15)
	flagForgot    // what it asked for is gone (late.go)
)

const (
	returnedNot = iota
	returnedPending
	returnedOther
)

// What the app was told by the call itself.
const (
	calledNot = iota
	calledPending
	calledSuccess // or a warning: not an error
	calledError
)

// irpGone bits: memory that the request names and that the app has given up.
const (
	goneOut = 1 << iota
	goneOver
	goneIn
)

// Fields of the other blocks.
const (
	mdlUsed    = 0 // mdlHidden, mdlShown: whether its address was stored where others find it
	mdlLocks   = 1
	mdlWrite   = 2 // locked for write
	mdlMapped  = 3
	mdlFrame   = 4  // frame slot+1
	mdlIrp     = 5  // request slot+1 whose I/O manager MDL it is; 0: driver made
	mdlFetch   = 7  // the driver has read through the mapping
	mdlLen     = 8  // u16
	mdlProcess = 10 // process that its lock counts for: process*
	mdlUser    = 11 // range slot+1 of its user mapping, mdlUserLazy
	mdlVA      = 12
	mdlLast    = 16 // Value last read through the mapping
	mdlSize    = 20

	blkUsed   = 0
	blkIrp    = 1  // request slot+1
	blkSize   = 4  // u16
	blkCaller = 6  // u16: bytes from the caller
	blkFrom   = 8  // u16: the driver wrote [from, to)
	blkTo     = 10 // u16
	blkBytes  = 12

	frmList    = 0 // list*
	frmShare   = 1
	frmLocks   = 2
	frmDeleted = 3
	frmGiven   = 4 // range slot+1 that it was last given to; frameOther: another process
	frmLayout  = 5 // shape of its contents
	frmRenewed = 6 // it was given again while an MDL held it locked
	frmView    = 7 // view*: a page of a section, and who else shows it
	frmCells   = 8

	rngUsed  = 0
	rngFrame = 1 // frame slot+1
	rngProt  = 2 // prot*
	rngKind  = 3 // range*
	rngSize  = 4

	heapUsed  = 0
	heapCells = 4

	evtUsed   = 0
	evtSignal = 1
	evtManual = 2
	evtSize   = 4

	prcPhase  = 0 // proc*
	prcLocked = 1 // NumberOfLockedPages
	prcSize   = 4

	filPhase   = 0 // file*
	filFlags   = 1 // file*
	filLock    = 2 // context+1 that holds the lock of a synchronous file object
	filEvent   = 3 // its own event is set
	filHandles = 4 // bits of the handles that are open
	filCells   = 8 // FsContext, FsContext2
	filSize    = 16
	filPort    = 16 // port slot+1; only if the app uses ports
	filKey     = 20 // Value
	filPorts   = 8  // bytes more

	ctxAlive  = 0 // alive*
	ctxIrql   = 1
	ctxBase   = 2  // first word of the top frame + 1; 0: no frame
	ctxTop    = 3  // first free word
	ctxLocks  = 4  // spin locks held
	ctxApcs   = 5  // length of the APC queue
	ctxDying  = 7  // dying*
	ctxMark   = 6  // DPC: it was queued before a KeFlushQueuedDpcs that waits
	ctxHeld   = 8  // u32: lock classes held
	ctxLast   = 12 // Value: GetLastError, or the exception code
	ctxObject = 16 // Value: the DPC object that a DPC context runs
	ctxQueue  = 20 // up to 8 requests whose stage two waits
	ctxStack  = 28

	recUsed   = 0
	recShared = 2
	recPaged  = 3 // of paged pool
	recBytes  = 4 // u16
	recCells  = 8
)

// Values of mdlUsed.
const (
	mdlHidden = 1
	mdlShown  = 2
)

// Lists that a frame can be on (section 5).
const (
	listFree    = iota // also: never used
	listActive         // share count above zero
	listLimbo          // share count zero, still referenced: on no list
	listTrimmed        // out of the working set, its data kept: on no list while it is locked, then modified or standby
)

const frameOther = 0xFF

// alive values.
const (
	aliveNot = iota
	aliveYes
	aliveDone // ran to its end
)

func u16(s []byte, off int) int         { return int(binary.LittleEndian.Uint16(s[off:])) }
func put16(s []byte, off, v int)        { binary.LittleEndian.PutUint16(s[off:], uint16(v)) }
func val(s []byte, off int) Value       { return Value(binary.LittleEndian.Uint32(s[off:])) }
func put(s []byte, off int, v Value)    { binary.LittleEndian.PutUint32(s[off:], uint32(v)) }
func u32(s []byte, off int) uint32      { return binary.LittleEndian.Uint32(s[off:]) }
func put32(s []byte, off int, v uint32) { binary.LittleEndian.PutUint32(s[off:], v) }

// site is a place in the driver that allocates: blocks of one shape.
type site struct {
	code   int // the allocating node
	layout *program.Layout
}

// newLayout places everything. Frames come first for VirtualAlloc memory, then
// one for each thread's stack, then one for the heap.
func (m *Model) newLayout() {
	b := m.cfg.Bounds
	m.lay = layout{}
	l := &m.lay
	off := hdrSize
	take := func(size, n int) blocks {
		size = (size + 3) &^ 3
		r := blocks{off, size, n}
		off += size * n
		return r
	}
	explicit := m.cfg.App != nil
	thread, dpc := m.stackNeeds()
	l.ctxs.threads = take(ctxStack+4*min(thread, b.Stack), m.threads)
	l.ctxs.dpcs = take(ctxStack+4*min(dpc, b.Stack), b.DPCs)
	files, slots := 1, b.Requests
	if m.second() {
		files++
	}
	if m.filesMove() {
		files += b.Files - 1
		slots += files // a CREATE, CLEANUP or CLOSE of each
		l.ctxs.workers = take(ctxStack+4*min(dpc, b.Stack), 1)
	}
	m.systemContexts(take)
	l.ctxs.place()
	l.irps = take(irpSize, slots)
	l.mdls = take(mdlSize, slots+b.Requests)
	l.sysbufs = take(blkBytes, slots+1)
	if !explicit {
		l.fetches = take(fetchBytes, slots)
	}
	m.poolFrames = b.Frames
	if explicit {
		l.frames = take(frmCells+4*m.pageCells, b.Frames+m.threads+1)
		l.ranges = take(rngSize, b.Ranges)
		l.heaps = take(heapCells+4*m.heapCells, b.Ranges)
		l.events = take(evtSize, m.eventCount)
		if m.usesUserAPCs() {
			l.apcs = take(4, slots)
			l.uapcs = take(uapcSize, m.threads)
		}
		ports, posts := m.portCounts()
		l.ports, l.posts = take(prtSize, ports), take(pstSize, posts)
		l.uglobal = off
		off += 4 * m.uglobals.cells
	} else {
		m.poolFrames = 0
		if m.cfg.Actions.Port {
			l.ports = take(prtSize, 1)
		}
	}
	l.files = take(filSize+filPorts*min(l.ports.n, 1), files)
	l.procs = take(prcSize, 1)
	m.systemObjects(take)
	l.ext = off
	if m.extLayout != nil {
		off += 4 * len(m.extLayout.Cells)
	}
	l.globals = off
	off += 4 * m.globals.cells
	for _, s := range m.sites {
		l.sites = append(l.sites, take(recCells+4*len(s.layout.Cells), b.Records))
	}
	l.size = (off + 7) &^ 7
	m.placeRecords()
}

// Parts gives the end of each part of a state that changes together: one for
// each context, each request with what belongs to it, and the driver's memory.
func (m *Model) Parts() []int {
	var ends []int
	end := func(n int) { ends = append(ends, n) }
	l := &m.lay
	end(hdrSize)
	for i := range l.ctxs.n {
		end(l.ctxs.at(i) + l.ctxs.sizeOf(i))
	}
	for _, bl := range append([]blocks{l.irps, l.mdls, l.sysbufs, l.fetches, l.frames, l.ranges, l.heaps, l.events, l.files, l.apcs, l.uapcs, l.ports, l.posts, l.procs, l.items, l.objects}, l.sites...) {
		for i := range bl.n {
			if bl.size >= 16 || i == bl.n-1 {
				end(bl.at(i) + bl.size)
			}
		}
	}
	if l.uglobal > 0 {
		end(l.uglobal + 4*m.uglobals.cells)
	}
	end(l.ext)
	end(l.globals)
	end(l.globals + 4*m.globals.cells)
	end(l.size)
	slices.Sort(ends)
	ends = slices.Compact(ends)
	if ends[0] == 0 {
		ends = ends[1:]
	}
	return ends
}
