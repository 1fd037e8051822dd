package program

import (
	"fmt"
	"math/bits"
	"slices"
)

// MaxRegs is how many registers a routine may need at once.
const MaxRegs = 64

// Finish checks every routine, gives registers that are never alive together
// the same number, and records in LiveIn which are alive where. The machine
// zeroes the others, so that two states that differ only in dead registers are
// one state.
func (p *Program) Finish() error {
	for _, l := range p.Layouts {
		l.Index()
	}
	for _, r := range p.Routines {
		if err := p.check(r); err != nil {
			return fmt.Errorf("%s: %s: %w", p.Position(r.Pos), r.Name, err)
		}
		live := liveness(r)
		if err := colour(r, live); err != nil {
			return fmt.Errorf("%s: %s: %w", p.Position(r.Pos), r.Name, err)
		}
	}
	return nil
}

// check verifies the invariants of the package comment for one routine.
func (p *Program) check(r *Routine) error {
	if len(r.Nodes) == 0 {
		return fmt.Errorf("routine has no nodes")
	}
	inRange := func(n int32) bool { return n == NoNode || n >= 0 && int(n) < len(r.Nodes) }
	for i := range r.Nodes {
		n := &r.Nodes[i]
		bad := func(what string) error { return fmt.Errorf("node %d (%v): %s out of range", i, n.Op, what) }
		switch {
		case n.Op >= opCount:
			return bad("op")
		case !inRange(n.Next) || !inRange(n.Else) || !inRange(n.Guard):
			return bad("successor")
		case n.Next == NoNode && n.Op != OpReturn && n.Op != OpRaise && n.Op != OpSwitch:
			return bad("missing successor")
		case (n.Op == OpBranch || n.Op == OpSwitch) && n.Else == NoNode:
			return bad("missing else")
		case n.Dst != NoReg && (n.Dst < 0 || int(n.Dst) >= len(r.Regs)):
			return bad("destination")
		case n.Op == OpCall && (n.Fn < 0 || int(n.Fn) >= len(p.Routines)):
			return bad("routine")
		case n.Op == OpCall && len(n.Args) != len(p.Routines[n.Fn].Params):
			return fmt.Errorf("node %d: %s takes %d arguments, got %d", i, p.Routines[n.Fn].Name, len(p.Routines[n.Fn].Params), len(n.Args))
		case len(n.Args) < minArgs[n.Op]:
			return bad("operands")
		}
		for _, c := range n.Cases {
			if c.Next == NoNode || !inRange(c.Next) {
				return bad("case")
			}
		}
		for _, a := range n.Args {
			if !p.operandOK(r, a) {
				return bad("operand")
			}
		}
	}
	return nil
}

var minArgs = [opCount]int{
	OpCopy: 1, OpConvert: 1, OpUnary: 1, OpBinary: 2, OpOffset: 1, OpIndex: 2, OpPtrDiff: 2,
	OpLoad: 1, OpStore: 2, OpMove: 2, OpBranch: 1, OpSwitch: 1, OpCallPtr: 1,
}

func (p *Program) operandOK(r *Routine, a Operand) bool {
	below := func(n int) bool { return a.V >= 0 && a.V < int64(n) }
	switch a.Kind {
	case OperandInt:
		return true
	case OperandReg:
		return below(len(r.Regs))
	case OperandFunc:
		return below(len(p.Routines))
	case OperandGlobal:
		return below(len(p.Globals))
	case OperandLocal:
		return below(len(r.Objects))
	case OperandString:
		return below(len(p.Strings))
	}
	return false
}

// set is a bit set of registers before colouring, when there may be many.
type set []uint64

func (s set) has(r Reg) bool { return s[r>>6]&(1<<(r&63)) != 0 }
func (s set) add(r Reg)      { s[r>>6] |= 1 << (r & 63) }
func (s set) remove(r Reg)   { s[r>>6] &^= 1 << (r & 63) }

// or adds t to s and says whether s grew.
func (s set) or(t set) bool {
	grew := false
	for i, w := range t {
		grew = grew || w&^s[i] != 0
		s[i] |= w
	}
	return grew
}

