package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// loop is what break and continue mean: in a switch cont is that of the loop
// around it.
type loop struct {
	brk, cont *label
	brkTry    *protected
	contTry   *protected
}

func (b *body) compound(c *cc.CompoundStatement) {
	for l := c.BlockItemList; l != nil; l = l.BlockItemList {
		switch i := l.BlockItem; i.Case {
		case cc.BlockItemDecl:
			b.declaration(i.Declaration)
		case cc.BlockItemStmt:
			b.statement(i.Statement)
		case cc.BlockItemLabel:
			b.refuse(i, "a label declaration", "labels, which need none")
		case cc.BlockItemFuncDef:
			b.refuse(i, "a function inside a function", "one function after the other")
		}
	}
}

func (b *body) statement(s *cc.Statement) {
	switch s.Case {
	case cc.StatementCompound:
		b.compound(s.CompoundStatement)
		return
	case cc.StatementLabeled:
		b.place(b.labelFor(s.LabeledStatement))
		b.statement(s.LabeledStatement.Statement)
		return
	case cc.StatementAsm:
		b.refuse(s, "inline assembly", "C: ownercheck cannot execute machine code")
		return
	}
	b.text = b.src.statementText(s)
	switch s.Case {
	case cc.StatementExpr:
		if e := s.ExpressionStatement.ExpressionList; e != nil {
			b.effect(e)
		}
	case cc.StatementSelection:
		b.selection(s.SelectionStatement)
	case cc.StatementIteration:
		b.iteration(s.IterationStatement)
	case cc.StatementJump:
		b.jumpStatement(s.JumpStatement)
	}
}

func (b *body) selection(s *cc.SelectionStatement) {
	if t, ok := b.asTry(s); ok {
		b.tryStatement(t)
		return
	}
	if s.Case == cc.SelectionStatementSwitch {
		b.switchStatement(s)
		return
	}
	yes, no, end := newLabel(), newLabel(), newLabel()
	b.cond(s.ExpressionList, yes, no)
	b.place(yes)
	b.statement(s.Statement)
	b.jump(end)
	b.place(no)
	if s.Case == cc.SelectionStatementIfElse {
		b.statement(s.Statement2)
	}
	b.place(end)
}

func (b *body) switchStatement(s *cc.SelectionStatement) {
	v := b.rvalue(s.ExpressionList)
	if !isInteger(v.typ) {
		b.refuseType(s.ExpressionList, v.typ)
		return
	}
	end := newLabel()
	n := node(program.OpSwitch)
	n.Args = []program.Operand{b.operand(v, s.ExpressionList)}
	var targets []*label
	fallback := end
	t := cc.IntegerPromotion(s.ExpressionList.Type())
	for _, l := range s.LabeledStatements() {
		if l.Switch() != s {
			continue
		}
		switch l.Case {
		case cc.LabeledStatementDefault:
			fallback = b.labelFor(l)
		case cc.LabeledStatementCaseLabel:
			c, ok := constant(l.ConstantExpression)
			if !ok {
				b.refuse(l.ConstantExpression, "a case label that is not constant", "a constant")
			}
			n.Cases = append(n.Cases, program.Case{Value: truncate(c, sizeOf(t), isSigned(t)), Next: program.NoNode})
			targets = append(targets, b.labelFor(l))
		case cc.LabeledStatementRange:
			b.refuse(l, "a range of case labels", "one label for each value")
		}
	}
	i := b.emit(n, s.ExpressionList)
	b.send([]exit{{i, 1}}, fallback)
	for k, l := range targets {
		b.send([]exit{{i, uint16(2 + k)}}, l)
	}
	l := loop{brk: end, brkTry: b.try}
	if k := len(b.loops); k > 0 {
		l.cont, l.contTry = b.loops[k-1].cont, b.loops[k-1].contTry
	}
	b.loops = append(b.loops, l)
	b.statement(s.Statement)
	b.loops = b.loops[:len(b.loops)-1]
	b.place(end)
}

func (b *body) iteration(s *cc.IterationStatement) {
	head, inside, next, end := newLabel(), newLabel(), newLabel(), newLabel()
	test, step := s.ExpressionList, cc.ExpressionNode(nil)
	switch s.Case {
	case cc.IterationStatementFor:
		if s.ExpressionList != nil {
			b.effect(s.ExpressionList)
		}
		test, step = s.ExpressionList2, s.ExpressionList3
	case cc.IterationStatementForDecl:
		b.declaration(s.Declaration)
		test, step = s.ExpressionList, s.ExpressionList2
	}
	text := b.src.statementText(s)
	b.text = text
	b.place(head)
	if s.Case != cc.IterationStatementDo && test != nil {
		b.cond(test, inside, end)
		b.place(inside)
	}
	b.loops = append(b.loops, loop{brk: end, cont: next, brkTry: b.try, contTry: b.try})
	b.statement(s.Statement)
	b.loops = b.loops[:len(b.loops)-1]
	b.text = text
	b.place(next)
	if s.Case == cc.IterationStatementDo {
		b.text = b.src.statementText(test)
		b.cond(test, head, end)
	} else {
		if step != nil {
			b.effect(step)
		}
		b.jump(head)
	}
	b.place(end)
}

func (b *body) jumpStatement(s *cc.JumpStatement) {
	switch s.Case {
	case cc.JumpStatementReturn:
		b.returnStatement(s)
	case cc.JumpStatementBreak:
		l := b.loops[len(b.loops)-1]
		b.leaveTo(l.brkTry)
		b.jump(l.brk)
	case cc.JumpStatementContinue:
		l := b.loops[len(b.loops)-1]
		b.leaveTo(l.contTry)
		b.jump(l.cont)
	case cc.JumpStatementGoto:
		target, ok := s.Label().(*cc.LabeledStatement)
		if !ok {
			b.refuse(s, "goto to no label of this function", "a label")
			return
		}
		b.leaveTo(b.commonTry(target))
		b.jump(b.labelFor(target))
	default:
		b.refuse(s, "a computed goto", "goto and a label")
	}
}

func (b *body) returnStatement(s *cc.JumpStatement) {
	n := node(program.OpReturn)
	switch {
	case s.ExpressionList == nil:
	case b.result.Kind() == cc.Void:
		b.effect(s.ExpressionList)
	case b.byAddress(b.result):
		to := place{reg: program.NoReg, base: program.RegOf(b.resultAt), typ: b.result, index: -1}
		b.move(to, b.lvalue(s.ExpressionList), s)
	default:
		if p, ok := b.result.(*cc.PointerType); ok {
			b.wanted = p.Elem()
		}
		v := b.convert(b.rvalue(s.ExpressionList), b.result, s.ExpressionList)
		b.wanted = nil
		op := b.operand(v, s.ExpressionList)
		if b.try != nil && op.Kind == program.OperandReg { // a __finally may change the variable
			r := b.temp(sizeOf(b.result))
			b.set(r, value{op: op, typ: b.result}, s.ExpressionList)
			op = program.RegOf(r)
		}
		n.Args = []program.Operand{op}
	}
	text := b.text
	b.leaveTo(nil)
	b.text = text
	b.emit(n, s)
}
