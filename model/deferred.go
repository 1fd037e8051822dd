package model

// Deferred completion (12b): a READ or WRITE that was not marked pending is
// finished by its issuer, not by the APC. Whether the APC is queued is decided
// by the mark (D2), whether the issuer runs stage two by what dispatch returned
// (D3, D4). Where they do not agree, stage two never runs, or runs twice: that is
// why a slip that an I/O control request survives is fatal here (12.23 to 12.25).

// leftToIssuer is C6 and D2: no APC for a READ or WRITE without the mark.
func (x *exec) leftToIssuer(b int) bool {
	if !x.readWrite(b) || x.s[b+irpPendRet] != 0 {
		return false
	}
	x.s[b+irpPhase] = phaseDeferred
	return true
}

// afterDispatch chooses between D3 and D4 for a request that returned status. An
// issuer that waits does so after D4 only (12.27).
func (x *exec) afterDispatch(status Value) {
	deferred := x.reg(k1)&freedDeferred != 0
	if irp := x.reg(k0); x.reg(k1) == 0 && !irp.stale() {
		deferred = x.readWrite(x.irp(irp.Slot()))
	}
	if deferred && status != num(ntPending) {
		x.jump(tableIssue, issueD3)
		return
	}
	x.jump(tableIssue, issueWait)
}

// driverHasIt: the issuer runs stage two of a request that was not completed.
func (x *exec) driverHasIt() bool {
	irp := x.reg(k0)
	return !irp.stale() && x.s[x.irp(irp.Slot())+irpPhase] == phaseDriver
}

// stepD3 runs stage two in the issuer, raised to APC_LEVEL. A request that was
// marked has an APC, too: that one frees it as well (12.24).
func (x *exec) stepD3() {
	irp := x.reg(k0)
	b := x.irp(irp.Slot())
	phase := x.s[b+irpPhase]
	if x.reg(k1) != 0 || irp.stale() || phase != phaseDriver && phase != phaseDeferred {
		x.violate(invSingleCompletion, CodeTwice)
		return
	}
	if x.s[b+irpFlags]&flagFileList != 0 && !x.toldAtOnce(b) {
		x.queuePacket(irp.Slot(), phaseQueued) // stage two waits for the dequeuer (19.5)
		return
	}
	x.beginStageTwo(irp.Slot())
}
