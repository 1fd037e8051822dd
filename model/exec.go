package model

import (
	"encoding/binary"
	"iter"
)

// exec runs one step on a private copy of a state. It belongs to one goroutine
// at a time and is reused: nothing on the path from a state to its successors
// allocates.
//
// A step that is nondeterministic calls choose. The step is run again for each
// way of choosing; script holds the choices of this run, and which run it is,
// counted from 0 in the order of the scripts, is the action's Arg. That makes
// an action's label unique in its state without saying what was chosen.
type exec struct {
	m *Model
	s []byte // the state that it works on: own, or the target of a step

	own []byte

	ctx  int // the context that runs
	cb   int // offset of its block
	base int // offset in s of its top frame

	at       int // code of the operation that runs
	notes    uint64
	halted   bool // a finding has ended the path
	cuts     byte // how often the section that goes on was cut (cut.go)
	locking  bool // a remove lock's own routines access it
	system   bool // the operation is nobody's: no context runs
	fresh    bool // nothing has run in this step yet
	mayWait  bool // the step need not be taken before what it waits for is there
	wentBack bool // the operation that ran last is one that can go back
	asked    bool // A0 has chosen a request in this section (asks.go)
	issued   byte // slot+1 of the request that entered its list in this section, or anyRequest
	prefix   bool // the step ends before the first operation that does not commute (ample.go)

	script []choice
	pos    int
	ways   []uint64 // where the ways to take the step that is pushed lead, hashed

	boot       bool    // DriverEntry or CREATE is running, alone
	bootCells  []Value // what DriverEntry stored in driver and device objects
	bootResult Value   // what the outermost routine returned

	asking asking // what A0 chose (asking.go)

	lone    lone    // of the steps pushed (ample.go)
	holders holders // of requests and blocks (holders.go)

	openings []opening // of the state whose steps are pushed, by context
	first    opening   // of the step that begins, if it is known

	log *Log // not nil while a step is told for a trace
}

// anyRequest is issued in a section that goes on after a cut.
const anyRequest = 0xFF

func newExec(m *Model) *exec {
	own := make([]byte, m.lay.size)
	return &exec{m: m, s: own, own: own, openings: make([]opening, m.lay.ctxs.n)}
}

type choice struct{ took, of uint8 }

// choose picks one of n ways to go on, 0 first.
func (x *exec) choose(n int) int {
	if n <= 1 {
		return 0
	}
	if x.pos == len(x.script) {
		x.script = append(x.script, choice{0, uint8(n)})
	}
	c := x.script[x.pos]
	x.pos++
	return int(c.took)
}

// start begins a run of a step from state s with the present script.
func (x *exec) start(s []byte) {
	copy(x.s, s)
	x.reset()
}

// startIn is start in memory that is a copy of the state already.
func (x *exec) startIn(target []byte) {
	x.s = target
	x.reset()
}

func (x *exec) reset() {
	x.notes, x.halted, x.system, x.prefix, x.pos, x.cuts = 0, false, false, false, 0, 0
	x.fresh, x.mayWait, x.wentBack, x.issued, x.asked = true, false, false, 0, false
	x.first = opening{}
	x.asking.at, x.asking.other = -1, false
}

// firstWay makes the next run of a step its first.
func (x *exec) firstWay() {
	x.script = x.script[:0]
	x.asking.way, x.asking.tried = asked{in: anyLength, out: anyLength}, x.asking.tried[:0]
}

// next turns the script to the following run; false when all have been made.
func (x *exec) next() bool {
	x.script = x.script[:x.pos]
	x.triedVariant()
	for n := len(x.script) - 1; n >= 0; n-- {
		c := &x.script[n]
		took := int(c.took) + 1
		if n == x.asking.at {
			took = x.nextVariant(int(c.took), int(c.of))
		}
		if took < int(c.of) {
			c.took = uint8(took)
			x.script = x.script[:n+1]
			return true
		}
	}
	x.firstWay()
	return false
}

// run makes context i the one that runs.
func (x *exec) run(i int) {
	x.ctx = i
	x.cb = x.m.lay.ctxs.at(i)
	x.setBase()
}

// setBase finds the top frame of the running context; base is 0 if it has none.
func (x *exec) setBase() {
	x.base = 0
	if w := int(x.s[x.cb+ctxBase]); w != 0 {
		x.base = x.cb + ctxStack + 4*(w-1)
	}
}

