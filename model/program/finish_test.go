package program

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// step is what the little machine of these tests does with one node: registers
// only, and a node may raise on demand.
func step(n *Node, regs []int64, raise bool) (next int32, result int64, done bool) {
	arg := func(i int) int64 {
		if a := n.Args[i]; a.Kind == OperandReg {
			return regs[a.V]
		}
		return n.Args[i].V
	}
	if raise && n.Guard != NoNode {
		return n.Guard, 0, false
	}
	switch n.Op {
	case OpReturn:
		return 0, arg(0), true
	case OpBranch:
		if arg(0)&1 == 0 {
			return n.Else, 0, false
		}
	case OpSwitch:
		next := n.Else
		for _, c := range n.Cases {
			if c.Value == arg(0)&3 {
				next = c.Next
			}
		}
		return next, 0, false
	case OpCopy:
		regs[n.Dst] = arg(0)
	case OpBinary:
		regs[n.Dst] = arg(0)*3 + arg(1) + 1
	}
	return n.Next, 0, false
}

// execute runs r with the arguments and gives its result, or the number of steps
// with a minus sign. With zero it clears dead registers before every step.
func execute(r *Routine, args []int64, raises uint64, zero bool) int64 {
	regs := make([]int64, len(r.Regs))
	for i, p := range r.Params {
		regs[p] = args[i]
	}
	at := int32(0)
	for i := range 60 {
		if zero {
			for k := range regs {
				if r.LiveIn[at]&(1<<k) == 0 {
					regs[k] = -77
				}
			}
		}
		next, result, done := step(&r.Nodes[at], regs, raises>>(i%64)&1 != 0)
		if done {
			return result
		}
		at = next
	}
	return -60
}

// randomRoutine makes a routine with loops, branches, switches and handlers. It
// reads only registers that were set, or zero.
func randomRoutine(rng *rand.Rand) *Routine {
	r := &Routine{Name: "r", Params: []Reg{0, 1}}
	nodes, regs := 3+rng.IntN(20), 2+rng.IntN(10)
	r.Regs = make([]Register, regs)
	any := func() int32 { return int32(rng.IntN(nodes)) }
	operand := func() Operand {
		if rng.IntN(5) == 0 {
			return Int(int64(rng.IntN(9)))
		}
		return RegOf(Reg(rng.IntN(regs)))
	}
	for k := 2; k < regs; k++ { // what C calls uninitialised has no value to keep
		n := Node{Op: OpCopy, Dst: Reg(k), Args: []Operand{Int(0)}, Next: int32(k - 1), Else: NoNode, Guard: NoNode}
		r.Nodes = append(r.Nodes, n)
	}
	base := int32(len(r.Nodes))
	for range nodes {
		n := Node{Op: OpBinary, Dst: Reg(rng.IntN(regs)), Args: []Operand{operand(), operand()}, Next: base + any(), Else: NoNode, Guard: NoNode}
		switch rng.IntN(8) {
		case 0:
			n.Op, n.Dst, n.Else = OpBranch, NoReg, base+any()
		case 1:
			n.Op, n.Dst, n.Next, n.Else = OpSwitch, NoReg, NoNode, base+any()
			n.Cases = []Case{{0, base + any()}, {2, base + any()}}
		case 2:
			n.Op, n.Dst, n.Next = OpReturn, NoReg, NoNode
		case 3:
			n.Op = OpCopy
		}
		if n.Op == OpBinary && rng.IntN(3) == 0 {
			n.Guard = base + any()
		}
		r.Nodes = append(r.Nodes, n)
	}
	return r
}

// TestFinishKeepsMeaning runs random routines before and after Finish: sharing
// registers and clearing dead ones changes no result.
func TestFinishKeepsMeaning(t *testing.T) {
	shared := 0
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		r := randomRoutine(rng)
		before := *r
		p := &Program{Routines: []*Routine{r}}
		before.Nodes = append([]Node(nil), r.Nodes...)
		before.Params = append([]Reg(nil), r.Params...)
		if err := p.Finish(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if len(r.Regs) < len(before.Regs) {
			shared++
		}
		for range 6 {
			args, raises := []int64{int64(rng.IntN(100)), int64(rng.IntN(100))}, rng.Uint64()&rng.Uint64()
			want := execute(&before, args, raises, false)
			if got := execute(r, args, raises, true); got != want {
				t.Fatalf("seed %d: got %d, want %d\nbefore %+v\nafter %+v", seed, got, want, before, *r)
			}
		}
	}
	if shared < 1000 {
		t.Errorf("got %d of 3000 routines with shared registers, want most", shared)
	}
}

