package model

import (
	"iter"
	"strings"

	"github.com/ownercheck/ownercheck/model/program"
)

// mover says how an operation commutes with those of other contexts (Lipton):
// a section of right movers, one other, and left movers can run as one step.
type mover uint8

const (
	moverNone  mover = iota // commutes with nothing: at most one in a step
	moverBoth               // local, or protected
	moverRight              // acquires
	moverLeft               // releases
	moverRead               // reads what never changes
	moverEarly              // ... while it lives: moves right only
)

// commutes says whether the operation can be moved anywhere.
func (mv mover) commutes() bool { return mv == moverBoth || mv == moverRead }

// goesFirst says whether the operation, where it can run, may as well run before all
// that others do first: it commutes, or moves left.
func (mv mover) goesFirst() bool { return mv.commutes() || mv == moverLeft }

// inst is a node made ready to run: successors as codes, operands as Values.
type inst struct {
	op     program.Op // of n, as what follows
	signed bool
	back   bool // it can go on before itself
	plain  bool // one of the plainOps
	empty  bool // it takes a lock that is released at once
	level  ceiling
	dst    program.Reg
	size   int
	offset int
	next   int
	els    int
	args   []arg
	api    *api
	r      *routine
	n      *program.Node
	code   int
	live   uint64 // registers alive before it
	keep   uint64 // registers to keep while it waits for a call

	// What is made of what an OpLoad loads (asking.go).
	compared    bool         // it is compared, and nothing else
	tests       []lengthTest // all comparisons, if they are with constants; else nil
	holdsTested bool         // before this node some register may have what is so tested
}

// successors goes through the codes that may come next in the same routine.
func (in *inst) successors() iter.Seq[int] {
	return func(yield func(code int) bool) {
		nodes := [...]int32{in.n.Next, in.n.Guard, program.NoNode}
		if in.op == program.OpBranch || in.op == program.OpSwitch {
			nodes[2] = in.n.Else
		}
		for _, n := range nodes {
			if n != program.NoNode && !yield(in.r.first+int(n)) {
				return
			}
		}
		for _, k := range in.n.Cases {
			if k.Next != program.NoNode && !yield(in.r.first+int(k.Next)) {
				return
			}
		}
	}
}

type arg struct {
	kind program.OperandKind
	v    Value // OperandReg: register; OperandLocal: object
}

// routine is a C function made ready to run.
type routine struct {
	r       *program.Routine
	index   int
	side    program.Side
	first   int    // code of node 0
	regs    uint64 // all registers, as a set
	words   int    // frame words after the header
	bytes   int    // C stack bytes of its objects
	layouts []*program.Layout
	objPos  []int
	objWord []int
}

// advance runs one step of the running context: operations up to the next
// point where another context could see a difference. False means that the
// context cannot run now.
func (x *exec) advance() bool {
	if !x.first.known {
		x.first = x.look()
	}
	x.prefix, x.mayWait = x.endsEarly(x.s, x.cb, x.first), true
	return x.section(0, x.resume())
}

// maxChoices ends a step that has chosen so often. To stop early is always sound.
const maxChoices = 6

// tooManyWays says whether a step has chosen too often to go on: a loop over
// unknown values would make as many steps of one state as there are ways through
// it, so there it stops each time round.
func (x *exec) tooManyWays() bool {
	return x.pos >= maxChoices || x.pos > 0 && x.wentBack
}

// maxReads ends a step that is so long before a load of a cell that never
// changes: a loop that waits for it to change would have no end.
const maxReads = 100

// section goes on with a step that has run n operations; committed says that
// one of them commutes with nothing.
//
// A section that has only come to the first thing it has to wait for has done
// nothing yet: what moves right is put off until it can go on.
func (x *exec) section(n int, committed bool) bool {
	from := n
	for ; ; n++ {
		if x.base == 0 {
			x.tidy()
			return n > 0
		}
		x.fresh = n == 0
		if n > 0 && x.tooManyWays() {
			if x.prefix {
				x.tidy()
				return true
			}
			return x.cut(committed)
		}
		if n < x.m.cfg.Bounds.Local && x.direct() {
			if x.halted {
				return true
			}
			x.first.known = false
			continue
		}
		mv, ready := x.nextMoves()
		if mv == moverRight && committed && x.takesNothing() {
			mv = moverBoth
		}
		if n > maxReads && (mv == moverRead || mv == moverEarly) ||
			n > 0 && (x.prefix && !mv.goesFirst() || x.stopsBefore(mv, committed) || x.couldTell(mv)) {
			x.tidy()
			return true
		}
		if !ready {
			if n == 0 || n > from && x.mayWait && !committed && !x.prefix && x.pos == 0 && x.putsOff() {
				return false
			}
			x.tidy()
			return true
		}
		if n >= x.m.cfg.Bounds.Local {
			x.at = x.pc()
			x.capacity(boundLocal)
			return true
		}
		if mv == moverNone || mv == moverLeft {
			committed = true
			x.usesNoMore()
		}
		x.lone.broken = x.lone.broken || !mv.goesFirst() && !(x.lone.alone && mv == moverRight)
		x.operate()
		if x.halted {
			return true
		}
	}
}

