package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/model"
)

// An app that polls may free buffer and OVERLAPPED as soon as the status is
// written, for Information was written before it (19.21, 19.22, E27). With the two
// stores exchanged the kernel writes into memory that is somebody else's.
func TestPollingAppMayFreeItsOverlapped(t *testing.T) {
	app := `
int polled;
static LPOVERLAPPED o;
static char *page;
DWORD WINAPI Other(LPVOID p)
{
    while (!HasOverlappedIoCompleted(o))
        ;
    polled = 1;
    VirtualFree(page, 0, MEM_RELEASE);
    HeapFree(GetProcessHeap(), 0, o);
    o = HeapAlloc(GetProcessHeap(), 0, sizeof(OVERLAPPED));
    o->InternalHigh = 5;
    return 0;
}
int main(void)
{
    HANDLE other;
    page = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    o = HeapAlloc(GetProcessHeap(), 0, sizeof(OVERLAPPED));
    o->Internal = 0x103;
    device = OPEN(FILE_FLAG_OVERLAPPED);
    o->hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    other = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_SLOW, NULL, 0, page, 8, NULL, o);
    WaitForSingleObject(other, INFINITE);
    return 0;
}`
	const wrong = model.NoteFreePending | model.NoteHitNew | model.NoteAfterNotify
	states{sometime: map[string]func(model.View) bool{"polled": global("polled", 1)}, without: wrong}.ask(t, withApp(t, app, threads(2)))
	states{notes: model.NoteHitNew | model.NoteAfterNotify}.ask(t, withApp(t, app, func(c *model.Config) {
		c.Bounds.Threads = 2
		c.Faults = []model.Fault{{Step: "apc.F5", Kind: model.FaultSwap}}
	}))
}

// On a port-bound handle polling never succeeds before somebody dequeues (19.23).
func TestPollingAPortBoundHandle(t *testing.T) {
	app := portApp + `
int polled;
DWORD WINAPI Other(LPVOID p)
{
    GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE);
    return 0;
}
int main(void)
{
    Open();
    DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, NULL, &over);
    OTHER
    while (!HasOverlappedIoCompleted(&over))
        ;
    polled = 1;
    return 0;
}`
	polled := map[string]func(model.View) bool{"polled": global("polled", 1)}
	states{never: polled, notes: model.NotePacket}.ask(t, withApp(t, "\n#define OTHER\n"+app, nil))
	states{sometime: polled}.ask(t, withApp(t, "\n#define OTHER\n"+app, portThread))
	states{sometime: polled}.ask(t, withApp(t, "\n#define OTHER CreateThread(NULL, 0, Other, NULL, 0, NULL);\n"+app, threads(2)))
}
