package invariants

import (
	"slices"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

const invAppCannotCrash = 29

// numbered is one of the invariants of semantics 21 that this version judges.
type numbered struct {
	n       int
	name    string
	text    string
	duty    Duty
	code    string
	rules   string
	facts   string
	fix     string
	needs   []string
	trigger uint64
	byUser  bool                    // it is about accesses by a user address
	applies func(*model.Model) bool // beside needs; nil: always
	notes   uint64                  // steps that break it without ending the path; with keeps, steps to ask about
	keeps   func(model.View) bool   // of where these steps lead
}

var completion = []string{"IoCompleteRequest"}
var cancelling = []string{"IoSetCancelRoutine", "IoCsqInsertIrp", "IoCsqInsertIrpEx"}
var pending = []string{"IoMarkIrpPending", "IoCsqInsertIrp", "IoCsqInsertIrpEx"}
var mappings = []string{"MmGetSystemAddressForMdlSafe", "MmGetSystemAddressForMdl"}
var locks = []string{"KeAcquireSpinLock", "KeAcquireSpinLockAtDpcLevel", "IoAcquireCancelSpinLock"}
var unmappings = []string{"MmUnmapLockedPages", "MmMapLockedPagesSpecifyCache", "MmMapLockedPages"}
var ownLocks = []string{"MmProbeAndLockPages", "MmUnlockPages", "IoFreeMdl", "IoAllocateMdl"}
var pools = []string{"ExAllocatePoolWithTag", "ExAllocatePool", "ExAllocatePool2", "ExFreePool", "ExFreePoolWithTag", "RemoveEntryList", "KeInsertQueueDpc", "KeSetTimer", "KeSetTimerEx",
	"ExAllocatePoolQuotaZero", "ExAllocatePoolWithQuotaTag", "IoAllocateWorkItem", "IoAcquireRemoveLock", "IoReleaseRemoveLock",
	"ExReleaseRundownProtection", "ObDereferenceObject", "ZwClose"}
var waits = []string{"KeWaitForSingleObject", "KeWaitForMultipleObjects", "KeDelayExecutionThread", "ExWaitForRundownProtectionRelease",
	"IoReleaseRemoveLockAndWait", "KeFlushQueuedDpcs", "ExAcquireFastMutex"}
var levels = append(append([]string{"PsCreateSystemThread", "IoInitializeRemoveLock", "ObReferenceObjectByHandle"}, waits...), locks...)

// numberedTable is in the order of the numbers.
func numberedTable() []numbered {
	return []numbered{
		{n: 1, name: "SingleCompletion", text: "final completion of an IRP starts at most once", code: "0x44, or corruption of a recycled IRP",
			rules: "SDV DoubleCompletion; DV 0xC9/0x209", facts: "2.1, 3.6", needs: completion, trigger: model.NoteComplete,
			fix: "complete only after IoSetCancelRoutine(Irp, NULL) returned your routine; if it returned NULL the cancel routine completes"},
		{n: 2, name: "OneOwner", text: "only the owner of an IRP reads or writes it", code: "corruption", notes: model.NoteOwner,
			rules: "SDV IrpProcessingComplete, CompleteRequest", facts: "3.6, 1.31", needs: completion, trigger: model.NoteDispatch,
			fix: "leave the IRP alone once the cancel side has won; complete it, pend it, or pass it on in every path of dispatch"},
		{n: 3, name: "NoTouchAfterComplete", text: "no access to IRP, system buffer, MDL or mapping after IoCompleteRequest", code: "0x50, 0xD1, corruption", notes: model.NoteTouch,
			rules: "KMDF *AfterReqCompleted; DV special pool", facts: "2.13", needs: completion, trigger: model.NoteComplete,
			fix: "save what you need in locals before IoCompleteRequest"},
		{n: 4, name: "PendingIff", text: "dispatch returns STATUS_PENDING exactly if it marked the IRP pending", code: "the app hangs or is notified twice", notes: model.NotePendingIff,
			rules: "SDV MarkIrpPending, MarkIrpPending2, PendedCompletedRequest; DV 0xC9/0x23D, 0x23E", facts: "1.30, 2.15", trigger: model.NoteDispatch,
			fix: "call IoMarkIrpPending before the IRP becomes reachable and return STATUS_PENDING"},
		{n: 5, name: "StatusLegal", text: "an IRP is not completed with STATUS_PENDING or -1", code: "DV 0xC9/0x06, 0x225",
			rules: "Driver Verifier", facts: "2.2", needs: completion, trigger: model.NoteComplete, fix: "set the final status before completing"},
		{n: 6, name: "NoCancelRoutineAtComplete", text: "the cancel routine is NULL when completion starts", code: "0x48; DV 0xC9/0x07",
			rules: "Driver Verifier", facts: "2.2, 3.2", needs: cancelling, trigger: model.NoteComplete, fix: "IoSetCancelRoutine(Irp, NULL) before IoCompleteRequest"},
		{n: 7, name: "CancelLock", text: "a cancel routine releases the cancel lock once, with Irp->CancelIrql", code: "0x11B; 0x20",
			rules: "SDV CancelSpinLock, CancelSpinlockRelease", facts: "3.5", needs: cancelling, trigger: model.NoteCancel, fix: "IoReleaseCancelSpinLock(Irp->CancelIrql) first"},
		{n: 8, name: "LockBalance", text: "pages are unlocked as often as they were locked, by the one who locked them", code: "0x4E/7, 0x76, 0xCB",
			rules: "DV 0xC4/0x7C, 0xB0", facts: "5.7, 5.23, 5.24", needs: ownLocks, fix: "unlock your own MDLs once, before IoFreeMdl; never Irp->MdlAddress"},
		{n: 10, name: "NoLockedAtTeardown", text: "a process that is deleted has no page locked", code: "0x76, 0xCB", applies: exits, trigger: model.NoteDispatch,
			rules: "DV pool tracking", facts: "4.21, 4.22, 24.2", needs: slices.Concat(pending, ownLocks), fix: "complete what is cancelled; unlock your own MDLs before their request completes"},
		{n: 11, name: "WriteHitsLocked", text: "a store through a mapping hits a frame that the same MDL holds locked", code: "silent corruption",
			facts: "5.6", needs: mappings, trigger: model.NoteDispatch, fix: "use the mapping only while the request is yours"},
		{n: 12, name: "PteBalance", text: "an MDL is mapped once, and each mapping is undone once, before the pages are unlocked", code: "0xDA, 0x3F, 0xD8, or a range of other addresses is unmapped",
			rules: "DV TrackPtes, 0xC4/0xB9", facts: "5.15, 5.16, 20.18", needs: slices.Concat(mappings, unmappings), trigger: model.NoteDispatch, fix: "map before a second context can reach the MDL; MmUnmapLockedPages once for each mapping of your own, in the process where it was made"},
		{n: 13, name: "InfoBound", text: "copy-back never copies more than the output buffer's length", code: "leak of pool, overwritten user memory", notes: model.NoteInfoBound,
			rules: "DV 0xC9/0x312", facts: "2.21", needs: completion, trigger: model.NoteComplete, fix: "Information <= OutputBufferLength"},
		{n: 14, name: "NoStaleLeak", text: "only bytes that were written or given by the caller are shown to user mode", code: "disclosure of kernel memory", notes: model.NoteStaleLeak,
			facts: "1.14", needs: completion, trigger: model.NoteComplete, fix: "write all Information bytes, or zero the buffer"},
		{n: 18, name: "KernelFaultSafe", text: "each access by a user address is inside __try", code: "unhandled fault",
			rules: "SDV DoubleFetch, partly", facts: "6.4", byUser: true, fix: "__try around every access by Type3InputBuffer or UserBuffer"},
		{n: 19, name: "RightContext", text: "a user address is used only in the issuing process", code: "0xA, 0xD1, corruption of another process",
			facts: "6.4, 20.14", byUser: true, fix: "lock and map the buffer in dispatch; use the mapping elsewhere"},
		{n: 20, name: "SingleFetch", text: "a value that is read from the caller's memory and tested is not read again to act on", code: "corruption", notes: model.NoteDoubleFetch,
			rules: "SDV DoubleFetch", facts: "6.1, 6.2, 22.11", applies: sharesMemory, trigger: model.NoteDispatch, fix: "copy what you need into a local once; test and use the copy"},
		{n: 21, name: "AccessMode", text: "a store through a mapping implies that the MDL was locked for write", code: "corruption of shared pages",
			rules: "DV 0xC4/0x1010", facts: "5.17, 5.18", needs: mappings, fix: "do not store into METHOD_IN_DIRECT buffers"},
		{n: 22, name: "CancelProgress", text: "a cancelled request does not stay with the driver once nothing else can move", code: "hang; DV 0xC4/0x135",
			rules: "SDV IrpCancelField", facts: "3.7, 22.1, 22.2", needs: append(slices.Clone(pending), waits...), trigger: model.NoteCancel | model.NoteVain,
			fix: "set a cancel routine, then test Irp->Cancel, in this order, under the queue's lock; do not wait for ever in a dispatch routine"},
		{n: 23, name: "ExitProgress", text: "no thread that ends, opens or closes a file is stuck once nothing else can move", code: "5-minute hang, then 0x76 or 0xCB", applies: canHoldUp, trigger: model.NoteRundown | model.NoteCleanup | model.NoteVain,
			facts: "4.8, 4.10 to 4.14, 22.1", fix: "a cancel routine for every request that you keep: CLEANUP comes only after the wait"},
		{n: 24, name: "HandleOrder", text: "CLEANUP comes once and CLOSE after it; a file that is closed leaves no request with the driver", code: "the file never closes", applies: (*model.Model).Closes,
			rules: "SDV RemoveLock*", facts: "3.20 to 3.22, 15.26, 15.27", trigger: model.NoteDispatch,
			fix: "complete the file's requests in IRP_MJ_CLEANUP, and refuse requests that come later with a flag under the queue's lock"},
		{n: 25, name: "ThreadList", text: "a request is on its thread's list from its issue to its end or disassociation", duty: SystemDuty, code: "0x20, leak", applies: exits,
			facts: "1.22, 4.16, 4.17", trigger: model.NoteDispatch, notes: model.NoteList | model.NoteDispatch | model.NoteStage2 | model.NoteLate, keeps: model.View.ListsWellFormed},
		{n: 26, name: "NoFreedProcess", text: "an unlock never touches a deleted process object", duty: SystemDuty, code: "use after free", applies: exits,
			facts: "4.20", needs: slices.Concat(pending, ownLocks), trigger: model.NoteDispatch},
		{n: 27, name: "NoSpinAtComplete", text: "no spin lock is held at IoCompleteRequest", code: "deadlock",
			rules: "SDV SpinLockSafe", facts: "2.14", needs: locks, trigger: model.NoteComplete, fix: "release the lock, then complete"},
		{n: 29, name: "AppCannotCrashKernel", text: "nothing that an app does makes the kernel write where the app says", code: "write to a kernel address",
			facts: "6.4, 2.21", trigger: model.NoteDispatch, fix: "ProbeForWrite; Information 0 when the output length is 0"},
		{n: 30, name: "Initialised", text: "a pointer that may be NULL is tested, a call that may raise is guarded", code: "0x50, 0xD1, 0x1E class",
			rules: "DV low-resource simulation", facts: "20.1 to 20.4, 1.17", trigger: model.NoteDispatch, fix: "test for NULL and for zero lengths; guard what raises"},
		{n: 31, name: "Irql", text: "each call is made at a level that it allows, and each routine returns at its level", code: "0xA, 0xD1, 0xC8",
			rules: "SDV IrqlReturn and Irql*", facts: "13.6, 13.7", needs: levels, trigger: model.NoteDispatch, fix: "release with the level that the acquire gave"},
		{n: 32, name: "Locks", text: "locks are released by their owner, never re-entered, not held at return, and do not deadlock", code: "hang, 0xF, 0x10, 0x133",
			rules: "SDV SpinLock, SpinlockRelease; DV deadlock detection", facts: "13.10 to 13.19", needs: append(slices.Clone(waits), locks...), trigger: model.NoteDispatch, fix: "one order for all locks; release on every path"},
		{n: 33, name: "Lifetime", text: "no access to freed memory, no second free, none of what is in use, no second removal from a list", code: "0xC2, 0xC7, 0xCC, 0x96, 0xE4, 0x18, 0x139/3",
			rules: "DV special pool", facts: "20.6 to 20.9, 14.21, 14.24, 15.5", needs: pools, trigger: model.NoteDispatch, fix: "one owner frees; re-initialise the entry that another will unlink"},
		{n: 34, name: "Bounds", text: "each access lies inside its object", code: "0x19, 0xC1, 0xCD",
			rules: "DV special pool; KMDF InputBufferAPI, OutputBufferAPI", facts: "20.10, 20.11", trigger: model.NoteDispatch, fix: "compare the length with what you touch"},
	}
}

// canHoldUp: a thread that ends waits for requests that are pended; one that
// closes a file waits for whatever CLEANUP waits for.
func canHoldUp(m *model.Model) bool {
	calls := func(names []string) bool { return slices.ContainsFunc(names, m.Calls) }
	return exits(m) && calls(pending) || m.Closes() && calls(waits)
}

// exits says whether threads or processes end in a case.
func exits(m *model.Model) bool { return m.Config().App != nil || m.Config().Actions.Kill }

// sharesMemory: with an app of one's own the values that it stores are known, and
// reading them twice is judged by what it leads to.
func sharesMemory(m *model.Model) bool {
	if m.Config().App != nil {
		return false
	}
	for _, api := range mappings {
		if m.Calls(api) {
			return true
		}
	}
	return m.ReadsUserAddress()
}

// ForCheck lists the numbered invariants that this version judges.
func ForCheck() []*Property {
	var out []*Property
	for _, n := range numberedTable() {
		p := &Property{
			Name: invName(n.n), Kind: explore.Always, Text: n.name + ": " + n.text, Duty: n.duty, Code: n.code, Rules: n.rules,
			Facts: n.facts, Fix: n.fix, Needs: n.needs, Trigger: n.trigger, Invariant: n.n,
		}
		if n.byUser {
			p.Applies = (*model.Model).ReadsUserAddress
		}
		if n.applies != nil {
			p.Applies = func(m *model.Model) bool { return n.applies(m) && p.calls(m) }
		}
		p.Notes = n.notes
		if n.keeps != nil {
			p.Step = func(_, to model.View, _ uint64) bool { return n.keeps(to) }
		}
		out = append(out, p)
	}
	return out
}

// ForApp lists what is judged of an app, where one is given.
func ForApp() []*Property {
	return []*Property{{
		Name: "INV28", Kind: explore.Always, Duty: AppDuty, Invariant: 28, Trigger: model.NoteDispatch,
		Text: "AppKeepsBuffers: the app keeps the output buffer and the OVERLAPPED until it is notified",
		Code: "silent corruption of the app", Facts: "19.21, 5.25",
		Fix:   "free or leave the buffer only after the event, the APC or the packet",
		Notes: model.NoteFreePending | model.NoteReturned,
	}}
}

func invName(n int) string { return "INV" + string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// NotJudged lists the invariants that this version does not judge, with why.
func NotJudged() map[string]string {
	return map[string]string{
		"INV28": "app duty; judged with --app",
	}
}

// Named finds a property of either table.
func Named(name string) *Property {
	for _, p := range slices.Concat(ForCheck(), ForSystem(), ForApp(), ForThread()) {
		if p.Name == name {
			return p
		}
	}
	return nil
}
