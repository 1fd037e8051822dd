package model

import (
	"fmt"

	"github.com/ownercheck/ownercheck/model/program"
)

// StopKind says why a path ended before its time.
type StopKind uint8

const (
	StopNone        StopKind = iota
	StopViolation            // an invariant is broken
	StopCapacity             // a capacity bound was reached: the verdict is INCOMPLETE
	StopUnsupported          // the code needs what the machine cannot execute: INCOMPLETE
)

// noSite is the site of a finding that is about a state, not a step.
const noSite = 0xFFFF

// bound is a capacity bound by number.
type bound uint8

const (
	boundStack bound = iota + 1
	boundFrames
	boundRecords
	boundRanges
	boundMdls
	boundRequests
	boundThreads
	boundLocal
	boundEvents
	boundQueued
	boundPorts
	boundHandles
	boundFiles
	boundItems
	boundObjects
	boundWorkers
	boundPolls
	boundLate
)

var boundNames = [...]string{
	boundStack: "stack", boundFrames: "frames", boundRecords: "records", boundRanges: "ranges",
	boundMdls: "mdls", boundRequests: "requests", boundThreads: "threads", boundLocal: "local",
	boundEvents: "events", boundQueued: "queued dpcs and timers", boundPorts: "completion ports",
	boundHandles: "handles", boundFiles: "files", boundItems: "work items",
	boundObjects: "referenced objects", boundWorkers: "workers", boundPolls: "states of polling", boundLate: "what is kept of requests and blocks",
}

// what is a thing that the machine cannot execute.
type what uint8

const (
	whatAPI what = iota + 1
	whatField
	whatAddress
	whatAccess
	whatIndirect
	whatPending
	whatBootStore
	whatArithmetic
	whatFastIo
	whatWait
)

var whatNames = [...]string{
	whatAPI:        "a system routine that this version does not execute",
	whatField:      "a field of a system object that this version does not model",
	whatAddress:    "an access through an address that the model does not know",
	whatAccess:     "an access that fits no field of the object",
	whatIndirect:   "a call through a pointer that the model does not know",
	whatPending:    "a DriverEntry that waits",
	whatBootStore:  "a store to a driver or device object after DriverEntry",
	whatArithmetic: "pointer arithmetic between different objects",
	whatFastIo:     "a fast I/O entry, with K9=off: --knob K9=on tries it",
	whatWait:       "a wait for an object that the model does not know",
}

// StopCode is the documented outcome of a violation: a bug check, or a class of
// damage.
type StopCode uint8

const (
	CodeNone StopCode = iota
	Code44
	CodeUAF
	CodeCorrupt
	CodeHang
	CodeNull
	Code48
	Code11B
	CodeIrql
	CodeC9Pending
	CodeC9Status
	Code4E7
	Code76
	CodeLeak
	CodeOverrun
	CodeFault
	CodeKernelWrite
	Code139
	CodeC7
	CodeDeadlock
	CodeC4Lock
	CodeAppHang
	CodeRaise
	Code76Exit
	Code20
	CodeIrpLeak
	CodeProcess
	CodeExitHang
	CodeExitForever
	CodeTwice
	CodeNotClosed
	CodeCloseHang
	CodePtes
	CodePteLost
	CodeFrameReuse
	CodeB8
	CodeRemoveLock
	CodeRundown
	CodeCE
	CodeE4
	Code96
	Code18
	CodeHandle
	CodeInUse
	CodePaged
	CodeC4Mapped
)

