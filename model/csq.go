package model

import "github.com/ownercheck/ownercheck/model/program"

// Cancel-safe queues (3.15): the library's protocol around the driver's six
// callbacks, as kernel routines that call them. Our _IO_CSQ is the real one.
const (
	csqType     = 0
	csqInsert   = 8
	csqRemove   = 16
	csqPeek     = 24
	csqAcquire  = 32
	csqRelease  = 40
	csqComplete = 48

	typeContext = 1 // IO_TYPE_CSQ_IRP_CONTEXT; also where DriverContext[3] points
	typeCsq     = 2
	typeCsqEx   = 3

	contextType  = 0 // of _IO_CSQ_IRP_CONTEXT
	contextIrp   = 8
	contextQueue = 16
)

// Registers of these routines: k0 is the IRP, then
const (
	csqQueue   = 1
	csqContext = 2 // IO_CSQ_IRP_CONTEXT, or 0
	csqExtra   = 4 // InsertContext, PeekContext
	csqIrql    = 5 // where the acquire callback stores the old level
	csqStatus  = 6
	csqWords   = 7
)

// csqRoutine stands for the library's cancel routine where a routine's number
// plus 1 is stored.
const csqRoutine = 0xFFFF

const (
	insertQ1 = iota
	insertQ2
	insertQ3
	insertQ4
	insertQ5
	insertQ6
	insertQ7
	insertQ8
	insertQ9
)

const (
	fixed   = "the callbacks are those of IoCsqInitialize, for ever; the driver's own nodes are apart"
	callers = "the caller's own frame"
)

func csqInsertSteps() []step {
	return []step{
		insertQ1: {name: "Q1", fact: "3.15", text: "store the queue in DriverContext[3]; mark the IRP pending", run: (*exec).stepQ1},
		insertQ2: {name: "Q2", fact: "3.15", text: "call CsqAcquireLock", mover: true, why: fixed, run: (*exec).callAcquire},
		insertQ3: {name: "Q3", fact: "3.15", text: "call CsqInsertIrp", mover: true, why: fixed, run: (*exec).stepQ3},
		insertQ4: {name: "Q4", fact: "3.15, 3.9", text: "set the library's cancel routine", run: (*exec).stepQ4},
		insertQ5: {name: "Q5", fact: "3.15, 3.7", text: "test Cancel; if it is set, exchange the routine with NULL", run: (*exec).stepQ5},
		insertQ6: {name: "Q6", fact: "3.15", text: "the IRP is out of the queue again", mover: true, why: "the exchange has decided who owns the IRP and its context", run: (*exec).stepQ6},
		insertQ7: {name: "Q7", fact: "3.15", text: "call CsqReleaseLock", mover: true, why: fixed, run: (*exec).callRelease},
		insertQ8: {name: "Q8", fact: "3.15", text: "call CsqCompleteCanceledIrp for an IRP that was cancelled before", mover: true, why: fixed, run: (*exec).stepQ8},
		insertQ9: {name: "Q9", fact: "3.15", text: "IoCsqInsertIrp returns", mover: true, why: callers, run: func(x *exec) { x.kernelReturn(x.reg(csqStatus)) }},
	}
}

const (
	removeN1 = iota
	removeN2
	removeN3
	removeN4
	removeN5
	removeN6
	removeN7
)

func csqRemoveSteps() []step {
	return []step{
		removeN1: {name: "N1", fact: "3.15", text: "call CsqAcquireLock", mover: true, why: fixed, run: (*exec).callAcquire},
		removeN2: {name: "N2", fact: "3.15", text: "the next IRP: call CsqPeekNextIrp", mover: true, why: fixed, run: (*exec).stepN2},
		removeN3: {name: "N3", fact: "3.15, 3.6", text: "exchange its cancel routine with NULL; the cancel side may have won", mover: true, why: "where the queue has no IRP it does nothing", moves: (*exec).moveN3, run: (*exec).stepN3},
		removeN4: {name: "N4", fact: "3.15", text: "call CsqRemoveIrp", mover: true, why: fixed, run: func(x *exec) { x.callback(csqRemove, x.reg(k0)) }},
		removeN5: {name: "N5", fact: "3.15", text: "the IRP is the caller's", mover: true, why: "the exchange has decided who owns the IRP and its context", run: (*exec).stepLeaveContext},
		removeN6: {name: "N6", fact: "3.15", text: "call CsqReleaseLock", mover: true, why: fixed, run: (*exec).callRelease},
		removeN7: {name: "N7", fact: "3.15", text: "the removal returns", mover: true, why: callers, run: func(x *exec) { x.kernelReturn(x.reg(k0)) }},
	}
}

