package model

import "bytes"

// What properties about buffers and pages read, beside view.go.

// BlockCaller is how many bytes of the system buffer came from the caller.
func (r Request) BlockCaller() int {
	k := r.byte(irpBlock) - 1
	if k < 0 {
		return 0
	}
	return u16(r.v.s, r.v.m.lay.sysbufs.at(k)+blkCaller)
}

// HasInput says whether the caller gave an input buffer: a pointer and a length.
func (r Request) HasInput() bool {
	return val(r.v.s, r.b+irpIn) != 0 && r.InLen() > 0
}

// WantsWrite says whether the method lets the driver store into the second
// buffer, so that its pages are locked for write.
func (r Request) WantsWrite() bool { return r.byte(irpMethod) == methodOut }

// LockedForWrite says whether the request's MDL is locked for write.
func (r Request) LockedForWrite() bool {
	k := r.byte(irpMdl) - 1
	return k >= 0 && r.v.s[r.v.m.lay.mdls.at(k)+mdlWrite] != 0
}

// FrameKind says what a frame is used for.
type FrameKind uint8

// Kinds of frames.
const (
	FrameVirtual FrameKind = iota // VirtualAlloc memory, or nothing
	FrameStack                    // a thread's stack
	FrameHeap                     // the heap, and static variables
)

// Kind says what the frame is used for.
func (f Frame) Kind() FrameKind {
	switch m := f.v.m; {
	case f.slot < m.poolFrames:
		return FrameVirtual
	case f.slot < m.poolFrames+m.threads:
		return FrameStack
	}
	return FrameHeap
}

// Mapped says whether a page of some process shows the frame.
func (f Frame) Mapped() bool { return f.Share() > 0 }

// Limbo says whether the frame is on no list and in no use: unmapped, and held
// by a lock.
func (f Frame) Limbo() bool { return f.v.s[f.b+frmList] == listLimbo }

// SameRegions says whether the app's memory is laid out the same in two states:
// which ranges of addresses, heap blocks and stacks there are, and which frame
// is behind each range.
func (v View) SameRegions(w View) bool {
	l := &v.m.lay
	if !bytes.Equal(v.s[l.ranges.off:l.ranges.at(l.ranges.n)], w.s[l.ranges.off:l.ranges.at(l.ranges.n)]) {
		return false
	}
	for i := range l.heaps.n {
		if b := l.heaps.at(i); v.s[b+heapUsed] != w.s[b+heapUsed] {
			return false
		}
	}
	for t := range v.m.threads {
		if b := l.ctxs.at(t); v.s[b+ctxAlive] != w.s[b+ctxAlive] {
			return false
		}
	}
	return true
}

// DriverGlobal reads a scalar static variable of the driver by name.
func (v View) DriverGlobal(name string) (n int64, ok bool) {
	c := v.m.globals.layout.CellNamed(name)
	if c < 0 {
		return 0, false
	}
	return v.m.number(val(v.s, v.m.lay.globals+4*c))
}

// OtherProcess says whether the second process shows the frame in its own space.
func (f Frame) OtherProcess() bool {
	return f.v.s[f.b+frmView]&viewOther != 0
}

// Ranges is the number of ranges of addresses that the app can have.
func (v View) Ranges() int { return v.m.lay.ranges.n }

// RangeFrame is the frame behind range i; ok is false where there is no range.
func (v View) RangeFrame(i int) (f Frame, ok bool) {
	b := v.m.lay.ranges.at(i)
	if v.s[b+rngUsed] == 0 {
		return Frame{}, false
	}
	return v.Frame(int(v.s[b+rngFrame]) - 1), true
}

// RangeShowsMDL says whether range i shows an MDL's pages, mapped by the driver.
func (v View) RangeShowsMDL(i int) bool {
	b := v.m.lay.ranges.at(i)
	return v.s[b+rngUsed] != 0 && v.s[b+rngKind] == rangeMdl
}

// StatusBlock says which halves of the request's status block hold what the
// request ended with. ok is false where the app has given it up, or shows no
// such memory.
func (r Request) StatusBlock() (status, info, ok bool) {
	over := val(r.v.s, r.b+irpOver)
	if over == 0 || r.byte(irpGone)&goneOver != 0 {
		return false, false, false
	}
	x := exec{m: r.v.m, s: r.v.s}
	s, i := x.userPlace(over, 8), x.userPlace(over.plus(8), 8)
	if s.off == 0 || i.off == 0 || !x.mapped(over) {
		return false, false, false
	}
	return val(r.v.s, s.off) == val(r.v.s, r.b+irpStatus), val(r.v.s, i.off) == val(r.v.s, r.b+irpInfo), true
}
