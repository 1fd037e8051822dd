package program

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Dump writes p as text: roles, variables, layouts, routines with their nodes,
// remarks, and the names of the system that p calls. executable says which
// nodes a machine can run; nil means all.
func Dump(w io.Writer, p *Program, executable func(*Node) bool) error {
	b := bufio.NewWriter(w)
	d := &dumper{Writer: b, p: p, executable: executable}
	d.header()
	for i := range p.Routines {
		d.routine(p.Routines[i])
	}
	d.counts()
	d.apis()
	return b.Flush()
}

type dumper struct {
	*bufio.Writer
	p          *Program
	executable func(*Node) bool
}

func (d *dumper) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

func (d *dumper) header() {
	p := d.p
	d.line("%v: %s", p.Side, strings.Join(p.Files, " "))
	for _, r := range p.Roles {
		index := ""
		if r.Kind == RoleDispatch || r.Kind == RoleCSQ {
			index = fmt.Sprintf(" %d", r.Index)
			if r.Index < 0 {
				index = " any"
			}
		}
		d.line("role %v%s: %s  at %s", r.Kind, index, p.Routines[r.Routine].Name, p.Position(r.Pos))
	}
	for i := range p.Globals {
		d.object("global", &p.Globals[i], nil)
	}
	for _, l := range p.Layouts {
		d.line("layout %s, %d bytes", l.Name, l.Size)
		for _, c := range l.Cells {
			data := ""
			if c.Data {
				data = " data"
			}
			d.line("  %4d %2d %s%s", c.Offset, c.Size, orDash(c.Name), data)
		}
	}
	for _, r := range p.Remarks {
		d.line("remark %s: %s", p.Position(r.Pos), r.Text)
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (d *dumper) object(kind string, o *Object, r *Routine) {
	escapes := ""
	if o.Escapes {
		escapes = ", escapes"
	}
	d.line("%s %s: %s%s", kind, o.Name, d.p.Layouts[o.Layout].Name, escapes)
	for _, c := range o.Init {
		d.line("  at %d: %s", c.Offset, d.operand(r, c.Value))
	}
}

func (d *dumper) routine(r *Routine) {
	params := make([]string, len(r.Params))
	for i, a := range r.Params {
		params[i] = r.reg(a)
	}
	d.line("\n%s(%s)  at %s, %d nodes", r.Name, strings.Join(params, ", "), d.p.Position(r.Pos), len(r.Nodes))
	for i := range r.Objects {
		d.object("  local", &r.Objects[i], r)
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		mark := " "
		if d.executable != nil && !d.executable(n) {
			mark = "!"
		}
		d.line("%s%4d %-18s %s%s  ; %s", mark, i, d.p.Position(n.Pos), d.node(r, n), d.exits(i, n), n.Text)
	}
}

// exits gives where n leads, unless it is just the next node.
func (d *dumper) exits(i int, n *Node) string {
	var s string
	switch n.Op {
	case OpBranch:
		s = fmt.Sprintf(" ? %d : %d", n.Next, n.Else)
	case OpSwitch:
		for _, c := range n.Cases {
			s += fmt.Sprintf(" %s:%d", number(c.Value), c.Next)
		}
		s += fmt.Sprintf(" default:%d", n.Else)
	case OpReturn, OpRaise:
	default:
		if n.Next != int32(i+1) {
			s = fmt.Sprintf(" -> %d", n.Next)
		}
	}
	if n.Guard != NoNode {
		s += fmt.Sprintf(" !%d", n.Guard)
	}
	return s
}

func (r *Routine) reg(a Reg) string {
	if int(a) < len(r.Regs) && r.Regs[a].Name != "" {
		return fmt.Sprintf("%%%d(%s)", a, r.Regs[a].Name)
	}
	return fmt.Sprintf("%%%d", a)
}

func (d *dumper) operand(r *Routine, o Operand) string {
	switch o.Kind {
	case OperandReg:
		return r.reg(Reg(o.V))
	case OperandFunc:
		return d.p.Routines[o.V].Name
	case OperandGlobal:
		return "&" + d.p.Globals[o.V].Name
	case OperandLocal:
		return "&" + r.Objects[o.V].Name
	case OperandString:
		return strconv.Quote(d.p.Strings[o.V])
	}
	return number(o.V)
}

// number writes v as people write such a number: a status as eight hexadecimal
// digits, another large one in hexadecimal, a small one in decimal.
func number(v int64) string {
	switch {
	case v>>24 == -0x40 || v>>24 == -0x80: // an error or a warning status
		return fmt.Sprintf("%#x", uint32(v))
	case v > 1<<16 || v < -1<<16:
		return fmt.Sprintf("%#x", v)
	}
	return strconv.FormatInt(v, 10)
}

func (d *dumper) node(r *Routine, n *Node) string {
	args := make([]string, len(n.Args))
	for i, a := range n.Args {
		args[i] = d.operand(r, a)
	}
	dst := ""
	if n.Dst != NoReg {
		dst = r.reg(n.Dst) + " = "
	}
	sign := "u"
	if n.Signed {
		sign = "s"
	}
	width := fmt.Sprintf("%s%d", sign, 8*n.Size)
	list := strings.Join(args, ", ")
	switch n.Op {
	case OpCopy:
		return dst + args[0]
	case OpConvert:
		return fmt.Sprintf("%s(%s) %s", dst, width, args[0])
	case OpUnary:
		return fmt.Sprintf("%s%v %s  (%s)", dst, n.Alu, args[0], width)
	case OpBinary:
		return fmt.Sprintf("%s%s %v %s  (%s)", dst, args[0], n.Alu, args[1], width)
	case OpOffset:
		return fmt.Sprintf("%s%s + %d bytes", dst, args[0], n.Offset)
	case OpIndex:
		return fmt.Sprintf("%s%s + %s * %d bytes", dst, args[0], args[1], n.Offset)
	case OpPtrDiff:
		return fmt.Sprintf("%s(%s - %s) / %d", dst, args[0], args[1], n.Offset)
	case OpLoad:
		return fmt.Sprintf("%sload %s [%s+%d]", dst, width, args[0], n.Offset)
	case OpStore:
		return fmt.Sprintf("store %d bits [%s+%d] = %s", 8*n.Size, args[0], n.Offset, args[1])
	case OpMove:
		return fmt.Sprintf("move %d bytes [%s] = [%s]", n.Size, args[0], args[1])
	case OpBranch, OpSwitch, OpReturn, OpRaise:
		return strings.TrimSpace(fmt.Sprintf("%v %s", n.Op, list))
	case OpCall:
		return fmt.Sprintf("%scall %s(%s)", dst, d.p.Routines[n.Fn].Name, list)
	case OpCallPtr:
		return fmt.Sprintf("%scall *%s(%s)", dst, args[0], strings.Join(args[1:], ", "))
	case OpAPI:
		if n.Layout >= 0 {
			return fmt.Sprintf("%s%s(%s) of %s", dst, n.API, list, d.p.Layouts[n.Layout].Name)
		}
		return fmt.Sprintf("%s%s(%s)", dst, n.API, list)
	}
	return dst + n.Op.String()
}

func (d *dumper) counts() {
	total := 0
	d.line("")
	for _, r := range d.p.Routines {
		d.line("%6d nodes  %s", len(r.Nodes), r.Name)
		total += len(r.Nodes)
	}
	d.line("%6d nodes in all", total)
}

// apis lists what p asks of the system, and where it asks for what executable
// declines.
func (d *dumper) apis() {
	calls := map[string]int{}
	declined := map[string][]string{}
	for _, r := range d.p.Routines {
		for i := range r.Nodes {
			n := &r.Nodes[i]
			name := n.Op.String()
			if n.Op == OpAPI {
				name = n.API
				calls[name]++
			}
			if d.executable != nil && !d.executable(n) {
				declined[name] = append(declined[name], d.p.Position(n.Pos))
			}
		}
	}
	d.line("")
	for _, name := range sortedKeys(calls) {
		d.line("%6d calls  %s", calls[name], name)
	}
	for _, name := range sortedKeys(declined) {
		d.line("not executable yet: %s at %s", name, strings.Join(declined[name], ", "))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
