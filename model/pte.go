package model

// System addresses of MDLs (5.14, 5.15). Each mapped MDL of the model's one page
// uses one system page table entry; how many are used is how many MDLs are
// mapped, so that an entry is released exactly when its mapping ends (5.16).

// Mapping an MDL that somebody else may map at the same time. k0 names the MDL.
const mapReserve = 0

func mapSteps() []step {
	return []step{
		mapReserve: {name: "V1", fact: "5.14, 5.15", text: "the MDL had no system address: reserve system PTEs and map it", run: (*exec).stepMapReserve},
	}
}

// mapMdl gives the one system address of an MDL; the first call may fail
// (5.14, 20.21, 22.8). Nothing keeps two first calls apart but the caller: where
// others can reach the MDL, the test and the mapping are two actions.
func mapMdl(x *exec, in *inst) (Value, bool) {
	a := x.arg(in, 0)
	if a == 0 && x.m.cfg.Knobs.NullMdlReturns {
		return 0, true
	}
	b := x.mdlArg(in)
	switch {
	case b == 0:
		return 0, true
	case x.s[b+mdlMapped] != 0:
	case mdlMover(x, in) != moverBoth:
		x.pushKernel(tableMap, a)
		return 0, false
	case !x.reserve(b):
		return 0, true
	}
	return ref(ClassMap, a.Slot(), a.inc(), 0), true
}

// reserve maps the MDL at b; false if that fails or ends the path.
func (x *exec) reserve(b int) bool {
	switch {
	case x.s[b+mdlMapped] != 0:
		x.violate(invPteBalance, CodePteLost) // the other mapping is never released
		return false
	case x.s[b+mdlLocks] == 0:
		x.violate(invHitsLocked, CodeCorrupt)
		return false
	case x.m.ptesUsed(x.s) >= x.m.cfg.Bounds.PTEs || x.fails():
		x.notes |= NoteMapFails
		return false
	}
	x.s[b+mdlMapped] = 1
	return true
}

func (x *exec) stepMapReserve() {
	a := x.reg(k0)
	x.at = u16(x.s, x.cb+ctxStack+4*(int(x.s[x.base+framePrev])-1)+framePC) // what is wrong is wrong with the call
	if !x.liveMdl(a) {
		return
	}
	v := Value(0)
	if x.reserve(x.mdl(a.Slot())) {
		v = ref(ClassMap, a.Slot(), a.inc(), 0)
	}
	if !x.halted {
		x.kernelReturn(v)
	}
}

// ptesUsed counts the system page table entries that are reserved.
func (m *Model) ptesUsed(s []byte) int {
	n := 0
	for i := range m.lay.mdls.n {
		if s[m.lay.mdls.at(i)+mdlMapped] != 0 {
			n++
		}
	}
	return n
}

// PTEBound is how many system page table entries there are.
func (v View) PTEBound() int { return v.m.cfg.Bounds.PTEs }

// PTEs is how many of them are in use.
func (v View) PTEs() int { return v.m.ptesUsed(v.s) }
