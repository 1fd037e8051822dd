package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/program"
)

// spinner has a request that never leaves a loop of operations that all commute
// with everything, and another that breaks a rule once the first has begun.
const spinner = `#include <ntddk.h>
#define IOCTL_SPIN CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_BUG  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
static LONG Begun;
NTSTATUS Create(PDEVICE_OBJECT d, PIRP irp)
{
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
NTSTATUS Control(PDEVICE_OBJECT d, PIRP irp)
{
    PIO_STACK_LOCATION sp = IoGetCurrentIrpStackLocation(irp);
    ULONG code = sp->Parameters.DeviceIoControl.IoControlCode;
    LARGE_INTEGER now;
    int n = 0;
    if (code == IOCTL_SPIN) {
        Begun = 1;
        for (;;) {
            now = KeQueryPerformanceCounter(NULL);
            if (now.QuadPart > 5) n = 1; else n = 2;
        }
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    if (code == IOCTL_BUG && Begun) IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    PDEVICE_OBJECT device;
    IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    driver->MajorFunction[IRP_MJ_CREATE] = Create;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}
`

// A context that goes round in a loop must not keep the others from running, nor
// may a step be taken alone that a property sees.
func TestAmpleStepsLeaveNothingOut(t *testing.T) {
	p := loadText(t, "spinner.c", spinner, program.Driver)
	var states [2]uint64
	for i, on := range []bool{false, true} {
		cfg := model.Config{Driver: p, Bounds: model.QuickBounds(), Reduce: model.AllReductions()}
		cfg.Bounds.Failures, cfg.Bounds.Issuers, cfg.Bounds.Requests = 0, 2, 2
		cfg.Reduce.Ample = on
		m, err := model.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		m.Watch(model.NoteStopped, false)
		r := run(t, m, explore.Config{PartialOrder: on, Symmetry: true, Properties: []explore.Property{
			{Name: "INV03", Kind: explore.Reachable, StepMask: model.NoteStopped | model.NoteTouch,
				Step: func(_ explore.State, _ explore.Action, to explore.State, notes uint64) bool {
					return notes&model.NoteTouch != 0 || model.Stopped(to)
				}},
			{Name: "two spin", Kind: explore.Reachable, State: func(s explore.State) bool { return m.Spinning(s, "Control") == 2 }},
		}})
		states[i] = r.Distinct
		for _, o := range r.Outcomes {
			if o.Verdict != explore.Reached {
				t.Errorf("partial order %v: %s: %v", on, o.Name, o.Verdict)
			}
		}
	}
	t.Logf("%d states without, %d with", states[0], states[1])
	if states[1] >= states[0] {
		t.Errorf("partial order saves nothing: %d states without, %d with", states[0], states[1])
	}
}
