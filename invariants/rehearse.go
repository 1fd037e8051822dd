package invariants

import (
	"context"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// mostRehearsed is how many states a rehearsal may take: a second or two.
const mostRehearsed = 500_000

// rehearse explores m with one request, one issuer and one file, and lets it begin
// with what turns out there of the assumptions of its reductions. What is wrong
// there is wrong in the whole scope too, and an exploration of that is too long to
// be made once more for it. An exploration that is not complete teaches nothing:
// how far it comes depends on the workers.
func rehearse(ctx context.Context, m *model.Model, lim Limits) error {
	cfg := m.Config()
	b := &cfg.Bounds
	if cfg.App != nil || b.Requests == 1 && b.Issuers == 1 && b.Files == 1 {
		return nil
	}
	b.Requests, b.Issuers, b.Files, b.Records = 1, 1, 1, 1
	b.DPCs, b.Workers, b.Kthreads = min(b.DPCs, 1), min(b.Workers, 1), min(b.Kthreads, 1)
	small, err := model.New(cfg)
	if err != nil {
		return err
	}
	small.Watch(0, false)
	for {
		r, err := explore.Run(ctx, explore.Config{System: small, Workers: lim.Workers, Symmetry: cfg.Reduce.Symmetry,
			PartialOrder: cfg.Reduce.Ample, MaxStates: mostRehearsed, MaxMemory: lim.MaxMemory})
		if err != nil || !r.Complete || !small.Refine() {
			m.Assume(small.Assumptions())
			return err
		}
	}
}
