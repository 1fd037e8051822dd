package csource

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/ownercheck/ownercheck/model/program"
)

// evaluator runs a lowered program on flat memory, so that the tests compare
// what the C means with what its nodes do. It clears every register that
// LiveIn calls dead, as the machine does.
type evaluator struct {
	p       *program.Program
	memory  []byte
	globals []int64
	strings []int64
	log     []string
	last    int64 // the exception raised last
	steps   int
}

const (
	firstObject     = 0x10000
	firstRoutine    = 1 << 40
	accessViolation = -1073741819 // 0xC0000005
)

var errSteps = errors.New("more than 100,000 steps")

// raised is an exception on its way to a handler.
type raised struct{ code int64 }

func (r raised) Error() string { return fmt.Sprintf("exception %#x", uint32(r.code)) }

func newEvaluator(p *program.Program) *evaluator {
	e := &evaluator{p: p, memory: make([]byte, firstObject)}
	for _, s := range p.Strings {
		at := e.allocate(int32(len(s) + 1))
		copy(e.memory[at:], s)
		e.strings = append(e.strings, at)
	}
	for _, g := range p.Globals {
		e.globals = append(e.globals, e.allocate(p.Layouts[g.Layout].Size))
	}
	for i, g := range p.Globals {
		for _, c := range g.Init {
			e.write(e.globals[i]+int64(c.Offset), e.cellSize(g.Layout, c.Offset), e.operand(nil, c.Value))
		}
	}
	return e
}

func (e *evaluator) cellSize(layout, offset int32) int32 {
	l := e.p.Layouts[layout]
	if i := l.CellAt(offset); i >= 0 && !l.Cells[i].Data {
		return l.Cells[i].Size
	}
	return 1
}

func (e *evaluator) allocate(size int32) int64 {
	at := int64(len(e.memory))
	e.memory = append(e.memory, make([]byte, (size+15)/16*16+16)...)
	return at
}

func (e *evaluator) check(at int64, size int32) error {
	if at < firstObject || at+int64(size) > int64(len(e.memory)) {
		return raised{accessViolation}
	}
	return nil
}

func (e *evaluator) read(at int64, size int32, signed bool) (int64, error) {
	if err := e.check(at, size); err != nil {
		return 0, err
	}
	var b [8]byte
	copy(b[:], e.memory[at:at+int64(size)])
	return truncate(int64(binary.LittleEndian.Uint64(b[:])), size, signed), nil
}

func (e *evaluator) write(at int64, size int32, v int64) error {
	if err := e.check(at, size); err != nil {
		return err
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(v))
	copy(e.memory[at:at+int64(size)], b[:size])
	return nil
}

// frame is one activation of a routine.
type frame struct {
	r       *program.Routine
	regs    []int64
	objects []int64
}

func (e *evaluator) operand(f *frame, o program.Operand) int64 {
	switch o.Kind {
	case program.OperandReg:
		return f.regs[o.V]
	case program.OperandFunc:
		return firstRoutine + o.V
	case program.OperandGlobal:
		return e.globals[o.V]
	case program.OperandLocal:
		return f.objects[o.V]
	case program.OperandString:
		return e.strings[o.V]
	}
	return o.V
}

// call runs a routine and gives its result.
func (e *evaluator) call(i int, args ...int64) (int64, error) {
	r := e.p.Routines[i]
	f := &frame{r: r, regs: make([]int64, len(r.Regs))}
	for _, o := range r.Objects {
		f.objects = append(f.objects, e.allocate(e.p.Layouts[o.Layout].Size))
	}
	for k, p := range r.Params {
		f.regs[p] = args[k]
	}
	for at := int32(0); ; {
		if e.steps++; e.steps > 100_000 {
			return 0, errSteps
		}
		for k := range f.regs {
			if r.LiveIn[at]&(1<<k) == 0 {
				f.regs[k] = 0
			}
		}
		n := &r.Nodes[at]
		args := make([]int64, len(n.Args))
		for k, a := range n.Args {
			args[k] = e.operand(f, a)
		}
		if n.Op == program.OpReturn {
			return append(args, 0)[0], nil
		}
		v, err := e.run(n, args)
		var x raised
		switch {
		case errors.As(err, &x) && n.Guard != program.NoNode:
			e.last = x.code
			at = n.Guard
			continue
		case err != nil:
			return 0, err
		}
		if n.Dst != program.NoReg {
			f.regs[n.Dst] = v
		}
		at = successor(n, args)
	}
}

