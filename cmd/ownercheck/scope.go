package main

import (
	"fmt"
	"slices"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model/program"
)

// assumptions lists what the verdict takes for granted.
func (r *checkReport) assumptions() []string {
	out := []string{}
	cfg := r.model.Config()
	if cfg.App == nil {
		out = append(out, "no app is given: the most general client stands in")
	}
	if r.result != nil && r.result.PoolFull {
		out = append(out, fmt.Sprintf("no more than %d blocks of one allocation are live at once: a further one fails (--bound records=%d)", cfg.Bounds.Records, cfg.Bounds.Records+1))
	}
	for _, p := range []*program.Program{cfg.Driver, cfg.App} {
		if p == nil {
			continue
		}
		for _, k := range p.Remarks {
			out = append(out, p.Position(k.Pos)+": "+k.Text)
		}
	}
	return out
}

// notChecked lists what was left out, so that nobody takes it for proved.
func (r *checkReport) notChecked() []string {
	out := r.leftOut()
	why := invariants.NotJudged()
	for _, name := range r.notJudged() {
		out = append(out, fmt.Sprintf("%s (%s)", name, why[name]))
	}
	return out
}

// leftOut lists what the machine never did.
func (r *checkReport) leftOut() []string {
	cfg := r.model.Config()
	out := []string{"requests other than IRP_MJ_CREATE, CLEANUP, CLOSE, READ, WRITE and DEVICE_CONTROL"}
	if !cfg.Actions.Cancel {
		out = append(out, "cancellation is switched off")
	}
	if !cfg.Actions.Unmap {
		out = append(out, "unmapping of user memory is switched off")
	}
	if !cfg.Actions.Kill && cfg.App == nil {
		out = append(out, "thread exit and kills are switched off")
	}
	for _, a := range [...]struct {
		on   bool
		what string
	}{{cfg.Actions.Read, "ReadFile"}, {cfg.Actions.Write, "WriteFile"}, {cfg.Actions.Close, "closing files"}} {
		if !a.on {
			out = append(out, a.what+" is switched off")
		}
	}
	if r.quick && cfg.Bounds.Requests == 1 && cfg.Bounds.DPCs <= 1 {
		out = append(out, "--quick: what needs two requests at once, two issuing threads, two files, or a DPC on two processors")
	}
	if cfg.App == nil && !cfg.Actions.Sync && !cfg.Actions.Port {
		out = append(out, "files opened for synchronous I/O (--with sync) or bound to a completion port (--with port)")
	}
	if cfg.App != nil && !cfg.Actions.Trim {
		out = append(out, "pages that leave the working set while they are locked (--with trim)")
	}
	if cfg.App != nil {
		out = append(out, "what any other app could do")
	}
	return out
}

// notJudged lists the invariants that are no property of this check.
func (r *checkReport) notJudged() []string {
	var names []string
	for name := range invariants.NotJudged() {
		if !slices.ContainsFunc(r.props, func(p *invariants.Property) bool { return p.Name == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
