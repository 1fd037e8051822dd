package model

import (
	"github.com/ownercheck/ownercheck/model/program"
)

// The requests that A0 can choose among are many, and most of them fail alike: the driver
// looks at the code, finds a length too small, and completes. So what a step looks at of
// the request is followed. Two variants whose lengths differ in nothing that the step
// looks at, and of which it leaves the same, lead to the same: the second is not tried.

// asking follows the request that A0 chose in a step.
type asking struct {
	at    int // where the choice stands in the script; -1: A0 has not run
	v     *variant
	irp   int   // the request's slot
	who   int   // the context
	other bool  // another choice of a variant follows
	run   asked // what this run is the same for
	way   asked // what all runs of the variant so far are
	tried []asked
}

// asked says for which variants the steps are the same: those with lengths in these
// spans.
type asked struct {
	in, out span
	left    bool // a request is left behind, which has forgotten its lengths
	bad     bool // for none but the one that was tried
}

// A span is the numbers from one to another.
type span struct{ from, to int }

func (s *span) narrow(t span)      { s.from, s.to = max(s.from, t.from), min(s.to, t.to) }
func (s span) contains(n int) bool { return n >= s.from && n <= s.to }

var anyLength = span{0, 1 << 30}

// alike are the lengths that the I/O manager treats as it does n.
func alike(n int) span {
	if n == 0 {
		return span{0, 0}
	}
	return span{1, anyLength.to}
}

// chooseVariant chooses one of the enabled variants.
func (x *exec) chooseVariant() int {
	a, list := &x.asking, x.m.client.enabled
	if a.at >= 0 || x.boot {
		a.other = true
		return list[x.choose(len(list))]
	}
	if len(list) > 1 {
		a.at, a.irp, a.who = x.pos, x.request(), x.ctx
	}
	n := list[x.choose(len(list))]
	a.v = &x.m.client.variants[n]
	a.run = asked{in: alike(a.v.inLen), out: alike(a.v.outLen)}
	return n
}

// looksAtLengths is told when anything may depend on the lengths, beyond their being 0.
func (x *exec) looksAtLengths() { x.asking.run.bad = true }

// loadsLength is told when a node loads a length: it is the input's, the output's, or the
// one that is not 0.
func (x *exec) loadsLength(which uint32) {
	a := &x.asking
	if a.at < 0 || a.run.bad {
		return
	}
	if x.at >= x.m.kernelCode || x.m.code[x.at].tests == nil {
		a.run.bad = true
		return
	}
	for _, t := range x.m.code[x.at].tests {
		if which&lookInLen != 0 && a.v.inLen != 0 {
			a.run.in.narrow(t.same(a.v.inLen))
		}
		if which&lookOutLen != 0 && a.v.outLen != 0 {
			a.run.out.narrow(t.same(a.v.outLen))
		}
	}
}

// reachesInBlock is told when the bytes of a system buffer before end are looked at.
func (x *exec) reachesInBlock(end int) {
	a := &x.asking
	if a.at < 0 || a.run.bad {
		return
	}
	switch {
	case end <= a.v.inLen:
		a.run.in.narrow(span{end, anyLength.to})
	case end <= a.v.outLen && a.v.inLen == 0:
		a.run.out.narrow(span{end, anyLength.to})
	default:
		a.run.bad = true
	}
}

// triedVariant sums up the run that is over, if A0 chose in it.
func (x *exec) triedVariant() {
	a := &x.asking
	if a.at < 0 {
		return
	}
	w := &a.way
	w.in.narrow(a.run.in)
	w.out.narrow(a.run.out)
	b := x.irp(a.irp)
	left := !x.halted && x.s[b+irpPhase] != phaseFree
	w.left = w.left || left
	w.bad = w.bad || a.run.bad || a.other || left && (x.s[b+irpFlags]&flagForgot == 0 || x.s[b+irpMethod] != methodBuffered || x.keepsLength(a.who))
}

// keepsLength says whether a driver routine that context c runs may still have a length.
func (x *exec) keepsLength(c int) bool {
	for base := range frames(x.s, x.m.lay.ctxs.at(c)) {
		if pc := u16(x.s, base+framePC); pc < x.m.kernelCode && x.m.code[pc].holdsTested {
			return true
		}
	}
	return false
}

// nextVariant gives the enabled variant to try after the k-th, of n: one that may lead to
// something else than those before.
func (x *exec) nextVariant(k, n int) int {
	a := &x.asking
	a.tried = append(a.tried, a.way)
	a.way = asked{in: anyLength, out: anyLength}
	for k++; k < n && x.alreadyTried(k); k++ {
		a.tried = append(a.tried, asked{bad: true})
	}
	return k
}

