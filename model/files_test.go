package model_test

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// laterDriver answers from a DPC: SLOW and DIRECT with success, REFUSE with an
// error. It keeps NEVER and KEEP_DIRECT until they are cancelled, FORGET for ever,
// and answers AT_ONCE in its dispatch routine. A READ is
// a SLOW.
const laterDriver = `
#include <ntddk.h>
#define IOCTL_SLOW   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_REFUSE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_AT_ONCE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_NEVER  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x803, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x804, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_KEEP_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x805, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_FORGET CTL_CODE(FILE_DEVICE_UNKNOWN, 0x806, METHOD_BUFFERED, FILE_ANY_ACCESS)

typedef struct _DEVICE_EXTENSION {
    KDPC Dpc, RefuseDpc, DirectDpc;
    PIRP Irp, RefuseIrp, DirectIrp;
    PCHAR Address;
    KSPIN_LOCK Lock;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

static NTSTATUS Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

VOID Answer(PKDPC Dpc, PVOID Context, PVOID A, PVOID B)
{
    PDEVICE_EXTENSION ext = Context;
    PCHAR out = ext->Irp->AssociatedIrp.SystemBuffer;
    out[0] = 'A';
    Finish(ext->Irp, STATUS_SUCCESS, 1);
}

VOID Refuse(PKDPC Dpc, PVOID Context, PVOID A, PVOID B)
{
    PDEVICE_EXTENSION ext = Context;
    Finish(ext->RefuseIrp, STATUS_INSUFFICIENT_RESOURCES, 0);
}

VOID AnswerDirect(PKDPC Dpc, PVOID Context, PVOID A, PVOID B)
{
    PDEVICE_EXTENSION ext = Context;
    ext->Address[0] = 'D';
    Finish(ext->DirectIrp, STATUS_SUCCESS, 1);
}

VOID Cancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    KIRQL irql;
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&ext->Lock, &irql);
    KeReleaseSpinLock(&ext->Lock, irql);
    Finish(Irp, STATUS_CANCELLED, 0);
}

NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PCHAR out = Irp->AssociatedIrp.SystemBuffer;
    KIRQL irql;
    BOOLEAN late;

    switch (stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_SLOW:
        if (stack->Parameters.DeviceIoControl.OutputBufferLength == 0)
            return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
        ext->Irp = Irp;
        IoMarkIrpPending(Irp);
        KeInsertQueueDpc(&ext->Dpc, NULL, NULL);
        return STATUS_PENDING;
    case IOCTL_REFUSE:
        ext->RefuseIrp = Irp;
        IoMarkIrpPending(Irp);
        KeInsertQueueDpc(&ext->RefuseDpc, NULL, NULL);
        return STATUS_PENDING;
    case IOCTL_AT_ONCE:
        if (stack->Parameters.DeviceIoControl.OutputBufferLength == 0)
            return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
        out[0] = 'A';
        return Finish(Irp, STATUS_SUCCESS, 1);
    case IOCTL_DIRECT:
        if (Irp->MdlAddress == NULL)
            return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
        out = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
        if (out == NULL)
            return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
        ext->Address = out;
        ext->DirectIrp = Irp;
        IoMarkIrpPending(Irp);
        KeInsertQueueDpc(&ext->DirectDpc, NULL, NULL);
        return STATUS_PENDING;
    case IOCTL_FORGET:
        IoMarkIrpPending(Irp);
        return STATUS_PENDING;
    case IOCTL_KEEP_DIRECT:
        if (Irp->MdlAddress == NULL)
            return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
        if (MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority) == NULL)
            return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
        /* FALLTHROUGH */
    case IOCTL_NEVER:
        KeAcquireSpinLock(&ext->Lock, &irql);
        IoMarkIrpPending(Irp);
        IoSetCancelRoutine(Irp, Cancel);
        late = Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL;
        KeReleaseSpinLock(&ext->Lock, irql);
        if (late)
            Finish(Irp, STATUS_CANCELLED, 0);
        return STATUS_PENDING;
    }
    return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

NTSTATUS Read(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION ext = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);

    if (stack->Parameters.Read.Length == 0)
        return Finish(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    ext->Irp = Irp;
    IoMarkIrpPending(Irp);
    KeInsertQueueDpc(&ext->Dpc, NULL, NULL);
    return STATUS_PENDING;
}

NTSTATUS Create(PDEVICE_OBJECT DeviceObject, PIRP Irp) { return Finish(Irp, STATUS_SUCCESS, 0); }

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
    ext = device->DeviceExtension;
    KeInitializeSpinLock(&ext->Lock);
    KeInitializeDpc(&ext->Dpc, Answer, ext);
    KeInitializeDpc(&ext->RefuseDpc, Refuse, ext);
    KeInitializeDpc(&ext->DirectDpc, AnswerDirect, ext);
    device->Flags |= DO_BUFFERED_IO;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_READ] = Read;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
`

