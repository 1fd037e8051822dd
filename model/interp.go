package model

import "github.com/ownercheck/ownercheck/model/program"

// mover says how an operation commutes with those of other contexts (Lipton):
// a section of right movers, one other, and left movers can run as one step.
type mover uint8

const (
	moverNone  mover = iota // commutes with nothing: at most one in a step
	moverBoth               // local, or protected
	moverRight              // acquires
	moverLeft               // releases
)

// inst is a node made ready to run: successors as codes, operands as Values.
type inst struct {
	n    *program.Node
	r    *routine
	code int
	args []arg
	next int
	els  int
	api  *api
	live uint64 // registers alive before it
	keep uint64 // registers to keep while it waits for a call
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
	first   int // code of node 0
	words   int // frame words after the header
	bytes   int // C stack bytes of its objects
	layouts []*program.Layout
	objPos  []int
	objWord []int
}

// advance runs one step of the running context: operations up to the next
// point where another context could see a difference. False means that the
// context cannot run now.
func (x *exec) advance() bool { return x.section(0, false) }

// maxChoices ends a step that has chosen so often: a loop over unknown values
// would otherwise make as many steps of one state as there are ways through it.
// To stop early is always sound.
const maxChoices = 3

// section goes on with a step that has run n operations; committed says that
// one of them commutes with nothing.
func (x *exec) section(n int, committed bool) bool {
	for ; ; n++ {
		if x.base == 0 {
			return n > 0
		}
		if n > 0 && x.pos >= maxChoices {
			x.tidy()
			return true
		}
		mv, ready := x.look()
		if n > 0 && mv == moverRight && x.holdsLock() {
			x.tidy() // a state to deadlock in: one lock held, about to take another
			return true
		}
		if n > 0 && committed && (mv == moverNone || mv == moverRight) || !ready {
			if n > 0 {
				x.tidy()
			}
			return n > 0
		}
		if n >= x.m.cfg.Bounds.Local {
			x.capacity(boundLocal)
			return true
		}
		committed = committed || mv == moverNone || mv == moverLeft
		x.operate()
		if x.halted {
			return true
		}
	}
}

// holdsLock says whether the running context holds a spin lock.
func (x *exec) holdsLock() bool {
	return x.s[x.cb+ctxLocks] != 0 || x.s[hdrCancel] == byte(x.ctx+1)
}

// look says how the next operation moves and whether it can run.
func (x *exec) look() (mover, bool) {
	pc := x.pc()
	if pc >= x.m.kernelCode {
		st := &x.m.steps[pc-x.m.kernelCode]
		mv := moverNone
		if (st.mover || st.lazy && x.m.cfg.App == nil) && x.m.cfg.Reduce.Movers {
			mv = moverBoth
		}
		return mv, st.ready == nil || st.ready(x)
	}
	in := &x.m.code[pc]
	switch in.n.Op {
	case program.OpLoad:
		return x.accessMover(x.arg(in, 0).plus(int(in.n.Offset))), true
	case program.OpStore:
		return x.accessMover(x.arg(in, 0).plus(int(in.n.Offset))), true
	case program.OpMove:
		return min(x.spanMover(x.arg(in, 0), int(in.n.Size)), x.spanMover(x.arg(in, 1), int(in.n.Size))), true
	case program.OpAPI:
		if in.api == nil {
			return moverNone, true
		}
		mv := moverNone
		if in.api.mover != nil {
			mv = in.api.mover(x, in)
		}
		return mv, in.api.ready == nil || in.api.ready(x, in)
	}
	return moverBoth, true
}

// operate runs the next operation.
func (x *exec) operate() {
	pc := x.pc()
	x.at = pc
	if x.log != nil {
		x.log.at(x, pc)
	}
	if pc >= x.m.kernelCode {
		x.kernel(pc)
		return
	}
	in := &x.m.code[pc]
	switch in.n.Op {
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
		x.compute(in)
	}
}

// compute runs an operation that only moves on in its routine.
func (x *exec) compute(in *inst) {
	n := in.n
	next := in.next
	var v Value
	switch n.Op {
	case program.OpNop:
	case program.OpCopy:
		v = x.arg(in, 0)
	case program.OpConvert:
		v = x.m.convert(x.arg(in, 0), int(n.Size), n.Signed)
	case program.OpUnary:
		v = x.unary(n, x.arg(in, 0))
	case program.OpBinary:
		v = x.binary(n, x.arg(in, 0), x.arg(in, 1))
	case program.OpOffset:
		v = x.offset(x.arg(in, 0), int64(n.Offset))
	case program.OpIndex:
		v = x.indexed(x.arg(in, 0), x.arg(in, 1), int64(n.Offset))
	case program.OpPtrDiff:
		v = x.difference(x.arg(in, 0), x.arg(in, 1), int(n.Offset))
	case program.OpLoad:
		x.reaches(x.arg(in, 0).plus(int(n.Offset)), int(n.Size))
		v = x.m.convert(x.load(x.arg(in, 0).plus(int(n.Offset)), int(n.Size)), int(n.Size), n.Signed)
	case program.OpStore:
		x.reaches(x.arg(in, 0).plus(int(n.Offset)), int(n.Size))
		x.noteAppStore(x.arg(in, 0))
		x.store(x.arg(in, 0).plus(int(n.Offset)), int(n.Size), x.arg(in, 1))
	case program.OpMove:
		x.copyBytes(x.arg(in, 0), x.arg(in, 1), int(n.Size))
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
	if n.Op == program.OpLoad || n.Op == program.OpStore || n.Op == program.OpMove {
		if x.base == 0 || x.pc() != in.code {
			return // the access raised
		}
	}
	if n.Dst != program.NoReg {
		x.setReg(int(n.Dst), v)
	}
	x.setPC(next)
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
		return x.choose(2) == 0
	}
	return v&^(incMask<<incShift) != 0
}

