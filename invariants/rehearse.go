package invariants

import (
	"context"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// mostRehearsed is how many states an exploration of a rehearsal may take.
const mostRehearsed = 4_000_000

// rehearse explores smaller scopes than m's, and lets m begin with what turns out
// there of the assumptions of its reductions. What is wrong there is wrong in the
// whole scope too, and an exploration of that is too long to be made once more for
// it. An exploration that is not complete teaches nothing: how far it comes
// depends on the workers. left is what is left of the time limit, 0 for none.
func rehearse(ctx context.Context, m *model.Model, lim Limits, left func() time.Duration) error {
	cfg := m.Config()
	if cfg.App != nil {
		return nil
	}
	one, two := cfg.Bounds, cfg.Bounds
	one.Requests, one.Issuers, one.Files, one.Records = 1, 1, 1, 1
	one.DPCs, one.Workers, one.Kthreads = min(one.DPCs, 1), min(one.Workers, 1), min(one.Kthreads, 1)
	two.Requests, two.Issuers, two.Files = min(two.Requests, 2), min(two.Issuers, 2), 1
	two.Records, two.DPCs = min(two.Records, 2), min(two.DPCs, 1)
	for _, b := range [...]model.Bounds{one, two} {
		if b.Requests == cfg.Bounds.Requests && b.Issuers == cfg.Bounds.Issuers && b.Files == cfg.Bounds.Files {
			return nil
		}
		if err := rehearseIn(ctx, m, b, lim, left); err != nil {
			return err
		}
	}
	return nil
}

func rehearseIn(ctx context.Context, m *model.Model, b model.Bounds, lim Limits, left func() time.Duration) error {
	cfg := m.Config()
	cfg.Bounds = b
	small, err := model.New(cfg)
	if err != nil || small.Size() == m.Size() { // that would be the whole scope
		return err
	}
	small.Assume(m.Assumptions())
	small.Watch(0, false)
	for {
		r, err := explore.Run(ctx, explore.Config{System: small, Workers: lim.Workers, Symmetry: cfg.Reduce.Symmetry,
			PartialOrder: cfg.Reduce.Ample, MaxStates: mostRehearsed, MaxMemory: lim.MaxMemory, TimeLimit: left()})
		if err != nil || !r.Complete || !small.Refine() {
			m.Assume(small.Assumptions())
			return err
		}
	}
}