// stopsBefore says whether a section stops before an operation that moves as mv:
// one that does not move left to the operation that it has made, or the acquire of
// a second lock, which leaves a state to deadlock in.
func (x *exec) stopsBefore(mv mover, committed bool) bool {
	return mv == moverRight && x.holdsLock() || committed && (mv == moverNone || mv == moverRight || mv == moverEarly)
}

// takesNothing says whether the next operation takes a lock only to release it: with
// nothing in between, the two together commute with all that others do while it is
// free.
func (x *exec) takesNothing() bool {
	pc := x.pc()
	return pc < x.m.kernelCode && x.m.code[pc].empty
}

// takesNothing says so of instruction in, which takes a spin lock or not.
func (m *Model) takesNothing(in *inst) bool {
	if in.op != program.OpAPI || !strings.HasPrefix(in.n.API, "KeAcquireSpinLock") || in.n.Next == program.NoNode {
		return false
	}
	for next := &m.code[in.next]; ; next = &m.code[next.next] {
		switch next.op {
		case program.OpNop, program.OpCopy, program.OpConvert, program.OpOffset:
			if next.next <= next.code {
				return false
			}
		case program.OpAPI:
			return strings.HasPrefix(next.n.API, "KeReleaseSpinLock")
		default:
			return false
		}
	}
}

// putsOff says whether the running context is kernel or driver code that can wait
// where it came from as well.
func (x *exec) putsOff() bool { return x.m.cfg.Reduce.Movers && !x.m.inUser(x.s, x.cb) }

// direct runs the next operation, if it is one that always can run and commutes
// with everything.
func (x *exec) direct() bool {
	pc := x.pc()
	if pc < x.m.kernelCode {
		in := &x.m.code[pc]
		if in.plain {
			x.plain(in)
		}
		return in.plain
	}
	st := &x.m.steps[pc-x.m.kernelCode]
	if !st.direct {
		return false
	}
	x.at, x.wentBack = pc, false
	if x.log != nil {
		x.log.at(x, pc)
	}
	x.setPC(pc + 1)
	st.run(x)
	return true
}

// holdsLock says whether the running context holds a spin lock.
func (x *exec) holdsLock() bool {
	return x.s[x.cb+ctxLocks] != 0 || x.s[hdrCancel] == byte(x.ctx+1)
}

// An opening is what is asked of a context's first operation before, and when, it
// is taken: how it moves and whether it can run.
type opening struct {
	mv    mover // if it can run
	ready bool
	known bool
}

// opening gives that of context c in state s, which it looks at once only.
func (x *exec) opening(s []byte, c int) opening {
	o := &x.openings[c]
	if !o.known {
		x.s, x.fresh = s, true
		x.run(c)
		*o = x.look()
		x.s = x.own
	}
	return *o
}

// look gives the opening of the running context.
func (x *exec) look() opening {
	o := opening{known: true, ready: x.ready()}
	if o.ready {
		o.mv = x.moves()
	}
	return o
}

// nextMoves says how the next operation moves and whether it can run.
func (x *exec) nextMoves() (mover, bool) {
	if x.first.known {
		x.first.known = false
		return x.first.mv, x.first.ready
	}
	return x.moves(), x.ready()
}

// ready says whether the next operation can run.
func (x *exec) ready() bool {
	pc := x.pc()
	if pc >= x.m.kernelCode {
		st := &x.m.steps[pc-x.m.kernelCode]
		return st.ready == nil || st.ready(x)
	}
	in := &x.m.code[pc]
	return in.api == nil || in.api.ready == nil || in.api.ready(x, in)
}

// moves says how the next operation moves.
func (x *exec) moves() mover {
	pc := x.pc()
	if pc >= x.m.kernelCode {
		return x.stepMoves(&x.m.steps[pc-x.m.kernelCode])
	}
	in := &x.m.code[pc]
	switch in.op {
	case program.OpLoad:
		return x.loadMover(x.arg(in, 0).plus(in.offset))
	case program.OpStore:
		return x.accessMover(x.arg(in, 0).plus(in.offset))
	case program.OpMove:
		return min(x.spanMover(x.arg(in, 0), in.size), x.spanMover(x.arg(in, 1), in.size))
	case program.OpAPI:
		if in.api == nil || in.api.mover == nil {
			return moverNone
		}
		return in.api.mover(x, in)
	}
	return moverBoth
}

func (x *exec) stepMoves(st *step) mover {
	switch {
	case !x.m.cfg.Reduce.Movers || !st.mover && !(st.lazy && x.lazily()) || st.unless != nil && st.unless(x):
		return moverNone
	case st.moves != nil:
		return st.moves(x)
	}
	return moverBoth
}