func (x *exec) switchTo(in *inst) int {
	v := x.arg(in, 0)
	if v.isUnknown() {
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

// call pushes a frame for routine f of the caller's side.
func (x *exec) call(in *inst, f, firstArg int) {
	var args [8]Value
	n := 0
	for i := firstArg; i < len(in.args) && n < len(args); i++ {
		args[n] = x.arg(in, i)
		n++
	}
	x.keepOnly(in.keep)
	x.enter(x.m.routines[in.r.side][f], args[:n], 0)
}

// enter pushes a frame that runs r with args.
func (x *exec) enter(r *routine, args []Value, flags byte) {
	if !x.push(r.first, r.words, flags) {
		return
	}
	for i, p := range r.r.Params {
		if i < len(args) {
			x.setReg(int(p), args[i])
		}
	}
	for i := range r.r.Objects {
		for _, in := range r.r.Objects[i].Init {
			v := x.m.operandValue(in.Value, r.side)
			x.writeCell(cellPlace(r.layouts[i], x.base+frameRegs+4*r.objWord[i], int(in.Offset), 0), v, TagDriver)
		}
	}
}

// ret leaves the top frame with result v.
func (x *exec) ret(v Value) {
	r := x.m.routineAt(x.pc())
	if r != nil && r.side == program.App && r.bytes > 0 {
		pos := u16(x.s, x.base+frameCPos)
		if x.giveUp(ref(ClassUStack, x.ctx, 0, 0), pos, pos+r.bytes) {
			x.notes |= NoteReturned
		}
	}
	flags := x.pop()
	x.deliver(v, flags)
}

// deliver hands the result of the frame just popped to the one that called it.
func (x *exec) deliver(v Value, flags byte) {
	switch {
	case flags&frameTransparent != 0:
	case x.base == 0:
		x.bootResult = v
		x.ended()
	case x.pc() >= x.m.kernelCode:
		x.setReg(kResult, v)
	default:
		in := &x.m.code[x.pc()]
		if in.n.Dst != program.NoReg {
			x.setReg(int(in.n.Dst), v)
		}
		x.setPC(in.next)
	}
}

// ended is reached when a context has returned from its outermost routine.
func (x *exec) ended() {
	if !x.m.isThread(x.ctx) {
		x.checkReturn(irqlDispatch)
		if !x.halted {
			clear(x.s[x.cb : x.cb+x.m.lay.ctxs.sizeOf(x.ctx)])
		}
		return
	}
	if x.m.cfg.App != nil && !x.boot {
		x.pushKernel(tableExit, 0)
	}
}

// tidy zeroes what nothing will read again before the step's state is kept.
func (x *exec) tidy() {
	if !x.m.cfg.Reduce.Dead || x.base == 0 {
		return
	}
	if pc := x.pc(); pc < x.m.kernelCode {
		x.keepOnly(x.m.code[pc].live)
	}
}

// keepOnly zeroes the registers of the top frame that are not in the set.
func (x *exec) keepOnly(live uint64) {
	r := x.m.routineAt(x.pc())
	if !x.m.cfg.Reduce.Dead || r == nil {
		return
	}
	for i := range r.r.Regs {
		if live&(1<<i) == 0 {
			x.setReg(i, 0)
		}
	}
}

// guarded says whether a fault at the running node is caught by the driver.
func (x *exec) guarded() bool {
	for w := int(x.s[x.cb+ctxBase]); w != 0; {
		base := x.cb + ctxStack + 4*(w-1)
		pc := u16(x.s, base+framePC)
		if pc >= x.m.kernelCode {
			return false
		}
		in := &x.m.code[pc]
		if in.r.side != program.Driver {
			return false
		}
		if in.n.Guard != program.NoNode {
			return true
		}
		w = int(x.s[base+framePrev])
	}
	return false
}

// raise unwinds the running context to the nearest guard of the driver.
func (x *exec) raise(code Value) {
	if !x.guarded() {
		x.violate(invInitialised, CodeRaise)
		return
	}
	for {
		in := &x.m.code[x.pc()]
		if g := in.n.Guard; g != program.NoNode {
			put(x.s, x.cb+ctxLast, code)
			x.setPC(in.r.first + int(g))
			return
		}
		x.pop()
	}
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
