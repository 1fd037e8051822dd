package systemtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
)

// clock is a correct system: hands of n hours, each of which may move. The
// fields make it break one rule each.
type clock struct {
	want  string // part of the complaint
	parts []int
	next  func(c *clock, s explore.State, steps *explore.Steps)
	canon func(s explore.State)
	calls atomic.Int64
	kept  atomic.Pointer[byte]
}

func (c *clock) Size() int                 { return 3 }
func (c *clock) Parts() []int              { return c.parts }
func (c *clock) Init(steps *explore.Steps) { steps.Push(explore.Action{}, nil) }
func (c *clock) Canonical(s explore.State) { c.canon(s) }

func (c *clock) Next(s explore.State, steps *explore.Steps) {
	if c.next != nil {
		c.next(c, s, steps)
		return
	}
	tick(s, steps)
}

func tick(s explore.State, steps *explore.Steps) {
	for i := range s {
		t := steps.Push(explore.Action{Actor: uint8(i)}, s)
		t[i] = (t[i] + 1) % 5
	}
}

func sorted(s explore.State) { slices.Sort(s) }

// A recorder is a testing.TB that keeps the complaints.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestAcceptsCorrectSystem(t *testing.T) {
	Run(t, &clock{parts: []int{1, 3}, canon: sorted})
}

func TestFindsBrokenSystems(t *testing.T) {
	var sink atomic.Pointer[[]byte]
	for _, c := range []*clock{
		{want: "Parts are", parts: []int{2, 1, 3}},
		{want: "Parts are", parts: []int{2}},
		{want: "Next writes to its state", next: func(_ *clock, s explore.State, steps *explore.Steps) {
			tick(s, steps)
			s[1] = 9
		}},
		{want: "Next pushes other steps the second time", next: func(c *clock, s explore.State, steps *explore.Steps) {
			steps.Push(explore.Action{Arg: uint32(c.calls.Add(1))}, s)
		}},
		{want: "Next pushes other steps the second time", next: func(c *clock, s explore.State, steps *explore.Steps) {
			tick(s, steps)
			if p := c.kept.Load(); p != nil && *p > 100 {
				steps.Push(explore.Action{Kind: 1}, s)
			}
			if c.calls.Add(1) == 1 {
				c.kept.Store(&s[0])
			}
		}},
		{want: "two steps have the label", next: func(_ *clock, s explore.State, steps *explore.Steps) {
			tick(s, steps)
			tick(s, steps)
		}},
		{want: "Next allocates", next: func(_ *clock, s explore.State, steps *explore.Steps) {
			kept := append([]byte{1}, s...)
			sink.Store(&kept)
			tick(s, steps)
		}},
		{want: "Canonical is not idempotent", canon: func(s explore.State) { s[0] = (s[0] + 1) % 5 }},
		{want: "different orbits", canon: func(s explore.State) {
			if s[0] > 2 {
				s[0] = 0
			}
		}},
	} {
		if c.parts == nil {
			c.parts = []int{3}
		}
		if c.canon == nil {
			c.canon = func(explore.State) {}
		}
		r := &recorder{TB: t}
		RunStates(r, c, 60)
		if !strings.Contains(strings.Join(r.errors, "\n"), c.want) {
			t.Errorf("want a complaint that %q, got %q", c.want, r.errors)
		}
	}
}
