package main

import (
	"fmt"
	"strings"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/traces"
)

// checkReport is what check found out about one driver.
type checkReport struct {
	env     *env
	model   *model.Model
	quick   bool
	props   []*invariants.Property
	c       traces.Case
	search  *searchFlags
	result  *invariants.Result // nil when no request could be made
	stats   *explore.Stats     // if asked for
	seconds float64

	shortened *invariants.Shortened // by --shortest, if anything is violated
}

// answers are those of the result; without one, nothing ever happened.
func (r *checkReport) answers() []invariants.PropertyAnswer {
	if r.result != nil {
		return r.result.Answers
	}
	out := make([]invariants.PropertyAnswer, len(r.props))
	for i, p := range r.props {
		out[i] = invariants.PropertyAnswer{Property: p, Answer: invariants.Vacuous}
	}
	return out
}

func (r *checkReport) having(want invariants.Answer) []invariants.PropertyAnswer {
	var out []invariants.PropertyAnswer
	for _, a := range r.answers() {
		if a.Answer == want {
			out = append(out, a)
		}
	}
	return out
}

// verdict is the word for the whole, why, and the exit status. What is violated
// stays violated however much was left unexplored.
func (r *checkReport) verdict() (word, why string, status int) {
	switch {
	case len(r.having(invariants.Violated)) > 0:
		return "VIOLATED", "", violatedStatus(r.having(invariants.Violated))
	case r.result != nil && len(r.result.Gaps) > 0:
		return "INCOMPLETE", r.result.Gaps[0].Text, gapStatus(r.result.Gaps)
	case r.result == nil:
		return "VACUOUS", "no way through DriverEntry and IRP_MJ_CREATE ends with an open file, so no request can be made", exitVacuous
	case len(r.having(invariants.Vacuous)) > 0:
		return "VACUOUS", r.having(invariants.Vacuous)[0].Property.Name + ": what it is about never happens", exitVacuous
	case len(r.having(invariants.Proved)) == 0:
		return "VACUOUS", "nothing that the properties are about ever happens", exitVacuous
	}
	return "PROVED", "", exitAsExpected
}

// violatedStatus tells a driver whose only fault is a deadlock from the others.
func violatedStatus(violated []invariants.PropertyAnswer) int {
	for _, a := range violated {
		if !a.Finding.Deadlock {
			return exitViolated
		}
	}
	return exitDeadlock
}

func (r *checkReport) write() error {
	out := r.env.traceFile()
	for _, a := range r.having(invariants.Violated) {
		if err := out.offer(a.Property.Name, func() ([]byte, error) {
			t, err := r.trace(&a)
			if err != nil {
				return nil, err
			}
			return t.AppendJSON(nil), nil
		}); err != nil {
			return err
		}
	}
	var err error
	if r.env.opt.format == "json" {
		writeJSON(r.env.out, r.json())
	} else {
		err = r.text()
		if err == nil && r.stats != nil && r.result != nil {
			statisticsOf(r.stats, &r.result.Report, r.model.KindName).text(r.env.out)
			machineOf(r.stats).text(r.env.diag)
		}
	}
	if err != nil {
		return err
	}
	_, _, r.env.status = r.verdict()
	return out.finish()
}

func (r *checkReport) trace(a *invariants.PropertyAnswer) (*traces.Trace, error) {
	if s := r.shortestOf(a); s != nil && s.shorter() {
		b := *a
		b.Witness, b.Finding = s.Witness, s.Finding
		return traces.Record(r.shortened.Model, r.c, questionOf(&b), b.Witness.Init, b.Witness.Actions)
	}
	return traces.Record(r.model, r.c, questionOf(a), a.Witness.Init, a.Witness.Actions)
}

// groups is the order in which answers are reported.
var groups = [...]struct {
	answer invariants.Answer
	title  string
}{
	{invariants.Violated, "violated"},
	{invariants.Incomplete, "not decided"},
	{invariants.Proved, "proved"},
	{invariants.Vacuous, "vacuous: what the property is about never happens"},
	{invariants.NotApplicable, "not applicable: the driver calls nothing that the property is about"},
}

func (r *checkReport) text() error {
	w := r.env.out
	for _, g := range groups {
		list := r.having(g.answer)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintln(w, g.title)
		for i := range list {
			fmt.Fprintf(w, "  %s\n", r.propertyLine(&list[i]))
		}
	}
	var told []*traces.Trace
	for _, a := range r.having(invariants.Violated) {
		t, err := r.trace(&a)
		if err != nil {
			return defect(err)
		}
		fmt.Fprintf(w, "\n%s", t.AppendText(nil, told...))
		told = append(told, t)
	}
	fmt.Fprintln(w)
	r.verdictText()
	return nil
}

// countsText leaves out states where they are not counted.
func countsText(p *explore.Report) string {
	if p.Distinct == 0 {
		return plural(p.Generated, "step")
	}
	return plural(p.Distinct, "state") + ", " + plural(p.Generated, "step")
}

