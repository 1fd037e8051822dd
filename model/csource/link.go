package csource

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// linker makes one program of several syntax trees: it gives every function and
// every global variable its number and lowers the bodies.
type linker struct {
	src     *sources
	prog    *program.Program
	layouts layouts
	errs    Errors

	files    map[string]int32
	strings  map[string]int
	remarked map[string]bool

	routines map[string]int // of external linkage
	globals  map[string]int
	units    []*unit
	late     []lateInit
}

// unit is one syntax tree with the names that only it can see.
type unit struct {
	*linker
	ast      *cc.AST
	routines map[string]int // static and inline functions
	globals  map[string]int // static variables
	locals   map[*cc.Declarator]int
	defined  map[string]*cc.InitDeclarator // variables with their definition
	declared map[string]*cc.Declarator     // functions with their first declaration
	callback map[*cc.Declarator]string     // functions declared through a typedef, with its name
	bodies   []function
}

type function struct {
	def     *cc.FunctionDefinition
	routine int
}

func newLinker(src *sources, side program.Side, files []string) *linker {
	l := &linker{
		src: src, prog: &program.Program{Side: side},
		files: map[string]int32{}, strings: map[string]int{}, remarked: map[string]bool{},
		routines: map[string]int{}, globals: map[string]int{},
	}
	l.layouts.prog = l.prog
	for _, f := range files {
		l.file(f)
	}
	return l
}

// file gives the index of a file in Program.Files.
func (l *linker) file(name string) int32 {
	if i, ok := l.files[name]; ok {
		return i
	}
	i := int32(len(l.prog.Files))
	l.files[name] = i
	l.prog.Files = append(l.prog.Files, name)
	return i
}

func (l *linker) pos(n cc.Node) program.Pos {
	p := n.Position()
	if p.Filename == "" || strings.HasPrefix(p.Filename, "<") {
		return program.Pos{}
	}
	return program.Pos{File: l.file(p.Filename), Line: int32(p.Line), Column: int32(p.Column)}
}

// refuse notes that n cannot be lowered.
func (l *linker) refuse(n cc.Node, found, want string) {
	p := n.Position()
	l.errs.add(&Error{File: p.Filename, Line: p.Line, Column: p.Column, Found: found, Want: want})
}

// remark notes an assumption, once for each text.
func (l *linker) remark(pos program.Pos, text string) {
	if l.remarked[text] {
		return
	}
	l.remarked[text] = true
	l.prog.Remarks = append(l.prog.Remarks, program.Remark{Pos: pos, Text: text})
}

func (l *linker) str(s string) program.Operand {
	i, ok := l.strings[s]
	if !ok {
		i = len(l.prog.Strings)
		l.strings[s] = i
		l.prog.Strings = append(l.prog.Strings, s)
	}
	return program.StringAt(i)
}

func (l *linker) link(trees []*cc.AST) error {
	for _, base := range l.src.missing {
		name, line, column := l.src.includeSite(slices.Clone(l.prog.Files), base)
		var pos program.Pos
		if line > 0 {
			pos = program.Pos{File: l.file(name), Line: int32(line), Column: int32(column)}
		}
		l.remark(pos, "header "+base+" assumed to declare nothing that matters")
	}
	for _, ast := range trees {
		l.declare(ast)
	}
	for _, u := range l.units {
		l.layouts.always(u.ast, l.prog.Side)
	}
	for _, u := range l.units {
		for _, f := range u.bodies {
			u.lower(f)
		}
	}
	if l.errs != nil {
		return l.errs
	}
	l.declaredRoles(l.entries())
	l.startup()
	if l.errs != nil {
		return l.errs
	}
	return nil
}

// declare numbers the functions and finds the variables that a tree defines.
func (l *linker) declare(ast *cc.AST) {
	u := &unit{linker: l, ast: ast, routines: map[string]int{}, globals: map[string]int{},
		locals: map[*cc.Declarator]int{}, defined: map[string]*cc.InitDeclarator{}, declared: map[string]*cc.Declarator{}, callback: map[*cc.Declarator]string{}}
	l.units = append(l.units, u)
	l.checkBits(ast)
	for t := ast.TranslationUnit; t != nil; t = t.TranslationUnit {
		switch d := t.ExternalDeclaration; d.Case {
		case cc.ExternalDeclarationFuncDef:
			u.define(d.FunctionDefinition)
		case cc.ExternalDeclarationDecl:
			for i := d.Declaration.InitDeclaratorList; i != nil; i = i.InitDeclaratorList {
				u.callback[i.InitDeclarator.Declarator] = typeNamed(d.Declaration.DeclarationSpecifiers)
				u.variable(i.InitDeclarator)
			}
		case cc.ExternalDeclarationAsmStmt:
			l.refuse(d, "inline assembly", "C: ownercheck cannot execute machine code")
		case cc.ExternalDeclarationEmpty:
		}
	}
}

