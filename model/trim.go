package model

import "github.com/ownercheck/ownercheck/explore"

// Page trim (5.13, 24.3): the memory manager takes a page out of the working set.
// The address stays valid: the next access faults the same frame in again. Without
// a lock nobody can tell, so only locked pages are trimmed. A trimmed frame whose
// last lock goes is on the modified or the standby list, not free: it still holds
// the app's data. That such a frame is used for something else, after its data went
// to the paging file, is not modelled: the app could not tell that either.

// trims says whether the frame at b can be trimmed.
func trims(s []byte, b int) bool {
	return s[b+frmList] == listActive && s[b+frmShare] == 1 && s[b+frmLocks] != 0 && s[b+frmView] == 0
}

// pushTrim pushes one step for each page that can be trimmed.
func (x *exec) pushTrim(s []byte, out *explore.Steps) {
	m := x.m
	if !m.cfg.Actions.Trim {
		return
	}
	for f := range m.poolFrames {
		if trims(s, m.lay.frames.at(f)) {
			x.push1(s, out, explore.Action{Kind: KindTrim, Actor: uint8(m.lay.ctxs.n), Object: uint8(f)})
		}
	}
}

func (x *exec) trim(f int) {
	b := x.m.lay.frames.at(f)
	x.notes |= NoteTrim
	x.s[b+frmShare]--
	x.s[b+frmList] = listTrimmed
	if x.m.faulty("mm.trim", FaultIgnore) {
		x.s[b+frmList] = listFree
	}
}

// refault brings the page of range r back at an access.
func (x *exec) refault(r int) {
	f := int(x.s[x.m.lay.ranges.at(r)+rngFrame]) - 1
	if f < 0 {
		return
	}
	if b := x.m.lay.frames.at(f); x.s[b+frmList] == listTrimmed {
		x.s[b+frmList] = listActive
		x.s[b+frmShare]++
	}
}

// Trimmed says whether the frame is out of the working set with its data kept.
func (f Frame) Trimmed() bool { return f.v.s[f.b+frmList] == listTrimmed }
