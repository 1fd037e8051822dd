package invariants_test

import (
	"context"
	"testing"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// A driver that keeps each request for a DPC, and an app that frees its buffer
// while the request is pending.
const (
	keepsDriver = `#include <ntddk.h>
#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
typedef struct _EXT { KDPC Dpc; PIRP Irp; } EXT, *PEXT;

static NTSTATUS Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID Answer(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PEXT ext = Context;
    Finish(ext->Irp, STATUS_SUCCESS, 8);
}

NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PEXT ext = DeviceObject->DeviceExtension;

    if (IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.IoControlCode == IOCTL_BUFFERED) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    ext->Irp = Irp;
    IoMarkIrpPending(Irp);
    KeInsertQueueDpc(&ext->Dpc, NULL, NULL);
    return STATUS_PENDING;
}

NTSTATUS Create(PDEVICE_OBJECT DeviceObject, PIRP Irp) { return Finish(Irp, STATUS_SUCCESS, 0); }

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    PEXT ext;

    RtlInitUnicodeString(&name, L"\\Device\\Keeps");
    if (!NT_SUCCESS(IoCreateDevice(DriverObject, sizeof(EXT), &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device))) {
        return STATUS_UNSUCCESSFUL;
    }
    ext = device->DeviceExtension;
    KeInitializeDpc(&ext->Dpc, Answer, ext);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
`
	freesApp = `#include <windows.h>
#include <winioctl.h>
#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
static HANDLE device;
static OVERLAPPED over;
static char *out;

DWORD WINAPI Other(LPVOID Parameter)
{
    VirtualFree(out, 0, MEM_RELEASE);
    VirtualAlloc(out, 4096, MEM_COMMIT, PAGE_READWRITE);
    return 0;
}

int main(void)
{
    device = CreateFileA("\\\\.\\Keeps", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    out = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_BUFFERED, NULL, 0, out, 8, NULL, &over);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, out, 8, NULL, &over);
    WaitForSingleObject(over.hEvent, INFINITE);
    return 0;
}
`
)

// The invariants that are the system's duty hold, and each fails once a rule of
// the model is turned wrong.
func TestSystemInvariantsFailWithTheModel(t *testing.T) {
	if got := systemViolations(t); len(got) != 0 {
		t.Errorf("without a fault: violated %v", got)
	}
	for _, c := range []struct {
		invariant, name string
		fault           model.Fault
	}{
		{"INV09", "a locked frame goes to the free list", model.Fault{Step: "mm.unmap", Kind: model.FaultIgnore}},
		{"INV15", "stage two is queued to another thread", model.Fault{Step: "complete.C7", Kind: model.FaultIgnore}},
		{"INV16", "Information is not written", model.Fault{Step: "apc.F5", Kind: model.FaultSkip}},
		{"INV17", "the event is set twice", model.Fault{Step: "apc.F6", Kind: model.FaultTwice}},
		{"INV17", "an error that was returned at once notifies", model.Fault{Step: "apc.F4", Kind: model.FaultSkip}},
	} {
		t.Run(c.invariant+" "+c.name, func(t *testing.T) {
			if got := systemViolations(t, c.fault); !got[c.invariant] {
				t.Errorf("with %s mutated: violated %v, want %s among them", c.fault.Step, got, c.invariant)
			}
		})
	}
}

func systemViolations(t *testing.T, faults ...model.Fault) map[string]bool {
	t.Helper()
	load := func(name, text string, side program.Side) *program.Program {
		p, err := csource.Load([]string{name}, csource.Options{Side: side, ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	b := model.QuickBounds()
	b.Failures = 0
	m, err := model.New(model.Config{Driver: load("keeps.c", keepsDriver, program.Driver), App: load("frees.c", freesApp, program.App),
		Bounds: b, Reduce: model.AllReductions(), Actions: model.AllActions(), Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	r, err := invariants.Run(context.Background(), m, invariants.ForSystem(), invariants.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, a := range r.Answers {
		if a.Answer == invariants.Violated {
			out[a.Property.Name] = true
		}
	}
	return out
}
