package model_test

import (
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/program"
)

// curiousDriver looks at all that a client can vary: each buffer and length of
// each method, READ and WRITE, files, and what becomes of a request that it keeps.
const curiousDriver = `
#include <ntddk.h>
#define IOCTL_KEEP    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_NEITHER CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_NEITHER, FILE_ANY_ACCESS)

typedef struct _DEVICE_EXTENSION { KSPIN_LOCK Lock; PIRP Irp; } DEVICE_EXTENSION, *PDEVICE_EXTENSION;

static NTSTATUS Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID Cancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&ext->Lock, &irql);
    if (ext->Irp == Irp)
        ext->Irp = NULL;
    KeReleaseSpinLock(&ext->Lock, irql);
    Finish(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS Keep(PDEVICE_EXTENSION ext, PIRP Irp)
{
    KIRQL irql;
    PIRP old;

    KeAcquireSpinLock(&ext->Lock, &irql);
    IoMarkIrpPending(Irp);
    old = ext->Irp;
    ext->Irp = Irp;
    IoSetCancelRoutine(Irp, Cancel);
    if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
        ext->Irp = NULL;
        KeReleaseSpinLock(&ext->Lock, irql);
        Finish(Irp, STATUS_CANCELLED, 0);
        KeAcquireSpinLock(&ext->Lock, &irql);
    }
    if (old != NULL && IoSetCancelRoutine(old, NULL) == NULL)
        old = NULL;
    KeReleaseSpinLock(&ext->Lock, irql);
    if (old != NULL)
        Finish(old, STATUS_SUCCESS, 0);
    return STATUS_PENDING;
}

NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG in = stack->Parameters.DeviceIoControl.InputBufferLength;
    ULONG out = stack->Parameters.DeviceIoControl.OutputBufferLength;
    PUCHAR p;

    switch (stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_KEEP:
        if (in < 4 || out < 4)
            return Finish(Irp, STATUS_BUFFER_TOO_SMALL, 0);
        if (*(PULONG)Irp->AssociatedIrp.SystemBuffer == 1)
            return Keep(DeviceObject->DeviceExtension, Irp);
        *(PULONG)Irp->AssociatedIrp.SystemBuffer = 2;
        return Finish(Irp, STATUS_SUCCESS, 4);
    case IOCTL_DIRECT:
        if (Irp->MdlAddress == NULL)
            return Finish(Irp, STATUS_BUFFER_TOO_SMALL, 0);
        p = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
        if (p == NULL)
            return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
        p[0] = 1;
        return Finish(Irp, STATUS_SUCCESS, 0);
    case IOCTL_NEITHER:
        if (out < 1)
            return Finish(Irp, STATUS_BUFFER_TOO_SMALL, 0);
        __try {
            ProbeForWrite(Irp->UserBuffer, out, 1);
            *(PUCHAR)Irp->UserBuffer = 1;
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            return Finish(Irp, STATUS_INVALID_USER_BUFFER, 0);
        }
        return Finish(Irp, STATUS_SUCCESS, 0);
    }
    return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

NTSTATUS Read(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PUCHAR p = Irp->AssociatedIrp.SystemBuffer;
    if (p == NULL)
        return Finish(Irp, STATUS_SUCCESS, 0);
    p[0] = 1;
    return Finish(Irp, STATUS_SUCCESS, 1);
}

NTSTATUS Write(PDEVICE_OBJECT DeviceObject, PIRP Irp) { return Finish(Irp, STATUS_SUCCESS, 0); }

NTSTATUS Cleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;
    PIRP old;

    KeAcquireSpinLock(&ext->Lock, &irql);
    old = ext->Irp;
    if (old != NULL && IoSetCancelRoutine(old, NULL) == NULL)
        old = NULL;
    else
        ext->Irp = NULL;
    KeReleaseSpinLock(&ext->Lock, irql);
    if (old != NULL)
        Finish(old, STATUS_CANCELLED, 0);
    return Finish(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS Done(PDEVICE_OBJECT DeviceObject, PIRP Irp) { return Finish(Irp, STATUS_SUCCESS, 0); }

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    NTSTATUS status;
    RtlInitUnicodeString(&name, L"\\Device\\Curious");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    KeInitializeSpinLock(&((PDEVICE_EXTENSION)device->DeviceExtension)->Lock);
    device->Flags |= DO_BUFFERED_IO;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Done;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Cleanup;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Done;
    DriverObject->MajorFunction[IRP_MJ_READ] = Read;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = Write;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
`