const (
	cancelY1 = iota
	cancelY2
	cancelY3
	cancelY4
	cancelY5
	cancelY6
	cancelY7
)

func csqCancelSteps() []step {
	return []step{
		cancelY1: {name: "Y1", fact: "3.15", text: "release the cancel lock; find the queue in DriverContext[3]", mover: true, why: "a release moves left; where DriverContext[3] is a queue for ever nobody changes what is read", moves: (*exec).moveY1, run: (*exec).stepY1},
		cancelY2: {name: "Y2", fact: "3.15", text: "call CsqAcquireLock", mover: true, why: fixed, run: (*exec).callAcquire},
		cancelY3: {name: "Y3", fact: "3.15", text: "call CsqRemoveIrp", mover: true, why: fixed, run: func(x *exec) { x.callback(csqRemove, x.reg(k0)) }},
		cancelY4: {name: "Y4", fact: "3.15", text: "the IRP is out of the queue", mover: true, why: "the exchange has decided who owns the IRP; its context is looked at under the lock only", run: (*exec).stepLeaveContext},
		cancelY5: {name: "Y5", fact: "3.15", text: "call CsqReleaseLock", mover: true, why: fixed, run: (*exec).callRelease},
		cancelY6: {name: "Y6", fact: "3.15", text: "call CsqCompleteCanceledIrp", mover: true, why: fixed, run: func(x *exec) { x.callback(csqComplete, x.reg(k0)) }},
		cancelY7: {name: "Y7", fact: "3.15", text: "the library's cancel routine returns", mover: true, why: callers, run: func(x *exec) { x.kernelReturn(0) }},
	}
}

// csqTables says whether code pc is in one of the routines above.
func (m *Model) inCsq(pc int) bool {
	return m.inTable(pc, tableCsqInsert) || m.inTable(pc, tableCsqRemove) || m.inTable(pc, tableCsqCancel)
}

// callbackNeed is the room that these routines and the callbacks need on a
// stack, in words.
func (m *Model) callbackNeed() int {
	most := 0
	memo := make([]int, len(m.routines[program.Driver]))
	for _, r := range m.cfg.Driver.Roles {
		if r.Kind == program.RoleCSQ {
			most = max(most, frameWords+csqWords+m.need(m.routines[program.Driver][r.Routine], memo, 0))
		}
	}
	return most
}

func csqAPIs() map[string]*api {
	initialize := func(kind int) *api {
		return &api{mover: accessArg0, run: result(func(x *exec, in *inst) Value {
			q := x.arg(in, 0)
			x.store(q.plus(csqType), 4, num(kind))
			for i := 1; i <= 6 && !x.halted; i++ {
				x.store(q.plus(8*i), 8, x.arg(in, i))
			}
			return num(ntSuccess)
		})}
	}
	insert := &api{mover: accessArg1, run: func(x *exec, in *inst) (Value, bool) {
		irp, q, context, extra := x.arg(in, 1), x.arg(in, 0), x.arg(in, 2), Value(0)
		if len(in.args) > 3 {
			extra = x.arg(in, 3)
		}
		if irp.Class() != ClassIrp {
			x.badAddress(irp)
		} else if x.touchIrp(irp, false) {
			x.beginCsq(tableCsqInsert, irp, q, context, extra)
		}
		return 0, false
	}}
	return map[string]*api{
		"IoCsqInitialize":   initialize(typeCsq),
		"IoCsqInitializeEx": initialize(typeCsqEx),
		"IoCsqInsertIrp":    insert,
		"IoCsqInsertIrpEx":  insert,
		"IoCsqRemoveNextIrp": {mover: pushes, run: func(x *exec, in *inst) (Value, bool) {
			x.beginCsq(tableCsqRemove, 0, x.arg(in, 0), 0, x.arg(in, 1))
			return 0, false
		}},
		"IoCsqRemoveIrp": {mover: pushes, run: func(x *exec, in *inst) (Value, bool) {
			x.beginCsq(tableCsqRemove, 0, x.arg(in, 0), x.arg(in, 1), 0)
			return 0, false
		}},
	}
}

