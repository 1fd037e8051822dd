package model

// A kernel routine is a table of named steps. Each is one atomic action, split
// from its neighbours where fact 10.11 says that it must be, and cites the fact
// that it encodes. The machine, the documentation and the model mutants all
// read the same tables.
type step struct {
	name string
	fact string // numbers of semantics.md and semantics-2.md
	text string // what it does, in a driver author's words
	// mover: the step commutes with every step of every other context, because
	// of what why says; it runs in the step before it unless Movers is off.
	mover bool
	why   string
	// lazy: it also commutes when the most general client chooses at each access
	// what its memory is, for then the step looks at nothing that others change.
	lazy bool
	// unless: while it holds the step is no mover after all.
	unless func(*exec) bool
	// moves, where it is set, says of a mover which kind it is in this state.
	moves func(*exec) mover
	deaf  bool             // it is no mover, but cannot tell whether a request was cancelled
	ready func(*exec) bool // nil: always; it writes nothing and chooses nothing
	run   func(*exec)

	skip, twice bool // model mutants
	direct      bool // always ready, and a mover in every state
	table       string
}

type table struct {
	name  string
	steps []step
}

// Kernel tables, in the order of their codes.
const (
	tableIssue = iota
	tableLock
	tableComplete
	tableAPC
	tableCancel
	tableCancelAll
	tableExit
	tableCall
	tableAlert
	tablePort
	tableFile
	tableWait
	tableRemoveLock
	tableRemoveWait
	tableRundown
	tableFlush
	tableWork
	tableThread
	tableCsqInsert
	tableCsqRemove
	tableCsqCancel
	tableMap
	tableCount
)

// Kernel frames have four registers.
const (
	k0          = 0
	k1          = 1
	k2          = 2
	kResult     = 3
	kernelWords = 4
)

func kernelTables() [tableCount]table {
	return [tableCount]table{
		tableIssue:      {"issue", issueSteps()},
		tableLock:       {"lock", lockSteps()},
		tableComplete:   {"complete", completeSteps()},
		tableAPC:        {"apc", apcSteps()},
		tableCancel:     {"cancel", cancelSteps()},
		tableCancelAll:  {"cancelio", cancelAllSteps()},
		tableExit:       {"exit", exitSteps()},
		tableCall:       {"call", callSteps()},
		tableAlert:      {"alert", alertSteps()},
		tablePort:       {"port", portSteps()},
		tableFile:       {"file", fileSteps()},
		tableWait:       {"wait", waitSteps()},
		tableRemoveLock: {"removelock", removeLockSteps()},
		tableRemoveWait: {"removewait", removeWaitSteps()},
		tableRundown:    {"rundown", rundownSteps()},
		tableFlush:      {"flush", flushSteps()},
		tableWork:       {"work", workSteps()},
		tableThread:     {"thread", threadSteps()},
		tableCsqInsert:  {"csqinsert", csqInsertSteps()},
		tableCsqRemove:  {"csqremove", csqRemoveSteps()},
		tableCsqCancel:  {"csqcancel", csqCancelSteps()},
		tableMap:        {"map", mapSteps()},
	}
}

// kernel runs the kernel step at code pc. The next step is the one after it
// unless the step jumps, pushes a frame or returns.
func (x *exec) kernel(pc int) {
	st := &x.m.steps[pc-x.m.kernelCode]
	x.setPC(pc + 1)
	if st.skip {
		return
	}
	st.run(x)
	if st.twice && !x.halted && x.base != 0 && x.pc() == pc+1 {
		st.run(x)
	}
}

// jump goes on at step i of a table.
func (x *exec) jump(table, i int) {
	pc := x.m.kernelCode + x.m.tableStart[table] + i
	x.lone.broken = x.lone.broken || pc <= x.at
	x.setPC(pc)
}

// pushKernel starts a kernel routine on top of the running context.
func (x *exec) pushKernel(table int, v0 Value) bool {
	if !x.push(x.m.kernelCode+x.m.tableStart[table], kernelWords, 0) {
		return false
	}
	x.setReg(k0, v0)
	return true
}

// kernelReturn ends a kernel routine with result v.
func (x *exec) kernelReturn(v Value) {
	flags := x.pop()
	x.deliver(v, flags)
}

