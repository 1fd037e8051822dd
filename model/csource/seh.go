package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// tryStmt is a __try with its __except or __finally, as the macros of the
// prologue spell it: if (__oc_try()) body else if (__oc_except(filter)) handler.
type tryStmt struct {
	at      *cc.SelectionStatement
	body    *cc.Statement
	filter  cc.ExpressionNode // nil for a __finally
	handler *cc.Statement
}

// protected is a __try ... __finally around what is being lowered.
type protected struct {
	stmt  tryStmt
	outer *protected
	guard *label // covers the __finally itself
}

// finallyCopy is one of the copies of a __finally block: each way out has one.
type finallyCopy struct {
	block    *cc.Statement
	id       int
	abnormal bool
}

// labelKey tells the labels of the copies of a __finally block apart.
type labelKey struct {
	stmt *cc.LabeledStatement
	copy int
}

// site says what surrounds a label: the __try blocks with a __finally, and the
// __finally blocks.
type site struct {
	trys   []*cc.SelectionStatement
	blocks []*cc.Statement
}

// asTry recognises a __try. A wrong one is refused and recognised as well.
func (b *body) asTry(s *cc.SelectionStatement) (tryStmt, bool) {
	if callOf(s.ExpressionList, "__oc_try") == nil {
		return tryStmt{}, false
	}
	t := tryStmt{at: s, body: s.Statement, handler: s.Statement2}
	var h *cc.SelectionStatement
	if t.handler != nil {
		h = t.handler.SelectionStatement
	}
	if h == nil {
		b.refuse(s, "__try alone", "__except or __finally after its block")
		return t, true
	}
	t.handler = h.Statement
	if h.Case != cc.SelectionStatementIf {
		b.refuse(h, "an else after a handler", "braces around the whole __try statement")
	}
	if call := callOf(h.ExpressionList, "__oc_except"); call != nil && call.ArgumentExpressionList != nil {
		t.filter = call.ArgumentExpressionList.AssignmentExpression
	} else if callOf(h.ExpressionList, "__oc_finally") == nil {
		b.refuse(s, "__try alone", "__except or __finally after its block")
	}
	return t, true
}

func (b *body) tryStatement(t tryStmt) {
	if t.handler == nil {
		return
	}
	if t.filter == nil {
		b.tryFinally(t)
		return
	}
	handler, end := newLabel(), newLabel()
	outer := b.guard
	b.guard = handler
	b.protect(t, end, nil)
	b.guard = outer
	b.jump(end)
	b.place(handler)
	b.handler(t, end)
	b.place(end)
}

// protect lowers the block of a __try; __leave jumps to leave.
func (b *body) protect(t tryStmt, leave *label, p *protected) {
	saved := b.leaves
	b.leaves = append(b.leaves, leaving{leave, p, b.try})
	b.statement(t.body)
	b.leaves = saved
}

// leaving is what __leave means.
type leaving struct {
	to    *label
	own   *protected // the __finally of the same statement, which runs at to
	outer *protected
}

// handler lowers the filter and the block of an __except.
func (b *body) handler(t tryStmt, end *label) {
	b.text = b.src.statementText(t.filter)
	if c, ok := constant(t.filter); ok {
		switch {
		case c == 0:
			b.emit(node(program.OpRaise), t.filter)
			return
		case c < 0:
			b.refuse(t.filter, "a filter that continues execution", "EXCEPTION_EXECUTE_HANDLER or EXCEPTION_CONTINUE_SEARCH")
		}
	} else {
		yes, no := newLabel(), newLabel()
		b.cond(t.filter, yes, no)
		b.place(no)
		b.emit(node(program.OpRaise), t.filter)
		b.place(yes)
	}
	b.statement(t.handler)
	b.jump(end)
}

func (b *body) tryFinally(t tryStmt) {
	raised, normal := newLabel(), newLabel()
	p := &protected{stmt: t, outer: b.try, guard: b.guard}
	b.guard, b.try = raised, p
	b.protect(t, normal, p)
	b.guard, b.try = p.guard, p.outer
	b.place(normal)
	b.finally(p, false)
	end := newLabel()
	b.jump(end)
	b.place(raised)
	b.text = "__finally"
	code := b.compute(node(program.OpExceptionCode), b.ast.Long, t.handler) // the block may handle others
	b.finally(p, true)
	b.text = "__finally"
	again := node(program.OpRaise)
	again.Args = []program.Operand{code.op}
	b.emit(again, t.handler)
	b.place(end)
}

// finally lowers a copy of the __finally block of p.
func (b *body) finally(p *protected, abnormal bool) {
	b.nCopies++
	guard, try := b.guard, b.try
	b.guard, b.try = p.guard, p.outer
	b.copies = append(b.copies, finallyCopy{p.stmt.handler, b.nCopies, abnormal})
	b.statement(p.stmt.handler)
	b.copies = b.copies[:len(b.copies)-1]
	b.guard, b.try = guard, try
}

// leaveTo runs the __finally blocks between here and to, innermost first.
func (b *body) leaveTo(to *protected) {
	guard, try := b.guard, b.try
	for p := b.try; p != to && p != nil; p = p.outer {
		b.finally(p, true)
	}
	b.guard, b.try = guard, try
}

// leave lowers __leave.
func (b *body) leave(at cc.Node) {
	if len(b.leaves) == 0 {
		b.refuse(at, "__leave outside a __try", "a __try block around it")
		return
	}
	l := b.leaves[len(b.leaves)-1]
	stop := l.outer
	if l.own != nil {
		stop = l.own
	}
	b.leaveTo(stop)
	b.jump(l.to)
}

// commonTry gives the innermost __try with a __finally around both the code
// being lowered and the label.
func (b *body) commonTry(l *cc.LabeledStatement) *protected {
	around := b.sites[l].trys
	for p := b.try; p != nil; p = p.outer {
		for _, s := range around {
			if s == p.stmt.at {
				return p
			}
		}
	}
	return nil
}

// labelFor gives the label of a labelled statement, in the copy of a __finally
// block that is being lowered if it lies in one.
func (b *body) labelFor(s *cc.LabeledStatement) *label {
	key := labelKey{stmt: s}
	for _, c := range b.copies {
		for _, block := range b.sites[s].blocks {
			if c.block == block {
				key.copy = c.id
			}
		}
	}
	l := b.labels[key]
	if l == nil {
		l = newLabel()
		b.labels[key] = l
	}
	return l
}

// abnormal is AbnormalTermination() in the copy being lowered.
func (b *body) abnormal() int64 {
	if n := len(b.copies); n > 0 && b.copies[n-1].abnormal {
		return 1
	}
	return 0
}