func (x *exec) beginCsq(table int, irp, queue, context, extra Value) bool {
	if !x.push(x.m.kernelCode+x.m.tableStart[table], csqWords, 0) {
		return false
	}
	x.setReg(k0, irp)
	x.setReg(csqQueue, queue)
	x.setReg(csqContext, context)
	x.setReg(csqExtra, extra)
	return true
}

// callback calls the driver's callback that stands at off in the queue.
func (x *exec) callback(off int, args ...Value) {
	f := x.load(x.reg(csqQueue).plus(off), 8)
	if x.halted {
		return
	}
	i, ok := x.m.funcOf(f, program.Driver)
	if !ok {
		x.badCallback(f)
		return
	}
	var all [4]Value
	all[0] = x.reg(csqQueue)
	n := 1 + copy(all[1:], args)
	x.enter(x.m.routines[program.Driver][i], all[:n], 0)
}

func (x *exec) badCallback(f Value) {
	if _, isNum := f.small(); isNum {
		x.violate(invInitialised, CodeNull)
	} else {
		x.unsupported(whatIndirect)
	}
}

// callAcquire passes the address of a cell of this very frame for the old level.
func (x *exec) callAcquire() {
	x.callback(csqAcquire, ref(ClassCtx, x.ctx, 0, x.base-x.cb+frameRegs+4*csqIrql))
}

func (x *exec) callRelease() {
	level := x.reg(csqIrql)
	x.setReg(csqIrql, 0)
	x.callback(csqRelease, level)
}

// frameCell is the memory behind such an address: absent when the frame is gone.
func (x *exec) frameCell(a Value) place {
	cb := x.m.lay.ctxs.at(a.Slot())
	for base := range frames(x.s, cb) {
		if off := base + frameRegs + 4*csqIrql; off-cb == a.Offset() && x.m.inCsq(u16(x.s, base+framePC)) {
			return place{off: off, whole: true}
		}
	}
	return place{}
}

// stepQ1 marks whatever happens then: the IRP may be completed by somebody else
// before the call returns (1.30).
func (x *exec) stepQ1() {
	irp, q, context := x.reg(k0), x.reg(csqQueue), x.reg(csqContext)
	b := x.irp(irp.Slot())
	link := q
	if context != 0 {
		link = context
		x.store(context.plus(contextType), 4, num(typeContext))
		x.store(context.plus(contextIrp), 8, irp)
		x.store(context.plus(contextQueue), 8, q)
		if x.halted {
			return
		}
	}
	x.share(link)
	put(x.s, b+irpCells+4*(irpContext+3), link)
	x.setReg(csqStatus, num(int(x.s[b+irpPending])))
	x.s[b+irpPending] = 1
	if x.owns(b) {
		x.disown(b)
	}
}

func (x *exec) stepQ3() {
	if x.load(x.reg(csqQueue).plus(csqType), 4) == num(typeCsqEx) && !x.halted {
		x.callback(csqInsert, x.reg(k0), x.reg(csqExtra))
		return
	}
	x.callback(csqInsert, x.reg(k0))
}