const (
	irqlPassive  = 0
	irqlAPC      = 1
	irqlDispatch = 2
)

// checkReturn judges a driver routine's return: no spin lock held (13.16), the
// level at which it was entered (13.6).
func (x *exec) checkReturn(irql byte) {
	switch {
	case x.s[hdrCancel] == byte(x.ctx+1):
		x.violate(invCancelLock, Code11B)
	case x.s[x.cb+ctxLocks] != 0:
		x.violate(invLocks, CodeC4Lock)
	case x.s[x.cb+ctxIrql] != irql:
		x.violate(invIrql, CodeIrql)
	}
}

// Invariant numbers (semantics 0.5, 21).
const (
	invSingleCompletion = 1
	invOwner            = 2
	invNoTouch          = 3
	invPendingIff       = 4
	invStatusLegal      = 5
	invCancelRoutine    = 6
	invCancelLock       = 7
	invLockBalance      = 8
	invFrameReuse       = 9
	invNoneLocked       = 10
	invHitsLocked       = 11
	invPteBalance       = 12
	invInfoBound        = 13
	invStaleLeak        = 14
	invFaultSafe        = 18
	invContext          = 19
	invAccessMode       = 21
	invCancelProgress   = 22
	invExitProgress     = 23
	invHandleOrder      = 24
	invThreadList       = 25
	invFreedProcess     = 26
	invNoSpinAtComplete = 27
	invAppBuffers       = 28
	invAppCannotCrash   = 29
	invInitialised      = 30
	invIrql             = 31
	invLocks            = 32
	invLifetime         = 33
	invBounds           = 34
)

// NTSTATUS values that the machine itself uses, sign-extended.
const (
	ntSuccess             = 0
	ntPending             = 0x103
	ntAccessViolation     = -0x3FFFFFFB // 0xC0000005
	ntInsufficient        = -0x3FFFFF66 // 0xC000009A
	ntInvalidRequest      = -0x3FFFFFF0 // 0xC0000010
	ntCancelled           = -0x3FFFFEE0 // 0xC0000120
	ntVerifyRequired      = -0x7FFFFFEA // 0x80000016
	ntGuardPage           = -0x7FFFFFFF // 0x80000001
	ntInvalidHandle       = -0x3FFFFFF8 // 0xC0000008
	ntDeletePending       = -0x3FFFFFAA // 0xC0000056
	ntInvalidParameter    = -0x3FFFFFF3 // 0xC000000D
	ntSemaphoreLimit      = -0x3FFFFFB9 // 0xC0000047
	ntTimeout             = 0x102
	ntUserAPC             = 0xC0
	winIoPending          = 997
	winIoIncomplete       = 996
	winNotFound           = 1168
	winInvalidHandle      = 6
	winNoAccess           = 998
	winGenFailure         = 31
	winOperationAborted   = 995
	winNotEnoughMemory    = 8
	winInvalidParameter   = 87
	winWaitTimeout        = 258
	winAbandonedWait      = 735
	statusAccessViolation = Value(uint32(ClassConst) << classShift) // interned first
	statusInsufficient    = Value(uint32(ClassConst)<<classShift | 1)
	statusInvalidRequest  = Value(uint32(ClassConst)<<classShift | 2)
	statusCancelled       = Value(uint32(ClassConst)<<classShift | 3)
	statusVerifyRequired  = Value(uint32(ClassConst)<<classShift | 4)
	statusInvalidHandle   = Value(uint32(ClassConst)<<classShift | 5)
	statusDeletePending   = Value(uint32(ClassConst)<<classShift | 6)
)

// wellKnown are interned before the program's own constants.
var wellKnown = [...]int64{ntAccessViolation, ntInsufficient, ntInvalidRequest, ntCancelled, ntVerifyRequired, ntInvalidHandle, ntDeletePending, ntInvalidParameter, ntSemaphoreLimit, ntGuardPage}

// severity is bits 31 and 30 of a status value (22.7): 0 success, 1
// informational, 2 warning, 3 error. An unknown status may be success or error.
func (x *exec) severity(v Value) int {
	n, ok := x.m.number(v)
	if !ok {
		return 3 * x.choose(2)
	}
	return int(uint32(n) >> 30)
}
