/* A device that answers later: each request is kept, a DPC stands for the
   device's interrupt, writes the answer and completes the request. */
#include <ntddk.h>

#define IOCTL_BUFFERED CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

typedef struct _DEVICE_EXTENSION {
    KDPC  Dpc;
    PIRP  Irp;
    PCHAR Answer;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID
Answer(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION ext = Context;

    ext->Answer[0] = 'A';
    Finish(ext->Irp, STATUS_SUCCESS, 1);
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
    case IOCTL_BUFFERED:
        ext->Answer = Irp->AssociatedIrp.SystemBuffer;
        break;
    case IOCTL_DIRECT:
        ext->Answer = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
        if (ext->Answer == NULL) {
            return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
        }
        break;
    default:
        return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
    ext->Irp = Irp;
    IoMarkIrpPending(Irp);
    KeInsertQueueDpc(&ext->Dpc, NULL, NULL);
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
    KeInitializeDpc(&ext->Dpc, Answer, ext);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
