/*
 * A thread waits on a semaphore for requests: what the tests of the model run for
 * waits that no other context can tell the order of.
 */
#include <ntddk.h>

typedef struct _DEVICE_EXTENSION {
    KSPIN_LOCK Lock;
    LIST_ENTRY Queue;
    KSEMAPHORE Work;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

KSTART_ROUTINE Thread;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID
Thread(PVOID Context)
{
    PDEVICE_EXTENSION ext = Context;
    PLIST_ENTRY entry;
    KIRQL irql;

    for (;;) {
        KeWaitForSingleObject(&ext->Work, Executive, KernelMode, FALSE, NULL);
        entry = NULL;
        KeAcquireSpinLock(&ext->Lock, &irql);
        if (!IsListEmpty(&ext->Queue)) {
            entry = RemoveHeadList(&ext->Queue);
        }
        KeReleaseSpinLock(&ext->Lock, irql);
        if (entry != NULL) {
            Finish(CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry), STATUS_SUCCESS, 0);
        }
    }
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;

    IoMarkIrpPending(Irp);
    KeAcquireSpinLock(&ext->Lock, &irql);
    InsertTailList(&ext->Queue, &Irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&ext->Lock, irql);
    KeReleaseSemaphore(&ext->Work, IO_NO_INCREMENT, 1, FALSE);
    return STATUS_PENDING;
}

NTSTATUS
Create(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return Finish(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    PDEVICE_EXTENSION ext;
    NTSTATUS status;
    HANDLE thread;

    UNREFERENCED_PARAMETER(RegistryPath);
    RtlInitUnicodeString(&name, L"\\Device\\Semaphore");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    InitializeListHead(&ext->Queue);
    KeInitializeSemaphore(&ext->Work, 0, MAXLONG);
    status = PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, Thread, ext);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    ZwClose(thread);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
