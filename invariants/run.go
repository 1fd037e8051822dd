package invariants

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Limits end a run early; zero means none. What is below them changes how a run
// is made, and no answer. See explore.Config.
type Limits struct {
	Workers   int
	MaxStates uint64
	MaxDepth  int
	MaxMemory int64
	TimeLimit time.Duration

	Progress func(explore.Progress)
	Stats    *explore.Stats // of the last exploration
	Spill    string         // folder in which to go on past MaxMemory
	Keep     Keep
}

// Result is what one exploration answers.
type Result struct {
	Answers []PropertyAnswer // in the order of the properties
	Report  explore.Report
	// Gaps are the reasons for which the run is not exhaustive, worst first: a
	// limit or interrupt, capacity bounds, code that could not be executed.
	Gaps []Gap
	// Explorations is how often the state space was explored: once, and again
	// each time an assumption of the reductions had to be taken back.
	Explorations int
	// Meaning says of a Hunt how far it went; "" for an exploration level by level.
	Meaning string
	// PoolFull: an allocation failed because of the bound on live blocks, as it
	// does where there is no more memory.
	PoolFull bool
}

// Gap is one reason why a run proves nothing.
type Gap struct {
	Reason  explore.Reason // None for a bound of the model
	Text    string         // "capacity bound frames (3) reached at ..."
	Witness *Witness       // the way there; nil for a limit
}

// PropertyAnswer is the answer to one property with its evidence.
type PropertyAnswer struct {
	Property *Property
	Answer   Answer
	Witness  *Witness // for Violated and Reached
	Finding  model.Finding
}

// Witness is a shortest run that shows something.
type Witness struct {
	Init    explore.Action
	Actions []explore.Action
}

// Run explores m and answers properties. The error is the model's own defect,
// an *explore.CheckpointError, or an interrupt before the first level was
// complete.
func Run(ctx context.Context, m *model.Model, props []*Property, lim Limits) (*Result, error) {
	left := remaining(lim.TimeLimit)
	if lim.Keep.Resume == "" {
		if err := rehearse(ctx, m, lim); err != nil {
			return nil, err
		}
	}
	keep, err := newKeeper(m, &lim.Keep)
	if err != nil {
		return nil, err
	}
	q := newQuestions(m, props)
	cfg := explore.Config{
		System: m, Properties: q.engine, Workers: lim.Workers, Symmetry: m.Config().Reduce.Symmetry,
		PartialOrder: m.Config().Reduce.Ample,
		MaxStates:    lim.MaxStates, MaxDepth: lim.MaxDepth, MaxMemory: lim.MaxMemory,
		Progress: lim.Progress, Stats: lim.Stats, Spill: lim.Spill,
	}
	m.Watch(q.sees(m))
	for {
		cfg.TimeLimit = left()
		keep.configure(&cfg)
		r, err := explore.Run(ctx, cfg)
		if cfg.Resume != "" && errors.Is(err, fs.ErrNotExist) {
			cfg.Resume = "" // the exploration had begun, and no checkpoint of it was there yet
			r, err = explore.Run(ctx, cfg)
		}
		if err != nil {
			return nil, err
		}
		if !r.Complete || !m.Refine() {
			return q.result(m, r, keep.number)
		}
		if err := keep.next(); err != nil {
			return nil, err
		}
	}
}

// remaining returns a function that tells what is left of a time limit from now
// on, for an exploration to begin with; 0 means no limit.
func remaining(limit time.Duration) func() time.Duration {
	start := time.Now()
	return func() time.Duration {
		if limit == 0 {
			return 0
		}
		return max(limit-time.Since(start), time.Millisecond)
	}
}

// questions maps engine properties back to ours.
type questions struct {
	props    []*Property
	engine   []explore.Property
	first    []int // first engine property of props[i]; one more entry for the end
	gaps     []string
	gapFirst int
	triggers map[uint64]int
	poolFull int
}

func newQuestions(m *model.Model, props []*Property) *questions {
	q := &questions{props: props, triggers: map[uint64]int{}}
	for _, p := range props {
		q.first = append(q.first, len(q.engine))
		q.engine = append(q.engine, p.parts(m)...)
	}
	q.first = append(q.first, len(q.engine))
	for _, p := range props {
		if _, ok := q.triggers[p.Trigger]; ok || p.Trigger == 0 {
			continue
		}
		q.triggers[p.Trigger] = len(q.engine)
		q.engine = append(q.engine, explore.Property{Name: "trigger of " + p.Name, Kind: explore.Reachable, StepMask: p.Trigger,
			Step: func(explore.State, explore.Action, explore.State, uint64) bool { return true }})
	}
	q.poolFull = len(q.engine)
	q.engine = append(q.engine, explore.Property{Name: "pool full", Kind: explore.Reachable, StepMask: model.NotePoolFull,
		Step: func(explore.State, explore.Action, explore.State, uint64) bool { return true }})
	q.gapFirst = len(q.engine)
	q.addGap(m, "a violation that is not asked about", 0, q.asked(m))
	for _, stop := range [...]model.StopKind{model.StopCapacity, model.StopUnsupported} {
		for i, name := range model.StopNames(stop) {
			if name != "" {
				q.addGap(m, name, model.Mark(stop, i), func(s explore.State) bool { return !m.StoppedBy(s, stop, i) })
			}
		}
	}
	return q
}

