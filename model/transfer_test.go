package model_test

import (
	"fmt"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// transferDriver answers READ and WRITE at once, or from a DPC if LATER is
// defined, and keeps what is odd in its extension. FLAGS are the device's. A
// request after CLEANUP fails with STATUS_FILE_CLOSED; NO_OPEN makes CREATE fail.
const transferDriver = `
#include <ntddk.h>

typedef struct _DEVICE_EXTENSION {
    KDPC Dpc;
    BOOLEAN Cleaned;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

static NTSTATUS Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID Answer(PKDPC Dpc, PVOID Context, PVOID Argument, PVOID B) { Finish(Argument, STATUS_SUCCESS, 4); }

NTSTATUS Transfer(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG *data = NULL;

    if (ext->Cleaned)
        return Finish(Irp, STATUS_FILE_CLOSED, 0);
    if (stack->Parameters.Read.Length == 0)
        return Finish(Irp, Irp->MdlAddress == NULL && Irp->AssociatedIrp.SystemBuffer == NULL ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL, 0);
    if (stack->Parameters.Read.Length < 4 || stack->Parameters.Read.ByteOffset.QuadPart != 16)
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    if (FLAGS & DO_DIRECT_IO) {
        data = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
        if (data == NULL)
            return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    } else {
        data = Irp->AssociatedIrp.SystemBuffer;
    }
    if (stack->MajorFunction == IRP_MJ_READ)
        *data = 7;
#ifdef LATER
    IoMarkIrpPending(Irp);
    KeInsertQueueDpc(&ext->Dpc, Irp, NULL);
    return STATUS_PENDING;
#else
    return Finish(Irp, STATUS_SUCCESS, 4);
#endif
}

NTSTATUS Create(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
#ifdef NO_OPEN
    return Finish(Irp, STATUS_BUFFER_OVERFLOW, 0);
#else
    return Finish(Irp, STATUS_SUCCESS, 0);
#endif
}

NTSTATUS Cleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    ext->Cleaned = TRUE;
    return Finish(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS Close(PDEVICE_OBJECT DeviceObject, PIRP Irp) { return Finish(Irp, STATUS_SUCCESS, 0); }

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    PDEVICE_EXTENSION ext;
    NTSTATUS status;
    RtlInitUnicodeString(&name, L"\\Device\\Later");
    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    device->Flags |= FLAGS;
    ext = device->DeviceExtension;
    KeInitializeDpc(&ext->Dpc, Answer, ext);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Cleanup;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Close;
    DriverObject->MajorFunction[IRP_MJ_READ] = Transfer;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = Transfer;
    return STATUS_SUCCESS;
}
`

// transfers makes a case of transferDriver, with macros, and an app.
func transfers(t *testing.T, macros, app string, threads int) *model.Model {
	t.Helper()
	return withTexts(t, macros+transferDriver, appHead+app, func(c *model.Config) { c.Bounds.Threads = threads })
}

const oneTransfer = `
int returned, told, pending, got;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    over.Offset = 16;
    returned = %s(device, out, %d, NULL, &over) + 1;
    pending = returned == 1 && GetLastError() == ERROR_IO_PENDING;
    if (returned == 2 || pending) {
        WaitForSingleObject(over.hEvent, INFINITE);
        told = GetOverlappedResult(device, &over, &n, FALSE);
    }
    return 0;
}`

// READ and WRITE, BUFFERED and DIRECT, at once and later (12.10 to 12.14, 12.24):
// the app is told once; only a READ stores into its buffer; what ends in dispatch
// is finished by its issuer, without an APC.
func TestTransfersEnd(t *testing.T) {
	for _, c := range []struct {
		flags, call  string
		later        bool
		length       int
		notes, never uint64
	}{
		{"DO_BUFFERED_IO", "ReadFile", false, 8, model.NoteCopyBack, 0},
		{"DO_BUFFERED_IO", "ReadFile", true, 8, model.NoteCopyBack, 0},
		{"DO_BUFFERED_IO", "WriteFile", false, 8, model.NoteCopyIn, model.NoteCopyBack},
		{"DO_BUFFERED_IO", "WriteFile", true, 8, model.NoteCopyIn, model.NoteCopyBack},
		{"DO_DIRECT_IO", "ReadFile", false, 8, model.NoteMapWrite | model.NoteUnlock, model.NoteCopyBack},
		{"DO_DIRECT_IO", "ReadFile", true, 8, model.NoteMapWrite | model.NoteUnlock, model.NoteCopyBack},
		{"DO_DIRECT_IO", "WriteFile", false, 8, model.NoteUnlock, model.NoteCopyBack | model.NoteMapWrite},
		{"DO_BUFFERED_IO", "ReadFile", false, 0, model.NoteNotify, model.NoteCopyBack},
		{"DO_DIRECT_IO", "WriteFile", false, 0, model.NoteNotify, model.NoteUnlock},
	} {
		t.Run(fmt.Sprintf("%s %s %d later %v", c.flags, c.call, c.length, c.later), func(t *testing.T) {
			macros := "#define FLAGS " + c.flags + "\n"
			if c.later {
				macros += "#define LATER\n"
			}
			want := int64(4)
			if c.length == 0 {
				want = 0
			}
			m := transfers(t, macros, fmt.Sprintf(oneTransfer, c.call, c.length), 1)
			ended := func(v model.View) bool { return v.ThreadEnded(0) }
			q := states{
				notes: c.notes | model.NoteNotify | model.NoteCleanup | model.NoteClose, without: c.never,
				sometime: map[string]func(model.View) bool{"the app ends": ended},
				never: map[string]func(model.View) bool{
					"ended without its result": both(ended, func(v model.View) bool { return !global("told", 1)(v) || !global("n", want)(v) }),
				},
			}
			queued := func(v model.View) bool {
				for i := range v.Requests() {
					if v.Request(i).Queued() {
						return true
					}
				}
				return false
			}
			if c.later {
				q.sometime["an APC is queued"] = queued
			} else {
				q.never["an APC is queued"] = queued // E24
			}
			q.ask(t, m)
		})
	}
}

// A failed open, which a warning is too, gets neither CLEANUP nor CLOSE (15.14,
// 15.15; E48).
func TestFailedOpenIsNotClosed(t *testing.T) {
	m := transfers(t, "#define FLAGS 0\n#define NO_OPEN\n", `int main(void) { return 0; }`, 1)
	if m.Opens() {
		t.Error("the driver can be opened")
	}
}

// Opening, closing, opening again; a second handle keeps the file object open,
// and one in another process outlives this one (15.23, 15.24; E28).
func TestHandlesAreCounted(t *testing.T) {
	const again = `
int failed, opened;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    CloseHandle(device);
    failed = ReadFile(device, out, 8, NULL, &over) + GetLastError();
    device = OPEN(FILE_FLAG_OVERLAPPED);
    opened = device != INVALID_HANDLE_VALUE;
    return 0;
}`
	ended := func(v model.View) bool { return v.ThreadEnded(0) }
	states{
		notes:    model.NoteCleanup | model.NoteClose,
		sometime: map[string]func(model.View) bool{"it ends": ended},
		never: map[string]func(model.View) bool{
			"a closed handle is used": both(ended, func(v model.View) bool { return !global("failed", 6)(v) || !global("opened", 1)(v) }),
		},
	}.ask(t, transfers(t, "#define FLAGS DO_BUFFERED_IO\n", again, 1))

	const two = `
int main(void)
{
    HANDLE copy;
    device = OPEN(FILE_FLAG_OVERLAPPED);
    DuplicateHandle(GetCurrentProcess(), device, %s, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    CloseHandle(device);
    return 0;
}`
	states{notes: model.NoteCleanup | model.NoteClose, sometime: map[string]func(model.View) bool{"it ends": ended}}.
		ask(t, transfers(t, "#define FLAGS 0\n", fmt.Sprintf(two, "GetCurrentProcess()"), 1))
	states{without: model.NoteCleanup | model.NoteClose, sometime: map[string]func(model.View) bool{"it ends": ended}}.
		ask(t, transfers(t, "#define FLAGS 0\n", fmt.Sprintf(two, "OpenProcess(0, FALSE, 1)"), 1))
}

// A request reaches dispatch after CLEANUP, if it was on its way (3.22; E49).
func TestRequestAfterCleanup(t *testing.T) {
	m := transfers(t, "#define FLAGS DO_BUFFERED_IO\n", `
int late, closed;
DWORD WINAPI Other(LPVOID p)
{
    CloseHandle(device);
    return 0;
}
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.Offset = 16;
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    if (!ReadFile(device, out, 8, NULL, &over)) {
        late = GetLastError() == 31;
        closed = GetLastError() == ERROR_INVALID_HANDLE;
    }
    return 0;
}`, 2)
	states{notes: model.NoteCleanup | model.NoteClose, sometime: map[string]func(model.View) bool{
		"the driver gets a request after CLEANUP": global("late", 1),
		"the call finds the handle closed":        global("closed", 1),
	}}.ask(t, m)
}

// ReadFileEx and WriteFileEx end with a user APC, in an alertable wait (19.14).
func TestTransferEndsWithUserAPC(t *testing.T) {
	for _, later := range []string{"", "#define LATER\n"} {
		m := transfers(t, "#define FLAGS DO_BUFFERED_IO\n"+later, `
int returned, ran, bytes, waited;
void CALLBACK Done(DWORD error, DWORD n, LPOVERLAPPED o) { ran = 1; bytes = n; }
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.Offset = 16;
    returned = ReadFileEx(device, out, 8, &over, Done) + 1;
    if (returned == 2)
        waited = SleepEx(INFINITE, TRUE) + 1;
    returned = WriteFileEx(device, out, 2, &over, Done) + 1;
    return 0;
}`, 1)
		ended := func(v model.View) bool { return v.ThreadEnded(0) }
		states{
			notes:    model.NoteUserAPC | model.NoteCopyBack,
			sometime: map[string]func(model.View) bool{"it ends": ended},
			never: map[string]func(model.View) bool{
				"ended without its APC":        both(ended, func(v model.View) bool { return !global("ran", 1)(v) || !global("bytes", 4)(v) }),
				"the wait ended otherwise":     both(ended, func(v model.View) bool { return !global("waited", 0xC1)(v) }),
				"a call that failed succeeded": both(ended, func(v model.View) bool { return !global("returned", 1)(v) }),
				"too early":                    both(global("ran", 1), global("returned", 0)),
			},
		}.ask(t, m)
	}
}

// A CLOSE that does not wait for the last request is told (INV24).
func TestCloseBeforeTheLastRequestIsTold(t *testing.T) {
	m := build(t, files, func(c *model.Config) { c.Faults = []model.Fault{{Step: "file.H5", Kind: model.FaultIgnore}} })
	r := run(t, m, explore.Config{Properties: []explore.Property{{Name: "INV24", Kind: explore.Reachable,
		State: func(s explore.State) bool { return m.Violates(s, 24) && m.Finding(s).Where == "file.H5" }}}})
	if v := r.Outcomes[0].Verdict; v != explore.Reached {
		t.Errorf("got %v", v)
	}
}
