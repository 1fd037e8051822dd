package model

import "github.com/ownercheck/ownercheck/explore"

// A step that chose too often is cut (maxChoices), though its section goes on: it
// would stop neither for the operation that comes next nor for one after it. What
// is left of it runs alone, as it would have without the cut, so that a loop over
// unknown values is one section however many steps it takes. Only so often in a
// row: a loop that has no end would keep all others from ever running.

// maxCuts is how many cuts in a row leave a section alone.
const maxCuts = 200

// Bits of hdrCutDone.
const (
	cutCommitted = 1 // the section has made its one operation that commutes with nothing
	cutIssued    = 2 // a request entered its list in it
	cutAsked     = 4 // A0 has chosen a request in it
)

// cut ends the step of the running context, before an operation that moves as mv.
func (x *exec) cut(committed bool) bool {
	goes := x.goesOn(committed)
	x.tidy()
	if goes && x.m.cfg.Reduce.Movers && x.cuts < maxCuts {
		x.s[hdrCut] = byte(x.ctx + 1)
		x.s[hdrCuts] = x.cuts + 1
		if x.issued != 0 {
			x.s[hdrCutDone] |= cutIssued
		}
		if x.asked {
			x.s[hdrCutDone] |= cutAsked
		}
		if committed {
			x.s[hdrCutDone] |= cutCommitted
		}
	}
	return true
}

// goesOn says whether a section would run the next operation.
func (x *exec) goesOn(committed bool) bool {
	o := x.look()
	return o.ready && !x.stopsBefore(o.mv, committed) && !x.couldTell(o.mv)
}

// pushCut pushes the rest of a section that was cut, alone.
func (x *exec) pushCut(s []byte, out *explore.Steps) bool {
	c := int(s[hdrCut]) - 1
	if c < 0 {
		return false
	}
	cb := x.m.lay.ctxs.at(c)
	pc := u16(s, cb+ctxStack+4*(int(s[cb+ctxBase])-1)+framePC)
	return x.push1(s, out, explore.Action{Kind: uint16(pc), Actor: uint8(c)})
}

// resume takes the mark of a cut away and says how far its section was.
func (x *exec) resume() (committed bool) {
	committed = x.s[hdrCutDone]&cutCommitted != 0
	x.asked = x.s[hdrCutDone]&cutAsked != 0
	x.cuts = x.s[hdrCuts]
	if x.s[hdrCutDone]&cutIssued != 0 {
		x.issued = anyRequest
	}
	x.s[hdrCut], x.s[hdrCutDone], x.s[hdrCuts] = 0, 0, 0
	return committed
}