// operate runs the next operation.
func (x *exec) operate() {
	pc := x.pc()
	x.at, x.wentBack = pc, false
	if x.log != nil {
		x.log.at(x, pc)
	}
	if pc >= x.m.kernelCode {
		x.kernel(pc)
		return
	}
	in := &x.m.code[pc]
	x.lone.broken = x.lone.broken || in.back
	x.wentBack = in.back
	switch in.op {
	case program.OpCall:
		x.call(in, int(in.n.Fn), 0)
	case program.OpCallPtr:
		f := x.arg(in, 0)
		if i, ok := x.m.funcOf(f, in.r.side); ok {
			x.call(in, i, 1)
		} else if _, isNum := f.small(); isNum {
			x.violate(invInitialised, CodeNull)
		} else {
			x.unsupported(whatIndirect)
		}
	case program.OpAPI:
		x.callAPI(in)
	case program.OpReturn:
		v := Value(0)
		if len(in.args) > 0 {
			v = x.arg(in, 0)
		}
		x.ret(v)
	case program.OpRaise:
		code := val(x.s, x.cb+ctxLast)
		if len(in.args) > 0 {
			code = x.arg(in, 0)
		}
		x.raise(code)
	default:
		x.access(in)
	}
}

// plainOps only look at registers and go on in their routine.
const plainOps = 1<<program.OpNop | 1<<program.OpCopy | 1<<program.OpConvert | 1<<program.OpUnary | 1<<program.OpBinary |
	1<<program.OpOffset | 1<<program.OpIndex | 1<<program.OpPtrDiff | 1<<program.OpBranch | 1<<program.OpSwitch | 1<<program.OpExceptionCode

// plain runs one of the plainOps.
func (x *exec) plain(in *inst) {
	x.at = in.code
	if x.log != nil {
		x.log.at(x, in.code)
	}
	x.lone.broken = x.lone.broken || in.back
	x.wentBack = in.back
	next := in.next
	var v Value
	switch in.op {
	case program.OpNop:
	case program.OpCopy:
		v = x.arg(in, 0)
	case program.OpConvert:
		v = x.m.convert(x.arg(in, 0), in.size, in.signed)
	case program.OpUnary:
		v = x.unary(in.n, x.arg(in, 0))
	case program.OpBinary:
		v = x.binary(in.n, x.arg(in, 0), x.arg(in, 1))
	case program.OpOffset:
		v = x.offset(x.arg(in, 0), int64(in.offset))
	case program.OpIndex:
		v = x.indexed(x.arg(in, 0), x.arg(in, 1), int64(in.offset))
	case program.OpPtrDiff:
		v = x.difference(x.arg(in, 0), x.arg(in, 1), in.offset)
	case program.OpBranch:
		if !x.truth(x.arg(in, 0)) {
			next = in.els
		}
	case program.OpSwitch:
		next = x.switchTo(in)
	case program.OpExceptionCode:
		v = val(x.s, x.cb+ctxLast)
	}
	if x.halted {
		return
	}
	if in.dst != program.NoReg {
		x.setReg(int(in.dst), v)
	}
	x.setPC(next)
}

// access runs a load, a store or a copy.
func (x *exec) access(in *inst) {
	a, size := x.arg(in, 0), in.size
	var v Value
	switch in.op {
	case program.OpLoad:
		a = a.plus(in.offset)
		x.reaches(a, size)
		v = x.m.convert(x.load(a, size), size, in.signed)
	case program.OpStore:
		x.noteAppStore(a)
		a = a.plus(in.offset)
		x.reaches(a, size)
		x.store(a, size, x.arg(in, 1))
	case program.OpMove:
		x.copyBytes(a, x.arg(in, 1), size)
	}
	if x.halted || x.base == 0 || x.pc() != in.code {
		return // the access raised
	}
	if in.dst != program.NoReg {
		x.setReg(int(in.dst), v)
	}
	x.setPC(in.next)
}

// arg gives operand i of an instruction of the top frame.
func (x *exec) arg(in *inst, i int) Value {
	a := in.args[i]
	switch a.kind {
	case program.OperandReg:
		return x.reg(int(a.v))
	case program.OperandLocal:
		c := ClassKStack
		if in.r.side == program.App {
			c = ClassUStack
		}
		return ref(c, x.ctx, 0, u16(x.s, x.base+frameCPos)+in.r.objPos[a.v])
	}
	return a.v
}

// truth decides a condition; an unknown one either way.
func (x *exec) truth(v Value) bool {
	if v.isUnknown() {
		x.tests(v)
		return x.choose(2) == 0
	}
	return v != 0
}

func (x *exec) switchTo(in *inst) int {
	v := x.arg(in, 0)
	if v.isUnknown() {
		x.tests(v)
		if c := x.choose(len(in.n.Cases) + 1); c < len(in.n.Cases) {
			return in.r.first + int(in.n.Cases[c].Next)
		}
		return in.els
	}
	n, _ := x.m.number(v)
	for i := range in.n.Cases {
		if in.n.Cases[i].Value == n {
			return in.r.first + int(in.n.Cases[i].Next)
		}
	}
	return in.els
}

// inApp says whether app code runs, rather than the driver's or the kernel's.
func (x *exec) inApp() bool {
	r := x.m.routineAt(x.pc())
	return r != nil && r.side == program.App
}

// noteAppStore tells of the app's stores into memory that a request names.
func (x *exec) noteAppStore(a Value) {
	if x.inApp() && x.named(a) {
		x.notes |= NoteAppWrite
	}
}
