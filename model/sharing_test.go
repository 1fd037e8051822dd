package model_test

import (
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Protection is looked at where an address is used: copy-back faults on a page
// that may not be written, a store through the mapping does not (5.25e); a guard
// page faults once, with a warning (2.23).
func TestProtectionIsLookedAtByAddressOnly(t *testing.T) {
	app := func(code, protection string) string {
		return strings.NewReplacer("CODE", code, "PROTECTION", protection).Replace(`
int told, error;
int main(void)
{
    char *page = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DWORD old;
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    DeviceIoControl(device, CODE, NULL, 0, page, 8, NULL, &over);
    VirtualProtect(page, 4096, PROTECTION, &old);
    told = GetOverlappedResult(device, &over, &n, TRUE) + 1;
    if (told == 1)
        error = GetLastError();
    return 0;
}`)
	}
	failed, succeeded := both(global("told", 1), global("error", 998)), global("told", 2)
	for _, c := range []struct {
		name, code, protection string
		want, never            func(model.View) bool
		notes                  uint64
	}{
		{"copy-back to a page that is read-only", "IOCTL_SLOW", "PAGE_READONLY", failed, global("told", 3), model.NoteCopyBackFault},
		{"copy-back to a page without access", "IOCTL_SLOW", "PAGE_NOACCESS", failed, global("told", 3), model.NoteCopyBackFault},
		{"copy-back to a guard page", "IOCTL_SLOW", "PAGE_READWRITE | PAGE_GUARD", both(global("told", 1), global("error", 31)), failed, model.NoteCopyBackFault | model.NoteGuard},
		{"a store through the mapping", "IOCTL_DIRECT", "PAGE_NOACCESS", succeeded, failed, model.NoteMapWrite},
	} {
		t.Run(c.name, func(t *testing.T) {
			states{
				sometime: map[string]func(model.View) bool{"told": c.want},
				never:    map[string]func(model.View) bool{"told otherwise": c.never},
				notes:    c.notes,
			}.ask(t, withApp(t, app(c.code, c.protection), nil))
		})
	}
}

// A lock looks at the protection too: no lock for writing on a page that may not
// be written (1.43).
func TestLockNeedsAccess(t *testing.T) {
	states{
		sometime: map[string]func(model.View) bool{"refused": global("error", 998)},
		never:    map[string]func(model.View) bool{"with the driver": requests(1)},
		notes:    model.NoteLockFault,
	}.ask(t, withApp(t, `
int error;
int main(void)
{
    char *page = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    DWORD old;
    device = OPEN(FILE_FLAG_OVERLAPPED);
    VirtualProtect(page, 4096, PAGE_READONLY, &old);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, page, 8, NULL, &over);
    error = GetLastError();
    return 0;
}`, nil))
}

// A page of a section is shown by two processes at once, locked or not; it is free
// when both have unmapped it and the lock is gone (5.21).
func TestSectionIsSharedWhileLocked(t *testing.T) {
	frames := func(f func(model.Frame) bool) func(model.View) bool {
		return func(v model.View) bool {
			for i := range v.Frames() {
				if f(v.Frame(i)) {
					return true
				}
			}
			return false
		}
	}
	q := states{
		sometime: map[string]func(model.View) bool{
			"shown by both":       frames(func(f model.Frame) bool { return f.OtherProcess() && f.Share() == 2 && f.Locks() == 1 }),
			"shown by the other":  frames(func(f model.Frame) bool { return f.OtherProcess() && f.Share() == 1 && f.Locks() == 1 }),
			"locked, not mapped":  frames(func(f model.Frame) bool { return f.Limbo() && f.Locks() == 1 }),
			"freed by the unlock": idle,
		},
		never: map[string]func(model.View) bool{
			"free though in use": frames(func(f model.Frame) bool { return f.Free() && (f.Locks() > 0 || f.OtherProcess()) }),
		},
		notes: model.NoteUnlockFree,
	}
	app := `
int main(void)
{
    char *view;
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    view = MapViewOfFile(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, "s"), FILE_MAP_ALL_ACCESS, 0, 0, 4096);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, view, 8, NULL, &over);
    UnmapViewOfFile(view);
    GetOverlappedResult(device, &over, &n, TRUE);
    return 0;
}`
	q.askOnce(t, withApp(t, app, func(c *model.Config) { c.Reduce.AnyFrame = false }))
	q.askOnce(t, withApp(t, app, func(c *model.Config) { c.Reduce = model.Reductions{} }))
}

// fastDriver has a fast I/O entry that answers AT_ONCE and leaves the rest.
func fastDriver() string {
	return strings.Replace(laterDriver, "NTSTATUS DriverEntry(", `
BOOLEAN Fast(PFILE_OBJECT FileObject, BOOLEAN Wait, PVOID In, ULONG InLength, PVOID Out, ULONG OutLength, ULONG Code, PIO_STATUS_BLOCK IoStatus,
             PDEVICE_OBJECT DeviceObject)
{
    if (Code != IOCTL_AT_ONCE)
        return FALSE;
    IoStatus->Status = STATUS_SUCCESS;
    IoStatus->Information = OutLength;
    return TRUE;
}

static FAST_IO_DISPATCH FastIo = { sizeof(FAST_IO_DISPATCH), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, Fast };

NTSTATUS DriverEntry(`, 1)
}

// The fast I/O entry is tried first: TRUE ends the request without an IRP, FALSE
// sends it the long way (1.10). Without K9 a driver that has one is not executed.
func TestFastIo(t *testing.T) {
	build := func(on bool) *model.Model {
		driver := fastDriver()
		i := strings.Index(driver, "NTSTATUS DriverEntry(")
		driver = driver[:i] + strings.Replace(driver[i:], "DriverObject->MajorFunction[IRP_MJ_CREATE]", "DriverObject->FastIoDispatch = &FastIo;\n    DriverObject->MajorFunction[IRP_MJ_CREATE]", 1)
		return withTexts(t, driver, appHead+`
int fast, slow, told;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    fast = DeviceIoControl(device, IOCTL_AT_ONCE, NULL, 0, out, 8, NULL, &over) + 1;
    GetOverlappedResult(device, &over, &n, TRUE);
    told = n;
    slow = DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, NULL, &over) + 1;
    GetOverlappedResult(device, &over, &n, TRUE);
    return 0;
}`, func(c *model.Config) { c.Knobs.FastIo = on })
	}
	states{
		sometime: map[string]func(model.View) bool{
			"fast, told, event set": both(global("fast", 2), global("told", 8)),
			"then pending":          both(global("told", 8), both(global("slow", 1), requests(1))),
		},
		never: map[string]func(model.View) bool{"an IRP of AT_ONCE": both(global("fast", 0), requests(1))},
	}.ask(t, build(true))
	m, off := build(false), false
	states{stops: true, never: map[string]func(model.View) bool{"fast": global("fast", 2)}}.askOnce(t, m)
	for i, name := range model.StopNames(model.StopUnsupported) {
		off = off || strings.Contains(name, "K9=off") && stopsAt(t, m, i)
	}
	if !off {
		t.Error("with K9=off the run does not say that there is a fast I/O entry")
	}
}

// stopsAt says whether some path ends because of the i-th thing that cannot be
// executed.
func stopsAt(t *testing.T, m *model.Model, i int) bool {
	t.Helper()
	r := run(t, m, explore.Config{Workers: 1, Properties: []explore.Property{{Name: "stops", Kind: explore.Reachable,
		State: func(s explore.State) bool { return m.StoppedBy(s, model.StopUnsupported, i) }}}})
	return r.Outcomes[0].Verdict == explore.Reached
}
