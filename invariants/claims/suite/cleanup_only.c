/* An inverted call: requests wait in the driver until somebody, in any process,
   releases them, or until their file is closed. There is no cancel routine. */
#include <ntddk.h>

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

/* Completes one request; FALSE if there is none. */
static BOOLEAN
Release(PDEVICE_EXTENSION ext, NTSTATUS Status)
{
    PLIST_ENTRY entry;
    PIRP irp = NULL;
    KIRQL irql;

    KeAcquireSpinLock(&ext->Lock, &irql);
    if (!IsListEmpty(&ext->Queue)) {
        entry = RemoveHeadList(&ext->Queue);
        irp = CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
    }
    KeReleaseSpinLock(&ext->Lock, irql);
    if (irp != NULL) {
        Finish(irp, Status, 0);
    }
    return irp != NULL;
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    KIRQL irql;

    if (stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_RELEASE) {
        Release(ext, STATUS_SUCCESS);
        return Finish(Irp, STATUS_SUCCESS, 0);
    }
    if (stack->Parameters.DeviceIoControl.OutputBufferLength == 0) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    IoMarkIrpPending(Irp);
    KeAcquireSpinLock(&ext->Lock, &irql);
    InsertTailList(&ext->Queue, &Irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&ext->Lock, irql);
    return STATUS_PENDING;
}

/* The device has one file at a time. */
NTSTATUS
Cleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    while (Release(DeviceObject->DeviceExtension, STATUS_CANCELLED)) {
    }
    return Finish(Irp, STATUS_SUCCESS, 0);
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
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Cleanup;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
