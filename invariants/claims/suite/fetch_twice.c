/* Reads a message from the caller's own pages: looks at its length, then copies
   as many bytes as the length says. */
#include <ntddk.h>

typedef struct _MESSAGE {
    ULONG Length;
    CHAR  Text[60];
} MESSAGE, *PMESSAGE;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PMESSAGE message;
    CHAR text[8];

    if (stack->Parameters.DeviceIoControl.OutputBufferLength < sizeof(MESSAGE)) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    message = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
    if (message == NULL) {
        return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    if (message->Length > sizeof(text)) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    RtlCopyMemory(text, message->Text, message->Length);
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

    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    RtlInitUnicodeString(&name, L"\\Device\\Later");
    return IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
}
