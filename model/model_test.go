package model_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/explore/systemtest"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

const examples = "../cmd/ownercheck/examples"

// queueDriver uses what the examples do not: a cancel-safe queue, a system thread,
// work items, a remove lock.
const queueDriver = "../../../model/testdata/queue.c"

func load(t testing.TB, file string) *program.Program {
	t.Helper()
	p, err := csource.Load([]string{filepath.Join(examples, file)}, csource.Options{Side: program.Driver, ReadFile: os.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func build(t testing.TB, file string, change func(*model.Config)) *model.Model {
	t.Helper()
	cfg := model.Config{Driver: load(t, file), Bounds: model.QuickBounds(), Reduce: model.AllReductions(), Actions: model.AllActions()}
	cfg.Bounds.Failures = 0
	if change != nil {
		change(&cfg)
	}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func run(t testing.TB, m *model.Model, c explore.Config) explore.Report {
	t.Helper()
	c.System = m
	for {
		r, err := explore.Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Refine() {
			return r
		}
	}
}

// semaphores is one whose thread waits on a semaphore.
const semaphores = "../../../model/testdata/semaphore.c"

// records is one that keeps records with timers for several files.
const records = "../../../model/testdata/records.c"

// files is a driver of READ and WRITE with CLEANUP and CLOSE.
const files = "../../../model/testdata/files.c"

func TestModelKeepsTheContractOfASystem(t *testing.T) {
	for _, f := range []string{"wait_event.c", "wait_event_racy.c", queueDriver, files, records} {
		t.Run(f, func(t *testing.T) { systemtest.Run(t, build(t, f, nil)) })
	}
}

func TestEveryStepSaysWhatItEncodes(t *testing.T) {
	names, facts, texts, whys, movers := model.StepTables()
	seen := map[string]bool{}
	for i, n := range names {
		if seen[n] {
			t.Errorf("two steps %s", n)
		}
		seen[n] = true
		if strings.HasSuffix(n, ".") {
			t.Errorf("step %d has no name: the table and its constants differ", i)
		}
		if facts[i] == "" || texts[i] == "" {
			t.Errorf("%s: no fact or no text", n)
		}
		if movers[i] != (whys[i] != "") {
			t.Errorf("%s: mover %v, why %q", n, movers[i], whys[i])
		}
	}
}

// A mover must commute with every step of every other context, in every state
// of a small scope. It is tried on single steps: without any reduction.
func TestDeclaredMoversCommute(t *testing.T) {
	for _, f := range []string{"wait_event.c", queueDriver, files, semaphores} {
		t.Run(f, func(t *testing.T) {
			declared := build(t, f, nil)
			run(t, declared, explore.Config{}) // learns what is protected
			plain := build(t, f, func(c *model.Config) { c.Reduce = model.Reductions{Dead: true} })
			c := commuter{t: t, declared: declared, plain: plain, a: explore.NewSteps(plain.Size()), b: explore.NewSteps(plain.Size())}
			limit := uint64(0)
			switch {
			case testing.Short():
				limit = 8000
			case f == queueDriver, f == files:
				limit = 100_000
			}
			r := run(t, plain, explore.Config{MaxStates: limit, Workers: 1, Properties: []explore.Property{{Name: "commutes", Kind: explore.Always,
				State: func(s explore.State) bool { c.check(s); return true }}}})
			t.Logf("%d states, %d pairs commuted", r.Distinct, c.pairs)
			if c.pairs < 1000 {
				t.Errorf("only %d pairs were tried", c.pairs)
			}
		})
	}
}

type commuter struct {
	t               *testing.T
	declared, plain *model.Model
	a, b            *explore.Steps
	pairs, wrong    int
}

// check commutes the mover that each context is about to run with every step of
// the others.
func (c *commuter) check(s explore.State) {
	if model.Stopped(s) || c.wrong > 5 {
		return
	}
	steps := c.next(s)
	for _, first := range steps {
		mv := ""
		if int(first.Actor) < c.plain.Contexts() && first.Kind < model.KindInit {
			mv = c.declared.Moves(s, int(first.Actor))
		}
		if mv != "both" || c.declared.KindName(first.Kind) == "runs on at issue.A3" {
			// A3 looks at the handle; in the reduced run it is in the very step that
			// issues the request, which has looked already.
			continue
		}
		for _, second := range steps {
			if second.Actor != first.Actor && second.Kind != model.KindQuiet && c.declared.KindName(second.Kind) != "runs on at issue.A3" {
				c.pair(s, first, second)
			}
		}
	}
}

func (c *commuter) next(s explore.State) []explore.Action {
	c.a.Reset()
	c.plain.Next(s, c.a)
	var out []explore.Action
	for i := range c.a.Len() {
		a, _, _ := c.a.At(i)
		out = append(out, a)
	}
	return out
}

// after gives the state that action a leads to, nil if it is not enabled.
func (c *commuter) after(s explore.State, a explore.Action) explore.State {
	if s == nil || model.Stopped(s) {
		return s
	}
	c.b.Reset()
	c.plain.Next(s, c.b)
	for i := range c.b.Len() {
		if b, target, _ := c.b.At(i); b == a {
			return bytes.Clone(target)
		}
	}
	return nil
}

// same says whether two states differ in nothing but the numbers of what cannot be
// told apart: a request that was freed leaves its slot to the next one.
func (c *commuter) same(one, two explore.State) bool {
	if one == nil || two == nil {
		return one == nil && two == nil
	}
	one, two = c.plain.WithoutStale(one), c.plain.WithoutStale(two)
	if bytes.Equal(one, two) {
		return true
	}
	orbit, _ := c.plain.Orbit(one)
	return slices.ContainsFunc(orbit, func(s []byte) bool { return bytes.Equal(s, two) })
}

// goOn takes the movers that context who is about to run.
func (c *commuter) goOn(s explore.State, who uint8) explore.State {
	for s != nil && !model.Stopped(s) && c.declared.Moves(s, int(who)) == "both" {
		var a explore.Action
		for _, b := range c.next(s) {
			if b.Actor == who && b.Kind < model.KindInit {
				a = b
			}
		}
		s = c.after(s, a)
	}
	return s
}

func (c *commuter) pair(s explore.State, mover, other explore.Action) {
	c.pairs++
	one := c.after(c.after(s, mover), other)
	two := c.after(c.after(s, other), mover)
	if one != nil && two != nil && (model.Stopped(one) || model.Stopped(two)) {
		return // a violation, which is reported whatever the order
	}
	if one == nil && c.same(c.goOn(two, other.Actor), c.goOn(c.after(s, mover), other.Actor)) {
		return // what comes first does so in vain, and cannot come second
	}
	if !c.same(one, two) && !c.same(c.goOn(one, mover.Actor), c.goOn(two, mover.Actor)) {
		c.wrong++
		m, _, _ := c.plain.Tell(s, mover)
		o, _, _ := c.plain.Tell(s, other)
		c.t.Errorf("%+v and %+v do not commute:\n%v\n%v", mover, other, m, o)
	}
}
