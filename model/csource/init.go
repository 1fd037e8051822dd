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

// staticInit gives the initial cells of a variable of static storage.
func (u *unit) staticInit(i *cc.Initializer) []program.CellInit {
	var cells []program.CellInit
	var walk func(i *cc.Initializer)
	walk = func(i *cc.Initializer) {
		if i.Case == cc.InitializerInitList {
			for l := i.InitializerList; l != nil; l = l.InitializerList {
				walk(l.Initializer)
			}
			return
		}
		if op, ok := u.staticValue(i); ok && op != program.Int(0) {
			cells = append(cells, program.CellInit{Offset: int32(i.Offset()), Value: op})
		}
	}
	walk(i)
	return cells
}

// staticValue gives the value of one constant initializer.
func (u *unit) staticValue(i *cc.Initializer) (program.Operand, bool) {
	e := i.AssignmentExpression
	if v, ok := number(e.Value(), e.Type()); ok {
		return program.Int(truncate(v, sizeOf(i.Type()), isSigned(i.Type()))), true
	}
	e = unparen(e)
	for {
		c, ok := e.(*cc.CastExpression)
		if !ok {
			break
		}
		e = unparen(c.CastExpression)
	}
	if s, ok := text(e.Value()); ok {
		return u.str(s), true
	}
	if a, ok := e.(*cc.UnaryExpression); ok && a.Case == cc.UnaryExpressionAddrof {
		e = unparen(a.CastExpression)
	}
	d := named(e)
	switch {
	case d != nil && d.Type().Kind() == cc.Function:
		if r, ok := u.routine(d); ok {
			u.prog.Roles = append(u.prog.Roles, program.Role{Kind: program.RoleOther, Routine: int32(r), Pos: u.pos(e)})
			return program.Func(r), true
		}
	case d != nil && d.StorageDuration() == cc.Static:
		g := u.global(d)
		u.prog.Globals[g].Escapes = true
		return program.Global(g), true
	}
	u.refuse(e, "an initializer that ownercheck cannot compute", "a constant, or the address of a variable or a function")
	return program.Int(0), false
}
