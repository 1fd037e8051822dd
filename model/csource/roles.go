package csource

import (
	"github.com/ownercheck/ownercheck/model/program"
)

// callers says which argument of which routine names a function, and who will
// call it. CSQ callbacks are the arguments 1 to 6.
var callers = map[string]map[int]program.RoleKind{
	"IoSetCancelRoutine":       {1: program.RoleCancel},
	"IoStartPacket":            {3: program.RoleCancel},
	"KeInitializeDpc":          {1: program.RoleDPC},
	"KeInitializeThreadedDpc":  {1: program.RoleDPC},
	"IoInitializeDpcRequest":   {1: program.RoleDPC},
	"IoInitializeTimer":        {1: program.RoleDPC},
	"IoQueueWorkItem":          {1: program.RoleWorkItem},
	"IoQueueWorkItemEx":        {1: program.RoleWorkItem},
	"ExInitializeWorkItem":     {1: program.RoleWorkItem},
	"QueueUserWorkItem":        {0: program.RoleWorkItem},
	"PsCreateSystemThread":     {5: program.RoleThread},
	"CreateThread":             {2: program.RoleThread},
	"_beginthreadex":           {2: program.RoleThread},
	"_beginthread":             {0: program.RoleThread},
	"IoSetCompletionRoutine":   {1: program.RoleCompletion},
	"IoSetCompletionRoutineEx": {2: program.RoleCompletion},
	"ReadFileEx":               {4: program.RoleCompletion},
	"WriteFileEx":              {4: program.RoleCompletion},
	"BindIoCompletionCallback": {1: program.RoleCompletion},
	"IoConnectInterrupt":       {1: program.RoleISR},
	"IoCsqInitialize":          csqCallbacks,
	"IoCsqInitializeEx":        csqCallbacks,
}

var csqCallbacks = map[int]program.RoleKind{
	1: program.RoleCSQ, 2: program.RoleCSQ, 3: program.RoleCSQ, 4: program.RoleCSQ, 5: program.RoleCSQ, 6: program.RoleCSQ,
}

// passed notes that v is argument i of a call of api.
func (b *body) passed(v value, api string, i int) {
	if v.role == 0 {
		return
	}
	kind, ok := callers[api][i]
	if !ok {
		return
	}
	r := &b.prog.Roles[v.role-1]
	r.Kind = kind
	if kind == program.RoleCSQ {
		r.Index = int32(i)
	}
}

// assigned notes that v goes to the member that p names. An assignment to
// several members gives the function a role for each.
func (b *body) assigned(p place, v value) {
	if v.role == 0 || p.field == nil {
		return
	}
	role := program.Role{Kind: program.RoleOther, Routine: b.prog.Roles[v.role-1].Routine, Pos: b.prog.Roles[v.role-1].Pos}
	switch p.field.Name() {
	case "MajorFunction":
		role.Kind, role.Index = program.RoleDispatch, int32(p.index)
	case "DriverUnload":
		role.Kind = program.RoleUnload
	case "DriverStartIo":
		role.Kind = program.RoleStartIo
	case "AddDevice":
		role.Kind = program.RoleAddDevice
	default:
		return
	}
	if have := &b.prog.Roles[v.role-1]; have.Kind == program.RoleOther {
		*have = role
		return
	}
	b.prog.Roles = append(b.prog.Roles, role)
}

// entries notes the routine that the system starts with and says whether there
// is one.
func (l *linker) entries() bool {
	names := []string{"DriverEntry"}
	if l.prog.Side == program.App {
		names = []string{"main", "wmain", "WinMain", "wWinMain"}
	}
	for _, name := range names {
		if i, ok := l.routines[name]; ok {
			role := program.Role{Kind: program.RoleEntry, Routine: int32(i), Pos: l.prog.Routines[i].Pos}
			l.prog.Roles = append([]program.Role{role}, l.prog.Roles...)
			return true
		}
	}
	return false
}

// sameAPI gives the documented name of what has several.
var sameAPI = map[string]string{
	"__oc_va_arg":                        "va_arg",
	"__oc_breakpoint":                    "DbgBreakPoint",
	"memcpy":                             "RtlCopyMemory",
	"memmove":                            "RtlMoveMemory",
	"RtlSecureZeroMemory":                "RtlZeroMemory",
	"ExAllocatePoolWithQuota":            "ExAllocatePoolWithQuota",
	"IofCompleteRequest":                 "IoCompleteRequest",
	"IofCallDriver":                      "IoCallDriver",
	"KfAcquireSpinLock":                  "KeAcquireSpinLockRaiseToDpc",
	"KefAcquireSpinLockAtDpcLevel":       "KeAcquireSpinLockAtDpcLevel",
	"KefReleaseSpinLockFromDpcLevel":     "KeReleaseSpinLockFromDpcLevel",
	"_InterlockedExchangePointer":        "InterlockedExchangePointer",
	"_InterlockedCompareExchangePointer": "InterlockedCompareExchangePointer",
}

// allocates lists what makes memory for the caller to shape.
var allocates = setOf(`ExAllocatePool ExAllocatePoolWithTag ExAllocatePoolWithTagPriority ExAllocatePoolWithQuota
	ExAllocatePoolWithQuotaTag ExAllocatePoolZero ExAllocatePoolUninitialized ExAllocatePoolQuotaZero
	ExAllocatePoolQuotaUninitialized ExAllocatePoolPriorityZero ExAllocatePool2 ExAllocatePool3
	ExAllocateFromNPagedLookasideList ExAllocateFromPagedLookasideList ExAllocateFromLookasideListEx
	MmAllocateContiguousMemory MmAllocateNonCachedMemory IoCreateDevice IoCreateDeviceSecure
	IoAllocateDriverObjectExtension HeapAlloc HeapReAlloc malloc calloc realloc VirtualAlloc MapViewOfFile LocalAlloc
	GlobalAlloc _aligned_malloc`)
