// Package bench holds the reference system on which the engine is measured, and
// its benchmarks.
package bench

import (
	"fmt"

	"github.com/ownercheck/ownercheck/explore"
)

// Kinds of action of a request, in the order of its rules.
const (
	Issue uint16 = iota
	Realloc
	Free
	Dispatch
	Cancel
	Take
	Abort
	Map
	Write
	Complete
	Unlock
	APC
)

var kinds = [...]string{"issue", "realloc", "free", "dispatch", "cancel", "take",
	"abort", "map", "write", "complete", "unlock", "apc"}

// A request is one byte of a state: the phase in the lower three bits, then five flags.
type request byte

// Phases of a request.
const (
	idle request = iota
	locked
	queued
	device
	written
	completing
	unlocked
	phases request = 7
)

const (
	pended request = 8 << iota // dispatch has returned pending
	cancel                     // cancellation has been asked for
	mapped                     // the driver holds a system address for the pages
	freed                      // the application has unmapped its view of the pages
	pinned                     // the pages are locked; the lock count is never above one
)

func (r request) phase() request { return r & phases }

func (r request) in(phase request) request { return r&^phases | phase }

// A move is one rule applied to one request.
type move struct {
	kind uint16
	to   request
}

// moves lists the rules that a request can take, in order.
func (r request) moves() (list []move) {
	may := func(guard bool, kind uint16, to request) {
		if guard {
			list = append(list, move{kind, to})
		}
	}
	phase := r.phase()
	may(phase == idle && r&freed == 0, Issue, r.in(locked)|pinned)
	may(phase == idle && r&freed != 0, Realloc, r&^freed)
	may(r&freed == 0, Free, r|freed)
	may(phase == locked, Dispatch, r.in(queued)|pended)
	may((phase == locked || phase == queued) && r&cancel == 0, Cancel, r|cancel)
	may(phase == queued, Take, r.in(device))
	may(phase == queued && r&cancel != 0, Abort, r.in(completing))
	may(phase == device && r&mapped == 0, Map, r|mapped)
	may(phase == device && r&mapped != 0, Write, r.in(written))
	may(phase == written, Complete, r.in(completing))
	may(phase == completing, Unlock, r.in(unlocked)&^(pinned|mapped|pended))
	may(phase == unlocked, APC, r.in(idle)&^cancel)
	return list
}

// A Handoff is a system of independent direct-I/O requests, each of which goes
// through a life cycle of 32 states: locked pages, a driver that maps and writes
// them, a cancellation, an application that frees them meanwhile. With R
// requests it has 32^R states and 54*R*32^(R-1) steps, so every count of a
// checker can be told right from wrong at any size.
//
// A state has one byte a request.
type Handoff struct {
	requests int
	moves    [256][]move
}

// NewHandoff returns the system of so many requests, 1 to 8.
func NewHandoff(requests int) (*Handoff, error) {
	if requests < 1 || requests > 8 {
		return nil, fmt.Errorf("bench: %d requests: must be 1 to 8", requests)
	}
	h := &Handoff{requests: requests}
	for r := range h.moves {
		h.moves[r] = request(r).moves()
	}
	return h, nil
}

// Counts returns what a complete exploration must find, by construction: the
// states, the steps, and the depth, which is that of the last request to reach
// its farthest state.
func (h *Handoff) Counts() (states, steps uint64, depth int) {
	r := uint64(h.requests)
	return 1 << (5 * r), 54 * r << (5 * (r - 1)), 8 * h.requests
}

// Size implements explore.System.
func (h *Handoff) Size() int { return h.requests }

// Init implements explore.System: all requests are idle.
func (h *Handoff) Init(steps *explore.Steps) { steps.Push(explore.Action{}, nil) }

// Next implements explore.System.
func (h *Handoff) Next(s explore.State, steps *explore.Steps) {
	for i, r := range s {
		for _, m := range h.moves[r] {
			t := steps.Push(explore.Action{Kind: m.kind, Actor: uint8(i)}, s)
			t[i] = byte(m.to)
		}
	}
}

// Properties returns the two invariants.
func (h *Handoff) Properties() []explore.Property {
	return []explore.Property{
		{Name: "pinned while the driver may write", Kind: explore.Always, State: h.everyRequest(request.pinnedInUse)},
		{Name: "no system address without a pin", Kind: explore.Always, State: h.everyRequest(request.pinnedIfMapped)},
	}
}

func (r request) pinnedInUse() bool {
	return r.phase() < locked || r.phase() > completing || r&pinned != 0
}

func (r request) pinnedIfMapped() bool { return r&mapped == 0 || r&pinned != 0 }

// everyRequest makes a predicate on requests one on states.
func (h *Handoff) everyRequest(holds func(request) bool) func(explore.State) bool {
	var table [256]bool
	for r := range table {
		table[r] = holds(request(r))
	}
	return func(s explore.State) bool {
		for _, r := range s {
			if !table[r] {
				return false
			}
		}
		return true
	}
}

// Name returns the name of an action.
func Name(a explore.Action) string {
	return fmt.Sprintf("%s %d", kinds[a.Kind], a.Actor)
}

// KindName returns the name of a kind of action.
func KindName(kind uint16) string { return kinds[kind] }

// Remaining is a priority for a best-first search: how many phases the requests
// have before them until they are unlocked, all together.
func (h *Handoff) Remaining(s explore.State) int {
	n := 0
	for _, r := range s {
		n += int(unlocked - request(r).phase())
	}
	return n
}