// typeNamed gives the typedef name among the specifiers of a declaration, or "".
func typeNamed(s *cc.DeclarationSpecifiers) string {
	for ; s != nil; s = s.DeclarationSpecifiers {
		if s.Case == cc.DeclarationSpecifiersTypeSpec && s.TypeSpecifier.Case == cc.TypeSpecifierTypeName {
			return s.TypeSpecifier.Token.SrcStr()
		}
	}
	return ""
}

func (u *unit) define(def *cc.FunctionDefinition) {
	d := def.Declarator
	name := u.nameOf(d)
	u.function(d)
	table := u.linker.routines
	if d.IsStatic() || d.IsInline() {
		table = u.routines
	}
	if i, ok := table[name]; ok {
		u.refuse(d, "a second definition of "+name, "one: the first is at "+u.prog.Position(u.prog.Routines[i].Pos))
		return
	}
	i := len(u.prog.Routines)
	table[name] = i
	pos := u.pos(d.NameTok())
	unique := name
	if u.prog.Routine(name) >= 0 {
		unique = name + " (" + path.Base(u.prog.Files[pos.File]) + ")"
	}
	u.prog.Routines = append(u.prog.Routines, &program.Routine{Name: unique, Pos: pos})
	u.bodies = append(u.bodies, function{def, i})
}

// function remembers the first declaration of a function.
func (u *unit) function(d *cc.Declarator) {
	u.join(d)
	if name := u.nameOf(d); u.declared[name] == nil {
		u.declared[name] = d
	}
}

// variable remembers where a file-scope variable is defined.
func (u *unit) variable(i *cc.InitDeclarator) {
	d := i.Declarator
	if d.IsTypename() {
		return
	}
	if d.Type().Kind() == cc.Function {
		u.function(d)
		return
	}
	have := u.defined[d.Name()]
	if have == nil || i.Initializer != nil || have.Initializer == nil && have.Declarator.IsExtern() {
		u.defined[d.Name()] = i
	}
}

// routine gives the number of the function that d names, if C defines it.
func (u *unit) routine(d *cc.Declarator) (int, bool) {
	name := u.nameOf(d)
	if i, ok := u.routines[name]; ok {
		return i, true
	}
	if d.IsStatic() && d.LexicalScope().Parent == nil {
		return 0, false
	}
	i, ok := u.linker.routines[name]
	return i, ok
}

// global gives the number of the variable of static storage that d names,
// making its Object at first use.
func (u *unit) global(d *cc.Declarator) int {
	if d.Linkage() == cc.None { // a static local: its declaration was met before
		return u.locals[d]
	}
	name := d.Name()
	def := u.defined[name]
	if def != nil && def.Declarator.IsStatic() {
		if i, ok := u.globals[name]; ok {
			return i
		}
		return u.object(u.globals, name, name, def)
	}
	if i, ok := u.linker.globals[name]; ok {
		return i
	}
	owner := u
	if def == nil || def.Initializer == nil {
		owner, def = u.definition(name, d)
	}
	return owner.object(u.linker.globals, name, name, def)
}

// definition looks for the unit that defines an external variable.
func (u *unit) definition(name string, d *cc.Declarator) (*unit, *cc.InitDeclarator) {
	owner, best := u, u.defined[name]
	for _, o := range u.units {
		i := o.defined[name]
		if i == nil || i.Declarator.IsStatic() {
			continue
		}
		if i.Initializer != nil {
			return o, i
		}
		if best == nil || best.Declarator.IsExtern() && !i.Declarator.IsExtern() {
			owner, best = o, i
		}
	}
	if best == nil {
		best = &cc.InitDeclarator{Declarator: d}
	}
	if best.Declarator.IsExtern() && u.pos(best.Declarator).Line > 0 {
		u.remark(u.pos(best.Declarator), fmt.Sprintf("variable %s, which no file defines, assumed to start as zero", name))
	}
	return owner, best
}

// object makes the Object of a variable of static storage.
func (u *unit) object(table map[string]int, key, name string, def *cc.InitDeclarator) int {
	d := def.Declarator
	i := len(u.prog.Globals)
	if table != nil {
		table[key] = i
	}
	if d.Type().IsIncomplete() {
		u.refuse(d, "variable "+name+" of an incomplete type", "a definition that says its size")
		u.prog.Globals = append(u.prog.Globals, program.Object{Name: name})
		return i
	}
	u.prog.Globals = append(u.prog.Globals, program.Object{Name: name, Layout: u.layouts.of(d.Type()), Pos: u.pos(d.NameTok())})
	if def.Initializer != nil {
		init := u.staticInit(i, def.Initializer)
		u.prog.Globals[i].Init = init
	}
	return i
}