// sees is what the properties look at: steps with which notes they judge by the
// states that the step leads from or to, and whether any looks at all states. To
// ask whether a step with some note occurs is to look at nothing: steps that
// commute have the same notes in either order.
func (q *questions) sees(m *model.Model) (notes uint64, states bool) {
	for _, p := range q.props {
		states = states || p.looks(m)
		switch {
		case p.Step == nil:
		case p.Notes == 0:
			notes = ^uint64(0)
		default:
			notes |= p.Notes
		}
	}
	return notes, states
}

// addGap watches for findings of which ok is false: those of one mark, or 0.
func (q *questions) addGap(m *model.Model, name string, mark uint8, ok func(explore.State) bool) {
	q.gaps = append(q.gaps, name)
	if m.StartsStopped() {
		q.engine = append(q.engine, explore.Property{Name: name, Kind: explore.Always,
			State: func(s explore.State) bool { return !model.Stopped(s) || ok(s) }})
		return
	}
	q.engine = append(q.engine, explore.Property{Name: name, Kind: explore.Step, StepMask: model.NoteStopped, StepMark: mark,
		Step: func(_ explore.State, _ explore.Action, to explore.State, _ uint64) bool { return ok(to) }})
}

// asked holds in a state that is no violation, or one of an invariant that is
// among the properties. A path that ends in another one says nothing about what
// would have come after.
func (q *questions) asked(m *model.Model) func(explore.State) bool {
	var asked []int
	for _, p := range q.props {
		if p.Invariant != 0 {
			asked = append(asked, p.Invariant)
		}
	}
	return func(s explore.State) bool {
		if !model.Stopped(s) {
			return true
		}
		for _, inv := range asked {
			if m.Violates(s, inv) {
				return true
			}
		}
		f := m.Finding(s)
		return f.Stop != model.StopViolation || f.Quiet // a step of its own: all others of that state are taken too
	}
}

func (q *questions) result(m *model.Model, r explore.Report, n int) (*Result, error) {
	res := &Result{Report: r, Explorations: n}
	res.PoolFull = r.Outcomes[q.poolFull].Verdict == explore.Reached
	if !r.Complete {
		res.Gaps = append(res.Gaps, Gap{Reason: r.Reason, Text: r.Reason.String()})
	}
	for i := range q.gaps {
		o := &r.Outcomes[q.gapFirst+i]
		if o.Verdict != explore.Violated {
			continue
		}
		w := &Witness{o.Init, o.Trace}
		f, err := finding(m, w)
		if err != nil {
			return nil, err
		}
		res.Gaps = append(res.Gaps, Gap{Text: gapText(m, f), Witness: w})
	}
	for i, p := range q.props {
		a, err := q.answer(m, res, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		res.Answers = append(res.Answers, a)
	}
	return res, nil
}

func gapText(m *model.Model, f model.Finding) string {
	switch f.Stop {
	case model.StopViolation:
		return fmt.Sprintf("paths end in a violation of %s at %s", f.Name, f.Where)
	case model.StopCapacity:
		return fmt.Sprintf("capacity bound %q reached at %s", f.Name, f.Where)
	}
	return fmt.Sprintf("%s: %s %s", f.Where, f.Name, f.Text)
}

// answer combines the engine's outcomes for property i.
func (q *questions) answer(m *model.Model, res *Result, i int) (PropertyAnswer, error) {
	p := q.props[i]
	a := PropertyAnswer{Property: p}
	for k := q.first[i]; k < q.first[i+1]; k++ {
		o := &res.Report.Outcomes[k]
		if o.Verdict != explore.Violated && o.Verdict != explore.Reached {
			continue
		}
		if a.Witness == nil || len(o.Trace) < len(a.Witness.Actions) {
			a.Witness = &Witness{o.Init, o.Trace}
		}
	}
	switch {
	case a.Witness != nil && p.Kind == explore.Reachable:
		a.Answer = Reached
	case a.Witness != nil:
		a.Answer = Violated
	case !p.applies(m):
		a.Answer = NotApplicable
	case len(res.Gaps) > 0:
		a.Answer = Incomplete
	case p.Kind == explore.Reachable:
		a.Answer = Unreachable
	case p.Trigger != 0 && res.Report.Outcomes[q.triggers[p.Trigger]].Verdict != explore.Reached:
		a.Answer = Vacuous
	default:
		a.Answer = Proved
	}
	if a.Witness == nil {
		return a, nil
	}
	var err error
	a.Finding, err = finding(m, a.Witness)
	return a, err
}

func (p *Property) applies(m *model.Model) bool {
	if p.Applies != nil {
		return p.Applies(m)
	}
	return p.calls(m)
}

// calls says whether the C calls one of the routines that p needs.
func (p *Property) calls(m *model.Model) bool {
	if len(p.Needs) == 0 {
		return true
	}
	for _, api := range p.Needs {
		if m.Calls(api) {
			return true
		}
	}
	return false
}

// finding replays a witness and reads what it ends in.
func finding(m *model.Model, w *Witness) (model.Finding, error) {
	s := m.InitState(int(w.Init.Arg))
	for _, a := range w.Actions {
		_, next, err := m.Tell(s, a)
		if err != nil {
			return model.Finding{}, fmt.Errorf("replaying a witness: %w", err)
		}
		s = next
	}
	return m.Finding(s), nil
}
