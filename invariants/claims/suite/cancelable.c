/* An inverted call: requests wait in the driver until somebody, in any process,
   releases them, or until they are cancelled. */
#include <ntddk.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_RELEASE  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)

typedef struct _DEVICE_EXTENSION {
    KSPIN_LOCK Lock;
    LIST_ENTRY Queue;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static VOID
Answer(PIRP Irp)
{
    PCHAR answer;

    if (Irp->MdlAddress != NULL) {
        answer = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
        if (answer == NULL) {
            Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
            return;
        }
    } else {
        answer = Irp->AssociatedIrp.SystemBuffer;
    }
    answer[0] = 'A';
    Finish(Irp, STATUS_SUCCESS, 1);
}

VOID
Cancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&ext->Lock, &irql);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&ext->Lock, irql);
    Finish(Irp, STATUS_CANCELLED, 0);
}

static VOID
Release(PDEVICE_EXTENSION ext)
{
    PLIST_ENTRY entry;
    PIRP irp = NULL;
    KIRQL irql;

    KeAcquireSpinLock(&ext->Lock, &irql);
    while (irp == NULL && !IsListEmpty(&ext->Queue)) {
        entry = RemoveHeadList(&ext->Queue);
        irp = CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
        if (IoSetCancelRoutine(irp, NULL) == NULL) {
            InitializeListHead(entry); /* the cancel routine's */
            irp = NULL;
        }
    }
    KeReleaseSpinLock(&ext->Lock, irql);
    if (irp != NULL) {
        Answer(irp);
    }
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    KIRQL irql;

    if (stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_RELEASE) {
        Release(ext);
        return Finish(Irp, STATUS_SUCCESS, 0);
    }
    if (stack->Parameters.DeviceIoControl.OutputBufferLength == 0) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    IoMarkIrpPending(Irp);
    KeAcquireSpinLock(&ext->Lock, &irql);
    InsertTailList(&ext->Queue, &Irp->Tail.Overlay.ListEntry);
    IoSetCancelRoutine(Irp, Cancel);
    if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
        RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
        KeReleaseSpinLock(&ext->Lock, irql);
        Finish(Irp, STATUS_CANCELLED, 0);
        return STATUS_PENDING;
    }
    KeReleaseSpinLock(&ext->Lock, irql);
    return STATUS_PENDING;
}

NTSTATUS
Create(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return Finish(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    PDEVICE_EXTENSION ext;
    NTSTATUS status;

    RtlInitUnicodeString(&name, L"\\Device\\Later");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    InitializeListHead(&ext->Queue);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