func (r *checkReport) propertyLine(a *invariants.PropertyAnswer) string {
	line := a.Property.Name + " " + a.Property.Text
	if a.Witness != nil {
		line += fmt.Sprintf(" (%s)", plural(r.stepsOf(a), "step"))
	}
	if a.Property.Duty != invariants.DriverDuty {
		line += fmt.Sprintf(" [duty of the %v]", a.Property.Duty)
	}
	return line
}

// verdictText is the verdict and everything that it rests on.
func (r *checkReport) verdictText() {
	w := r.env.out
	word, why, _ := r.verdict()
	var names []string
	for _, a := range r.having(invariants.Violated) {
		names = append(names, a.Property.Name)
	}
	switch {
	case len(names) > 0:
		word += " " + strings.Join(names, ", ")
	case why != "":
		word += " (" + why + ")"
	}
	if r.result == nil {
		fmt.Fprintf(w, "%s within %s\n", word, boundsText(r.model.Config().Bounds))
	} else {
		p := &r.result.Report
		fmt.Fprintf(w, "%s within %s; %s, depth %d, %.1f s\n", word, boundsText(r.model.Config().Bounds),
			countsText(p), p.Depth, r.seconds)
		r.gaps(len(names) > 0)
		for _, line := range r.aboutTraces() {
			fmt.Fprintf(w, "  traces: %s\n", line)
		}
	}
	if k := r.model.Config().Knobs.String(); k != "default" {
		fmt.Fprintf(w, "  knobs: %s\n", k)
	}
	for _, a := range r.assumptions() {
		fmt.Fprintf(w, "  assumed: %s\n", a)
	}
	for _, n := range r.leftOut() {
		fmt.Fprintf(w, "  not checked: %s\n", n)
	}
	fmt.Fprintf(w, "  not judged: %s (ownercheck explain NAME)\n", strings.Join(r.notJudged(), ", "))
}

// gaps tells the reasons that the verdict line does not.
func (r *checkReport) gaps(all bool) {
	for i, g := range r.result.Gaps {
		if i > 0 || all {
			fmt.Fprintf(r.env.out, "  not exhaustive: %s\n", g.Text)
		}
	}
}

// boundsText lists the bounds; those of capacity that only make the machine
// finite are the same words, and reaching one is told apart.
func boundsText(b model.Bounds) string {
	var parts []string
	by := traces.BoundsByName(b)
	for _, name := range traces.BoundNames() {
		parts = append(parts, fmt.Sprintf("%s %d", name, by[name]))
	}
	return strings.Join(parts, ", ")
}

// The JSON form, ownercheck.check/1.
type checkJSON struct {
	Schema      string              `json:"schema"`
	Verdict     string              `json:"verdict"`
	Bounds      map[string]int      `json:"bounds"`
	Knobs       string              `json:"knobs"`
	Assumptions []string            `json:"assumptions"`
	NotChecked  []string            `json:"not_checked"`
	Properties  []checkPropertyJSON `json:"properties"`
	States      uint64              `json:"states"`
	Steps       uint64              `json:"steps"`
	Depth       int                 `json:"depth"`
	Search      string              `json:"search"`           // bfs, best or walk
	Extent      string              `json:"extent,omitempty"` // of best and walk: how far they went
	Traces      []string            `json:"traces"`           // in what sense they are shortest
	Seconds     float64             `json:"seconds"`
	Statistics  *statisticsJSON     `json:"statistics,omitempty"`
	Machine     *machineJSON        `json:"machine,omitempty"` // unlike all else but seconds, it depends on the machine
}

type checkPropertyJSON struct {
	Name       string `json:"name"`
	Duty       string `json:"duty"`
	Answer     string `json:"answer"`
	StopCode   string `json:"stop_code"`
	TraceSteps int    `json:"trace_steps"`
}

func (r *checkReport) json() checkJSON {
	word, why, _ := r.verdict()
	if why != "" {
		word += " (" + why + ")"
	}
	cfg := r.model.Config()
	out := checkJSON{Schema: "ownercheck.check/1", Verdict: word, Bounds: traces.BoundsByName(cfg.Bounds), Knobs: cfg.Knobs.String(),
		Assumptions: r.assumptions(), NotChecked: r.notChecked(), Seconds: r.seconds,
		Search: r.search.search, Traces: r.aboutTraces()}
	if r.result != nil {
		p := &r.result.Report
		out.States, out.Steps, out.Depth = p.Distinct, p.Generated, p.Depth
		out.Extent = r.result.Meaning
		if r.stats != nil {
			out.Statistics, out.Machine = statisticsOf(r.stats, p, r.model.KindName), machineOf(r.stats)
		}
	}
	for _, a := range r.answers() {
		p := checkPropertyJSON{Name: a.Property.Name, Duty: a.Property.Duty.String(), Answer: a.Answer.String()}
		if a.Witness != nil {
			p.StopCode, p.TraceSteps = stopCode(&a), r.stepsOf(&a)
		}
		out.Properties = append(out.Properties, p)
	}
	return out
}

// stopCode is the one of what was found; a step that breaks a property without
// ending its path has the property's.
func stopCode(a *invariants.PropertyAnswer) string {
	if a.Finding.Code != "" {
		return a.Finding.Code
	}
	return a.Property.Code
}
