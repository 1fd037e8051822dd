package csource

import (
	"slices"

	"modernc.org/cc/v4"
)

// scanner finds the site of every label of a function.
type scanner struct {
	sites map[*cc.LabeledStatement]site
	here  site
}

func scanLabels(c *cc.CompoundStatement) map[*cc.LabeledStatement]site {
	s := &scanner{sites: map[*cc.LabeledStatement]site{}}
	s.compound(c)
	return s.sites
}

func (s *scanner) compound(c *cc.CompoundStatement) {
	for l := c.BlockItemList; l != nil; l = l.BlockItemList {
		if l.BlockItem.Case == cc.BlockItemStmt {
			s.statement(l.BlockItem.Statement)
		}
	}
}

func (s *scanner) statement(n *cc.Statement) {
	if n == nil {
		return
	}
	switch n.Case {
	case cc.StatementLabeled:
		s.sites[n.LabeledStatement] = site{slices.Clone(s.here.trys), slices.Clone(s.here.blocks)}
		s.statement(n.LabeledStatement.Statement)
	case cc.StatementCompound:
		s.compound(n.CompoundStatement)
	case cc.StatementSelection:
		s.selection(n.SelectionStatement)
	case cc.StatementIteration:
		s.statement(n.IterationStatement.Statement)
	}
}

func (s *scanner) selection(n *cc.SelectionStatement) {
	block := finallyBlock(n)
	if block == nil {
		s.statement(n.Statement)
		s.statement(n.Statement2)
		return
	}
	outer := s.here
	s.here.trys = append(slices.Clone(outer.trys), n)
	s.statement(n.Statement)
	s.here = outer
	s.here.blocks = append(slices.Clone(outer.blocks), block)
	s.statement(block)
	s.here = outer
}

// finallyBlock gives the block of the __finally if n is a __try that has one.
func finallyBlock(n *cc.SelectionStatement) *cc.Statement {
	if callOf(n.ExpressionList, "__oc_try") == nil || n.Statement2 == nil {
		return nil
	}
	h := n.Statement2.SelectionStatement
	if h == nil || callOf(h.ExpressionList, "__oc_finally") == nil {
		return nil
	}
	return h.Statement
}
