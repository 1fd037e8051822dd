package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/invariants/claims"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
	"github.com/ownercheck/ownercheck/traces"
)

// checkFlags are the flags of check beside the common ones.
type checkFlags struct {
	app     []string
	include []string
	define  []string
	bounds  []string
	without []string
	with    []string
	quick   bool
	audit   bool
	search  searchFlags
}

func (f *checkFlags) addSources(c *cobra.Command) {
	c.Flags().StringArrayVarP(&f.include, "include", "I", nil, "folder to search for headers")
	c.Flags().StringArrayVarP(&f.define, "define", "D", nil, "macro, as NAME or NAME=VALUE")
}

func (e *env) checkCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check FILE.c... | CASE.txtar",
		Short: "Check a driver: against an app, or against everything that an app could do",
		Long: `check reads the C files of a driver and judges its duties in every
interleaving within the bounds. With --app the app is that program; without, the
most general client stands in: any control code, any buffer, cancellation at any
time. A run goes on after a violation: each violated property is reported with
its shortest run.

CASE.txtar is a case as in the suite of claims: it is decided as a claim.

` + searchHelp + `

A trace is shortest in the reduced graph, in which a step is everything that one
processor does up to the next point where another could notice. --shortest
searches once more without the reductions that merge steps, for what is violated
only. A trace takes more steps there, so --depth does not limit that search; it
ends by itself, at the latest where the known trace leads. Each trace that is not
shortest there too is replaced by one that is, and the report says what was done.`,
		Example: `  ownercheck check driver.c
  ownercheck check driver.c queue.c -I inc -D DBG=1 --quick
  ownercheck check driver.c --bound requests=1 --knob K1=unguarded --trace-out bug.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			if err := f.search.check(c); err != nil {
				return err
			}
			if len(files) == 1 && strings.EqualFold(filepath.Ext(files[0]), ".txtar") {
				return e.checkCase(files[0], &f)
			}
			return e.check(files, &f)
		},
	}
	c.Flags().StringArrayVar(&f.app, "app", nil, "C file of the app")
	f.addSources(c)
	c.Flags().StringArrayVar(&f.bounds, "bound", nil, "set a bound, such as requests=1 (ownercheck list bounds)")
	c.Flags().StringArrayVar(&f.with, "with", nil, "add what is left out: sync or port, how the most general client opens files; trim, locked pages of the app leave the working set")
	c.Flags().StringArrayVar(&f.without, "without", nil, "leave out what the most general client does: cancel, unmap, read, write, close, kill; the verdict says so")
	c.Flags().BoolVar(&f.quick, "quick", false, "small bounds: one request, one issuer, one DPC at a time")
	f.search.add(c)
	c.Flags().StringVar(&f.search.priority, "priority", "", "what --search best takes for promising (ownercheck list priorities)")
	c.Flags().BoolVar(&f.search.shortest, "shortest", false, "look for shorter traces without the reductions that merge steps")
	c.Flags().BoolVar(&f.audit, "audit", false, "compare all answers with each reduction switched off; at --quick bounds unless bounds are given")
	return c
}

// checkCase decides a case file as a claim.
func (e *env) checkCase(file string, f *checkFlags) error {
	if f.search.chosen() {
		return usage("%s is decided as a claim: how it is searched cannot be chosen", file)
	}
	if len(f.app)+len(f.include)+len(f.define)+len(f.bounds)+len(f.without)+len(f.with) > 0 || f.quick || f.audit {
		return usage("%s says itself what its app, bounds and headers are: only limits and knobs can be given", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return input(err)
	}
	c, err := claims.Parse(filepath.ToSlash(file), text)
	if err != nil {
		return input(err)
	}
	return e.decide([]*claims.Claim{c}, claimFlags{trace: true}, filepath.ToSlash(file))
}

// check judges a driver given as C files.
func (e *env) check(files []string, f *checkFlags) error {
	if f.audit && f.search.chosen() {
		return usage("--audit explores many times: how cannot be chosen")
	}
	if f.audit && !f.quick && len(f.bounds) == 0 {
		f.quick = true
	}
	cfg, err := e.config(f)
	if err != nil {
		return err
	}
	r := newReader()
	c := traces.Case{Driver: slashed(files), App: slashed(f.app), Include: slashed(f.include), Define: f.define}
	if err := loadCase(&cfg, &c, r.read); err != nil {
		return err
	}
	c.Files = r.files()
	props := judged(&cfg)
	if f.audit {
		return e.audit(cfg, props)
	}
	m, err := newModel(cfg, c.Driver[0])
	if err != nil {
		return err
	}
	report := &checkReport{env: e, model: m, quick: f.quick, props: props, c: c, search: &f.search}
	limits, err := e.limits()
	if err != nil {
		return err
	}
	if limits.Keep, err = f.search.keep(caseParts(&cfg, &c)); err != nil {
		return err
	}
	limits.Spill = f.search.spill
	start := time.Now()
	if m.Opens() {
		err = report.explore(limits)
	}
	if err != nil {
		return runError(err)
	}
	report.seconds = time.Since(start).Seconds()
	return report.write()
}

// explore answers the properties, in the order of search that is asked for.
func (r *checkReport) explore(limits invariants.Limits) (err error) {
	e := r.env
	if r.search.stats {
		r.stats = &explore.Stats{}
		limits.Stats = r.stats
	}
	if h := r.search.hunt(&limits); h != nil {
		m := newMeter(e.diag, e.opt.progress)
		defer m.clear()
		h.Progress = m.say
		r.result, err = h.Run(e.ctx, r.model, r.props, limits)
		return err
	}
	r.result, err = invariants.Run(e.ctx, r.model, r.props, limits)
	if err != nil {
		return err
	}
	e.tellKept(&limits.Keep, r.result.Report.Complete)
	if r.search.shortest && len(r.having(invariants.Violated)) > 0 {
		limits.Stats = nil
		r.shortened, err = invariants.Shorten(e.ctx, r.model, r.result, limits)
		if errors.Is(err, context.Canceled) {
			return nil // there are traces
		}
	}
	return err
}

// config makes a configuration of the flags; the programs are missing yet.
func (e *env) config(f *checkFlags) (model.Config, error) {
	cfg := model.Config{Bounds: model.DefaultBounds(), Reduce: model.AllReductions(), Actions: model.AllActions()}
	if f.quick {
		cfg.Bounds = model.QuickBounds()
	}
	for _, b := range f.bounds {
		if err := traces.SetBound(&cfg.Bounds, b); err != nil {
			return cfg, usage("%w", err)
		}
	}
	if err := cfg.Bounds.Validate(); err != nil {
		return cfg, usage("%s", strings.TrimPrefix(err.Error(), "model: "))
	}
	for _, name := range f.with {
		if err := cfg.Actions.With(name); err != nil {
			return cfg, usage("%w", err)
		}
	}
	for _, name := range f.without {
		if err := cfg.Actions.Without(name); err != nil {
			return cfg, usage("%w", err)
		}
	}
	var err error
	cfg.Knobs, err = e.knobs()
	return cfg, err
}

// knobs are the settings of the --knob flags.
func (e *env) knobs() (model.Knobs, error) {
	var k model.Knobs
	for _, a := range e.opt.knobs {
		if err := k.Set(a); err != nil {
			return k, usage("%w", err)
		}
	}
	return k, nil
}

// loadCase reads the programs of a case into cfg.
func loadCase(cfg *model.Config, c *traces.Case, read func(string) ([]byte, error)) error {
	var err error
	opt := csource.Options{Side: program.Driver, Include: c.Include, Define: c.Define, ReadFile: read}
	if cfg.Driver, err = csource.Load(c.Driver, opt); err != nil {
		return input(err)
	}
	if len(c.App) == 0 {
		return nil
	}
	opt.Side = program.App
	if cfg.App, err = csource.Load(c.App, opt); err != nil {
		return input(err)
	}
	return nil
}

// newModel lays the case out. What can be wrong with it after its C was read is
// a matter of the input: no DriverEntry, no main.
func newModel(cfg model.Config, file string) (*model.Model, error) {
	m, err := model.New(cfg)
	if err != nil {
		return nil, input(fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "model: ")))
	}
	return m, nil
}

// judged are the properties for a case: the app's duties only with an app.
func judged(cfg *model.Config) []*invariants.Property {
	props := append(invariants.ForCheck(), invariants.ForSystem()...)
	if cfg.App != nil {
		props = append(props, invariants.ForApp()...)
	}
	return props
}

// slashed gives names that read the same on every system.
func slashed(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, filepath.ToSlash(n))
	}
	return out
}