// alreadyTried says whether a variant that was tried stands for the k-th enabled one.
func (x *exec) alreadyTried(k int) bool {
	c := &x.m.client
	v := &c.variants[c.enabled[k]]
	for i, t := range x.asking.tried {
		w := &c.variants[c.enabled[i]]
		if !t.bad && w.major == v.major && w.code == v.code && w.in == v.in && w.out == v.out &&
			t.in.contains(v.inLen) && t.out.contains(v.outLen) && (!t.left || x.m.leavesAlike(v, w)) {
			return true
		}
	}
	return false
}

// leavesAlike says whether buffered requests that differ in their lengths are the same
// when they have forgotten them.
func (m *Model) leavesAlike(v, w *variant) bool {
	a := &m.assume
	informed := max(a.informed[0], a.informed[1])
	most := max(m.reached(), informed)
	return min(informed, v.outLen) == min(informed, w.outLen) && min(most, v.inLen) == min(most, w.inLen) &&
		min(most, max(v.inLen, v.outLen)) == min(most, max(w.inLen, w.outLen))
}

// A lengthTest is a comparison of a length with a constant.
type lengthTest struct {
	alu program.Alu // the length is on the left
	c   int
}

// same are the lengths for which a test says what it says of n, or some of them.
func (t lengthTest) same(n int) span {
	edge := t.c // the first of those above
	switch t.alu {
	case program.AluEq, program.AluNe:
		if n == t.c {
			return span{n, n}
		}
	case program.AluLe, program.AluGt:
		edge++
	}
	switch {
	case n < edge:
		return span{0, edge - 1}
	case t.alu == program.AluEq || t.alu == program.AluNe:
		return span{edge + 1, anyLength.to}
	}
	return span{edge, anyLength.to}
}

// findUses finds for each node that loads something what is made of it: whether it is
// only compared, and whether with constants only; then also where it may still be around.
func (m *Model) findUses() {
	for i := range m.code {
		in := &m.code[i]
		if in.op != program.OpLoad || in.dst == program.NoReg {
			continue
		}
		tests, around := []lengthTest{}, []int(nil)
		tested, compared := true, true
		m.usesOf(in, func(n *inst, d program.Reg) bool {
			t, ok := testOf(n.n, d)
			tests, tested = append(tests, t), tested && ok
			compared = compared && n.op == program.OpBinary && (n.n.Alu == program.AluEq || n.n.Alu == program.AluNe)
			return tested || compared
		}, func(code int) { around = append(around, code) })
		in.compared = compared
		if !tested {
			continue
		}
		in.tests = tests
		for _, code := range around {
			m.code[code].holdsTested = true
		}
	}
}

// usesOf goes where the value that node in loads goes in its routine, as long as some
// register has it. It tells of each use but copies, until that says to stop, and of each
// node on the way. (Registers are below 64: live is a set of them.)
func (m *Model) usesOf(in *inst, use func(n *inst, d program.Reg) bool, at func(code int)) {
	type point struct {
		code int
		regs uint64
	}
	seen := map[point]bool{}
	var walk func(code int, regs uint64) bool
	walk = func(code int, regs uint64) bool {
		n := &m.code[code]
		if regs &= n.live; regs == 0 || seen[point{code, regs}] {
			return true
		}
		seen[point{code, regs}] = true
		at(code)
		has := uint64(0)
		if n.dst != program.NoReg {
			has = 1 << n.dst
		}
		after := regs &^ has
		for _, a := range n.n.Args {
			switch d := program.Reg(a.V); {
			case a.Kind != program.OperandReg || regs&(1<<d) == 0:
			case n.op == program.OpCopy || n.op == program.OpConvert && n.size >= 4:
				after |= has
			case !use(n, d):
				return false
			}
		}
		for next := range n.successors() {
			if !walk(next, after) {
				return false
			}
		}
		return true
	}
	for next := range in.successors() {
		if !walk(next, 1<<in.dst) {
			return
		}
	}
}

// turned are the comparisons that change when their sides change places.
var turned = map[program.Alu]program.Alu{program.AluLt: program.AluGt, program.AluLe: program.AluGe, program.AluGt: program.AluLt, program.AluGe: program.AluLe}

// testOf is the comparison of register d with a constant that n is.
func testOf(n *program.Node, d program.Reg) (lengthTest, bool) {
	if n.Op != program.OpBinary || n.Alu < program.AluEq {
		return lengthTest{}, false
	}
	a, b, alu := n.Args[0], n.Args[1], n.Alu
	if a.Kind == program.OperandInt {
		a, b = b, a
		if t, ok := turned[alu]; ok {
			alu = t
		}
	}
	if a.Kind != program.OperandReg || program.Reg(a.V) != d || b.Kind != program.OperandInt || b.V < 0 || b.V > 1<<20 {
		return lengthTest{}, false
	}
	return lengthTest{alu, int(b.V)}, true
}
