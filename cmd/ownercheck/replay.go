package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/invariants/claims"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/traces"
)

func (e *env) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay TRACE",
		Short: "Run a trace that was kept once more, step by step, and confirm where it ends",
		Long: `replay builds the case of a trace anew: from the suite, or from the files that
the trace names, which are looked for from here and then beside the trace. It
takes the steps one by one. A trace that was changed, or whose files were, is
refused, with the step or the file.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return e.replay(args[0]) },
	}
}

func (e *env) replay(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return input(err)
	}
	t, err := traces.Parse(text)
	if err != nil {
		return input(fmt.Errorf("%s: %w", file, err))
	}
	again, err := replayed(t, filepath.Dir(file))
	if e.opt.format == "json" {
		e.replayJSON(t, err)
	}
	if err != nil {
		var refused *traces.RefusedError
		if f := (*failure)(nil); errors.As(err, &f) && !errors.As(err, &refused) {
			return &failure{f.status, fmt.Errorf("%s: %w", file, f.err)}
		}
		return input(fmt.Errorf("%s: %w", file, err))
	}
	if e.opt.format == "text" {
		fmt.Fprintf(e.out, "%s\nconfirmed: %s is %s after %s\n", again.AppendText(nil),
			t.Question.Property, t.Question.Answer, plural(len(t.Steps), "step"))
	}
	return nil
}

func (e *env) replayJSON(t *traces.Trace, err error) {
	out := struct {
		Schema    string `json:"schema"`
		Property  string `json:"property"`
		Answer    string `json:"answer"`
		Steps     int    `json:"steps"`
		Confirmed bool   `json:"confirmed"`
		Refused   string `json:"refused,omitempty"`
	}{"ownercheck.replay/1", t.Question.Property, t.Question.Answer, len(t.Steps), err == nil, ""}
	if err != nil {
		out.Refused = err.Error()
	}
	writeJSON(e.out, out)
}

// replayed rebuilds the case of t and takes its steps; folder is where the
// trace lies.
func replayed(t *traces.Trace, folder string) (*traces.Trace, error) {
	p := invariants.Named(t.Question.Property)
	if p == nil {
		return nil, fmt.Errorf("this version has no property %q", t.Question.Property)
	}
	cfg, err := rebuilt(t, folder)
	if err != nil {
		return nil, err
	}
	if err := t.Settings.Apply(&cfg); err != nil {
		return nil, err
	}
	m, err := model.New(cfg)
	if err != nil {
		return nil, err
	}
	return traces.Replay(m, t, p)
}

// rebuilt gives the configuration of a trace's case, but for its settings.
func rebuilt(t *traces.Trace, folder string) (model.Config, error) {
	if t.Case.Claim != "" {
		return rebuiltClaim(&t.Case, folder)
	}
	var cfg model.Config
	r := newStaleReader(t.Case.Files, folder)
	err := loadCase(&cfg, &t.Case, r.read)
	if r.stale != "" {
		err = staleError(r.stale)
	}
	return cfg, err
}

func rebuiltClaim(c *traces.Case, folder string) (model.Config, error) {
	claim, err := findClaim(c, folder)
	if err != nil {
		return model.Config{}, err
	}
	now := claimFiles(claim)
	for _, f := range c.Files {
		if !slices.Contains(now, f) {
			return model.Config{}, staleError(claim.Name + ": " + f.Name)
		}
	}
	if c.Run >= len(claim.Runs) || len(now) != len(c.Files) {
		return model.Config{}, staleError(claim.Name)
	}
	m, err := claim.Build(c.Run, claims.Options{})
	if err != nil {
		return model.Config{}, err
	}
	return m.Config(), nil
}

func findClaim(c *traces.Case, folder string) (*claims.Claim, error) {
	if c.Archive == "" {
		all, err := claims.All()
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(x *claims.Claim) bool { return x.ID == c.Claim })
		if i < 0 {
			return nil, fmt.Errorf("the suite of this version has no claim %s", c.Claim)
		}
		return all[i], nil
	}
	r := newReader()
	r.base = folder
	text, err := r.read(c.Archive)
	if err != nil {
		return nil, err
	}
	claim, err := claims.Parse(c.Archive, text)
	if err == nil && claim.ID != c.Claim {
		err = staleError(c.Archive)
	}
	return claim, err
}
