package model

// Pages that are shown at more than one place: a view of a section, which
// another process can map too (fact 5.21), and an MDL's pages mapped into user
// space by a driver (5.20, 20.18).

// Kinds of ranges of addresses.
const (
	rangePrivate = iota // VirtualAlloc
	rangeView           // a view of a section
	rangeMdl            // an MDL's pages, mapped by the driver
)

// frmView bits.
const (
	viewSection = 1 << iota // the frame is a page of a section
	viewOther               // the other process shows it
)

// mdlUserLazy stands for the user mapping of an MDL where the client is lazy.
const mdlUserLazy = 0xFF

// mapView makes a view of one page of the app's one section.
func mapView(x *exec, in *inst) Value {
	for f := range x.m.poolFrames {
		if x.s[x.m.lay.frames.at(f)+frmView] != 0 {
			x.unsupported(whatAPI) // a second view of the section
			return 0
		}
	}
	a := x.newRange(in, 0)
	if a != 0 && !x.halted {
		r := x.m.lay.ranges.at(a.Slot())
		x.s[r+rngKind] = rangeView
		x.s[x.m.lay.frames.at(int(x.s[r+rngFrame])-1)+frmView] = viewSection
	}
	return a
}

func unmapView(x *exec, in *inst) Value {
	a := x.arg(in, 0)
	if a.Class() != ClassVirtual || x.s[x.m.lay.ranges.at(a.Slot())+rngKind] != rangeView {
		put(x.s, x.cb+ctxLast, num(winInvalidParameter))
		return 0
	}
	x.freeRange(a)
	return num(1)
}

// mapLockedPages is MmMapLockedPagesSpecifyCache: a system address, or one in
// the current process, which adds no reference to the frames (5.20).
func mapLockedPages(x *exec, in *inst) (Value, bool) {
	if mode, ok := x.arg(in, 1).small(); ok && mode == 0 {
		return mapMdl(x, in)
	}
	return x.mapUserPages(in), true
}

func (x *exec) mapUserPages(in *inst) Value {
	b := x.mdlArg(in)
	if b == 0 {
		return 0
	}
	switch {
	case !x.m.isThread(x.ctx):
		x.violate(invContext, CodeCorrupt)
	case x.s[x.cb+ctxIrql] >= irqlDispatch:
		x.violate(invIrql, CodeIrql)
	case x.s[b+mdlLocks] == 0:
		x.violate(invHitsLocked, CodeCorrupt)
	case !x.guarded():
		x.violate(invInitialised, CodeRaise)
	case x.s[b+mdlUser] != 0:
		x.unsupported(whatAPI) // a second user mapping of one MDL
	case x.fails():
		x.raise(statusInsufficient)
	case x.m.cfg.App == nil:
		x.s[b+mdlUser] = mdlUserLazy
		return ref(ClassSystem, systemUserMap, 0, 0)
	default:
		return x.mapForUser(b)
	}
	return 0
}

// mapForUser shows the pages of the MDL at b in the lowest free range.
func (x *exec) mapForUser(b int) Value {
	for r := range x.m.lay.ranges.n {
		at := x.m.lay.ranges.at(r)
		if x.s[at+rngUsed] == 0 {
			x.s[at+rngUsed], x.s[at+rngKind], x.s[at+rngFrame] = 1, rangeMdl, x.s[b+mdlFrame]
			x.s[b+mdlUser] = byte(r + 1)
			return ref(ClassVirtual, r, 0, 0)
		}
	}
	x.capacity(boundRanges)
	return 0
}

// unmapLockedPages is MmUnmapLockedPages: of a system address, or of one in the
// process in which it was made.
func (x *exec) unmapLockedPages(in *inst) Value {
	a, mdl := x.arg(in, 0), x.arg(in, 1)
	if mdl.Class() != ClassMdl {
		x.badAddress(mdl)
		return 0
	}
	if !x.liveMdl(mdl) {
		return 0
	}
	b := x.mdl(mdl.Slot())
	system := a.Class() == ClassMap
	switch {
	case system && x.s[b+mdlMapped] == 0, !system && x.s[b+mdlUser] == 0:
		x.violate(invPteBalance, CodePtes)
	case system:
		x.s[b+mdlMapped] = 0
	case !x.m.isThread(x.ctx):
		x.violate(invContext, CodeCorrupt)
	default:
		if r := int(x.s[b+mdlUser]); r != mdlUserLazy {
			at := x.m.lay.ranges.at(r - 1)
			clear(x.s[at : at+rngSize])
		}
		x.s[b+mdlUser] = 0
	}
	return 0
}
