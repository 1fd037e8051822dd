package csource

import (
	"unicode/utf16"

	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// literal gives the address of a string literal.
func (l *linker) literal(v cc.Value) program.Operand {
	s, _ := text(v)
	return l.str(s)
}

// text gives the characters of a string value without the closing NUL.
func text(v cc.Value) (string, bool) {
	switch x := v.(type) {
	case cc.StringValue:
		return trimNUL(string(x)), true
	case cc.UTF16StringValue:
		return trimNUL(string(utf16.Decode(x))), true
	case cc.UTF32StringValue:
		return trimNUL(string([]rune(x))), true
	}
	return "", false
}

func trimNUL(s string) string {
	if n := len(s); n > 0 && s[n-1] == 0 {
		return s[:n-1]
	}
	return s
}

// initialise lowers the initializer of a local variable.
func (b *body) initialise(p place, i *cc.Initializer) {
	if i.Case == cc.InitializerExpr {
		b.initExpr(p, i)
		return
	}
	if isAggregate(p.typ) {
		b.zero(p, i, i.InitializerList)
	}
	b.initList(p, i.InitializerList)
}

// initList stores the elements of a braced list; the rest is zero already.
func (b *body) initList(p place, l *cc.InitializerList) {
	for ; l != nil; l = l.InitializerList {
		i := l.Initializer
		if i.Case == cc.InitializerInitList {
			b.initList(p, i.InitializerList)
			continue
		}
		q := p
		if isAggregate(p.typ) {
			q.off += int32(i.Offset())
			q.typ, q.field = i.Type(), i.Field()
			if isZero(i) {
				continue
			}
		}
		if i.Len() > 1 {
			b.refuse(i, "an initializer for a range of elements", "one for each element")
		}
		b.initExpr(q, i)
	}
}

func (b *body) initExpr(p place, i *cc.Initializer) {
	e := i.AssignmentExpression
	if a, ok := p.typ.(*cc.ArrayType); ok {
		b.initText(p, a, e)
		return
	}
	if isAggregate(p.typ) && (!b.singleCell(p.typ) || named(e) != nil) {
		b.move(p, b.lvalue(e), e)
		return
	}
	if t := pointee(p.typ); t != nil && structured(t) {
		b.wanted = t
	}
	v := b.rvalue(e)
	b.wanted = nil
	b.assigned(p, v)
	b.store(p, v, e)
}

// initText copies a string literal into an array.
func (b *body) initText(p place, a *cc.ArrayType, e cc.ExpressionNode) {
	s, ok := text(e.Value())
	if !ok {
		b.refuse(e, "an array initialized with what is no string", "a string or a list in braces")
		return
	}
	n := node(program.OpMove)
	n.Size = int32(min(a.Size(), int64(len(s)+1)*a.Elem().Size()))
	n.Args = []program.Operand{b.plainAddress(p, e), b.str(s)}
	b.emit(n, e)
}

func isZero(i *cc.Initializer) bool {
	c, ok := constant(i.AssignmentExpression)
	return ok && c == 0
}

// maxZeroStores is how many cells are cleared one by one.
const maxZeroStores = 16

// zero clears the variable at p, except for the scalars that l sets.
func (b *body) zero(p place, at cc.Node, l *cc.InitializerList) {
	layout := b.prog.Layouts[b.layouts.of(p.typ)]
	whole := len(layout.Cells) > maxZeroStores
	for _, c := range layout.Cells {
		whole = whole || c.Data
	}
	if whole {
		n := node(program.OpAPI)
		n.API = "RtlZeroMemory"
		n.Args = []program.Operand{b.plainAddress(p, at), program.Int(int64(layout.Size))}
		b.emit(n, at)
		return
	}
	set := map[int32]bool{}
	b.setBy(l, set)
	for _, c := range layout.Cells {
		if set[c.Offset] {
			continue
		}
		n := node(program.OpStore)
		n.Size, n.Offset = c.Size, p.off+c.Offset
		n.Args = []program.Operand{p.base, program.Int(0)}
		b.emit(n, at)
	}
}

// setBy adds the offsets of the scalars that l sets to something.
func (b *body) setBy(l *cc.InitializerList, set map[int32]bool) {
	for ; l != nil; l = l.InitializerList {
		i := l.Initializer
		switch {
		case i.Case == cc.InitializerInitList:
			b.setBy(i.InitializerList, set)
		case isScalar(i.Type()) && !isZero(i) && (i.Field() == nil || !i.Field().IsBitfield()):
			set[int32(i.Offset())] = true
		}
	}
}

// lateInit is an initial value that a CellInit cannot say: an address with bytes
// added, such as that of a member of another variable.
type lateInit struct {
	global int
	cell   int32
	size   int32
	value  program.Operand
	bytes  int32
	at     cc.Node
}

// startup makes the entry routine begin with the stores of what is left to
// initialise: nothing of the program runs before them.
func (l *linker) startup() {
	if len(l.late) == 0 {
		return
	}
	if len(l.prog.Roles) == 0 || l.prog.Roles[0].Kind != program.RoleEntry {
		l.refuse(l.late[0].at, "the address of a part of a variable as an initial value, in files without an entry routine",
			"the file with DriverEntry or main as well, or an assignment")
		return
	}
	r := l.prog.Routines[l.prog.Roles[0].Routine]
	var nodes []program.Node
	for _, i := range l.late {
		t := program.Reg(len(r.Regs))
		r.Regs = append(r.Regs, program.Register{Size: 8})
		add, store := node(program.OpOffset), node(program.OpStore)
		add.Offset, add.Dst, add.Args = i.bytes, t, []program.Operand{i.value}
		store.Offset, store.Size, store.Args = i.cell, i.size, []program.Operand{program.Global(i.global), program.RegOf(t)}
		for _, n := range []program.Node{add, store} {
			n.Pos, n.Text = l.pos(i.at), "initial value of "+l.prog.Globals[i.global].Name
			n.Next = int32(len(nodes) + 1)
			nodes = append(nodes, n)
		}
	}
	shift := int32(len(nodes))
	for i := range r.Nodes {
		relink(&r.Nodes[i], func(n int32) int32 { return n + shift })
	}
	r.Nodes = append(nodes, r.Nodes...)
}

// staticInit gives the initial cells of a variable of static storage.
func (u *unit) staticInit(global int, i *cc.Initializer) []program.CellInit {
	var cells []program.CellInit
	var walk func(i *cc.Initializer)
	walk = func(i *cc.Initializer) {
		if i.Case == cc.InitializerInitList {
			for l := i.InitializerList; l != nil; l = l.InitializerList {
				walk(l.Initializer)
			}
			return
		}
		if f := i.Field(); f != nil && f.IsBitfield() && i.AssignmentExpression != nil {
			cells = u.bitInit(cells, i, f)
			return
		}
		op, off, ok := u.staticValue(i)
		switch {
		case !ok || op == program.Int(0):
		case off != 0:
			u.late = append(u.late, lateInit{global, int32(i.Offset()), sizeOf(i.Type()), op, off, i})
		default:
			cells = append(cells, program.CellInit{Offset: int32(i.Offset()), Value: op})
		}
	}
	walk(i)
	return cells
}

// staticValue gives the value of one constant initializer: an operand and, for
// an address, the bytes added to it.
func (u *unit) staticValue(i *cc.Initializer) (program.Operand, int32, bool) {
	e := i.AssignmentExpression
	if v, ok := number(e.Value(), e.Type()); ok && isScalar(i.Type()) {
		return program.Int(truncate(v, sizeOf(i.Type()), isSigned(i.Type()))), 0, true
	}
	op, off, ok := u.staticAddress(e)
	if !ok || i.Type().Kind() == cc.Array && op.Kind != program.OperandString {
		u.refuse(e, "an initial value that ownercheck cannot compute", "a constant, or the address of a variable, of a part of one or of a function")
		return program.Int(0), 0, false
	}
	return op, off, true
}

// bitInit adds the initial value of a bit-field to that of the unit it is in.
func (u *unit) bitInit(cells []program.CellInit, i *cc.Initializer, f *cc.Field) []program.CellInit {
	v, ok := number(i.AssignmentExpression.Value(), i.AssignmentExpression.Type())
	if !ok {
		u.refuse(i, "an initial value of a bit-field that is no constant", "a constant")
	}
	v = v & (1<<f.ValueBits() - 1) << f.OffsetBits()
	for k := range cells {
		if cells[k].Offset == int32(i.Offset()) {
			cells[k].Value.V |= v
			return cells
		}
	}
	return append(cells, program.CellInit{Offset: int32(i.Offset()), Value: program.Int(v)})
}

// staticAddress gives the address that e, a constant expression, stands for.
func (u *unit) staticAddress(e cc.ExpressionNode) (program.Operand, int32, bool) {
	e = unparen(e)
	if s, ok := text(e.Value()); ok {
		return u.str(s), 0, true
	}
	switch x := e.(type) {
	case *cc.CastExpression:
		return u.staticAddress(x.CastExpression)
	case *cc.UnaryExpression:
		if x.Case == cc.UnaryExpressionAddrof {
			return u.staticPlace(x.CastExpression)
		}
	case *cc.AdditiveExpression:
		op, y, z := binaryParts(x)
		base, off, ok := u.staticAddress(y)
		n, isNumber := constant(z)
		if ok && isNumber && base.Kind != program.OperandFunc {
			if op == program.AluSub {
				n = -n
			}
			return base, off + int32(n)*elemSize(y.Type()), true
		}
		return base, 0, false
	}
	if d := named(e); d != nil && d.Type().Kind() != cc.Function && d.Type().Undecay().Kind() != cc.Array {
		return program.Int(0), 0, false // its value, not its address
	}
	return u.staticPlace(e)
}

// staticPlace gives the address of the function or of the part of a variable
// that e names.
func (u *unit) staticPlace(e cc.ExpressionNode) (program.Operand, int32, bool) {
	e = unparen(e)
	if x, ok := e.(*cc.PostfixExpression); ok {
		switch x.Case {
		case cc.PostfixExpressionSelect:
			op, off, ok := u.staticPlace(x.PostfixExpression)
			f := x.Field()
			if !ok || f == nil || f.IsBitfield() {
				return op, 0, false
			}
			return op, off + int32(f.Offset()), true
		case cc.PostfixExpressionIndex:
			op, off, ok := u.staticPlace(x.PostfixExpression)
			n, isNumber := constant(x.ExpressionList)
			return op, off + int32(n)*elemSize(x.PostfixExpression.Type()), ok && isNumber && x.PostfixExpression.Type().Undecay().Kind() == cc.Array
		}
	}
	d := named(e)
	switch {
	case d != nil && d.Type().Kind() == cc.Function:
		if r, ok := u.routine(d); ok {
			u.prog.Roles = append(u.prog.Roles, program.Role{Kind: program.RoleOther, Routine: int32(r), Pos: u.pos(e)})
			return program.Func(r), 0, true
		}
	case d != nil && d.StorageDuration() == cc.Static:
		g := u.global(d)
		u.prog.Globals[g].Escapes = true
		return program.Global(g), 0, true
	}
	return program.Int(0), 0, false
}
