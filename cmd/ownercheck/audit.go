package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// audit answers the same properties with all reductions, with each switched off
// in turn, and with none. A reduction may make the state space smaller; it must
// not change an answer.
func (e *env) audit(cfg model.Config, props []*invariants.Property) error {
	var rows []auditRow
	for _, v := range auditVariants() {
		cfg.Reduce = v.reduce
		row, err := e.auditRun(v.name, cfg, props)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		if e.ctx.Err() != nil {
			break
		}
	}
	for i := range rows {
		rows[i].compare(&rows[0])
	}
	if e.opt.format == "json" {
		writeJSON(e.out, auditJSON{"ownercheck.audit/1", boundsText(cfg.Bounds), cfg.Knobs.String(), rows})
	} else {
		auditText(e.out, rows, cfg)
	}
	e.status = auditStatus(rows)
	return nil
}

// auditRow is one exploration of an audit.
type auditRow struct {
	Reductions string   `json:"reductions"`
	Complete   bool     `json:"complete"`
	States     uint64   `json:"states"`
	Steps      uint64   `json:"steps"`
	Seconds    float64  `json:"seconds"`
	Differs    []string `json:"differs"` // "INV01: PROVED, with all reductions VIOLATED"

	answers []invariants.PropertyAnswer
	gaps    []invariants.Gap
}

type auditJSON struct {
	Schema string     `json:"schema"`
	Bounds string     `json:"bounds"`
	Knobs  string     `json:"knobs"`
	Runs   []auditRow `json:"runs"`
}

type auditVariant struct {
	name   string
	reduce model.Reductions
}

// auditVariants are all switches on, each one off, all off.
func auditVariants() []auditVariant {
	out := []auditVariant{{"all", model.AllReductions()}}
	fields := reflect.TypeFor[model.Reductions]()
	for i := range fields.NumField() {
		v := auditVariant{"no " + strings.ToLower(fields.Field(i).Name), model.AllReductions()}
		reflect.ValueOf(&v.reduce).Elem().Field(i).SetBool(false)
		out = append(out, v)
	}
	return append(out, auditVariant{"none", model.Reductions{}})
}

func (e *env) auditRun(name string, cfg model.Config, props []*invariants.Property) (auditRow, error) {
	row := auditRow{Reductions: name, Differs: []string{}}
	m, err := newModel(cfg, cfg.Driver.Files[0])
	if err != nil {
		return row, err
	}
	if !m.Opens() {
		return row, &failure{exitVacuous, errors.New("VACUOUS: no way through DriverEntry and IRP_MJ_CREATE ends with an open file")}
	}
	limits, err := e.limits()
	if err != nil {
		return row, err
	}
	start := time.Now()
	r, err := invariants.Run(e.ctx, m, props, limits)
	switch {
	case errors.Is(err, context.Canceled):
		return row, err
	case err != nil:
		return row, defect(fmt.Errorf("with %s: %w", name, err))
	}
	row.Seconds = time.Since(start).Seconds()
	row.Complete = r.Report.Complete
	row.States, row.Steps = r.Report.Distinct, r.Report.Generated
	row.answers, row.gaps = r.Answers, r.Gaps
	return row, nil
}

// compare says where the answers differ from those with all reductions. An
// answer that one of the runs lacks is no difference.
func (r *auditRow) compare(all *auditRow) {
	for i := range r.answers {
		a, b := r.answers[i].Answer, all.answers[i].Answer
		if a != b && a != invariants.Incomplete && b != invariants.Incomplete {
			r.Differs = append(r.Differs, fmt.Sprintf("%s: %v, with all reductions %v", r.answers[i].Property.Name, a, b))
		}
	}
}

func auditText(w io.Writer, rows []auditRow, cfg model.Config) {
	fmt.Fprintf(w, "%-12s  %14s  %14s  %8s  %s\n", "reductions", "states", "steps", "seconds", "answers")
	for i := range rows {
		r := &rows[i]
		answers := "the same"
		switch {
		case len(r.Differs) > 0:
			answers = strings.Join(r.Differs, "; ")
		case len(r.gaps) > 0:
			answers = "INCOMPLETE (" + r.gaps[0].Text + ")"
		case i == 0:
			answers = answerCounts(r.answers)
		}
		fmt.Fprintf(w, "%-12s  %14s  %14s  %8.1f  %s\n", r.Reductions, grouped(r.States), grouped(r.Steps), r.Seconds, answers)
	}
	fmt.Fprintf(w, "within %s; knobs %s\n", boundsText(cfg.Bounds), cfg.Knobs.String())
}

func answerCounts(list []invariants.PropertyAnswer) string {
	var parts []string
	for _, g := range groups {
		n := 0
		for i := range list {
			if list[i].Answer == g.answer {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, g.answer))
		}
	}
	return strings.Join(parts, ", ")
}

func auditStatus(rows []auditRow) int {
	status := exitAsExpected
	for i := range rows {
		switch r := &rows[i]; {
		case len(r.Differs) > 0:
			return exitInternal
		case len(r.gaps) > 0 && status == exitAsExpected:
			status = gapStatus(r.gaps)
		}
	}
	return status
}
