package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// label is a place in the nodes that jumps lead to. It stands for the Nop that
// place emits; what jumped there earlier is patched then.
type label struct {
	node    int32
	waiting []exit
}

// exit is one successor of a node that is not known yet.
type exit struct {
	node int32
	kind uint16 // 0 Next, 1 Else, 2+i Cases[i]
}

func newLabel() *label { return &label{node: program.NoNode} }

// body lowers one function. Nodes are emitted in order; open holds the exits
// that lead to whatever is emitted next, and is empty where nothing can get.
type body struct {
	*unit
	routine *program.Routine
	regs    map[*cc.Declarator]program.Reg
	objects map[*cc.Declarator]int
	result  cc.Type

	// A structure that is no single value is passed and returned in memory of
	// the caller: copied holds the addresses of such parameters, resultAt that
	// of the result.
	copied   map[*cc.Declarator]program.Reg
	resultAt program.Reg

	open   []exit
	guard  *label   // entry of the handler that covers what is emitted
	guards []*label // for each node

	text    string // of the statement that is being lowered
	wanted  cc.Type
	try     *protected
	loops   []loop
	labels  map[labelKey]*label
	copies  []finallyCopy
	nCopies int
	leaves  []leaving
	sites   map[*cc.LabeledStatement]site
}

func (b *body) temp(size int32) program.Reg { return b.register("", size) }

func (b *body) register(name string, size int32) program.Reg {
	b.routine.Regs = append(b.routine.Regs, program.Register{Name: name, Size: size})
	return program.Reg(len(b.routine.Regs) - 1)
}

// node is a Node with the fields that a node leaves alone set to none.
func node(op program.Op) program.Node {
	return program.Node{Op: op, Dst: program.NoReg, Layout: -1, Next: program.NoNode, Else: program.NoNode, Guard: program.NoNode}
}

// emit appends n, which stands for at, as the successor of the open exits.
func (b *body) emit(n program.Node, at cc.Node) int32 {
	i := int32(len(b.routine.Nodes))
	if at != nil {
		n.Pos = b.pos(at)
	}
	if n.Text == "" {
		n.Text = b.text
	}
	b.routine.Nodes = append(b.routine.Nodes, n)
	var guard *label
	if mayRaise(&n) {
		guard = b.guard
	}
	b.guards = append(b.guards, guard)
	b.patch(b.open, i)
	b.open = b.open[:0]
	switch n.Op {
	case program.OpReturn, program.OpRaise, program.OpBranch, program.OpSwitch:
	default:
		b.open = append(b.open, exit{node: i})
	}
	return i
}

// mayRaise says whether executing n can leave it for a handler.
func mayRaise(n *program.Node) bool {
	switch n.Op {
	case program.OpLoad, program.OpStore, program.OpMove, program.OpCall, program.OpCallPtr, program.OpAPI, program.OpRaise:
		return true
	case program.OpBinary:
		return n.Alu == program.AluDiv || n.Alu == program.AluMod
	}
	return false
}

func (b *body) patch(exits []exit, to int32) {
	for _, e := range exits {
		n := &b.routine.Nodes[e.node]
		switch e.kind {
		case 0:
			n.Next = to
		case 1:
			n.Else = to
		default:
			n.Cases[e.kind-2].Next = to
		}
	}
}

// jump sends the open exits to l.
func (b *body) jump(l *label) {
	b.send(b.open, l)
	b.open = b.open[:0]
}

func (b *body) send(exits []exit, l *label) {
	if l.node != program.NoNode {
		b.patch(exits, l.node)
		return
	}
	l.waiting = append(l.waiting, exits...)
}

// place puts l here.
func (b *body) place(l *label) {
	l.node = b.emit(node(program.OpNop), nil)
	b.patch(l.waiting, l.node)
	l.waiting = nil
}

// branch goes to yes if v is not zero and to no otherwise.
func (b *body) branch(v program.Operand, yes, no *label, at cc.Node) {
	n := node(program.OpBranch)
	n.Args = []program.Operand{v}
	i := b.emit(n, at)
	b.send([]exit{{i, 0}}, yes)
	b.send([]exit{{i, 1}}, no)
}

// compute emits a node that gives a value, in a new register.
func (b *body) compute(n program.Node, t cc.Type, at cc.Node) value {
	n.Dst = b.temp(sizeOf(t))
	b.emit(n, at)
	return value{op: program.RegOf(n.Dst), typ: t}
}

// operand gives v as an operand: an address with its bytes added.
func (b *body) operand(v value, at cc.Node) program.Operand {
	b.escape(v.op)
	if v.off == 0 {
		return v.op
	}
	n := node(program.OpOffset)
	n.Offset = v.off
	n.Args = []program.Operand{v.op}
	return b.compute(n, v.typ, at).op
}

