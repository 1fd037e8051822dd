package main

import (
	"context"
	"embed"
	"errors"
	"path"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/invariants/claims"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// exampleDrivers are the drivers that "bench drivers" checks.
//
//go:embed examples/*.c
var exampleDrivers embed.FS

// defaultRequests is the size of handoff: a million states.
const defaultRequests = 4

func (e *env) benchCommand() *cobra.Command {
	requests := defaultRequests
	var search searchFlags
	c := &cobra.Command{
		Use:   "bench [handoff | claims | drivers]",
		Short: "Measure how fast this machine explores, and in how much memory",
		Long: `bench explores a system and reports distinct states a second, steps a second and
bytes a state, always the three together: each is easy to better at the expense
of the others.

  handoff   R independent requests of 32 states each: 32^R states and
            54*R*32^(R-1) steps, with two invariants checked. A count that
            differs is an error (exit status 70). The default.
  claims    what the suite of claims explores, one after the other, summed
  drivers   the example drivers at default bounds, one after the other, summed

The clock runs while states are explored, not while C is read. bytes_per_state is
the most memory that the process has had resident (peak_rss_bytes), the program
itself included, divided by the states of the largest exploration: with less than
a few million states it says more about the program than about the engine. Where
the system does not tell the peak, what the Go runtime holds at the end stands in
and the report says "approximate". In sums the depth is that of the deepest
exploration, and the digest is the sum of the digests. An exploration that had to
be repeated, because an assumption of the reductions was taken back, counts each
time in states and steps. What one exploration held is given back to the system
before the next begins. The collector runs when there are 6 MiB of garbage and a fifth
of what is in use, unless GOGC says otherwise.

What follows is for handoff. ` + searchHelp + ` The
priority of best is the sum of what the requests still have to do. With --search
walk no states are counted.`,
		Example: `  ownercheck bench
  ownercheck bench handoff --requests 5 --workers 2 --format json
  ownercheck bench claims --progress none`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"handoff", "claims", "drivers"},
		RunE: func(c *cobra.Command, args []string) error {
			system := append(args, "handoff")[0]
			if err := search.check(c); err != nil {
				return err
			}
			var wrong error
			c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
				if system != "handoff" && f.Changed && wrong == nil {
					wrong = usage("--%s is for handoff: not for %s", f.Name, system)
				}
			})
			if wrong != nil {
				return wrong
			}
			return e.bench(system, requests, &search)
		},
	}
	search.add(c)
	c.Flags().IntVar(&requests, "requests", defaultRequests, "requests of handoff, 1 to 8")
	return c
}

func (e *env) bench(system string, requests int, search *searchFlags) error {
	if err := e.checkKnobs(); err != nil {
		return err
	}
	b, err := newBenchmark(e, system)
	if err != nil {
		return err
	}
	switch system {
	case "handoff":
		err = b.handoff(requests, search)
	case "claims":
		err = b.claims()
	case "drivers":
		err = b.drivers()
	}
	if err != nil {
		return err
	}
	e.status = b.status
	return b.report().write(e)
}

// A benchmark adds up what explorations take.
type benchmark struct {
	env      *env
	system   string
	requests *int
	limits   invariants.Limits

	states, steps uint64
	largest       uint64 // states of the largest exploration
	depth         int
	digest        uint64
	elapsed       time.Duration
	incomplete    string // the first limit that was reached
	search        string
	extent        string         // how far a search went that is not level by level
	stats         *explore.Stats // of handoff, if asked for
	explored      explore.Report // likewise
	status        int
}

func newBenchmark(e *env, system string) (*benchmark, error) {
	limits, err := e.limits()
	if err != nil {
		return nil, err
	}
	b := &benchmark{env: e, system: system, limits: limits}
	if b.limits.Workers == 0 {
		b.limits.Workers = runtime.GOMAXPROCS(0)
	}
	return b, nil
}

// claims explores what the suite explores: once what several claims share.
func (b *benchmark) claims() error {
	all, err := claims.All()
	if err != nil {
		return input(err)
	}
	list, err := claims.Explorations(all, claims.Options{Knobs: b.env.opt.knobs})
	if err != nil {
		return decideError(err)
	}
	for i := range list {
		if err := b.explore(&modelRun{list[i].Model, list[i].Properties}); err != nil {
			return err
		}
	}
	return nil
}

// drivers checks the examples as "ownercheck check" does.
func (b *benchmark) drivers() error {
	files, err := exampleDrivers.ReadDir("examples")
	if err != nil {
		return defect(err)
	}
	for _, f := range files {
		cfg, err := b.env.config(&checkFlags{})
		if err != nil {
			return err
		}
		opt := csource.Options{Side: program.Driver, ReadFile: exampleDrivers.ReadFile}
		if cfg.Driver, err = csource.Load([]string{path.Join("examples", f.Name())}, opt); err != nil {
			return input(err)
		}
		m, err := newModel(cfg, f.Name())
		if err != nil {
			return err
		}
		if err := b.explore(&modelRun{m, judged(&cfg)}); err != nil {
			return err
		}
	}
	return nil
}

// A modelRun is one exploration of the I/O model.
type modelRun struct {
	model *model.Model
	props []*invariants.Property
}

// explore takes one run and adds it up. Once a run was interrupted, no other begins.
func (b *benchmark) explore(m *modelRun) error {
	if b.status == exitInterrupted {
		return nil
	}
	limits := b.limits
	limits.Progress = func(p explore.Progress) {
		if p.Done {
			b.states += p.Distinct
			b.steps += p.Generated
			b.largest = max(b.largest, p.Distinct)
		}
		b.limits.Progress(p)
	}
	start := time.Now()
	r, err := invariants.Run(b.env.ctx, m.model, m.props, limits)
	b.elapsed += time.Since(start)
	if err != nil {
		return benchError(err)
	}
	b.depth = max(b.depth, r.Report.Depth)
	b.digest += r.Report.Digest
	if !r.Report.Complete {
		b.cut(r.Gaps[0])
	}
	return nil
}

// cut notes that a run reached a limit. An interrupt outweighs all others.
func (b *benchmark) cut(g invariants.Gap) {
	status := gapStatus([]invariants.Gap{g})
	if b.incomplete == "" || status == exitInterrupted {
		b.incomplete, b.status = g.Text, status
	}
}

// benchError tells an interrupt from a defect.
func benchError(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return defect(err)
}