// TestFinishSharesNoLiveRegisters checks that a node never writes a register
// that is alive after it for another reason.
func TestFinishSharesNoLiveRegisters(t *testing.T) {
	r := &Routine{Name: "r", Params: []Reg{0}, Regs: []Register{{Name: "p", Size: 8}, {Name: "a", Size: 4}, {Name: "b", Size: 4}, {Name: "c", Size: 4}}}
	r.Nodes = []Node{
		{Op: OpCopy, Dst: 1, Args: []Operand{RegOf(0)}, Next: 1, Else: NoNode, Guard: NoNode},
		{Op: OpCopy, Dst: 2, Args: []Operand{RegOf(1)}, Next: 2, Else: NoNode, Guard: NoNode},
		{Op: OpBinary, Alu: AluAdd, Size: 4, Dst: 3, Args: []Operand{RegOf(1), RegOf(2)}, Next: 3, Else: NoNode, Guard: NoNode},
		{Op: OpReturn, Dst: NoReg, Args: []Operand{RegOf(3)}, Next: NoNode, Else: NoNode, Guard: NoNode},
	}
	if err := (&Program{Routines: []*Routine{r}}).Finish(); err != nil {
		t.Fatal(err)
	}
	if len(r.Regs) != 2 || r.Nodes[1].Dst == r.Nodes[0].Dst {
		t.Errorf("got %d registers, a in %d and b in %d; want 2 and different ones", len(r.Regs), r.Nodes[0].Dst, r.Nodes[1].Dst)
	}
	want := []uint64{1, 1, 3, 1 << r.Nodes[2].Dst}
	if got := fmt.Sprint(r.LiveIn); got != fmt.Sprint(want) {
		t.Errorf("got alive %v, want %v", got, want)
	}
}

// TestFinishGuardKeepsOld checks that a register which a guarded node overwrites
// stays alive for the handler.
func TestFinishGuardKeepsOld(t *testing.T) {
	r := &Routine{Name: "r", Params: []Reg{0, 1}, Regs: make([]Register, 2)}
	r.Nodes = []Node{
		{Op: OpAPI, API: "MayRaise", Layout: -1, Dst: 0, Args: []Operand{RegOf(1)}, Next: 1, Else: NoNode, Guard: 1},
		{Op: OpReturn, Dst: NoReg, Args: []Operand{RegOf(0)}, Next: NoNode, Else: NoNode, Guard: NoNode},
	}
	if err := (&Program{Routines: []*Routine{r}}).Finish(); err != nil {
		t.Fatal(err)
	}
	if r.LiveIn[0] != 3 {
		t.Errorf("got alive %b at the guarded node, want both parameters", r.LiveIn[0])
	}
}

// TestFinishRefuses gives Finish programs that break its invariants.
func TestFinishRefuses(t *testing.T) {
	plain := func(op Op, next int32, args ...Operand) Node {
		return Node{Op: op, Dst: NoReg, Next: next, Else: NoNode, Guard: NoNode, Args: args}
	}
	ret := plain(OpReturn, NoNode)
	with := func(n Node, change func(*Node)) Node { change(&n); return n }
	for _, c := range []struct {
		name  string
		nodes []Node
		want  string
	}{
		{"no nodes", nil, "no nodes"},
		{"unknown op", []Node{plain(opCount, NoNode)}, "op out of range"},
		{"next too far", []Node{plain(OpNop, 7)}, "successor out of range"},
		{"no next", []Node{plain(OpNop, NoNode)}, "missing successor"},
		{"no else", []Node{plain(OpBranch, 0, Int(1))}, "missing else"},
		{"guard", []Node{with(ret, func(n *Node) { n.Guard = 5 })}, "successor out of range"},
		{"destination", []Node{with(plain(OpCopy, 0, Int(1)), func(n *Node) { n.Dst = 3 })}, "destination out of range"},
		{"few operands", []Node{plain(OpStore, 0, Int(1))}, "operands out of range"},
		{"register", []Node{plain(OpReturn, NoNode, RegOf(9))}, "operand out of range"},
		{"function", []Node{plain(OpReturn, NoNode, Func(2))}, "operand out of range"},
		{"global", []Node{plain(OpReturn, NoNode, Global(0))}, "operand out of range"},
		{"local", []Node{plain(OpReturn, NoNode, Local(0))}, "operand out of range"},
		{"string", []Node{plain(OpReturn, NoNode, StringAt(0))}, "operand out of range"},
		{"kind", []Node{plain(OpReturn, NoNode, Operand{Kind: 99})}, "operand out of range"},
		{"callee", []Node{with(plain(OpCall, 0), func(n *Node) { n.Fn = 4 })}, "routine out of range"},
		{"arguments", []Node{with(plain(OpCall, 0, Int(1)), func(n *Node) { n.Fn = 0 })}, "takes 0 arguments, got 1"},
		{"case", []Node{with(plain(OpSwitch, NoNode, Int(1)), func(n *Node) { n.Else, n.Cases = 0, []Case{{1, 9}} })}, "case out of range"},
	} {
		p := &Program{Files: []string{"a.c"}, Routines: []*Routine{{Name: "r", Pos: Pos{Line: 3, Column: 5}, Nodes: c.nodes}}}
		err := p.Finish()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "a.c:3:5: r: ") {
			t.Errorf("%s: got %v, want an error at a.c:3:5 about %q", c.name, err, c.want)
		}
	}
}

// TestFinishTooManyRegisters needs 65 values at once.
func TestFinishTooManyRegisters(t *testing.T) {
	r := &Routine{Name: "r", Regs: make([]Register, MaxRegs+1)}
	var all []Operand
	for i := range r.Regs {
		r.Nodes = append(r.Nodes, Node{Op: OpCopy, Dst: Reg(i), Args: []Operand{Int(1)}, Next: int32(i + 1), Else: NoNode, Guard: NoNode})
		all = append(all, RegOf(Reg(i)))
	}
	r.Nodes = append(r.Nodes, Node{Op: OpReturn, Dst: NoReg, Args: all, Next: NoNode, Else: NoNode, Guard: NoNode})
	err := (&Program{Routines: []*Routine{r}}).Finish()
	if err == nil || !strings.Contains(err.Error(), "64") {
		t.Errorf("got %v, want an error that names the limit of 64", err)
	}
}
