/* A device that answers later: a DPC that stands for its interrupt stores the
   answer by the caller's own address, in whatever process runs then. */
#include <ntddk.h>

#define IOCTL_NEITHER CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_NEITHER, FILE_ANY_ACCESS)

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

    __try {
        ext->Answer[0] = 'A';
    } __except (EXCEPTION_EXECUTE_HANDLER) {
    }
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
    ext->Answer = Irp->UserBuffer;
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