// Frames. The first two words are
//
//	pc u16, previous frame's first word + 1 u8, frame flags u8
//	C stack position u16, unused u16
//
// then come the registers and, for a C routine, the cells of its objects.
const (
	framePC    = 0
	framePrev  = 2
	frameFlags = 3
	frameCPos  = 4
	frameRegs  = 8
	frameWords = 2
)

// frameTransparent marks a frame that interrupted the one below it: its result
// is nobody's.
const frameTransparent = 1

// frames goes through the frames of the context whose block is at cb, from the top
// down, and where each ends.
func frames(s []byte, cb int) iter.Seq2[int, int] {
	return func(yield func(base, end int) bool) {
		end := cb + ctxStack + 4*int(s[cb+ctxTop])
		for w := int(s[cb+ctxBase]); w != 0; {
			base := cb + ctxStack + 4*(w-1)
			if !yield(base, end) {
				return
			}
			end, w = base, int(s[base+framePrev])
		}
	}
}

// frameIn is the topmost frame of the context at cb that runs a step of a table, 0 if
// there is none.
func (m *Model) frameIn(s []byte, cb, table int) int {
	for base := range frames(s, cb) {
		if m.inTable(u16(s, base+framePC), table) {
			return base
		}
	}
	return 0
}

func (x *exec) pc() int         { return u16(x.s, x.base+framePC) }
func (x *exec) setPC(pc int)    { put16(x.s, x.base+framePC, pc) }
func (x *exec) reg(i int) Value { return val(x.s, x.base+frameRegs+4*i) }
func (x *exec) setReg(i int, v Value) {
	put(x.s, x.base+frameRegs+4*i, v)
}

// push makes a frame of n words after the header on top of the running context.
func (x *exec) push(pc, words int, flags byte) bool {
	top := int(x.s[x.cb+ctxTop])
	need := frameWords + words
	if top+need > x.m.lay.ctxs.words(x.ctx) {
		x.capacity(boundStack)
		return false
	}
	prev := x.s[x.cb+ctxBase]
	cpos := 0
	if prev != 0 {
		cpos = x.cposAbove()
	}
	x.s[x.cb+ctxBase] = byte(top + 1)
	x.s[x.cb+ctxTop] = byte(top + need)
	x.setBase()
	x.setPC(pc)
	x.s[x.base+framePrev] = prev
	x.s[x.base+frameFlags] = flags
	put16(x.s, x.base+frameCPos, cpos)
	return true
}

// cposAbove is where on the C stack of its mode a frame above the present top
// begins. User and kernel frames count apart, as their stacks are apart; both
// positions are kept as one number, because user frames are below all kernel
// frames of a context.
func (x *exec) cposAbove() int {
	pos := u16(x.s, x.base+frameCPos)
	if r := x.m.routineAt(x.pc()); r != nil {
		pos += r.bytes
	} else if x.m.inTable(x.pc(), tableCall) {
		pos += iosbBytes
	}
	return pos
}

// pop drops the top frame and zeroes its words.
func (x *exec) pop() (flags byte) {
	flags = x.s[x.base+frameFlags]
	prev := x.s[x.base+framePrev]
	first := int(x.s[x.cb+ctxBase]) - 1
	last := int(x.s[x.cb+ctxTop])
	clear(x.s[x.cb+ctxStack+4*first : x.cb+ctxStack+4*last])
	x.s[x.cb+ctxBase] = prev
	x.s[x.cb+ctxTop] = byte(first)
	x.setBase()
	return flags
}

// halt ends the path with a finding: the state keeps nothing but it, so that
// one finding at one place is one state.
func (x *exec) halt(stop StopKind, what, code int) {
	if x.halted {
		return
	}
	site := noSite
	if x.base != 0 || x.system {
		site = x.at
	}
	if x.log != nil {
		x.log.before = append(x.log.before[:0], x.s...)
	}
	clear(x.s)
	x.s[hdrStop] = byte(stop)
	x.s[hdrWhat] = byte(what)
	binary.LittleEndian.PutUint16(x.s[hdrSite:], uint16(site))
	binary.LittleEndian.PutUint16(x.s[hdrCode:], uint16(code))
	x.halted = true
	x.notes |= NoteStopped
	x.base = 0
}

// violate records that the running step breaks an invariant.
func (x *exec) violate(inv int, code StopCode) { x.halt(StopViolation, inv, int(code)) }

// capacity records that a capacity bound was reached.
func (x *exec) capacity(b bound) { x.halt(StopCapacity, int(b), 0) }

// unsupported records that the path needs what the machine cannot execute.
func (x *exec) unsupported(w what) { x.halt(StopUnsupported, int(w), 0) }
