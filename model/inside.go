package model

import "github.com/ownercheck/ownercheck/model/program"

// InDriver counts the contexts that are inside a routine of the driver: running
// it, or in a routine of the system that it called.
func (v View) InDriver() int {
	n := 0
	for c := range v.m.lay.ctxs.n {
		cb := v.m.lay.ctxs.at(c)
		if v.s[cb+ctxAlive] == aliveYes && v.inDriver(cb) {
			n++
		}
	}
	return n
}

// inDriver looks at the frames of the context at cb, from the top down.
func (v View) inDriver(cb int) bool {
	for frame := range frames(v.s, cb) {
		if r := v.m.routineAt(u16(v.s, frame+framePC)); r != nil && r.side == program.Driver {
			return true
		}
	}
	return false
}

// Claimed says whether the cancel side has taken the request's cancel routine
// out (X1) and is on its way to the driver.
func (r Request) Claimed() bool { return r.byte(irpClaimed)&^claimDriver != 0 }
