package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/invariants/claims"
)

// auditedStates is how far an audit of claims follows a run without reductions,
// unless --states says otherwise.
const auditedStates = 300_000

// claimAudit is what an audit finds out about one claim: how many states it takes
// with all reductions, and with others.
type claimAudit struct {
	ID      string             `json:"id"`
	Runs    []claimAuditRun    `json:"runs"`
	Differs []string           `json:"differs"`
	answers map[string]answers // by variant
}

type claimAuditRun struct {
	Reductions string `json:"reductions"`
	Complete   bool   `json:"complete"`
	States     uint64 `json:"states"`
}

type answers []invariants.Answer

// auditClaims decides claims with all reductions, with each switched off in turn
// and with none, and compares their answers.
func (e *env) auditClaims(list []*claims.Claim) error {
	if err := e.checkKnobs(); err != nil {
		return err
	}
	limits, err := e.limits()
	if err != nil {
		return err
	}
	if limits.MaxStates == 0 {
		limits.MaxStates = auditedStates
	}
	rows := map[*claims.Claim]*claimAudit{}
	for _, c := range list {
		rows[c] = &claimAudit{ID: c.ID, Differs: []string{}, answers: map[string]answers{}}
	}
	variants := auditVariants()
	for _, v := range variants {
		opt := claims.Options{Limits: limits, Knobs: e.opt.knobs, Reduce: &v.reduce}
		err := claims.Decide(e.ctx, list, opt, func(d *claims.Decision) { rows[d.Claim].add(v.name, d) })
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			return decideError(err)
		}
	}
	var out []*claimAudit
	for _, c := range list {
		out = append(out, rows[c])
		if len(rows[c].Differs) > 0 {
			e.status = exitInternal
		}
	}
	if e.opt.format == "json" {
		writeJSON(e.out, struct {
			Schema string        `json:"schema"`
			Claims []*claimAudit `json:"claims"`
		}{"ownercheck.claims-audit/1", out})
		return nil
	}
	claimAuditText(e.out, variants, out)
	return nil
}

func (a *claimAudit) add(name string, d *claims.Decision) {
	a.Runs = append(a.Runs, claimAuditRun{name, !d.Incomplete, d.States})
	var got answers
	for i := range d.Properties {
		p := &d.Properties[i]
		got = append(got, p.Answer)
		if all := a.answers["all"]; len(all) > i && all[i] != p.Answer && all[i] != invariants.Incomplete && p.Answer != invariants.Incomplete {
			a.Differs = append(a.Differs, fmt.Sprintf("%s: %v with %s, %v with all", p.Name, p.Answer, name, all[i]))
		}
	}
	a.answers[name] = got
}

// claimAuditText prints for each claim the states with all reductions, and how
// many times as many each of the others has: at least so many where a limit was
// reached.
func claimAuditText(w io.Writer, variants []auditVariant, list []*claimAudit) {
	fmt.Fprintf(w, "%-6s  %12s", "claim", "states")
	for _, v := range variants[1:] {
		fmt.Fprintf(w, "  %11s", v.name)
	}
	fmt.Fprintf(w, "  answers\n")
	for _, a := range list {
		fmt.Fprintf(w, "%-6s  %12s", a.ID, grouped(a.Runs[0].States))
		for i := range a.Runs[1:] {
			r := &a.Runs[i+1]
			text := fmt.Sprintf("x%.2f", float64(r.States)/float64(max(a.Runs[0].States, 1)))
			switch {
			case !a.Runs[0].Complete:
				text = "?" // nothing to compare with
			case !r.Complete:
				text = ">" + text
			}
			fmt.Fprintf(w, "  %11s", text)
		}
		text := "the same"
		if len(a.Differs) > 0 {
			text = strings.Join(a.Differs, "; ")
		}
		fmt.Fprintf(w, "  %s\n", text)
	}
}