// curious makes a case of curiousDriver and the most general client.
func curious(t *testing.T, with ...string) *model.Model {
	t.Helper()
	p := loadText(t, "driver.c", curiousDriver, program.Driver)
	cfg := model.Config{Driver: p, Bounds: model.QuickBounds(), Reduce: model.AllReductions(), Actions: model.AllActions()}
	cfg.Bounds.Failures = 0
	for _, w := range with {
		if err := cfg.Actions.With(w); err != nil {
			t.Fatal(err)
		}
	}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Each action of the most general client is seen to happen (22.21). What only an
// app of one's own does has its tests beside what it is about.
func TestEachActionOfTheClientHappens(t *testing.T) {
	for _, c := range []struct {
		with string
		want []string
	}{
		{"", []string{
			"DeviceIoControl METHOD_BUFFERED", "DeviceIoControl METHOD_OUT_DIRECT", "DeviceIoControl METHOD_NEITHER",
			"in 0 bytes", "out 0 bytes", "in 4 bytes", "out 4 bytes", "with a kernel address", "ReadFile", "WriteFile",
			"cancels", "ends", "closes", "opens", "unmaps before the lock", "unmaps before copy-back",
		}},
		{"sync", []string{"waits"}},
		{"port", []string{"takes a packet"}},
	} {
		t.Run(c.with, func(t *testing.T) {
			var with []string
			if c.with != "" {
				with = []string{c.with}
			}
			m := curious(t, with...)
			seen := map[string]bool{}
			told := map[uint32]bool{}
			run(t, m, explore.Config{Workers: 1, Properties: []explore.Property{{Name: "steps", Kind: explore.Step,
				Step: func(s explore.State, a explore.Action, to explore.State, notes uint64) bool {
					note(m, s, a, to, notes, seen, told)
					return true
				}}}})
			for _, w := range c.want {
				if !seen[w] {
					t.Errorf("never seen: %s", w)
				}
			}
		})
	}
}

// note records what step a from s to to is a witness of.
func note(m *model.Model, s explore.State, a explore.Action, to explore.State, notes uint64, seen map[string]bool, told map[uint32]bool) {
	switch a.Kind {
	case model.KindIssue:
		if told[a.Arg>>16] {
			break
		}
		told[a.Arg>>16] = true
		x, _, err := m.Tell(s, a)
		if err != nil {
			break
		}
		for _, w := range []string{"in 0 bytes", "out 0 bytes", "in 4 bytes", "out 4 bytes", "with a kernel address", "ReadFile", "WriteFile"} {
			seen[w] = seen[w] || strings.Contains(x.Action, w)
		}
		for _, w := range []string{"METHOD_BUFFERED", "METHOD_OUT_DIRECT", "METHOD_NEITHER"} {
			seen["DeviceIoControl "+w] = seen["DeviceIoControl "+w] || strings.Contains(x.Action, w)
		}
	case model.KindCancel:
		seen["cancels"] = true
	case model.KindExit:
		seen["ends"] = true
	case model.KindClose:
		seen["closes"] = true
	case model.KindOpen:
		seen["opens"] = true
	case model.KindDequeue:
		seen["takes a packet"] = true
	}
	seen["unmaps before the lock"] = seen["unmaps before the lock"] || notes&model.NoteLockFault != 0
	seen["unmaps before copy-back"] = seen["unmaps before copy-back"] || notes&model.NoteCopyBackFault != 0
	if !model.Stopped(to) {
		v := m.View(to)
		for i := range v.Requests() {
			if r := v.Request(i); r.WithDriver() && r.Synchronous() && r.Call() == model.CallRunning {
				seen["waits"] = true
			}
		}
	}
}
