// Package systemtest checks that an explore.System keeps its contract. Call Run
// from a test of each system: what it checks, the engine relies on.
package systemtest

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
)

// sample is the number of states that Run looks at.
const sample = 1000

// Run checks sys on its first thousand states, breadth-first:
//
//  1. Size is positive and stays the same, and Parts, if any, are ends of
//     components in ascending order, the last being Size.
//  2. Init and Next push the same steps in the same order each time, also from
//     several goroutines at once.
//  3. Next does not write to its state, nor keep it or a target.
//  4. In each state an Action labels at most one step; likewise in Init.
//  5. Next allocates nothing once Steps has grown.
//  6. Canonical, if any, is idempotent, and the steps of a state and of its
//     representative lead to the same orbits.
func Run(t testing.TB, sys explore.System) {
	t.Helper()
	RunStates(t, sys, sample)
}

// RunStates is Run on the first so many states.
func RunStates(t testing.TB, sys explore.System, states int) {
	t.Helper()
	c := &checker{t: t, sys: sys, size: sys.Size()}
	if c.size < 1 {
		t.Fatalf("Size is %d, must be at least 1", c.size)
	}
	c.checkParts()
	list := c.collect(states)
	c.checkGoroutines(list)
	c.checkAllocations(list)
	if sym, ok := sys.(explore.Symmetric); ok {
		c.checkCanonical(sym, list)
	}
	if sys.Size() != c.size {
		t.Errorf("Size was %d and is now %d", c.size, sys.Size())
	}
}

type checker struct {
	t    testing.TB
	sys  explore.System
	size int
}

// A step is one that was pushed, copied.
type step struct {
	action explore.Action
	target string
	notes  uint64
}

func copySteps(st *explore.Steps) []step {
	list := make([]step, st.Len())
	for i := range list {
		a, target, notes := st.At(i)
		list[i] = step{a, string(target), notes}
	}
	return list
}

func (c *checker) checkParts() {
	p, ok := c.sys.(explore.Parted)
	if !ok {
		return
	}
	parts := p.Parts()
	if !slices.IsSorted(parts) || len(parts) == 0 || parts[0] < 0 || parts[len(parts)-1] != c.size {
		c.t.Errorf("Parts are %v: must ascend to Size, %d", parts, c.size)
	}
}

// collect returns the first states breadth-first, having checked each.
func (c *checker) collect(limit int) []string {
	st := explore.NewSteps(c.size)
	c.sys.Init(st)
	first := copySteps(st)
	if len(first) == 0 {
		c.t.Errorf("Init pushes no state")
	}
	c.checkLabels("Init", first)
	st.Reset()
	c.sys.Init(st)
	if !slices.Equal(first, copySteps(st)) {
		c.t.Errorf("Init pushes other states the second time")
	}
	known := make(map[string]bool)
	var list []string
	add := func(s string) {
		if !known[s] && len(list) < limit {
			known[s] = true
			list = append(list, s)
		}
	}
	for _, s := range first {
		add(s.target)
	}
	for i := 0; i < len(list); i++ {
		for _, s := range c.checkNext(st, list[i]) {
			add(s.target)
		}
	}
	return list
}

// checkNext calls Next twice on one state and returns its steps.
func (c *checker) checkNext(st *explore.Steps, state string) []step {
	c.t.Helper()
	s := explore.State(state)
	st.Reset()
	c.sys.Next(s, st)
	first := copySteps(st)
	if string(s) != state {
		c.t.Errorf("Next writes to its state %x", state)
		s = explore.State(state)
	}
	// Overwrite what was lent, so that a system that kept it is found out.
	for i := range st.Len() {
		_, target, _ := st.At(i)
		for k := range target {
			target[k] = 0xa5
		}
	}
	again := bytes.Clone(s)
	for k := range s {
		s[k] = 0xa5
	}
	st.Reset()
	c.sys.Next(again, st)
	if !slices.Equal(first, copySteps(st)) {
		c.t.Errorf("Next pushes other steps the second time from state %x", state)
	}
	c.checkLabels(fmt.Sprintf("state %x", state), first)
	return first
}

func (c *checker) checkLabels(where string, steps []step) {
	c.t.Helper()
	seen := make(map[explore.Action]bool)
	for _, s := range steps {
		if seen[s.action] {
			c.t.Errorf("%s: two steps have the label %+v", where, s.action)
		}
		seen[s.action] = true
	}
}

// checkGoroutines calls Next on all states from four goroutines, each starting
// elsewhere, and compares with one. The race detector sees the rest.
func (c *checker) checkGoroutines(list []string) {
	want := make([][]step, len(list))
	st := explore.NewSteps(c.size)
	for i, s := range list {
		st.Reset()
		c.sys.Next(explore.State(s), st)
		want[i] = copySteps(st)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			st := explore.NewSteps(c.size)
			for k := range list {
				i := (k + g*len(list)/4) % len(list)
				st.Reset()
				c.sys.Next(explore.State(list[i]), st)
				if !slices.Equal(want[i], copySteps(st)) {
					c.t.Errorf("Next pushes other steps in a goroutine from state %x", list[i])
					return
				}
			}
		})
	}
	wg.Wait()
}

func (c *checker) checkAllocations(list []string) {
	if raceDetector {
		return
	}
	st := explore.NewSteps(c.size)
	states := make([]explore.State, len(list))
	for i, s := range list {
		states[i] = explore.State(s)
	}
	pass := func() {
		for _, s := range states {
			st.Reset()
			c.sys.Next(s, st)
		}
	}
	pass()
	// The collector may empty a sync.Pool of the System at any time: what is
	// allocated anew then is not what Next allocates.
	least := math.Inf(1)
	for range 5 {
		least = min(least, testing.AllocsPerRun(1, pass))
	}
	if least > 0 {
		c.t.Errorf("Next allocates: %v times on %d states", least, len(list))
	}
}

func (c *checker) checkCanonical(sym explore.Symmetric, list []string) {
	canonical := func(state string) string {
		s := explore.State(state)
		sym.Canonical(s)
		return string(s)
	}
	// orbits lists the orbits that the steps of a state lead to, each once: a
	// representative may have fewer steps than orbits of equal targets.
	st := explore.NewSteps(c.size)
	orbits := func(state string) []string {
		st.Reset()
		c.sys.Next(explore.State(state), st)
		var to []string
		for _, s := range copySteps(st) {
			to = append(to, canonical(s.target))
		}
		slices.Sort(to)
		return slices.Compact(to)
	}
	for _, s := range list {
		rep := canonical(s)
		if again := canonical(rep); again != rep {
			c.t.Errorf("Canonical is not idempotent: %x becomes %x, then %x", s, rep, again)
		}
		if !slices.Equal(orbits(s), orbits(rep)) {
			c.t.Errorf("the steps of %x and of its representative %x lead to different orbits", s, rep)
		}
	}
}
