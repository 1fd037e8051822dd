package bench

import (
	"encoding/binary"

	"github.com/ownercheck/ownercheck/explore"
)

// An Order is how a Spread lays out the components of its requests.
type Order bool

const (
	// ByRequest puts the components of one request side by side, so that what
	// changes together lies together.
	ByRequest Order = false
	// ByType puts the same component of all requests side by side: a bad order
	// for compression.
	ByType Order = true
)

// components is the number of 8-byte components of a spread request: its
// phase, and its flags but the one for freed and pinned together.
const components = 5

// A Spread is a Handoff whose requests take 40 bytes each, in five components,
// of which a step changes one to four. It stands for systems with wide states;
// its counts are those of the Handoff.
type Spread struct {
	handoff *Handoff
	order   Order
}

// NewSpread returns the spread form of h.
func NewSpread(h *Handoff, order Order) *Spread { return &Spread{h, order} }

// Size implements explore.System.
func (p *Spread) Size() int { return 8 * components * p.handoff.requests }

// Parts implements explore.Parted: a part is one request, or one component.
func (p *Spread) Parts() (ends []int) {
	step := 8 * components
	if p.order == ByType {
		step = 8 * p.handoff.requests
	}
	for end := step; end <= p.Size(); end += step {
		ends = append(ends, end)
	}
	return ends
}

// Init implements explore.System.
func (p *Spread) Init(steps *explore.Steps) { p.handoff.Init(steps) }

// Next implements explore.System.
func (p *Spread) Next(s explore.State, steps *explore.Steps) {
	for i := range p.handoff.requests {
		r := p.request(s, i)
		for _, m := range p.handoff.moves[r] {
			t := steps.Push(explore.Action{Kind: m.kind, Actor: uint8(i)}, s)
			p.setRequest(t, i, m.to)
		}
	}
}

// at returns the place of a component of a request.
func (p *Spread) at(i, component int) int {
	if p.order == ByType {
		return 8 * (component*p.handoff.requests + i)
	}
	return 8 * (i*components + component)
}

func (p *Spread) request(s explore.State, i int) (r request) {
	for c := range components {
		r |= request(s[p.at(i, c)])
	}
	return r
}

func (p *Spread) setRequest(s explore.State, i int, r request) {
	masks := [components]request{phases, pended, cancel, mapped, freed | pinned}
	for c, mask := range masks {
		binary.LittleEndian.PutUint64(s[p.at(i, c):], uint64(r&mask))
	}
}
