package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// lower makes the nodes of one function.
func (u *unit) lower(f function) {
	r := u.prog.Routines[f.routine]
	t, ok := f.def.Declarator.Type().(*cc.FunctionType)
	if !ok {
		u.refuse(f.def, "a function definition of no function type", "a plain definition")
		return
	}
	b := &body{
		unit: u, routine: r, result: t.Result(),
		regs: map[*cc.Declarator]program.Reg{}, copied: map[*cc.Declarator]program.Reg{}, objects: map[*cc.Declarator]int{},
		labels: map[labelKey]*label{}, sites: scanLabels(f.def.CompoundStatement),
	}
	r.HasResult = b.result.Kind() != cc.Void && !b.byAddress(b.result)
	if f.def.DeclarationList != nil {
		u.refuse(f.def.DeclarationList, "parameters declared before the body", "a prototype")
	}
	b.parameters(t)
	b.compound(f.def.CompoundStatement)
	b.text = "}"
	b.emit(node(program.OpReturn), f.def.CompoundStatement.Token2)
	tidy(r, b.guards)
}

// parameters gives each parameter its register and copies those whose address
// is taken to the frame.
func (b *body) parameters(t *cc.FunctionType) {
	type copied struct {
		d *cc.Declarator
		r program.Reg
	}
	var toFrame []copied
	if b.byAddress(b.result) {
		b.resultAt = b.register("result", 8)
		b.routine.Params = append(b.routine.Params, b.resultAt)
	}
	for _, p := range t.Parameters() {
		if p.Type().Kind() == cc.Void {
			continue
		}
		d := p.Declarator
		if d == nil || p.Name() == "" {
			b.routine.Params = append(b.routine.Params, b.temp(b.passedSize(p.Type())))
			continue
		}
		r := b.register(p.Name(), b.passedSize(p.Type()))
		b.routine.Params = append(b.routine.Params, r)
		switch typ := p.Type().Decay(); {
		case b.singleCell(typ) || isScalar(typ) && d.AddressTaken():
			toFrame = append(toFrame, copied{d, r})
		case isScalar(typ):
			b.regs[d] = r
		case b.byAddress(typ):
			b.copied[d] = r
		default:
			b.refuseType(d, typ)
		}
	}
	for _, c := range toFrame {
		typ := c.d.Type().Decay()
		i := b.object(c.d.Name(), typ, c.d)
		b.objects[c.d] = i
		b.text = c.d.Name()
		b.store(place{reg: program.NoReg, base: program.Local(i), typ: typ, index: -1}, value{op: program.RegOf(c.r), typ: typ}, c.d)
	}
}

// passedSize gives the size of a parameter in its register: that of an address
// for a structure that is no single value.
func (b *body) passedSize(t cc.Type) int32 {
	if b.byAddress(t) {
		return 8
	}
	return sizeOf(t)
}

// refuseType notes that a value of type t cannot be worked with.
func (b *body) refuseType(at cc.Node, t cc.Type) {
	switch {
	case cc.IsFloatingPointType(t) || cc.IsComplexType(t):
		b.refuse(at, "floating point ("+t.String()+")", "integers: ownercheck has no other numbers")
	case t.Kind() == cc.Void:
		b.refuse(at, "the value of something that has none", "an expression of a type other than void")
	case isAggregate(t):
		b.refuse(at, "a structure passed by value ("+typeName(t)+")", "its address")
	default:
		b.refuse(at, "a value of type "+typeName(t), "an integer or a pointer")
	}
}

// declaration lowers the variables that a declaration inside a function makes.
func (b *body) declaration(d *cc.Declaration) {
	if d.Case == cc.DeclarationAssert {
		return // the parser has checked it
	}
	if d.Case == cc.DeclarationAuto {
		b.refuse(d, "a declaration without a type", "a type")
		return
	}
	for l := d.InitDeclaratorList; l != nil; l = l.InitDeclaratorList {
		b.local(l.InitDeclarator)
	}
}

func (b *body) local(i *cc.InitDeclarator) {
	d := i.Declarator
	t := d.Type()
	switch {
	case d.IsTypename() || t.Kind() == cc.Function || d.IsExtern() || d.Name() == "__func__":
		return
	case d.IsThreadLocal():
		b.refuse(d, "a thread-local variable", "an ordinary one")
	case d.IsStatic():
		if _, ok := b.unit.locals[d]; !ok {
			b.unit.locals[d] = b.unit.object(nil, "", b.routine.Name+"."+d.Name(), i)
		}
		return
	case isScalar(t) && !d.AddressTaken():
		if _, ok := b.regs[d]; !ok {
			b.regs[d] = b.register(d.Name(), sizeOf(t))
		}
	case t.IsIncomplete() || isVLA(t):
		b.refuse(d, "variable "+d.Name()+" of a size that is not constant", "a constant size")
		return
	case isScalar(t) || isAggregate(t):
		if _, ok := b.objects[d]; !ok {
			b.objects[d] = b.object(d.Name(), t, d.NameTok())
		}
	default:
		b.refuseType(d, t)
		return
	}
	if i.Initializer != nil {
		b.text = b.src.statementText(d.NameTok())
		b.initialise(b.variable(d, d), i.Initializer)
	}
}

func isVLA(t cc.Type) bool {
	a, ok := t.(*cc.ArrayType)
	return ok && a.IsVLA()
}

// variable gives the place of the variable that d declares.
func (b *body) variable(d *cc.Declarator, at cc.Node) place {
	p := place{reg: program.NoReg, typ: d.Type(), index: -1}
	if d.IsParam() {
		p.typ = d.Type().Decay()
	}
	if r, ok := b.regs[d]; ok {
		p.reg = r
		return p
	}
	if i, ok := b.objects[d]; ok {
		p.base = program.Local(i)
		return p
	}
	if r, ok := b.copied[d]; ok {
		p.base = program.RegOf(r)
		return p
	}
	if d.StorageDuration() != cc.Static {
		b.refuse(at, "variable "+d.Name()+", which its function does not declare", "a declaration before the use")
		return p
	}
	p.base = program.Global(b.global(d))
	return p
}
