package model_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// What Dead, Late and Cells take out of the states nobody can tell: with them and without
// there are as many classes of states that can do the same, now and ever after. (Where
// a forgotten reference was what kept an operation from moving, there can be fewer.)
func TestForgettingKeepsTheQuotient(t *testing.T) {
	if testing.Short() {
		t.Skip("one worker, 30,000 states")
	}
	for _, f := range []string{"wait_event.c", queueDriver, files} {
		t.Run(f, func(t *testing.T) {
			forgets := explored(t, f, model.AllReductions())
			r := model.AllReductions()
			r.Dead, r.Late, r.Cells = false, false, false
			keeps := explored(t, f, r)
			n, want := forgets.classes(), keeps.classes()
			t.Logf("%d states with, %d without; %d classes", len(forgets.states), len(keeps.states), want)
			if n != want {
				t.Errorf("%d classes of states, without forgetting %d", n, want)
			}
			if len(forgets.states) > len(keeps.states) || f == queueDriver && len(forgets.states) == len(keeps.states) {
				t.Errorf("%d states, without forgetting %d", len(forgets.states), len(keeps.states))
			}
		})
	}
}

// lts is a reduced state space with the kinds of its steps.
type lts struct {
	states []explore.State
	steps  [][]lstep
}

type lstep struct {
	kind uint16
	to   int
}

func explored(t *testing.T, file string, reduce model.Reductions) *lts {
	m := build(t, file, func(c *model.Config) {
		c.Reduce = reduce
		if file != queueDriver {
			c.Bounds.Requests, c.Bounds.Issuers = 2, 2
		}
	})
	m.Watch(model.NoteStopped, false)
	var l *lts
	var ids map[string]int
	var targets [][]string
	see := func(s explore.State) bool {
		ids[string(s)] = len(l.states)
		l.states = append(l.states, slices.Clone(s))
		l.steps, targets = append(l.steps, nil), append(targets, nil)
		return true
	}
	step := func(_ explore.State, a explore.Action, to explore.State, _ uint64) bool {
		to = slices.Clone(to)
		m.Canonical(to)
		i := len(l.states) - 1
		l.steps[i], targets[i] = append(l.steps[i], lstep{kind: a.Kind}), append(targets[i], string(to))
		return true
	}
	for again := true; again; again = m.Refine() {
		l, ids, targets = &lts{}, map[string]int{}, nil
		_, err := explore.Run(t.Context(), explore.Config{System: m, Workers: 1, Symmetry: true, PartialOrder: true,
			Properties: []explore.Property{{Name: "states", Kind: explore.Always, State: see}, {Name: "steps", Kind: explore.Step, Step: step}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range targets {
		for k, to := range targets[i] {
			id, ok := ids[to]
			if !ok {
				t.Fatal("a step leads to a state that was not explored")
			}
			l.steps[i][k].to = id
		}
	}
	return l
}

// classes counts the classes of the coarsest bisimulation: findings are apart, and two
// states of a class have steps of the same kinds to the same classes.
func (l *lts) classes() int {
	class := make([]uint64, len(l.states))
	for i, s := range l.states {
		if model.Stopped(s) {
			class[i] = xxhash.Sum64(s)
		}
	}
	for n := 0; ; {
		if now := len(slices.Compact(slices.Sorted(slices.Values(class)))); now == n {
			return n
		} else {
			n = now
		}
		next := make([]uint64, len(class))
		for i, steps := range l.steps {
			ways := make([]uint64, len(steps))
			for k, s := range steps {
				ways[k] = xxhash.Sum64(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint16(nil, s.kind), class[s.to]))
			}
			slices.Sort(ways)
			b := binary.LittleEndian.AppendUint64(nil, class[i])
			for _, w := range slices.Compact(ways) {
				b = binary.LittleEndian.AppendUint64(b, w)
			}
			next[i] = xxhash.Sum64(b)
		}
		class = next
	}
}
