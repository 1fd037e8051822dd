package model

import (
	"math/bits"

	"github.com/ownercheck/ownercheck/model/program"
)

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
		if in.dst != program.NoReg {
			x.setReg(int(in.dst), v)
		}
		x.setPC(in.next)
		x.lone.broken = x.lone.broken || in.back
	}
}

// ended is reached when a context has returned from its outermost routine.
func (x *exec) ended() {
	x.leavesDriver()
	if x.m.isSystem(x.ctx) {
		x.endSystemThread()
		return
	}
	if !x.m.isThread(x.ctx) {
		x.checkReturn(x.m.entryIrql(x.ctx))
		if !x.halted {
			clear(x.s[x.cb : x.cb+x.m.lay.ctxs.sizeOf(x.ctx)])
		}
		return
	}
	switch {
	case x.m.cfg.App == nil || x.boot || x.m.processOf(x.ctx) != processApp:
	case x.ctx == 0:
		x.exitProcess() // main has returned
	default:
		x.beginExit()
	}
}

// tidy drops what nothing will read again before the step's state is kept.
func (x *exec) tidy() {
	if x.base != 0 {
		x.forgetsEarly()
		if pc := x.pc(); pc < x.m.kernelCode {
			x.keepOnly(x.m.code[pc].live)
		}
	}
	x.forgetsCells()
}

// keepOnly zeroes the registers of the top frame that are not in the set.
func (x *exec) keepOnly(live uint64) {
	r := x.m.routineAt(x.pc())
	if !x.m.cfg.Reduce.Dead || r == nil {
		return
	}
	for dead := r.regs &^ live; dead != 0; dead &= dead - 1 {
		x.setReg(bits.TrailingZeros64(dead), 0)
	}
}

// guarded says whether a fault at the running node is caught by the driver.
func (x *exec) guarded() bool {
	for base := range frames(x.s, x.cb) {
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
	}
	return false
}

// raise unwinds the running context to the nearest guard of the driver.
func (x *exec) raise(code Value) {
	x.lone.broken = true
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
