package model

// Who owns a request, as far as it shows. A context that cleared the cancel
// routine, or got the request before anybody else could find it, owns it alone
// (irpOwner). The cancel side owns it from the exchange of X1 on, but until it
// takes the queue's lock others may still look at the request under that lock: it
// is in the queue, and cannot go away (3.7, 3.8).

// Values of irpClaimed, for a request whose exchange the cancel side has won.
const (
	claimTaken    = 1 // it has taken no lock since
	claimShared   = 2 // another context thought that it was the owner, too
	claimHeld     = 3 // it has taken a lock: whoever looks at the request now is wrong
	claimIntruded = 4 // another context has touched the request under a lock

	// claimUse marks a request that belongs to nobody in particular and that the
	// owner uses without a lock, for nobody else could find it: so it is until the
	// owner next does what others could notice. If another context uses it
	// meanwhile, the assumption was wrong.
	claimUse = 8
	// claimExchange marks one that its owner has because it took the cancel routine
	// away. It is so until the owner hands it on or leaves the driver; if another
	// context uses it before, ownership is not kept so, and use protects it.
	claimExchange = 16

	claimDriver = claimUse | claimExchange
)

// mayUse says whether the running context may take a request that has no owner for
// its own while it uses it: nobody can cancel it or find it, and no lock is held that
// says more.
func (x *exec) mayUse(i int) bool {
	b := x.irp(i)
	return x.m.cfg.Reduce.Movers && !x.boot && !x.m.assume.useOpen && x.ctx >= 0 && x.held() == 0 &&
		u16(x.s, b+irpRoutine) == 0 && x.s[b+irpPhase] == phaseDriver && !x.foundElsewhere(i)
}

// foundElsewhere says whether driver code in another context can come by request i:
// where its variables, the driver's memory or another request lead to it. What is left
// in a block that only the running context knows leads nobody to it.
func (x *exec) foundElsewhere(i int) bool {
	m, own := x.m, x.irp(i)
	for _, w := range m.words {
		if (w.off < own || w.off >= own+irpSize) && x.leadsTo(i, w.off, w.end) && !x.inOwnBlock(w.off) {
			return true
		}
	}
	for c := range m.lay.ctxs.n {
		if c == x.ctx {
			continue
		}
		for base, end := range frames(x.s, m.lay.ctxs.at(c)) {
			pc := u16(x.s, base+framePC)
			if (pc < m.kernelCode || m.callsBack(pc)) && x.leadsTo(i, base+frameRegs, end) {
				return true
			}
		}
	}
	return false
}

// leadsTo says whether one of the Values from off to end is a reference to request i
// or to what lives as long.
func (x *exec) leadsTo(i, off, end int) bool {
	for off := range rowRefs(x.s, off, end) {
		v := val(x.s, off)
		if v.stale() {
			continue
		}
		switch v.Class() {
		case ClassIrp, ClassStackLoc, ClassBlock:
			if v.Slot()%maxSlots == i {
				return true
			}
		case ClassMdl, ClassMap:
			if int(x.s[x.mdl(v.Slot())+mdlIrp]) == i+1 {
				return true
			}
		}
	}
	return false
}

// inOwnBlock says whether the word at off is in a pool block of the driver that nobody
// but the running context knows.
func (x *exec) inOwnBlock(off int) bool {
	n := x.m.blockAt(off)
	return n >= 0 && !x.namedElsewhere(ref(ClassRecord, n, 0, 0))
}

// owns says whether the running context is the owner of the request at b.
func (x *exec) owns(b int) bool { return int(x.s[b+irpOwner]) == x.ctx+1 }

// disown takes the request at b from its owner.
func (x *exec) disown(b int) {
	x.s[b+irpOwner] = 0
	x.s[b+irpClaimed] &^= claimDriver
}

// usesNoMore ends what the running context uses alone; leavesDriver all that it has.
func (x *exec) usesNoMore()   { x.givesUp(claimUse) }
func (x *exec) leavesDriver() { x.givesUp(claimDriver) }

