package main

import (
	"fmt"
	"strings"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
)

// shortTrace is what --shortest found out about the trace of one property.
type shortTrace struct{ *invariants.Shortest }

// shorter says whether the trace is to be replaced: the one that was found is
// not known to be as short without the reductions.
func (s shortTrace) shorter() bool {
	return s.Witness != nil && len(s.Witness.Actions) != s.Steps
}

func (r *checkReport) shortestOf(a *invariants.PropertyAnswer) *shortTrace {
	if r.shortened == nil {
		return nil
	}
	for i := range r.shortened.Traces {
		if s := &r.shortened.Traces[i]; s.Property == a.Property {
			return &shortTrace{s}
		}
	}
	return nil
}

// stepsOf is the length of the trace that is reported.
func (r *checkReport) stepsOf(a *invariants.PropertyAnswer) int {
	if s := r.shortestOf(a); s != nil && s.shorter() {
		return len(s.Witness.Actions)
	}
	return len(a.Witness.Actions)
}

// aboutTraces says in what sense the traces of the report are shortest.
func (r *checkReport) aboutTraces() []string {
	out := []string{}
	if r.result == nil || len(r.having(invariants.Violated)) == 0 {
		return out
	}
	switch {
	case r.search.search != searchBFS:
		return append(out, "real runs, not shortest ones: "+r.result.Meaning)
	case r.shortened == nil && r.merges():
		return append(out, "shortest in the reduced graph, whose steps are merged; --shortest looks further")
	case r.shortened == nil:
		return append(out, "shortest")
	}
	var same, replaced, open []string
	for _, a := range r.having(invariants.Violated) {
		switch s := r.shortestOf(&a); {
		case s.Witness == nil:
			open = append(open, a.Property.Name)
		case !s.shorter():
			same = append(same, a.Property.Name)
		case s.Steps == 0:
			replaced = append(replaced, a.Property.Name)
		default:
			replaced = append(replaced, fmt.Sprintf("%s (%d steps in place of %d)", a.Property.Name, len(s.Witness.Actions), s.Steps))
		}
	}
	list := func(names []string, text string) {
		if len(names) > 0 {
			out = append(out, fmt.Sprintf("%s: %s", strings.Join(names, ", "), text))
		}
	}
	list(same, "shortest, in the reduced graph and without the reductions that merge steps")
	list(replaced, "replaced by a shortest run without the reductions that merge steps")
	if len(open) > 0 {
		why := "within the limits"
		if r.shortened.Reason != explore.None {
			why = fmt.Sprintf("within the limits (%v after %s)", r.shortened.Reason, plural(r.shortened.States, "state"))
		}
		list(open, "shortest in the reduced graph; no run without the reductions was found "+why)
	}
	return out
}

// merges says whether a step can be several operations that another context
// could tell apart.
func (r *checkReport) merges() bool {
	red := r.model.Config().Reduce
	return red.Movers || red.Locks || red.Ample
}
