package invariants

import (
	"slices"

	"github.com/ownercheck/ownercheck/model"
)

// A Priority is an order for a Hunt by name. It is a guess about where
// violations are: a bad one costs time, never truth.
type Priority struct {
	Name string
	Text string // what comes first
	Of   func(model.View) int
}

// Priorities lists the named priorities; the first is the default.
func Priorities() []Priority { return priorities[:] }

// PriorityNamed finds one, or returns nil.
func PriorityNamed(name string) *Priority {
	i := slices.IndexFunc(priorities[:], func(p Priority) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &priorities[i]
}

// Of 58 broken twins with two requests, an order that prefers nothing looks
// at more than 300 states until the first violation in 28, cancel in 9.
var priorities = [...]Priority{
	{"cancel", "states in which most requests that are with the driver have been cancelled", func(v model.View) int {
		n := 0
		for i := range v.Requests() {
			r := v.Request(i)
			n += weight(r.WithDriver() && r.Cancelled(), 2) + weight(r.Claimed(), 1)
		}
		return -n
	}},
	{"race", "states in which most contexts are inside the driver while requests are cancelled or completed", func(v model.View) int {
		n := 3 * v.InDriver()
		for i := range v.Requests() {
			r := v.Request(i)
			n += weight(r.Cancelled(), 2) + weight(r.Completed(), 2) + weight(r.Claimed(), 1)
		}
		return -n
	}},
	{"driver", "states in which most contexts are inside the driver", func(v model.View) int { return -v.InDriver() }},
}

func weight(on bool, n int) int {
	if on {
		return n
	}
	return 0
}