func (x *exec) givesUp(claims byte) {
	for i := range x.m.lay.irps.n {
		if b := x.irp(i); x.s[b+irpClaimed]&claims != 0 && x.owns(b) {
			x.disown(b)
		}
	}
}

// touch is a way to touch a request.
type touch uint8

const (
	touchReads  touch = iota
	touchWrites       // or hands it on
	touchSystem       // reads what the system wrote for the cancel side
	touchFree         // what the cancel protocol itself does (3.6 to 3.8)
)

// touchIrp is touches for an access that writes; free marks those of the cancel
// protocol.
func (x *exec) touchIrp(a Value, free bool) bool {
	if free {
		return x.touches(a, touchFree)
	}
	return x.touches(a, touchWrites)
}

// touches judges an access of driver code to what lives as long as request a
// does: INV03 once it was handed to IoCompleteRequest, INV02 for the cancel side
// when another context thought it the owner too. A cancel routine may leave the
// request to somebody else, and then touches it no more (3.12); if it does, both
// thought that it was theirs.
func (x *exec) touches(a Value, how touch) bool {
	b := x.irp(a.Slot())
	if a.stale() {
		x.violate(invNoTouch, CodeUAF)
		return false
	}
	if x.s[b+irpPhase] >= phaseStage1 {
		x.notes |= NoteTouch
		return true
	}
	owner, claim := int(x.s[b+irpOwner]), x.s[b+irpClaimed]
	switch {
	case owner != 0 && owner != x.ctx+1 && claim&claimUse != 0:
		x.m.learn.useBroken.Store(true)
		x.watch(x.m.classIrp, x.m.classIrp)
	case how == touchFree:
	case owner == 0 && x.mayUse(a.Slot()):
		x.s[b+irpOwner] = byte(x.ctx + 1)
		x.s[b+irpClaimed] |= claimUse
	case owner == 0:
		x.watch(x.m.classIrp, x.m.classIrp)
	case owner != x.ctx+1:
		x.intrudes(b)
	case claim == claimShared, claim == claimIntruded && how == touchWrites:
		x.notes |= NoteOwner
	case (claim == claimTaken || claim == claimIntruded) && how != touchSystem:
		x.watch(x.m.classIrp, x.m.classIrp)
	}
	return true
}

// intrudes records an access by a context that is not the owner of the request
// at b. Under a lock it is legal until the cancel side has taken one.
func (x *exec) intrudes(b int) {
	x.watch(x.m.classIrp, x.m.classIrp)
	claim := x.s[b+irpClaimed]
	if claim&claimExchange != 0 {
		x.m.learn.exchangeBroken.Store(true)
		return
	}
	if (claim == claimTaken || claim == claimIntruded) && x.holdsLock() {
		x.m.learn.claimSoft.Store(true)
		x.s[b+irpClaimed] = claimIntruded
		return
	}
	x.m.learn.claimBroken.Store(true)
	if claim != 0 {
		x.s[b+irpClaimed] = claimShared
	}
}

// locksNow is told of each spin lock that the running context takes: what the
// cancel side does from now on comes after whatever others did under that lock.
func (x *exec) locksNow() {
	for i := range x.m.lay.irps.n {
		b := x.irp(i)
		if c := x.s[b+irpClaimed]; x.owns(b) && (c == claimTaken || c == claimIntruded) {
			x.s[b+irpClaimed] = claimHeld
		}
	}
}

// claimed says how an access to request i by the running context moves: alone, it
// commutes with all; where nobody is the owner, under the lock that all take.
func (x *exec) claimed(i int) mover {
	b := x.irp(i)
	owner, claim := int(x.s[b+irpOwner]), x.s[b+irpClaimed]
	switch {
	case !x.m.cfg.Reduce.Movers || x.m.assume.claimOpen:
		return moverNone
	case owner == 0 && x.mayUse(i):
		return moverBoth
	case owner == 0:
		return x.protected(x.m.classIrp)
	case owner != x.ctx+1:
		return moverNone
	case x.m.assume.claimSoft && (claim == claimTaken || claim == claimIntruded):
		return x.protected(x.m.classIrp)
	}
	return moverBoth
}
