package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/invariants/claims"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/traces"
)

type claimFlags struct {
	trace bool
	audit bool
	named bool // the claims were asked for by ID
}

func (e *env) claimsCommand() *cobra.Command {
	var f claimFlags
	c := &cobra.Command{
		Use:   "claims [ID... | thread | derived]",
		Short: "Decide claims of the suite, all sentences of the thread if none is named",
		Long: `claims decides claims of the suite by exploration. "thread" stands for every
sentence of the forum thread, which is also what is decided if no claim is named;
"derived" for those that nobody said but that follow from the same facts.`,
		Example: `  ownercheck claims
  ownercheck claims derived
  ownercheck claims P21 --trace
  ownercheck claims P21 --trace-out p21.json`,
		RunE: func(_ *cobra.Command, ids []string) error { return e.claims(ids, f) },
	}
	c.Flags().BoolVar(&f.audit, "audit", false, "compare all answers with each reduction switched off, and say how many times as many states that takes")
	c.Flags().BoolVar(&f.trace, "trace", false, "print each property and the shortest run of each that is violated or reached")
	return c
}

func (e *env) claims(ids []string, f claimFlags) error {
	all, err := claims.All()
	if err != nil {
		return input(err)
	}
	list, err := pick(all, ids)
	if err != nil {
		return err
	}
	if f.audit {
		return e.auditClaims(list)
	}
	f.named = len(ids) > 0
	return e.decide(list, f, "")
}

// pick chooses claims by ID or group, in the order of the suite.
func pick(all []*claims.Claim, ids []string) ([]*claims.Claim, error) {
	if len(ids) == 0 {
		ids = []string{"thread"}
	}
	names := func(c *claims.Claim, id string) bool {
		group := "thread"
		if c.Derived() {
			group = "derived"
		}
		return strings.EqualFold(c.ID, id) || strings.EqualFold(group, id)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(c *claims.Claim) bool { return names(c, id) }) {
			return nil, usage("there is no claim %s (ownercheck list claims)", id)
		}
	}
	var out []*claims.Claim
	for _, c := range all {
		if slices.ContainsFunc(ids, func(id string) bool { return names(c, id) }) {
			out = append(out, c)
		}
	}
	return out, nil
}

// decide decides claims and reports them; archive is the case file that they
// come from, "" for the suite.
func (e *env) decide(list []*claims.Claim, f claimFlags, archive string) error {
	if err := e.checkKnobs(); err != nil {
		return err
	}
	r := &claimReport{env: e, flags: f, archive: archive, out: e.traceFile()}
	for _, c := range list {
		r.idWidth, r.whoWidth = max(r.idWidth, len(c.ID)), max(r.whoWidth, len(c.Who))
	}
	limits, err := e.limits()
	if err != nil {
		return err
	}
	var failed error
	opt := claims.Options{Limits: limits, Knobs: e.opt.knobs}
	err = claims.Decide(e.ctx, list, opt, func(d *claims.Decision) {
		if failed == nil {
			failed = r.add(d)
		}
	})
	switch {
	case err == nil:
		err = failed
	case !errors.Is(err, context.Canceled):
		err = decideError(err)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	r.close(len(list))
	e.status = r.status()
	if err != nil {
		e.status = exitInterrupted
	}
	return r.out.finish()
}

// decideError tells an error in the C of a case from a defect.
func decideError(err error) error {
	var c csource.Errors
	if errors.As(err, &c) {
		return input(err)
	}
	return defect(err)
}

func (e *env) checkKnobs() error {
	_, err := e.knobs()
	return err
}

// claimTrace records the witness of a property of a claim.
func claimTrace(d *claims.Decision, p *claims.Property, archive string) (*traces.Trace, error) {
	c := traces.Case{Claim: d.Claim.ID, Archive: archive, Run: p.Run, Files: claimFiles(d.Claim)}
	w := p.Evidence.Witness
	return traces.Record(p.Model, c, questionOf(&p.Evidence), w.Init, w.Actions)
}

func claimFiles(c *claims.Claim) []traces.File {
	hashes := map[string]string{}
	for name, text := range c.Files {
		hashes[name] = hashOf([]byte(text))
	}
	return hashedFiles(hashes)
}

func questionOf(a *invariants.PropertyAnswer) traces.Question {
	p := a.Property
	return traces.Question{Property: p.Name, Answer: a.Answer.String(), Text: p.Text, Code: stopCode(a), Rules: p.Rules, Facts: p.Facts, Fix: p.Fix}
}

// unexpected says whether an answer contradicts the claim's: one that is
// missing does not.
func unexpected(d *claims.Decision) bool {
	for i := range d.Properties {
		p := &d.Properties[i]
		if p.Answer != p.Expected && p.Answer != invariants.Incomplete {
			return true
		}
	}
	return false
}

// claimsStatus is the exit status for claims decided: an answer that differs
// weighs more than one that is missing.
func claimsStatus(all []*claims.Decision) int {
	status := exitAsExpected
	for _, d := range all {
		switch {
		case unexpected(d):
			return exitUnexpected
		case d.Incomplete && status == exitAsExpected:
			status = gapStatus(d.Gaps)
		}
	}
	return status
}

// plural writes a number with what it counts.
func plural[N int | uint64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%s %ss", grouped(uint64(n)), what)
}
