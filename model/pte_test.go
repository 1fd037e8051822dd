package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/model"
)

// A pended request keeps its system page table entry until its pages are unlocked;
// where none is left a mapping fails (5.14, 5.16, B28).
func TestSystemAddressesRunOut(t *testing.T) {
	m := withApp(t, `
int second, error, third;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    over2.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    DeviceIoControl(device, IOCTL_KEEP_DIRECT, NULL, 0, out, 8, NULL, &over);
    second = DeviceIoControl(device, IOCTL_KEEP_DIRECT, NULL, 0, out2, 8, NULL, &over2) + 1;
    error = GetLastError();
    CancelIo(device);
    GetOverlappedResult(device, &over, &n, TRUE);
    DeviceIoControl(device, IOCTL_KEEP_DIRECT, NULL, 0, out2, 8, NULL, &over2);
    third = GetLastError();
    CancelIo(device);
    return 0;
}`, func(c *model.Config) { c.Bounds.PTEs = 1 })
	states{
		sometime: map[string]func(model.View) bool{
			"none is left": func(v model.View) bool { return v.PTEs() == 1 && global("second", 1)(v) && global("error", 8)(v) },
			"one is back":  global("third", 997),
		},
		never: map[string]func(model.View) bool{
			"too many":       func(v model.View) bool { return v.PTEs() > 1 },
			"second pending": both(global("second", 1), global("error", 997)),
			"still none":     global("third", 8),
		},
	}.ask(t, m)
}

// A locked page that is trimmed stays where it is, and the next access finds it
// again (5.13); unmapped meanwhile, the unlock frees it (24.3).
func TestTrimmedPageKeepsItsFrame(t *testing.T) {
	app := `
int first;
int main(void)
{
    char *page = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    page[0] = 'x';
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    DeviceIoControl(device, IOCTL_DIRECT, NULL, 0, page, 8, NULL, &over);
    FREE
    GetOverlappedResult(device, &over, &n, TRUE);
    USE
    return 0;
}`
	trim := func(c *model.Config) { c.Actions.Trim = true }
	frame := func(f func(model.Frame) bool) func(v model.View) bool {
		return func(v model.View) bool {
			for i := range v.Frames() {
				if f(v.Frame(i)) {
					return true
				}
			}
			return false
		}
	}
	trimmed := frame(func(f model.Frame) bool { return f.Trimmed() && f.Locks() == 1 && f.Share() == 0 && !f.Deleted() })
	standby := frame(func(f model.Frame) bool { return f.Trimmed() && f.Locks() == 0 })
	limbo := frame(func(f model.Frame) bool { return f.Deleted() && f.Share() == 0 && f.Locks() == 1 && !f.Free() })
	lost := frame(func(f model.Frame) bool { return f.Trimmed() && f.Deleted() || f.Free() && f.Locks() > 0 })
	written := func(v model.View) bool { _, known := v.AppGlobal("first"); return !known } // by the driver
	states{
		sometime: map[string]func(model.View) bool{"trimmed": trimmed, "standby": standby, "back": written},
		never:    map[string]func(model.View) bool{"lost": lost, "freed": limbo, "other contents": global("first", 'x')},
		notes:    model.NoteTrim | model.NoteUnlock,
		without:  model.NoteUnlockFree | model.NoteMapForeign,
	}.ask(t, withApp(t, "\n#define FREE\n#define USE first = page[0];\n"+app, trim))
	states{
		sometime: map[string]func(model.View) bool{"trimmed": trimmed, "limbo": limbo},
		never:    map[string]func(model.View) bool{"lost": lost, "standby with a deleted mark": both(standby, limbo)},
		notes:    model.NoteTrim | model.NoteUnlockFree,
		without:  model.NoteMapForeign,
	}.ask(t, withApp(t, "\n#define FREE VirtualFree(page, 0, MEM_RELEASE);\n#define USE\n"+app, trim))
	states{without: model.NoteTrim}.ask(t, withApp(t, "\n#define FREE\n#define USE\n"+app, nil))
}