// escape notes that the address of a variable is used as a value.
func (b *body) escape(op program.Operand) {
	switch op.Kind {
	case program.OperandLocal:
		b.routine.Objects[op.V].Escapes = true
	case program.OperandGlobal:
		b.prog.Globals[op.V].Escapes = true
	}
}

// set gives register r the value v. A temporary that the node before has just
// computed is not copied: the node computes r instead.
func (b *body) set(r program.Reg, v value, at cc.Node) {
	v = b.materialise(v, at)
	last := len(b.routine.Nodes) - 1
	if v.op.Kind == program.OperandReg && len(b.open) == 1 && b.open[0] == (exit{node: int32(last)}) {
		n := &b.routine.Nodes[last]
		if t := program.Reg(v.op.V); n.Dst == t && b.routine.Regs[t].Name == "" && !b.named(t) {
			n.Dst = r
			return
		}
	}
	n := node(program.OpCopy)
	n.Args = []program.Operand{v.op}
	n.Dst = r
	b.emit(n, at)
}

// named says whether t is written by more than the last node.
func (b *body) named(t program.Reg) bool {
	for i := range b.routine.Nodes[:len(b.routine.Nodes)-1] {
		if b.routine.Nodes[i].Dst == t {
			return true
		}
	}
	return false
}

func (b *body) materialise(v value, at cc.Node) value {
	v.op, v.off = b.operand(v, at), 0
	return v
}

// object adds a variable to the frame.
func (b *body) object(name string, t cc.Type, at cc.Node) int {
	b.routine.Objects = append(b.routine.Objects, program.Object{Name: name, Layout: b.layouts.of(t), Pos: b.pos(at)})
	return len(b.routine.Objects) - 1
}

func (b *body) load(p place, at cc.Node) value {
	switch {
	case p.reg != program.NoReg:
		return value{op: program.RegOf(p.reg), typ: p.typ}
	case p.typ.Kind() == cc.Array || p.typ.Kind() == cc.Function:
		if e, ok := at.(cc.ExpressionNode); ok && p.base.Kind == program.OperandReg {
			b.escapeRoot(e)
		}
		return value{op: p.base, off: p.off, typ: p.typ.Decay()}
	case p.field != nil && p.field.IsBitfield():
		return b.loadBits(p, at)
	case isScalar(p.typ):
		return b.loadAs(p, p.typ, at)
	case isAggregate(p.typ):
		return b.loadWhole(p, at)
	}
	b.refuseType(at, p.typ)
	return intValue(0, b.ast.Int)
}

func (b *body) loadAs(p place, t cc.Type, at cc.Node) value {
	n := node(program.OpLoad)
	n.Size, n.Signed, n.Offset = sizeOf(t), isSigned(t), p.off
	n.Args = []program.Operand{p.base}
	return b.compute(n, t, at)
}

// loadWhole loads a structure that is a single cell, such as a LARGE_INTEGER.
func (b *body) loadWhole(p place, at cc.Node) value {
	if !b.singleCell(p.typ) {
		b.refuse(at, "a structure used as a value ("+typeName(p.typ)+")", "its address, or its members one by one")
		return intValue(0, b.ast.Int)
	}
	n := node(program.OpLoad)
	n.Size, n.Signed, n.Offset = int32(p.typ.Size()), true, p.off
	n.Args = []program.Operand{p.base}
	v := b.compute(n, p.typ, at)
	return v
}

func (b *body) singleCell(t cc.Type) bool {
	if !structured(t) || t.IsIncomplete() {
		return false
	}
	l := b.prog.Layouts[b.layouts.of(t)]
	return len(l.Cells) == 1 && l.Cells[0].Size == l.Size && !l.Cells[0].Data && l.Size <= 8
}

// byAddress says whether a value of type t is passed and returned as the address
// of memory of the caller.
func (b *body) byAddress(t cc.Type) bool {
	return structured(t) && !t.IsIncomplete() && !b.singleCell(t)
}

func (b *body) store(p place, v value, at cc.Node) {
	if p.reg != program.NoReg {
		b.set(p.reg, b.convert(v, p.typ, at), at)
		return
	}
	if p.field != nil && p.field.IsBitfield() {
		b.storeBits(p, v, at)
		return
	}
	if c, ok := v.constant(); ok {
		v.op = program.Int(truncate(c, sizeOf(p.typ), isSigned(p.typ)))
	}
	arg := b.operand(v, at)
	n := node(program.OpStore)
	n.Size, n.Offset = sizeOf(p.typ), p.off
	n.Args = []program.Operand{p.base, arg}
	b.emit(n, at)
}
