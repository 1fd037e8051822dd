package model

import (
	"math/bits"

	"github.com/ownercheck/ownercheck/model/program"
)

// api is what the machine does for a system routine that C code calls.
type api struct {
	mover func(*exec, *inst) mover // nil: commutes with nothing
	ready func(*exec, *inst) bool  // nil: never blocks; it writes nothing and chooses nothing
	// run does it. It returns the result, unless it pushed a frame that will.
	run  func(*exec, *inst) (v Value, done bool)
	ends ending
}

// ending is what a call may end the life of.
type ending uint8

const (
	endsRequest ending = iota + 1
	endsBlock          // a block of the driver's
)

// result wraps a routine that finishes at once.
func result(f func(*exec, *inst) Value) func(*exec, *inst) (Value, bool) {
	return func(x *exec, in *inst) (Value, bool) { return f(x, in), true }
}

// local is an operation on the caller's own things.
func local(*exec, *inst) mover { return moverBoth }

// pushes is a call that only begins a kernel routine, whose steps are apart.
func pushes(x *exec, _ *inst) mover {
	if x.m.cfg.Reduce.Movers {
		return moverBoth
	}
	return moverNone
}

// givesBack is a call that gives up what its caller holds: it moves left.
func givesBack(x *exec, _ *inst) mover {
	if x.m.cfg.Reduce.Movers {
		return moverLeft
	}
	return moverNone
}

// callAPI runs a system routine.
func (x *exec) callAPI(in *inst) {
	if in.api == nil {
		x.unsupported(whatAPI)
		return
	}
	if in.level != anyLevel && !x.allows(in) {
		return
	}
	pc := x.pc()
	v, done := in.api.run(x, in)
	if x.halted || x.base == 0 {
		return
	}
	if !done {
		x.keepBelow(in)
		return
	}
	if x.pc() != pc {
		return // it raised
	}
	if x.log != nil {
		x.log.result(v)
	}
	if in.dst != program.NoReg {
		x.setReg(int(in.dst), v)
	}
	x.setPC(in.next)
}

// keepBelow zeroes the dead registers of the frame that has just called the
// kernel: the first one below the kernel's frames.
func (x *exec) keepBelow(in *inst) {
	w := int(x.s[x.base+framePrev])
	if !x.m.cfg.Reduce.Dead || w == 0 || x.base == x.cb+ctxStack+4*(w-1) {
		return
	}
	below := x.cb + ctxStack + 4*(w-1)
	for u16(x.s, below+framePC) >= x.m.kernelCode {
		if w = int(x.s[below+framePrev]); w == 0 {
			return
		}
		below = x.cb + ctxStack + 4*(w-1)
	}
	if u16(x.s, below+framePC) != in.code {
		return
	}
	for dead := in.r.regs &^ in.keep; dead != 0; dead &= dead - 1 {
		put(x.s, below+frameRegs+4*bits.TrailingZeros64(dead), 0)
	}
}

// known gives the number in operand i. A number that the model does not know
// ends the path as unsupported.
func (x *exec) known(in *inst, i int) (int, bool) {
	n, ok := x.m.number(x.arg(in, i))
	if !ok {
		x.acts(x.arg(in, i))
		x.unsupported(whatAccess)
	}
	return int(n), ok
}

// apis is every routine that the machine executes, by side.
func apis(side program.Side) map[string]*api {
	out := map[string]*api{}
	groups := []map[string]*api{appAPIs(), fileAPIs(), exitAPIs(), userAPCs(), portAPIs()}
	if side == program.Driver {
		groups = []map[string]*api{irpAPIs(), lockAPIs(), listAPIs(), dpcAPIs(), mdlAPIs(), memoryAPIs(), bootAPIs(), eventAPIs(),
			rundownAPIs(), interlockedAPIs(), lockedListAPIs(), workAPIs(), objectAPIs(), csqAPIs()}
	}
	for _, g := range groups {
		for name, a := range g {
			out[name] = a
		}
	}
	return out
}

// Executes says whether the machine can execute a node of a program of side.
func Executes(side program.Side) func(*program.Node) bool {
	known := apis(side)
	return func(n *program.Node) bool {
		return n.Op != program.OpAPI || known[n.API] != nil
	}
}
