/*
 * Requests wait in a cancel-safe queue for a timer's DPC, a thread, and a work
 * item, under a remove lock: what the tests of the model run besides the examples.
 */
#include <ntddk.h>

typedef struct _DEVICE_EXTENSION {
    KSPIN_LOCK Lock;
    LIST_ENTRY Queue;
    IO_CSQ     Csq;
    KTIMER     Timer;
    KDPC       Dpc;
    KEVENT     Work;
    PIO_WORKITEM Item;
    LONG       Queued;
    IO_REMOVE_LOCK RemoveLock;
    HANDLE Closed; /* of the thread: nothing uses it any more */
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

KDEFERRED_ROUTINE Dpc;
KSTART_ROUTINE Thread;
IO_WORKITEM_ROUTINE Worker;
IO_CSQ_INSERT_IRP CsqInsert;
IO_CSQ_REMOVE_IRP CsqRemove;
IO_CSQ_PEEK_NEXT_IRP CsqPeek;
IO_CSQ_ACQUIRE_LOCK CsqAcquire;
IO_CSQ_RELEASE_LOCK CsqRelease;
IO_CSQ_COMPLETE_CANCELED_IRP CsqComplete;

static NTSTATUS
Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID CsqInsert(PIO_CSQ Csq, PIRP Irp)
{
    PDEVICE_EXTENSION ext = CONTAINING_RECORD(Csq, DEVICE_EXTENSION, Csq);
    InsertTailList(&ext->Queue, &Irp->Tail.Overlay.ListEntry);
}

VOID CsqRemove(PIO_CSQ Csq, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Csq);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

PIRP CsqPeek(PIO_CSQ Csq, PIRP Irp, PVOID PeekContext)
{
    PDEVICE_EXTENSION ext = CONTAINING_RECORD(Csq, DEVICE_EXTENSION, Csq);
    PLIST_ENTRY next = Irp == NULL ? ext->Queue.Flink : Irp->Tail.Overlay.ListEntry.Flink;
    PIRP irp;

    while (next != &ext->Queue) {
        irp = CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
        if (PeekContext == NULL || IoGetCurrentIrpStackLocation(irp)->FileObject == PeekContext) {
            return irp;
        }
        next = next->Flink;
    }
    return NULL;
}

VOID CsqAcquire(PIO_CSQ Csq, PKIRQL Irql)
{
    PDEVICE_EXTENSION ext = CONTAINING_RECORD(Csq, DEVICE_EXTENSION, Csq);
    KeAcquireSpinLock(&ext->Lock, Irql);
}

VOID CsqRelease(PIO_CSQ Csq, KIRQL Irql)
{
    PDEVICE_EXTENSION ext = CONTAINING_RECORD(Csq, DEVICE_EXTENSION, Csq);
    KeReleaseSpinLock(&ext->Lock, Irql);
}

VOID CsqComplete(PIO_CSQ Csq, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Csq);
    Finish(Irp, STATUS_CANCELLED, 0);
}

static VOID
Drain(PDEVICE_EXTENSION Ext)
{
    PIRP irp;

    while ((irp = IoCsqRemoveNextIrp(&Ext->Csq, NULL)) != NULL) {
        Finish(irp, STATUS_SUCCESS, 0);
    }
}

VOID
Worker(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    PDEVICE_EXTENSION ext = Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    InterlockedExchange(&ext->Queued, 0);
    Drain(ext);
}

VOID
Thread(PVOID Context)
{
    PDEVICE_EXTENSION ext = Context;

    for (;;) {
        KeWaitForSingleObject(&ext->Work, Executive, KernelMode, FALSE, NULL);
        if (InterlockedExchange(&ext->Queued, 1) == 0) {
            IoQueueWorkItem(ext->Item, Worker, DelayedWorkQueue, ext);
        }
    }
}

VOID
Dpc(PKDPC Object, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION ext = Context;

    UNREFERENCED_PARAMETER(Object);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    KeSetEvent(&ext->Work, IO_NO_INCREMENT, FALSE);
}

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    NTSTATUS status = IoAcquireRemoveLock(&ext->RemoveLock, Irp);
    LARGE_INTEGER due;

    if (!NT_SUCCESS(status)) {
        return Finish(Irp, status, 0);
    }
    switch (IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.IoControlCode) {
    case 0x222000:
        due.QuadPart = -10000;
        IoCsqInsertIrp(&ext->Csq, Irp, NULL);
        KeSetTimer(&ext->Timer, due, &ext->Dpc);
        IoReleaseRemoveLock(&ext->RemoveLock, Irp);
        return STATUS_PENDING;
    case 0x222004:
        IoReleaseRemoveLockAndWait(&ext->RemoveLock, Irp);
        Drain(ext);
        return Finish(Irp, STATUS_SUCCESS, 0);
    }
    IoReleaseRemoveLock(&ext->RemoveLock, Irp);
    return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
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
    RtlInitUnicodeString(&name, L"\\Device\\Queue");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    InitializeListHead(&ext->Queue);
    IoCsqInitialize(&ext->Csq, CsqInsert, CsqRemove, CsqPeek, CsqAcquire, CsqRelease, CsqComplete);
    KeInitializeEvent(&ext->Work, SynchronizationEvent, FALSE);
    IoInitializeRemoveLock(&ext->RemoveLock, 'tseT', 0, 0);
    ext->Item = IoAllocateWorkItem(device);
    status = PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, Thread, ext);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    ext->Closed = thread;
    ZwClose(thread);
    KeInitializeTimer(&ext->Timer);
    KeInitializeDpc(&ext->Dpc, Dpc, ext);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
