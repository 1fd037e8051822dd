package traces

import (
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// last is the end of a run as a property sees it. from is nil when the run has
// no step; notes are those of the last step; atEnd says that nothing follows.
type last struct {
	from, to []byte
	notes    uint64
	atEnd    bool
}

func lastOf(m *model.Model, states []explore.State, actions []explore.Action) last {
	n := len(states) - 1
	l := last{to: states[n]}
	st := explore.NewSteps(m.Size())
	m.Next(l.to, st)
	l.atEnd = st.Len() == 0
	if n == 0 {
		return l
	}
	l.from = states[n-1]
	st.Reset()
	m.Next(l.from, st)
	for i := range st.Len() {
		if a, _, notes := st.At(i); a == actions[n-1] {
			l.notes = notes
		}
	}
	return l
}

// answers says whether answer is one that a run can show of p.
func answers(answer string, p *invariants.Property) bool {
	want := invariants.Violated
	if p.Kind == explore.Reachable {
		want = invariants.Reached
	}
	return answer == want.String()
}

// decidedBy says whether the end of a run shows what p looks for: a state or a
// step that violates it, or that a reachable property wants.
func decidedBy(p *invariants.Property, m *model.Model, l last) bool {
	if p.Kind == explore.AtEnd && !l.atEnd {
		return false
	}
	return p.ShownIn(m, l.to) || l.from != nil && p.ShownBy(m, l.from, l.to, l.notes)
}
