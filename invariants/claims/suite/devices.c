/* Devices that answer in four ways: FIRST and SECOND keep one request each and
   answer it from a DPC, KEEP holds one until it is cancelled, AT_ONCE and WARN
   answer in the dispatch routine, WARN with a status of warning severity. */
#include <ntddk.h>

#define IOCTL_FIRST   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_SECOND  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_KEEP    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_AT_ONCE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x803, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_WARN    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x804, METHOD_BUFFERED, FILE_ANY_ACCESS)

typedef struct _DEVICE_EXTENSION {
    KDPC FirstDpc, SecondDpc;
    PIRP First, Second;
    KSPIN_LOCK Lock;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS
Answer(PIRP Irp, NTSTATUS Status)
{
    PCHAR out = Irp->AssociatedIrp.SystemBuffer;

    out[0] = 'A';
    return Finish(Irp, Status, 1);
}

VOID
AnswerFirst(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION ext = Context;

    Answer(ext->First, STATUS_SUCCESS);
}

VOID
AnswerSecond(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION ext = Context;

    Answer(ext->Second, STATUS_SUCCESS);
}

VOID
Cancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&ext->Lock, &irql); /* wait until Keep has let go of it */
    KeReleaseSpinLock(&ext->Lock, irql);
    Finish(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS
Keep(PDEVICE_EXTENSION ext, PIRP Irp)
{
    KIRQL irql;
    BOOLEAN late;

    KeAcquireSpinLock(&ext->Lock, &irql);
    IoMarkIrpPending(Irp);
    IoSetCancelRoutine(Irp, Cancel);
    late = Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL;
    KeReleaseSpinLock(&ext->Lock, irql);
    if (late) {
        Finish(Irp, STATUS_CANCELLED, 0);
    }
    return STATUS_PENDING;
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);

    if (stack->Parameters.DeviceIoControl.OutputBufferLength == 0) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    switch (stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_FIRST:
        ext->First = Irp;
        IoMarkIrpPending(Irp);
        KeInsertQueueDpc(&ext->FirstDpc, NULL, NULL);
        return STATUS_PENDING;
    case IOCTL_SECOND:
        ext->Second = Irp;
        IoMarkIrpPending(Irp);
        KeInsertQueueDpc(&ext->SecondDpc, NULL, NULL);
        return STATUS_PENDING;
    case IOCTL_KEEP:
        return Keep(ext, Irp);
    case IOCTL_AT_ONCE:
        return Answer(Irp, STATUS_SUCCESS);
    case IOCTL_WARN:
        return Answer(Irp, STATUS_BUFFER_OVERFLOW);
    }
    return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
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

    RtlInitUnicodeString(&name, L"\\Device\\Devices");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    KeInitializeDpc(&ext->FirstDpc, AnswerFirst, ext);
    KeInitializeDpc(&ext->SecondDpc, AnswerSecond, ext);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
