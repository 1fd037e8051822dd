package main

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/traces"
)

// decidedBy says whether the end of a run shows what p looks for: a state or a
// step that violates it, or that a reachable property wants.
func decidedBy(p *invariants.Property, m *model.Model, l traces.Last) bool {
	if p.Kind == explore.AtEnd && !l.AtEnd {
		return false
	}
	return decidedByState(p, m, l.To) || decidedByStep(p, m, l)
}

func decidedByState(p *invariants.Property, m *model.Model, s []byte) bool {
	switch {
	case model.Stopped(s):
		return p.Invariant != 0 && m.Violates(s, p.Invariant)
	case p.State == nil:
		return false
	}
	return p.State(m.View(s)) == (p.Kind == explore.Reachable)
}

func decidedByStep(p *invariants.Property, m *model.Model, l traces.Last) bool {
	if p.Step == nil || l.From == nil || p.Notes != 0 && l.Notes&p.Notes == 0 {
		return false
	}
	return p.Step(m.View(l.From), m.View(l.To), l.Notes) == (p.Kind == explore.Reachable)
}
