package model

// ceiling says at which levels a system routine may be called (13.7). What may
// be called at any level that a driver of this model reaches has none.
type ceiling uint8

const (
	anyLevel ceiling = iota
	belowDispatch
	atPassive
)

// ceilings is the table of 13.7. Waits and locks look at the level themselves.
var ceilings = map[string]ceiling{
	"KeDelayExecutionThread": belowDispatch, "ExWaitForRundownProtectionRelease": belowDispatch, "IoCreateDevice": belowDispatch,
	"IoDeleteDevice": belowDispatch, "ExAcquireFastMutex": belowDispatch, "ExReleaseFastMutex": belowDispatch,
	"KeEnterCriticalRegion": belowDispatch, "KeLeaveCriticalRegion": belowDispatch,

	"PsCreateSystemThread": atPassive, "PsTerminateSystemThread": atPassive, "KeFlushQueuedDpcs": atPassive,
	"IoReleaseRemoveLockAndWait": atPassive, "IoInitializeRemoveLock": atPassive, "IoCreateSymbolicLink": atPassive,
	"IoDeleteSymbolicLink": atPassive, "IoCreateDeviceSecure": atPassive, "ZwClose": atPassive, "ObReferenceObjectByHandle": atPassive,
	"KeSetPriorityThread": atPassive,
}

// allows says whether a call is within its levels; a sleep or a wait above its
// ceiling has a stop code of its own (13.9).
func (x *exec) allows(in *inst) bool {
	irql := x.s[x.cb+ctxIrql]
	switch {
	case in.level == belowDispatch && irql >= irqlDispatch, in.level == atPassive && irql != irqlPassive:
		code := CodeIrql
		if irql >= irqlDispatch && sleeps[in.n.API] {
			code = CodeB8
		}
		x.violate(invIrql, code)
	default:
		return true
	}
	return false
}

var sleeps = map[string]bool{"KeDelayExecutionThread": true, "ExWaitForRundownProtectionRelease": true, "IoReleaseRemoveLockAndWait": true, "KeFlushQueuedDpcs": true}