// stepQ4 leaves an IRP that the driver's callback refused as it was.
func (x *exec) stepQ4() {
	irp := x.reg(k0)
	b := x.irp(irp.Slot())
	marked := x.reg(csqStatus)
	x.setReg(csqStatus, 0)
	if x.load(x.reg(csqQueue).plus(csqType), 4) == num(typeCsqEx) && x.severity(x.reg(kResult)) >= 2 {
		if !irp.stale() {
			x.s[b+irpPending] = byte(marked)
		}
		if context := x.reg(csqContext); context != 0 {
			x.store(context.plus(contextIrp), 8, 0)
		}
		x.setReg(csqStatus, x.reg(kResult))
		x.setReg(k0, 0)
		x.jump(tableCsqInsert, insertQ7)
		return
	}
	if x.touchIrp(irp, true) {
		x.exchangeRoutine(irp, csqRoutine)
	}
}

func (x *exec) stepQ5() {
	irp := x.reg(k0)
	if !x.touchIrp(irp, true) {
		return
	}
	if x.s[x.irp(irp.Slot())+irpCancel] == 0 || x.exchangeRoutine(irp, 0) == 0 {
		x.setReg(k0, 0)
		x.jump(tableCsqInsert, insertQ7)
		return
	}
	x.callback(csqRemove, irp)
}

// stepQ6 completes under the lock where knob K11 says so.
func (x *exec) stepQ6() {
	if context := x.reg(csqContext); context != 0 {
		x.store(context.plus(contextIrp), 8, 0)
	}
	if irp := x.reg(k0); x.m.cfg.Knobs.CsqInsertLocked && !x.halted {
		x.setReg(k0, 0)
		x.callback(csqComplete, irp)
	}
}

func (x *exec) stepQ8() {
	if irp := x.reg(k0); irp != 0 {
		x.setReg(k0, 0)
		x.callback(csqComplete, irp)
	}
}

// stepN2 looks from the IRP in k0 on; with a context there is only one IRP.
func (x *exec) stepN2() {
	if context := x.reg(csqContext); context != 0 {
		x.setReg(kResult, x.load(context.plus(contextIrp), 8))
		return
	}
	x.callback(csqPeek, x.reg(k0), x.reg(csqExtra))
}

func (x *exec) stepN3() {
	irp := x.reg(kResult)
	x.setReg(kResult, 0)
	x.setReg(k0, irp)
	switch {
	case irp == 0:
		x.jump(tableCsqRemove, removeN6)
	case irp.Class() != ClassIrp:
		x.badAddress(irp)
	case !x.touchIrp(irp, true):
	case x.exchangeRoutine(irp, 0) != 0: // it is ours
	case x.reg(csqContext) != 0:
		x.setReg(k0, 0)
		x.jump(tableCsqRemove, removeN6)
	default:
		x.jump(tableCsqRemove, removeN2)
	}
}

func (x *exec) moveN3() mover {
	if x.reg(kResult) == 0 {
		return moverBoth
	}
	return moverNone
}

// stepLeaveContext forgets the association of context and IRP.
func (x *exec) stepLeaveContext() {
	context := x.reg(csqContext)
	if context == 0 {
		context = val(x.s, x.irp(x.reg(k0).Slot())+irpCells+4*(irpContext+3))
	}
	if context == x.reg(csqQueue) {
		return
	}
	x.store(context.plus(contextIrp), 8, 0)
	x.setReg(csqContext, 0)
}

func (x *exec) moveY1() mover {
	i := x.request()
	link := val(x.s, x.irp(i)+irpCells+4*(irpContext+3))
	if c := link.Class(); (c == ClassExt || c == ClassGlobal) && x.owns(x.irp(i)) && !x.m.assume.claimOpen && x.cellOf(link, csqType) != num(typeContext) {
		return moverLeft
	}
	return moverNone
}

func (x *exec) stepY1() {
	b := x.irp(x.request())
	x.s[hdrCancel] = 0
	x.s[x.cb+ctxIrql] = x.s[b+irpIrql]
	link := val(x.s, b+irpCells+4*(irpContext+3))
	if !link.isRef() {
		x.violate(invInitialised, CodeNull) // the driver used DriverContext[3]
		return
	}
	if x.load(link, 4) == num(typeContext) && !x.halted {
		x.setReg(csqContext, link)
		link = x.load(link.plus(contextQueue), 8)
	}
	x.setReg(csqQueue, link)
}