// appHead is the head of the apps of these tests.
const appHead = `
#include <windows.h>
#include <winioctl.h>
#define IOCTL_SLOW   CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_REFUSE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_AT_ONCE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_NEVER  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x803, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x804, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_KEEP_DIRECT CTL_CODE(FILE_DEVICE_UNKNOWN, 0x805, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define IOCTL_FORGET CTL_CODE(FILE_DEVICE_UNKNOWN, 0x806, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define OPEN(flags) CreateFileA("\\\\.\\Later", GENERIC_READ, 0, NULL, OPEN_EXISTING, flags, NULL)
static HANDLE device;
static OVERLAPPED over, over2;
static char out[8], out2[8];
static DWORD n, n2;
`

// withApp makes a case of laterDriver and an app.
func withApp(t testing.TB, app string, change func(*model.Config)) *model.Model {
	t.Helper()
	return withTexts(t, laterDriver, appHead+app, change)
}

// loadText lowers the text of one file.
func loadText(t testing.TB, name, text string, side program.Side) *program.Program {
	t.Helper()
	p, err := csource.Load([]string{name}, csource.Options{Side: side, ReadFile: func(f string) ([]byte, error) {
		if f != name {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// withTexts makes a case of a driver and an app of one thread that no failure meets.
func withTexts(t testing.TB, driver, app string, change func(*model.Config)) *model.Model {
	t.Helper()
	cfg := model.Config{Driver: loadText(t, "driver.c", driver, program.Driver), App: loadText(t, "app.c", app, program.App),
		Bounds: model.DefaultBounds(), Reduce: model.AllReductions(), Actions: model.AllActions()}
	cfg.Bounds.Failures, cfg.Bounds.Threads, cfg.Bounds.Issuers = 0, 1, 1
	if change != nil {
		change(&cfg)
	}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// states asks of every state, with all reductions and with none: each of sometime
// holds in one, each of never in none. A path that ends before its time is an
// error.
type states struct {
	sometime map[string]func(v model.View) bool
	never    map[string]func(v model.View) bool
	notes    uint64 // of each, some step has it
	without  uint64 // no step has one
	stops    bool   // a finding is no error
}

func (q states) ask(t *testing.T, m *model.Model) {
	t.Helper()
	if q.askOnce(t, m) > 5000 && testing.Short() {
		return
	}
	cfg := m.Config()
	cfg.Reduce = model.Reductions{AnyFrame: true}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	q.askOnce(t, m)
}

func (q states) askOnce(t *testing.T, m *model.Model) uint64 {
	t.Helper()
	var props []explore.Property
	add := func(name string, kind explore.Kind, f func(v model.View) bool) {
		props = append(props, explore.Property{Name: name, Kind: kind, State: func(s explore.State) bool {
			if model.Stopped(s) {
				return kind != explore.Reachable
			}
			return f(m.View(s))
		}})
	}
	for name, f := range q.sometime {
		add(name, explore.Reachable, f)
	}
	for name, f := range q.never {
		add("never "+name, explore.Always, func(v model.View) bool { return !f(v) })
	}
	for bit := uint64(1); bit != 0; bit <<= 1 {
		if q.notes&bit != 0 {
			props = append(props, explore.Property{Name: fmt.Sprintf("note %#x", bit), Kind: explore.Reachable, StepMask: bit,
				Step: func(explore.State, explore.Action, explore.State, uint64) bool { return true }})
		}
	}
	if q.without != 0 {
		props = append(props, explore.Property{Name: "never noted", Kind: explore.Step, StepMask: q.without,
			Step: func(explore.State, explore.Action, explore.State, uint64) bool { return false }})
	}
	if !q.stops {
		props = append(props, explore.Property{Name: "no finding", Kind: explore.Always, State: func(s explore.State) bool { return !model.Stopped(s) }})
	}
	r := run(t, m, explore.Config{Properties: props, Workers: 1})
	if !r.Complete {
		t.Fatalf("not complete: %v", r.Reason)
	}
	for _, o := range r.Outcomes {
		if o.Verdict == explore.Violated || o.Verdict == explore.Unreached {
			t.Errorf("%s: %v", o.Name, o.Verdict)
			tell(t, m, o)
		}
	}
	t.Logf("%d states", r.Distinct)
	return r.Distinct
}

// tell prints the run of a witness.
func tell(t *testing.T, m *model.Model, o explore.Outcome) {
	t.Helper()
	if o.Trace == nil {
		return
	}
	s := m.InitState(int(o.Init.Arg))
	for _, a := range o.Trace {
		told, next, err := m.Tell(s, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range told.Lines {
			t.Logf("  %s: %s %s", told.Actor, l.Where, l.Text)
		}
		s = next
	}
	if f := m.Finding(s); f.Stop != model.StopNone {
		t.Logf("  %+v", f)
	}
}

func global(name string, want int64) func(v model.View) bool {
	return func(v model.View) bool { n, ok := v.AppGlobal(name); return ok && n == want }
}

func both(f, g func(v model.View) bool) func(v model.View) bool {
	return func(v model.View) bool { return f(v) && g(v) }
}

// requests says whether at least n requests are with the driver.
func requests(n int) func(v model.View) bool {
	return func(v model.View) bool {
		k := 0
		for i := range v.Requests() {
			if v.Request(i).WithDriver() {
				k++
			}
		}
		return k >= n
	}
}

// idle says that no request is left.
func idle(v model.View) bool {
	for i := range v.Requests() {
		if v.Request(i).Live() {
			return false
		}
	}
	return true
}
