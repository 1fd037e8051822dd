package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/ownercheck/ownercheck/bench"
	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
)

// handoff explores the reference system and checks its counts.
func (b *benchmark) handoff(requests int, f *searchFlags) error {
	h, err := bench.NewHandoff(requests)
	if err != nil {
		return usage("--requests %d: must be 1 to 8", requests)
	}
	b.requests, b.search = &requests, f.search
	keep, err := f.keep([]invariants.Part{{Name: "requests", Value: fmt.Sprint(requests)}})
	if err != nil {
		return err
	}
	start := time.Now()
	var r explore.Report
	switch f.search {
	case searchWalk:
		r, err = b.walkHandoff(h, f)
	case searchBest:
		r, err = b.bestHandoff(h, f)
	default:
		r, err = b.runHandoff(h, f, &keep)
	}
	b.elapsed = time.Since(start)
	if err != nil {
		return runError(err)
	}
	b.explored = r
	b.states, b.steps, b.largest = r.Distinct, r.Generated, r.Distinct
	b.depth, b.digest = r.Depth, r.Digest
	if !r.Complete {
		text := r.Reason.String()
		if r.Reason == explore.None {
			text = "random walks"
		}
		b.cut(invariants.Gap{Reason: r.Reason, Text: text})
		b.env.tellKept(&keep, false)
		return nil
	}
	states, steps, depth := h.Counts()
	if r.Distinct != states || r.Generated != steps || r.Depth < depth || r.Depth > depth && f.search == searchBFS {
		return defect(fmt.Errorf("handoff with %d requests: %d states, %d steps, depth %d: must be %d, %d, %d",
			requests, r.Distinct, r.Generated, r.Depth, states, steps, depth))
	}
	return nil
}

// runHandoff goes level by level.
func (b *benchmark) runHandoff(h *bench.Handoff, f *searchFlags, keep *invariants.Keep) (explore.Report, error) {
	l := &b.limits
	c := explore.Config{
		System: h, Properties: h.Properties(), Workers: l.Workers, MaxStates: l.MaxStates,
		MaxDepth: l.MaxDepth, MaxMemory: l.MaxMemory, TimeLimit: l.TimeLimit, Progress: l.Progress,
		Checkpoint: keep.Checkpoint, Resume: keep.Resume, CheckpointEvery: keep.Every,
		Spill:    f.spill,
		Identity: fmt.Sprintf("bench handoff %q", keep.Case),
	}
	if f.stats {
		b.stats = &explore.Stats{}
		c.Stats = b.stats
	}
	r, err := explore.Run(b.env.ctx, c)
	if c.Resume != "" && errors.Is(err, fs.ErrNotExist) {
		err = &explore.CheckpointError{Dir: c.Resume, Reading: true, Err: fmt.Errorf("there is no checkpoint: %w", fs.ErrNotExist)}
	}
	return r, err
}

// hunting gives a search that is not level by level its time.
func (b *benchmark) hunting() (context.Context, context.CancelFunc) {
	if b.limits.TimeLimit > 0 {
		return context.WithTimeout(b.env.ctx, b.limits.TimeLimit)
	}
	return b.env.ctx, func() {}
}

func (b *benchmark) walkHandoff(h *bench.Handoff, f *searchFlags) (explore.Report, error) {
	ctx, cancel := b.hunting()
	defer cancel()
	f.hunt(&b.limits)
	w, err := explore.Walk(ctx, explore.WalkConfig{System: h, Properties: h.Properties(), Seed: f.seed, Walks: f.walks,
		MaxDepth: b.limits.MaxDepth, Workers: b.limits.Workers})
	b.extent = w.Meaning()
	return explore.Report{Reason: w.Reason, Generated: w.Steps, Depth: w.Longest, Outcomes: w.Outcomes}, err
}

func (b *benchmark) bestHandoff(h *bench.Handoff, f *searchFlags) (explore.Report, error) {
	ctx, cancel := b.hunting()
	defer cancel()
	f.hunt(&b.limits)
	r, err := explore.Best(ctx, explore.BestConfig{System: h, Properties: h.Properties(), Priority: h.Remaining,
		MaxStates: int(b.limits.MaxStates), MaxMemory: b.limits.MaxMemory})
	b.extent = r.Meaning()
	return explore.Report{Complete: r.Complete, Reason: r.Reason, Distinct: uint64(r.Distinct), Generated: r.Generated,
		Ends: uint64(r.Ends), Depth: r.Farthest, Outcomes: r.Outcomes}, err
}