var codeNames = [...]string{
	CodeNone:        "",
	Code44:          "0x44 MULTIPLE_IRP_COMPLETE_REQUESTS, or corruption of a recycled IRP",
	CodeUAF:         "use after free: 0x50, 0xD1 or silent corruption",
	CodeCorrupt:     "silent corruption",
	CodeHang:        "hang; Driver Verifier 0xC4/0x135",
	CodeNull:        "NULL pointer access: 0x50, 0xD1 or 0x3B class",
	Code48:          "0x48 CANCEL_STATE_IN_COMPLETED_IRP; Driver Verifier 0xC9/0x07",
	Code11B:         "0x11B DRIVER_RETURNED_HOLDING_CANCEL_LOCK",
	CodeIrql:        "IRQL violation: 0xA, 0xD1 or 0xC8",
	CodeC9Pending:   "Driver Verifier 0xC9/0x23D or 0x23E; the app hangs or is notified twice",
	CodeC9Status:    "Driver Verifier 0xC9/0x06 or 0x225",
	Code4E7:         "0x4E PFN_LIST_CORRUPT (7)",
	Code76:          "0x76 PROCESS_HAS_LOCKED_PAGES",
	CodeLeak:        "leak; 0x76, 0xCB or 0xC4/0x62",
	CodeOverrun:     "access outside the object: 0x19, 0xC1 or 0xCD",
	CodeFault:       "unhandled fault in kernel mode: 0x50, 0x3B or 0x1E class",
	CodeKernelWrite: "write to a kernel address chosen by the caller",
	Code139:         "0x139 KERNEL_SECURITY_CHECK_FAILURE (3)",
	CodeC7:          "0xC7 TIMER_OR_DPC_INVALID, or use after free",
	CodeDeadlock:    "deadlock: hang or 0x133",
	CodeC4Lock:      "Driver Verifier 0xC4 (lock), hang",
	CodeAppHang:     "the app is never notified",
	CodeTwice:       "stage two runs twice: double free of the IRP and its buffer, 0xC2 or 0x44",
	CodeNotClosed:   "the file object never closes; 0x76 at process exit if the handle was bound to a port",
	CodeCloseHang:   "the thread that opens or closes the file hangs for ever",
	CodeB8:          "0xB8 ATTEMPTED_SWITCH_FROM_DPC, or 0xC4/0x3B",
	CodeRemoveLock:  "Driver Verifier 0xC4/0xD5 to 0xD7; the lock drains too early or never",
	CodeRundown:     "0xC5 class; rundown ends too early",
	CodeCE:          "0xCE DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS, or use after free",
	CodeE4:          "0xE4 WORKER_INVALID (2)",
	Code96:          "0x96 INVALID_WORK_QUEUE_ITEM, or 0xE4 (1)",
	Code18:          "0x18 REFERENCE_BY_POINTER, or use after free",
	CodeHandle:      "0x93 INVALID_KERNEL_HANDLE",
	CodePaged:       "0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL or 0xA, when the page is out",
	CodeInUse:       "freed while somebody waits for it: 0x50 or silent corruption",
	CodeRaise:       "unhandled exception in kernel mode: 0x1E or 0x3B class",
	Code76Exit:      "0x76 PROCESS_HAS_LOCKED_PAGES, or 0xCB DRIVER_LEFT_LOCKED_PAGES_IN_PROCESS",
	Code20:          "0x20 KERNEL_APC_PENDING_DURING_EXIT",
	CodeIrpLeak:     "leak of the IRP, its buffers and its file reference",
	CodeProcess:     "use of the process object after its deletion",
	CodeExitHang:    "exit hangs for five minutes; then 0x76 or 0xCB",
	CodeExitForever: "exit hangs for ever",
	CodePteLost:     "a system address is lost: 0x3F NO_MORE_SYSTEM_PTES, 0xD8",
	CodePtes:        "0xDA SYSTEM_PTE_MISUSE, or a range of other addresses is unmapped",
	CodeC4Mapped:    "Driver Verifier 0xC4/0xB8: an MDL is freed while it is mapped",
	CodeFrameReuse:  "a page that the app still sees is given to somebody else; 0x76 or 0xC4/0xB9",
}

// quietCode are the codes with which judgeQuiet tells what is stuck.
var quietCode = [len(codeNames)]bool{CodeDeadlock: true, CodeHang: true, CodeExitHang: true, CodeExitForever: true, CodeNotClosed: true, CodeCloseHang: true}

// Finding is what a stopped state says.
type Finding struct {
	Stop      StopKind
	Invariant int    // StopViolation: 1 for INV01
	Name      string // capacity bound, or what is not supported
	Code      string // documented stop code or class
	Deadlock  bool   // StopViolation: contexts wait for each other for ever
	Quiet     bool   // StopViolation: about a quiescent state; all else that can happen there is explored too
	Forever   bool   // StopViolation: a thread can never end
	Where     string // file:line:column, or kernel step
	Text      string // source text there
}

// Finding reads the finding of a stopped state; Stop is StopNone in any other.
func (m *Model) Finding(s []byte) Finding {
	f := Finding{Stop: StopKind(s[hdrStop])}
	if f.Stop == StopNone {
		return f
	}
	w := int(s[hdrWhat])
	switch f.Stop {
	case StopViolation:
		f.Invariant = w
		f.Name = fmt.Sprintf("INV%02d", w)
		f.Code = codeNames[u16(s, hdrCode)]
		f.Quiet = u16(s, hdrSite) == noSite && quietCode[u16(s, hdrCode)]
		f.Deadlock = u16(s, hdrCode) == int(CodeDeadlock) && f.Quiet
		f.Forever = u16(s, hdrCode) == int(CodeExitForever)
	case StopCapacity:
		f.Name = boundNames[w]
	case StopUnsupported:
		f.Name = whatNames[w]
	}
	f.Where, f.Text = m.describeCode(u16(s, hdrSite))
	return f
}

// Mark is the mark of the steps that lead to a finding about invariant n, or about
// the n-th of StopNames(stop); each n is below 64.
func Mark(stop StopKind, n int) uint8 { return uint8(stop-StopViolation)<<6 | uint8(n) }

// Stopped says whether s is a finding.
func Stopped(s []byte) bool { return s[hdrStop] != 0 }

// Violates says whether the finding s is of invariant inv.
func (m *Model) Violates(s []byte, inv int) bool {
	return StopKind(s[hdrStop]) == StopViolation && int(s[hdrWhat]) == inv
}

// StoppedBy says whether the finding s is the i-th of StopNames(stop).
func (m *Model) StoppedBy(s []byte, stop StopKind, i int) bool {
	return StopKind(s[hdrStop]) == stop && int(s[hdrWhat]) == i
}

// StopNames lists what a path can stop at, by number; "" where there is none.
func StopNames(stop StopKind) []string {
	switch stop {
	case StopCapacity:
		return boundNames[:]
	case StopUnsupported:
		return whatNames[:]
	}
	return nil
}

// looksAtResult says whether the driver looks at what a call of api returns.
func (m *Model) looksAtResult(api string) bool {
	for i := range m.code {
		if n := m.code[i].n; n.Op == program.OpAPI && n.API == api && n.Dst != program.NoReg {
			return true
		}
	}
	return false
}

// Calls says whether the driver or the app calls the system routine api
// anywhere; "" or an empty program calls nothing.
func (m *Model) Calls(api string) bool {
	for i := range m.code {
		if m.code[i].n.Op == program.OpAPI && m.code[i].n.API == api {
			return true
		}
	}
	return false
}
