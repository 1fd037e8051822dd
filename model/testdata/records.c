/*
 * Each request leaves a record with a timer and an event of the app in a list; the
 * timer's DPC takes it out, or CLEANUP does.
 */
#include <ntddk.h>

typedef struct _DEVICE_EXTENSION {
    KSPIN_LOCK Lock;
    LIST_ENTRY Records;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

typedef struct _FILE_CONTEXT {
    IO_REMOVE_LOCK Rundown;
} FILE_CONTEXT, *PFILE_CONTEXT;

typedef struct _RECORD {
    LIST_ENTRY        Link;
    KTIMER            Timer;
    KDPC              Dpc;
    PFILE_OBJECT      File;
    PVOID             Event;
    PDEVICE_EXTENSION Extension;
} RECORD, *PRECORD;

KDEFERRED_ROUTINE Expired;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static VOID
Forget(PRECORD Record)
{
    ObDereferenceObject(Record->Event);
    ExFreePoolWithTag(Record, 'sceR');
}

VOID
Expired(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PRECORD record = Context;
    PDEVICE_EXTENSION ext = record->Extension;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    KeAcquireSpinLockAtDpcLevel(&ext->Lock);
    RemoveEntryList(&record->Link);
    KeReleaseSpinLockFromDpcLevel(&ext->Lock);
    Forget(record);
}

static NTSTATUS
Register(PDEVICE_EXTENSION Extension, PFILE_OBJECT File, HANDLE Handle)
{
    PRECORD record = ExAllocatePoolWithTag(NonPagedPool, sizeof(RECORD), 'sceR');
    LARGE_INTEGER due;
    NTSTATUS status;
    KIRQL irql;

    if (record == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *ExEventObjectType, UserMode, &record->Event, NULL);
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(record, 'sceR');
        return status;
    }
    KeInitializeTimer(&record->Timer);
    KeInitializeDpc(&record->Dpc, Expired, record);
    record->File = File;
    record->Extension = Extension;
    due.QuadPart = -10000;
    KeAcquireSpinLock(&Extension->Lock, &irql);
    InsertTailList(&Extension->Records, &record->Link);
    KeSetTimer(&record->Timer, due, &record->Dpc);
    KeReleaseSpinLock(&Extension->Lock, irql);
    return STATUS_SUCCESS;
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PFILE_CONTEXT context = stack->FileObject->FsContext;
    NTSTATUS status = IoAcquireRemoveLock(&context->Rundown, Irp);

    if (!NT_SUCCESS(status)) {
        return Finish(Irp, status);
    }
    if (stack->Parameters.DeviceIoControl.IoControlCode != 0x222000 ||
        stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(HANDLE)) {
        status = STATUS_INVALID_PARAMETER;
    } else {
        status = Register(DeviceObject->DeviceExtension, stack->FileObject, *(PHANDLE)Irp->AssociatedIrp.SystemBuffer);
    }
    Finish(Irp, status);
    IoReleaseRemoveLock(&context->Rundown, Irp);
    return status;
}

NTSTATUS
Create(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_CONTEXT context = ExAllocatePoolWithTag(NonPagedPool, sizeof(FILE_CONTEXT), 'sceR');

    UNREFERENCED_PARAMETER(DeviceObject);
    if (context == NULL) {
        return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES);
    }
    IoInitializeRemoveLock(&context->Rundown, 'sceR', 0, 0);
    IoGetCurrentIrpStackLocation(Irp)->FileObject->FsContext = context;
    return Finish(Irp, STATUS_SUCCESS);
}

NTSTATUS
Cleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PFILE_OBJECT file = IoGetCurrentIrpStackLocation(Irp)->FileObject;
    PFILE_CONTEXT context = file->FsContext;
    PLIST_ENTRY entry, next;
    KIRQL irql;

    IoAcquireRemoveLock(&context->Rundown, Irp);
    IoReleaseRemoveLockAndWait(&context->Rundown, Irp);
    KeAcquireSpinLock(&ext->Lock, &irql);
    for (entry = ext->Records.Flink; entry != &ext->Records; entry = next) {
        PRECORD record = CONTAINING_RECORD(entry, RECORD, Link);

        next = entry->Flink;
        if (record->File == file && KeCancelTimer(&record->Timer)) {
            RemoveEntryList(entry);
            Forget(record);
        }
    }
    KeReleaseSpinLock(&ext->Lock, irql);
    return Finish(Irp, STATUS_SUCCESS);
}

NTSTATUS
Close(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    ExFreePoolWithTag(IoGetCurrentIrpStackLocation(Irp)->FileObject->FsContext, 'sceR');
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
    RtlInitUnicodeString(&name, L"\\Device\\Records");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    InitializeListHead(&ext->Records);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Cleanup;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Close;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
