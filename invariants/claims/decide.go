package claims

import (
	"context"
	"fmt"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// Options change how claims are decided, not what they say.
type Options struct {
	Limits invariants.Limits
	Knobs  []string          // set on top of each run's own
	Reduce *model.Reductions // nil: all
	Faults []model.Fault     // mutations of the model, for tests
}

// Decision is a claim decided.
type Decision struct {
	Claim      *Claim
	AsExpected bool
	Verdict    string // the claim's, or "not as expected", "incomplete"
	States     uint64 // of all its runs
	Steps      uint64
	Depth      int // of the deepest
	Seconds    float64
	Incomplete bool
	Gaps       []invariants.Gap
	Properties []Property
}

// Property is one property of a claim with its answer.
type Property struct {
	Name, Kind       string
	Expected, Answer invariants.Answer
	TraceSteps       int // of the witness; 0 without one
	Knobs            string
	Text             string
	Evidence         invariants.PropertyAnswer
	Model            *model.Model
	Run              int // index into Claim.Runs
}

// Decide decides claims in the order given and calls done for each as soon as
// it is decided. Runs that share programs, bounds and knobs are explored once,
// for the properties of all claims together.
func Decide(ctx context.Context, list []*Claim, opt Options, done func(*Decision)) error {
	groups, _, err := grouped(list, opt)
	if err != nil {
		return err
	}
	for _, c := range list {
		start := time.Now()
		d := &Decision{Claim: c, AsExpected: true, Verdict: c.Verdict}
		for i := range c.Runs {
			g := groups[key(c, i, opt)]
			if err := g.explore(ctx, opt); err != nil {
				return fmt.Errorf("claim %s: %w", c.ID, err)
			}
			d.add(i, g)
		}
		d.Seconds = time.Since(start).Seconds()
		switch {
		case d.Incomplete:
			d.Verdict = "incomplete"
		case !d.AsExpected:
			d.Verdict = "not as expected"
		}
		done(d)
	}
	return nil
}

// Exploration is what Decide explores once, for all claims that share it.
type Exploration struct {
	Model      *model.Model
	Properties []*invariants.Property
}

// Explorations lists what Decide would explore, in its order.
func Explorations(list []*Claim, opt Options) ([]Exploration, error) {
	_, order, err := grouped(list, opt)
	out := make([]Exploration, 0, len(order))
	for _, g := range order {
		out = append(out, Exploration{g.model, g.props})
	}
	return out, err
}

// grouped puts the runs of claims that share a state space together: by key, and
// in the order in which they are first met.
func grouped(list []*Claim, opt Options) (groups map[string]*group, order []*group, err error) {
	groups = map[string]*group{}
	for _, c := range list {
		for i := range c.Runs {
			g, fresh, err := join(groups, c, i, opt)
			if err != nil {
				return nil, nil, err
			}
			if fresh {
				order = append(order, g)
			}
		}
	}
	return groups, order, nil
}

// group is one exploration and everything that is asked of it.
type group struct {
	model  *model.Model
	props  []*invariants.Property
	index  map[string]int
	result *invariants.Result
}

// key names an exploration: equal keys, equal state spaces.
func key(c *Claim, i int, opt Options) string {
	r := &c.Runs[i]
	b := r.Bounds
	f := -1
	if b.Failures != nil {
		f = *b.Failures
	}
	b.Failures = nil
	return fmt.Sprintf("%v %q %q %q %q %q %q %+v %d", r.SecondProcess, r.Without, r.With, c.Files[r.Driver], c.Files[r.App], r.Knobs, opt.Knobs, b, f)
}

// join adds run i of a claim to its group, which may have to be made.
func join(groups map[string]*group, c *Claim, i int, opt Options) (g *group, fresh bool, err error) {
	k := key(c, i, opt)
	g = groups[k]
	if g == nil {
		m, err := c.Build(i, opt)
		if err != nil {
			return nil, false, err
		}
		g, fresh = &group{model: m, index: map[string]int{}}, true
		groups[k] = g
	}
	for _, e := range c.Runs[i].Properties {
		if _, ok := g.index[e.Name]; !ok {
			g.index[e.Name] = len(g.props)
			g.props = append(g.props, invariants.Named(e.Name))
		}
	}
	return g, fresh, nil
}

func (g *group) explore(ctx context.Context, opt Options) error {
	if g.result != nil {
		return nil
	}
	var err error
	g.result, err = invariants.Run(ctx, g.model, g.props, opt.Limits)
	return err
}

// Build makes the model of run i.
func (c *Claim) Build(i int, opt Options) (*model.Model, error) {
	r := &c.Runs[i]
	cfg := model.Config{Bounds: r.Bounds.apply(), Reduce: model.AllReductions(), Actions: model.AllActions(), Faults: opt.Faults}
	cfg.Reduce.Late = false // claims ask about lengths
	if opt.Reduce != nil {
		cfg.Reduce = *opt.Reduce
	}
	for _, a := range r.Without {
		if err := cfg.Actions.Without(a); err != nil {
			return nil, err
		}
	}
	for _, a := range r.With {
		if err := cfg.Actions.With(a); err != nil {
			return nil, err
		}
	}
	if r.SecondProcess {
		cfg.Reduce.AnyFrame = false
	}
	for _, a := range append(append([]string(nil), r.Knobs...), opt.Knobs...) {
		if err := cfg.Knobs.Set(a); err != nil {
			return nil, err
		}
	}
	var err error
	if cfg.Driver, err = c.load(r.Driver, program.Driver); err != nil {
		return nil, err
	}
	if r.App != "" {
		if cfg.App, err = c.load(r.App, program.App); err != nil {
			return nil, err
		}
	}
	m, err := model.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	return m, nil
}

func (c *Claim) load(file string, side program.Side) (*program.Program, error) {
	return csource.Load([]string{file}, csource.Options{Side: side, ReadFile: func(name string) ([]byte, error) {
		text, ok := c.Files[name]
		if !ok {
			return nil, fmt.Errorf("the archive %s has no file %q", c.Name, name)
		}
		return []byte(text), nil
	}})
}

// apply gives the default bounds with the changes; claims inject no failures
// unless they say so.
func (b BoundsSet) apply() model.Bounds {
	out := model.DefaultBounds()
	out.Failures = 0
	for _, f := range []struct {
		set int
		to  *int
	}{{b.Processes, &out.Processes}, {b.Threads, &out.Threads}, {b.Requests, &out.Requests}, {b.DPCs, &out.DPCs}, {b.Frames, &out.Frames}, {b.Records, &out.Records}, {b.Ranges, &out.Ranges}, {b.PTEs, &out.PTEs}} {
		if f.set != 0 {
			*f.to = f.set
		}
	}
	if b.Failures != nil {
		out.Failures = *b.Failures
	}
	out.Issuers = min(out.Issuers, out.Threads)
	return out
}

// add takes over what exploration g says about run i.
func (d *Decision) add(i int, g *group) {
	r := g.result
	d.States += r.Report.Distinct
	d.Steps += r.Report.Generated
	d.Depth = max(d.Depth, r.Report.Depth)
	d.Gaps = append(d.Gaps, r.Gaps...)
	for _, e := range d.Claim.Runs[i].Properties {
		a := r.Answers[g.index[e.Name]]
		want, _ := invariants.ParseAnswer(e.Expect)
		p := Property{Name: e.Name, Kind: kindName(a.Property.Kind), Expected: want, Answer: a.Answer,
			Knobs: g.model.Config().Knobs.String(), Text: a.Property.Text, Evidence: a, Model: g.model, Run: i}
		if a.Witness != nil {
			p.TraceSteps = len(a.Witness.Actions)
		}
		d.AsExpected = d.AsExpected && a.Answer == want
		d.Incomplete = d.Incomplete || a.Answer == invariants.Incomplete
		d.Properties = append(d.Properties, p)
	}
}

func kindName(k explore.Kind) string { return k.String() }
