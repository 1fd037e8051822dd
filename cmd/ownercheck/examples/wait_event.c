/*
 * A driver with one pended request at a time: IOCTL_WAIT queues the IRP, a
 * timer's DPC completes it, a cancel routine takes it back.
 *
 * Who owns the IRP is decided in one place: the exchange in
 * IoSetCancelRoutine. Whoever gets the routine back may complete the IRP;
 * whoever gets NULL must leave it alone.
 */
#include <ntddk.h>

#define IOCTL_WAIT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

typedef struct _DEVICE_EXTENSION {
    KSPIN_LOCK Lock;
    LIST_ENTRY Queue;
    KTIMER     Timer;
    KDPC       Dpc;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
DRIVER_DISPATCH   WaitCreate;
DRIVER_DISPATCH   WaitControl;
DRIVER_CANCEL     WaitCancel;
KDEFERRED_ROUTINE WaitDpc;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID
WaitCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);

    KeAcquireSpinLock(&ext->Lock, &irql);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&ext->Lock, irql);

    Finish(Irp, STATUS_CANCELLED);
}

VOID
WaitDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION ext = Context;
    LARGE_INTEGER due;
    PLIST_ENTRY entry;
    PIRP irp = NULL;

    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);

    KeAcquireSpinLockAtDpcLevel(&ext->Lock);
    while (!IsListEmpty(&ext->Queue)) {
        entry = RemoveHeadList(&ext->Queue);
        irp = CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
        if (IoSetCancelRoutine(irp, NULL) != NULL) {
            break;                      /* ours */
        }
        InitializeListHead(entry);      /* the cancel routine's: it will unlink it once more */
        irp = NULL;
    }
    if (!IsListEmpty(&ext->Queue)) {
        due.QuadPart = -10000;
        KeSetTimer(&ext->Timer, due, Dpc);  /* one request a time */
    }
    KeReleaseSpinLockFromDpcLevel(&ext->Lock);

    if (irp != NULL) {
        Finish(irp, STATUS_SUCCESS);
    }
}

NTSTATUS
WaitControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    LARGE_INTEGER due;
    KIRQL irql;

    if (stack->Parameters.DeviceIoControl.IoControlCode != IOCTL_WAIT) {
        return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST);
    }

    IoMarkIrpPending(Irp);

    KeAcquireSpinLock(&ext->Lock, &irql);
    InsertTailList(&ext->Queue, &Irp->Tail.Overlay.ListEntry);
    IoSetCancelRoutine(Irp, WaitCancel);
    if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
        RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
        KeReleaseSpinLock(&ext->Lock, irql);
        Finish(Irp, STATUS_CANCELLED);
        return STATUS_PENDING;
    }
    KeReleaseSpinLock(&ext->Lock, irql);

    due.QuadPart = -10000;
    KeSetTimer(&ext->Timer, due, &ext->Dpc);
    return STATUS_PENDING;
}

NTSTATUS
WaitCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return Finish(Irp, STATUS_SUCCESS);
}

NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    PDEVICE_EXTENSION ext;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    RtlInitUnicodeString(&name, L"\\Device\\Wait");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    InitializeListHead(&ext->Queue);
    KeInitializeTimer(&ext->Timer);
    KeInitializeDpc(&ext->Dpc, WaitDpc, ext);

    DriverObject->MajorFunction[IRP_MJ_CREATE] = WaitCreate;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = WaitControl;
    return STATUS_SUCCESS;
}
