/*
 * Each interlocked operation with what it must leave and give back: a request that
 * finds anything else reads through a NULL pointer.
 */
#include <ntddk.h>

typedef struct _DEVICE_EXTENSION {
    KSPIN_LOCK        Lock;
    LIST_ENTRY        List;
    LIST_ENTRY        One;
    LIST_ENTRY        Two;
    SINGLE_LIST_ENTRY Single;
    SINGLE_LIST_ENTRY Entry;
    LONG              Count;
    LONGLONG          Wide;
    PVOID             Pointer;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

#define MUST(x) if (!(x)) { *(volatile LONG *)NULL = __LINE__; }

NTSTATUS
Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;

    ext->Count = 5;
    MUST(InterlockedIncrement(&ext->Count) == 6);
    MUST(InterlockedDecrement(&ext->Count) == 5);
    MUST(InterlockedExchangeAdd(&ext->Count, 3) == 5 && ext->Count == 8);
    MUST(InterlockedAdd(&ext->Count, -6) == 2);
    MUST(InterlockedExchange(&ext->Count, 12) == 2 && ext->Count == 12);
    MUST(InterlockedCompareExchange(&ext->Count, 1, 11) == 12 && ext->Count == 12);
    MUST(InterlockedCompareExchange(&ext->Count, 1, 12) == 12 && ext->Count == 1);
    MUST(InterlockedOr(&ext->Count, 6) == 1 && ext->Count == 7);
    MUST(InterlockedAnd(&ext->Count, 5) == 7 && ext->Count == 5);
    MUST(InterlockedXor(&ext->Count, 1) == 5 && ext->Count == 4);
    MUST(InterlockedBitTestAndSet(&ext->Count, 0) == 0 && ext->Count == 5);
    MUST(InterlockedBitTestAndReset(&ext->Count, 2) != 0 && ext->Count == 1);
    ext->Wide = 1;
    MUST(InterlockedIncrement64(&ext->Wide) == 2);
    MUST(InterlockedCompareExchange64(&ext->Wide, 9, 2) == 2 && ext->Wide == 9);
    ext->Pointer = NULL;
    MUST(InterlockedExchangePointer(&ext->Pointer, ext) == NULL && ext->Pointer == ext);
    MUST(InterlockedCompareExchangePointer(&ext->Pointer, NULL, ext) == ext && ext->Pointer == NULL);

    InitializeListHead(&ext->List);
    MUST(ExInterlockedInsertTailList(&ext->List, &ext->One, &ext->Lock) == NULL);
    MUST(ExInterlockedInsertHeadList(&ext->List, &ext->Two, &ext->Lock) == &ext->One);
    MUST(ExInterlockedRemoveHeadList(&ext->List, &ext->Lock) == &ext->Two);
    MUST(ExInterlockedRemoveHeadList(&ext->List, &ext->Lock) == &ext->One);
    MUST(ExInterlockedRemoveHeadList(&ext->List, &ext->Lock) == NULL);
    ext->Single.Next = NULL;
    PushEntryList(&ext->Single, &ext->Entry);
    MUST(PopEntryList(&ext->Single) == &ext->Entry && PopEntryList(&ext->Single) == NULL);

    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

NTSTATUS
Create(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    PDEVICE_EXTENSION ext;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    RtlInitUnicodeString(&name, L"\\Device\\Interlocked");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