func successor(n *program.Node, args []int64) int32 {
	switch n.Op {
	case program.OpBranch:
		if args[0] == 0 {
			return n.Else
		}
	case program.OpSwitch:
		for _, c := range n.Cases {
			if c.Value == args[0] {
				return c.Next
			}
		}
		return n.Else
	}
	return n.Next
}

// run executes a node that does not return.
func (e *evaluator) run(n *program.Node, args []int64) (int64, error) {
	switch n.Op {
	case program.OpCopy:
		return args[0], nil
	case program.OpConvert:
		return truncate(args[0], n.Size, n.Signed), nil
	case program.OpUnary:
		return unaryResult(n, args[0]), nil
	case program.OpBinary:
		return binaryResult(n, args[0], args[1])
	case program.OpOffset:
		return args[0] + int64(n.Offset), nil
	case program.OpIndex:
		return args[0] + args[1]*int64(n.Offset), nil
	case program.OpPtrDiff:
		return (args[0] - args[1]) / int64(n.Offset), nil
	case program.OpLoad:
		return e.read(args[0]+int64(n.Offset), n.Size, n.Signed)
	case program.OpStore:
		return 0, e.write(args[0]+int64(n.Offset), n.Size, args[1])
	case program.OpMove:
		return 0, e.move(args[0], args[1], int64(n.Size))
	case program.OpCall:
		return e.call(int(n.Fn), args...)
	case program.OpCallPtr:
		if args[0] < firstRoutine {
			return 0, raised{accessViolation}
		}
		return e.call(int(args[0]-firstRoutine), args[1:]...)
	case program.OpAPI:
		return e.api(n.API, args)
	case program.OpExceptionCode:
		return e.last, nil
	case program.OpRaise:
		return 0, raised{append(args, e.last)[0]}
	}
	return 0, nil
}

func (e *evaluator) move(to, from, size int64) error {
	if err := errors.Join(e.check(to, int32(size)), e.check(from, int32(size))); err != nil {
		return err
	}
	copy(e.memory[to:], slices.Clone(e.memory[from:from+size]))
	return nil
}

func (e *evaluator) api(name string, args []int64) (int64, error) {
	switch name {
	case "say":
		e.log = append(e.log, fmt.Sprint(args[0]))
		return 0, nil
	case "fail":
		return 0, raised{args[0]}
	case "RtlZeroMemory":
		for i := range args[1] {
			if err := e.write(args[0]+i, 1, 0); err != nil {
				return 0, err
			}
		}
		return 0, nil
	case "RtlCopyMemory":
		return args[0], e.move(args[0], args[1], args[2])
	}
	return 0, fmt.Errorf("no %s here", name)
}

func unaryResult(n *program.Node, a int64) int64 {
	switch n.Alu {
	case program.AluLNot:
		return boolInt(a == 0)
	case program.AluNeg:
		return truncate(-a, n.Size, n.Signed)
	}
	return truncate(^a, n.Size, n.Signed)
}

func binaryResult(n *program.Node, a, b int64) (int64, error) {
	a, b = truncate(a, n.Size, n.Signed), truncate(b, n.Size, n.Signed)
	var v int64
	switch n.Alu {
	case program.AluAdd:
		v = a + b
	case program.AluSub:
		v = a - b
	case program.AluMul:
		v = a * b
	case program.AluDiv, program.AluMod:
		if b == 0 {
			return 0, raised{-1073741676}
		}
		v = divide(n, a, b)
	case program.AluAnd:
		v = a & b
	case program.AluOr:
		v = a | b
	case program.AluXor:
		v = a ^ b
	case program.AluShl:
		v = a << (uint64(b) & 63)
	case program.AluShr:
		v = a >> (uint64(b) & 63)
		if !n.Signed {
			v = int64(uint64(a) >> (uint64(b) & 63))
		}
	default:
		return boolInt(compare(n, a, b)), nil
	}
	return truncate(v, n.Size, n.Signed), nil
}

func divide(n *program.Node, a, b int64) int64 {
	switch {
	case n.Alu == program.AluDiv && n.Signed:
		return a / b
	case n.Alu == program.AluDiv:
		return int64(uint64(a) / uint64(b))
	case n.Signed:
		return a % b
	}
	return int64(uint64(a) % uint64(b))
}

func compare(n *program.Node, a, b int64) bool {
	less := a < b
	if !n.Signed {
		less = uint64(a) < uint64(b)
	}
	switch n.Alu {
	case program.AluEq:
		return a == b
	case program.AluNe:
		return a != b
	case program.AluLt:
		return less
	case program.AluLe:
		return less || a == b
	case program.AluGt:
		return !less && a != b
	}
	return !less
}