// liveness gives for each node the registers whose value may still be read when
// it is about to run. A guarded node may go to its handler instead of finishing,
// so what the handler reads is alive at it.
func liveness(r *Routine) []set {
	words := (len(r.Regs) + 63) / 64
	live := make([]set, len(r.Nodes))
	for i := range live {
		live[i] = make(set, words)
	}
	scratch := make(set, words)
	for changed := true; changed; {
		changed = false
		for i := len(r.Nodes) - 1; i >= 0; i-- {
			n := &r.Nodes[i]
			clear(scratch)
			liveOut(r, live, i, scratch)
			if n.Dst != NoReg && n.Guard == NoNode {
				scratch.remove(n.Dst)
			}
			for _, a := range n.Args {
				if a.Kind == OperandReg {
					scratch.add(Reg(a.V))
				}
			}
			changed = live[i].or(scratch) || changed
		}
	}
	return live
}

// liveOut adds to out what the successors of node i read.
func liveOut(r *Routine, live []set, i int, out set) {
	n := &r.Nodes[i]
	for _, next := range [...]int32{n.Next, n.Else, n.Guard} {
		if next != NoNode {
			out.or(live[next])
		}
	}
	for _, c := range n.Cases {
		out.or(live[c.Next])
	}
}

// colour renumbers the registers of r so that registers alive together differ,
// and fills LiveIn. Parameters come first, in order.
func colour(r *Routine, live []set) error {
	words := (len(r.Regs) + 63) / 64
	conflicts := make([]set, len(r.Regs))
	for i := range conflicts {
		conflicts[i] = make(set, words)
	}
	conflict := func(a, b Reg) {
		if a != b {
			conflicts[a].add(b)
			conflicts[b].add(a)
		}
	}
	each := func(s set, f func(Reg)) {
		for w, word := range s {
			for ; word != 0; word &= word - 1 {
				f(Reg(w*64 + bits.TrailingZeros64(word)))
			}
		}
	}
	out := make(set, words)
	for i := range r.Nodes {
		if d := r.Nodes[i].Dst; d != NoReg {
			clear(out)
			liveOut(r, live, i, out)
			each(out, func(o Reg) { conflict(d, o) })
		}
	}
	for i, a := range r.Params {
		for _, b := range r.Params[:i] {
			conflict(a, b)
		}
		each(live[0], func(o Reg) { conflict(a, o) })
	}
	return renumber(r, live, conflicts)
}

func renumber(r *Routine, live []set, conflicts []set) error {
	to := make([]Reg, len(r.Regs))
	done := make([]bool, len(r.Regs))
	var regs []Register
	order := append([]Reg(nil), r.Params...)
	for i := range r.Regs {
		order = append(order, Reg(i))
	}
	for _, a := range order {
		if done[a] {
			continue
		}
		var used uint64
		for b := range r.Regs {
			if done[b] && conflicts[a].has(Reg(b)) {
				used |= 1 << to[b]
			}
		}
		c := Reg(bits.TrailingZeros64(^used))
		if c >= MaxRegs {
			return fmt.Errorf("more than %d values are alive at once", MaxRegs)
		}
		to[a], done[a] = c, true
		for int(c) >= len(regs) {
			regs = append(regs, Register{})
		}
		regs[c].Name = joinName(regs[c].Name, r.Regs[a].Name)
		regs[c].Size = max(regs[c].Size, r.Regs[a].Size)
	}
	r.LiveIn = make([]uint64, len(r.Nodes))
	for i, s := range live {
		for a := range r.Regs {
			if s.has(Reg(a)) {
				r.LiveIn[i] |= 1 << to[a]
			}
		}
	}
	r.Regs = regs
	rewrite(r, to)
	return nil
}

// joinName lists the variables that share a register, for dumps.
func joinName(have, name string) string {
	if have == "" || name == "" {
		return have + name
	}
	return have + "," + name
}

func rewrite(r *Routine, to []Reg) {
	for i := range r.Params {
		r.Params[i] = to[r.Params[i]]
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if n.Dst != NoReg {
			n.Dst = to[n.Dst]
		}
		n.Args = slices.Clone(n.Args) // nodes copied for a __finally share theirs
		for j, a := range n.Args {
			if a.Kind == OperandReg {
				n.Args[j].V = int64(to[a.V])
			}
		}
	}
}
