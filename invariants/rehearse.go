package invariants

import (
	"context"
	"errors"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// mostRehearsed is how many states an exploration of a rehearsal may take, unless
// the limit on states is less: one that may not take more has nothing to lose by
// being made again.
const mostRehearsed = 4_000_000

// rehearsalShare is the part of the time limit that is left to a rehearsal. One
// that does not get through teaches nothing, and must not be all that there was
// time for.
const rehearsalShare = 4

// rehearse explores smaller scopes than m's, and lets m begin with what turns out
// there of the assumptions of its reductions. What is wrong there is wrong in the
// whole scope too, and an exploration of that is too long to be made once more for
// it. An exploration that is not complete teaches nothing: how far it comes
// depends on the workers.
func rehearse(ctx context.Context, m *model.Model, lim Limits) error {
	left := remaining(lim.TimeLimit / rehearsalShare)
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
		if whole, err := rehearseIn(ctx, m, b, lim, left); err != nil || !whole {
			return err // a larger scope would not be explored to its end either
		}
	}
	return nil
}

func rehearseIn(ctx context.Context, m *model.Model, b model.Bounds, lim Limits, left func() time.Duration) (whole bool, err error) {
	cfg := m.Config()
	cfg.Bounds = b
	small, err := model.New(cfg)
	if err != nil || small.Size() == m.Size() { // that would be the whole scope
		return false, err
	}
	small.Assume(m.Assumptions())
	small.Watch(0, false)
	most := uint64(mostRehearsed)
	if lim.MaxStates > 0 {
		most = min(most, lim.MaxStates)
	}
	for {
		r, err := explore.Run(ctx, explore.Config{System: small, Workers: lim.Workers, Symmetry: cfg.Reduce.Symmetry,
			PartialOrder: cfg.Reduce.Ample, MaxStates: most, MaxMemory: lim.MaxMemory, TimeLimit: left()})
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = nil // the time was up before the first level
		}
		if err != nil || !r.Complete || !small.Refine() {
			m.Assume(small.Assumptions())
			return r.Complete, err
		}
	}
}
