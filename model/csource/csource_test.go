package csource

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

// load lowers one file that is given as text.
func load(side program.Side, text string) (*program.Program, error) {
	return Load([]string{"a.c"}, Options{Side: side, ReadFile: func(name string) ([]byte, error) {
		if name == "a.c" {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}})
}

const queueDriver = `#include <ntddk.h>
#define IOCTL_WAIT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
typedef struct _EXT { LIST_ENTRY Queue; KSPIN_LOCK Lock; KDPC Dpc; } EXT, *PEXT;
DRIVER_CANCEL Cancel;
KDEFERRED_ROUTINE Dpc;
DRIVER_DISPATCH Control;
VOID Cancel(PDEVICE_OBJECT d, PIRP irp) {
    PEXT e = d->DeviceExtension;
    KIRQL old;
    IoReleaseCancelSpinLock(irp->CancelIrql);
    KeAcquireSpinLock(&e->Lock, &old);
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&e->Lock, old);
    irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}
VOID Dpc(PKDPC dpc, PVOID context, PVOID a1, PVOID a2) {
    PEXT e = context;
    KeAcquireSpinLockAtDpcLevel(&e->Lock);
    while (!IsListEmpty(&e->Queue)) {
        PIRP irp = CONTAINING_RECORD(RemoveHeadList(&e->Queue), IRP, Tail.Overlay.ListEntry);
        if (IoSetCancelRoutine(irp, NULL) == NULL) continue;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    KeReleaseSpinLockFromDpcLevel(&e->Lock);
}
NTSTATUS Control(PDEVICE_OBJECT d, PIRP irp) {
    switch (IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_WAIT:
        IoMarkIrpPending(irp);
        IoSetCancelRoutine(irp, Cancel);
        return STATUS_PENDING;
    }
    return STATUS_INVALID_DEVICE_REQUEST;
}
NTSTATUS DriverEntry(PDRIVER_OBJECT o, PUNICODE_STRING p) {
    PDEVICE_OBJECT d;
    NTSTATUS s = IoCreateDevice(o, sizeof(EXT), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &d);
    if (!NT_SUCCESS(s)) return s;
    KeInitializeDpc(&((PEXT)d->DeviceExtension)->Dpc, Dpc, d->DeviceExtension);
    o->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return s;
}
`

func TestDriverRoles(t *testing.T) {
	p, err := load(program.Driver, queueDriver)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Roles {
		got = append(got, r.Kind.String()+" "+p.Routines[r.Routine].Name)
	}
	want := "entry DriverEntry, cancel Cancel, dpc Dpc, dispatch Control"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func TestControlCodeFolds(t *testing.T) {
	p, err := load(program.Driver, queueDriver)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Routines[p.Routine("Control")].Nodes {
		if n.Op == program.OpSwitch {
			if len(n.Cases) != 1 || n.Cases[0].Value != 0x222000 {
				t.Errorf("got cases %v, want one of 0x222000", n.Cases)
			}
			return
		}
	}
	t.Error("no switch in Control")
}
