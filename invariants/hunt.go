package invariants

import (
	"context"
	"fmt"
	"slices"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Hunt is a search for violations that does not go level by level: see
// explore.Walk and explore.Best. It ends at the first violation. Its traces are
// real runs, and need not be shortest ones.
type Hunt struct {
	// Walks, if not 0, is the number of random walks to take, of Limits.MaxDepth
	// steps at most, chosen by Seed.
	Walks int
	Seed  uint64

	// Priority says which state to explore first if Walks is 0: of those that
	// wait one with the least number. Limits.MaxStates must be given.
	Priority func(model.View) int

	// Progress, if not nil, is told now and then how far the hunt is, in words.
	Progress func(string)
}

// maxPasses bounds how often a hunt starts again because the model has learned
// what else the client may vary. Each pass that learns something needs one more.
const maxPasses = 16

// Run hunts in m and answers properties. A property that nothing was found
// against is INCOMPLETE, unless every state was explored. The passes before the
// last have found nothing.
func (h *Hunt) Run(ctx context.Context, m *model.Model, props []*Property, lim Limits) (*Result, error) {
	if lim.TimeLimit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lim.TimeLimit)
		defer cancel()
	}
	q := newQuestions(m, props)
	for pass := 1; ; pass++ {
		r, meaning, err := h.pass(ctx, m, q, &lim)
		if err != nil {
			return nil, err
		}
		if pass == maxPasses {
			r.Complete = false // it may have learned something once more
		}
		res, err := q.result(m, r, pass)
		if err != nil {
			return nil, err
		}
		res.Meaning = meaning
		if !r.Complete {
			res.Gaps[0].Text = gapOfHunt(r.Reason, meaning)
		}
		over := r.Reason == explore.TimeLimit || r.Reason == explore.Interrupted || q.violated(r.Outcomes)
		if over || pass == maxPasses || !m.Refine() {
			return res, nil
		}
	}
}

// gapOfHunt says why a hunt is not exhaustive.
func gapOfHunt(r explore.Reason, meaning string) string {
	switch r {
	case explore.None:
		return meaning + ": they prove nothing about what they did not meet"
	case explore.Decided:
		return "the search ended at the first violation"
	}
	return fmt.Sprintf("%v; %s", r, meaning)
}

func (h *Hunt) tell(format string, args ...any) {
	if h.Progress != nil {
		h.Progress(fmt.Sprintf(format, args...))
	}
}

// pass makes one search, and a Report of it. Numbers that a hunt does not know
// are 0.
func (h *Hunt) pass(ctx context.Context, m *model.Model, q *questions, lim *Limits) (r explore.Report, meaning string, err error) {
	if h.Walks > 0 {
		w, err := explore.Walk(ctx, explore.WalkConfig{System: m, Properties: q.engine, Seed: h.Seed, Walks: h.Walks,
			MaxDepth: lim.MaxDepth, Workers: lim.Workers, StopWhen: q.violated, Progress: func(w explore.WalkReport) {
				h.tell("%d of %d walks, %d steps", w.Walks, h.Walks, w.Steps)
			}})
		return explore.Report{Reason: w.Reason, Generated: w.Steps, Depth: w.Longest, Outcomes: w.Outcomes},
			fmt.Sprintf("%d random walks of at most %d steps, seed %d", w.Walks, w.Longest, w.Seed), err
	}
	b, err := explore.Best(ctx, explore.BestConfig{System: m, Properties: q.engine, MaxStates: int(lim.MaxStates),
		MaxMemory: lim.MaxMemory, StopWhen: q.violated, Progress: func(b explore.BestReport) {
			h.tell("%d of %d known states explored, %d steps", b.Explored, b.Distinct, b.Generated)
		},
		Priority: func(s explore.State) int {
			if model.Stopped(s) {
				return -1 << 30
			}
			return h.Priority(m.View(s))
		}})
	return explore.Report{Complete: b.Complete, Reason: b.Reason, Distinct: uint64(b.Distinct), Generated: b.Generated, Ends: uint64(b.Ends),
		Depth: b.Farthest, Outcomes: b.Outcomes}, fmt.Sprintf("%d states explored best-first", b.Explored), err
}

// violated says whether a property of a driver, an app or the system is; what is
// looked for as reachable, and reasons for being incomplete, do not count.
func (q *questions) violated(outcomes []explore.Outcome) bool {
	return slices.ContainsFunc(outcomes[:q.first[len(q.props)]], func(o explore.Outcome) bool { return o.Verdict == explore.Violated })
}
