package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/model"
)

const portApp = `
static HANDLE port;
static LPOVERLAPPED got;
static ULONG_PTR key;
static void Open(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    port = CreateIoCompletionPort(device, NULL, 77, 0);
}
`

func portThread(c *model.Config) { c.Knobs.PortIrpList = model.PortThread }

// With the request on the file object's list nothing reaches the app before it
// dequeues: not the status block, not the output (19.5, 19.6). On the thread's
// list both are there before the packet.
func TestPacketCarriesTheRequest(t *testing.T) {
	app := portApp + `
int ok, done, matched;
int main(void)
{
    Open();
    DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, NULL, &over);
    ok = GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE) + 1;
    matched = got == &over;
    done = 1;
    return 0;
}`
	right := func(v model.View) bool {
		return global("ok", 2)(v) && global("n", 1)(v) && global("key", 77)(v) && global("matched", 1)(v) && global("over.InternalHigh", 1)(v) && idle(v)
	}
	written := both(global("ok", 0), global("over.InternalHigh", 1))
	queued := func(v model.View) bool { return v.Packets() == 1 }
	q := states{
		sometime: map[string]func(model.View) bool{"right": both(global("done", 1), right), "queued": queued},
		never: map[string]func(model.View) bool{
			"wrong":                 both(global("done", 1), func(v model.View) bool { return !right(v) }),
			"written in the packet": both(queued, written),
		},
		notes: model.NotePacket | model.NotePacketTaken,
	}
	q.ask(t, withApp(t, app, nil))
	q.sometime["written in the packet"] = q.never["written in the packet"]
	delete(q.never, "written in the packet")
	q.ask(t, withApp(t, app, portThread))
}

// A packet of a request that failed gives FALSE, the error and the OVERLAPPED; an
// error that was not pended gives no packet at all (2.26, 2.30).
func TestPacketOfARequestThatFailed(t *testing.T) {
	app := portApp + `
int ok = -1, error, matched;
int main(void)
{
    Open();
    DeviceIoControl(device, CODE, NULL, 0, out, LENGTH, NULL, &over);
    ok = GetQueuedCompletionStatus(port, &n, &key, &got, 1);
    error = GetLastError();
    matched = got == &over;
    return 0;
}`
	for _, knob := range []func(*model.Config){nil, portThread} {
		states{sometime: map[string]func(model.View) bool{
			"failed":  func(v model.View) bool { return global("ok", 0)(v) && global("error", 8)(v) && global("matched", 1)(v) },
			"timeout": func(v model.View) bool { return global("ok", 0)(v) && global("error", 258)(v) && global("got", 0)(v) },
		}, never: map[string]func(model.View) bool{"success": global("ok", 1)}}.ask(t, withApp(t, "\n#define CODE IOCTL_REFUSE\n#define LENGTH 8"+app, knob))
		states{never: map[string]func(model.View) bool{"success": global("ok", 1)}, without: model.NotePacket}.
			ask(t, withApp(t, "\n#define CODE IOCTL_AT_ONCE\n#define LENGTH 0"+app, knob))
	}
}

// Who gets a packet, and which event is set (19.12, 19.13, 19.15, E38).
func TestNotificationModes(t *testing.T) {
	app := portApp + `
int set;
int main(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    Open();
    MODE
    DeviceIoControl(device, CODE, NULL, 0, out, 8, NULL, &over);
    set = WaitForSingleObject(WHAT, 1) == 0;
    GetQueuedCompletionStatus(port, &n, &key, &got, 1);
    return 0;
}`
	const packet = model.NotePacket
	for _, c := range []struct {
		name, mode, code, what string
		packet, event          bool
	}{
		{"at once", "", "IOCTL_AT_ONCE", "device", true, false},
		{"at once, skip", "SetFileCompletionNotificationModes(device, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);", "IOCTL_AT_ONCE", "device", false, true},
		{"pended, skip", "SetFileCompletionNotificationModes(device, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);", "IOCTL_SLOW", "device", true, false},
		{"at once, skip both", "SetFileCompletionNotificationModes(device, 3);", "IOCTL_AT_ONCE", "device", false, false},
		{"at once, skip both, own event", "SetFileCompletionNotificationModes(device, 3); over.hEvent = event;", "IOCTL_AT_ONCE", "event", false, true},
		{"low bit", "over.hEvent = (HANDLE)((ULONG_PTR)event | 1);", "IOCTL_SLOW", "event", false, true},
	} {
		for _, knob := range []string{"file", "thread", "fileNotBuffered"} {
			t.Run(c.name+" "+knob, func(t *testing.T) {
				q := states{}
				if c.packet {
					q.notes = packet
				} else {
					q.without = packet
				}
				event := c.event
				if knob != "file" && c.packet { // its output is copied back
					event = true // stage two runs before the packet is taken
				}
				if event {
					q.sometime = map[string]func(model.View) bool{"event": global("set", 1)}
				} else {
					q.never = map[string]func(model.View) bool{"event": global("set", 1)}
				}
				q.ask(t, withApp(t, "\n#define CODE "+c.code+"\n#define MODE "+c.mode+"\n#define WHAT "+c.what+app, func(cfg *model.Config) {
					if err := cfg.Knobs.Set("K13=" + knob); err != nil {
						t.Fatal(err)
					}
				}))
			})
		}
	}
}

// A packet that the app posted, and the port that it closes with a packet in it
// (19.11): a request's status block is never written.
func TestPostedPacketsAndAClosedPort(t *testing.T) {
	states{sometime: map[string]func(model.View) bool{
		"posted": func(v model.View) bool {
			return global("ok", 2)(v) && global("n", 3)(v) && global("key", 4)(v) && global("matched", 1)(v)
		},
	}, never: map[string]func(model.View) bool{"nothing": global("ok", 1)}}.ask(t, withApp(t, portApp+`
int ok, matched;
int main(void)
{
    Open();
    PostQueuedCompletionStatus(port, 3, 4, &over);
    ok = GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE) + 1;
    matched = got == &over;
    return 0;
}`, nil))
	closes := withApp(t, portApp+`
int closed, error;
DWORD WINAPI Other(LPVOID p)
{
    if (!GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE))
        error = GetLastError();
    return 0;
}
int main(void)
{
    HANDLE other;
    Open();
    other = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, NULL, &over);
    CloseHandle(port);
    closed = 1;
    WaitForSingleObject(other, INFINITE);
    return 0;
}`, threads(2))
	ended := func(v model.View) bool { return v.ThreadEnded(1) && idle(v) }
	states{
		sometime: map[string]func(model.View) bool{
			"abandoned":     both(ended, both(global("error", 735), global("over.InternalHigh", 0))),
			"dequeued":      both(ended, both(global("error", 0), global("n", 1))),
			"pending ended": both(global("closed", 1), requests(1)),
		},
		never: map[string]func(model.View) bool{"written": both(global("error", 735), global("over.InternalHigh", 1))},
	}.ask(t, closes)
}

// Thread exit does not cancel what is on the file object's list (19.7, E16).
func TestThreadExitLeavesPortBoundRequests(t *testing.T) {
	app := portApp + `
int ok = -1;
DWORD WINAPI Other(LPVOID p)
{
    DeviceIoControl(device, IOCTL_NEVER, NULL, 0, out, 8, NULL, &over);
    return 0;
}
int main(void)
{
    HANDLE other;
    Open();
    other = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    WaitForSingleObject(other, INFINITE);
    CANCEL
    ok = GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE);
    return 0;
}`
	left := func(v model.View) bool { return v.ThreadEnded(1) && requests(1)(v) }
	cancelled := func(v model.View) bool { return v.Request(0).Cancelled() }
	states{sometime: map[string]func(model.View) bool{"left": left},
		never: map[string]func(model.View) bool{"cancelled": cancelled, "dequeued": global("ok", 0)}}.
		ask(t, withApp(t, "\n#define CANCEL\n"+app, threads(2)))
	states{sometime: map[string]func(model.View) bool{"left": left, "dequeued": global("ok", 0)}}.
		ask(t, withApp(t, "\n#define CANCEL CancelIoEx(device, NULL);\n"+app, threads(2)))
	states{sometime: map[string]func(model.View) bool{"dequeued": global("ok", 0)},
		never: map[string]func(model.View) bool{"left": left}}.
		ask(t, withApp(t, "\n#define CANCEL\n"+app, func(c *model.Config) { c.Bounds.Threads = 2; c.Knobs.PortIrpList = model.PortThread }))
}

// Another thread may take the packet while the issuer is still in the driver's
// dispatch routine: what that returns is judged all the same, and rightly.
func TestPacketTakenBeforeTheCallReturns(t *testing.T) {
	m := withApp(t, portApp+`
int returned, taken;
DWORD WINAPI Other(LPVOID p)
{
    GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE);
    taken = 1;
    return 0;
}
int main(void)
{
    HANDLE other;
    Open();
    other = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, NULL, &over);
    returned = 1;
    WaitForSingleObject(other, INFINITE);
    return 0;
}`, threads(2))
	states{
		sometime: map[string]func(model.View) bool{"taken first": both(global("taken", 1), global("returned", 0))},
		without:  model.NotePendingIff | model.NoteOneNotify,
	}.ask(t, m)
}
