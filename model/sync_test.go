package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/model"
)

func threads(n int) func(*model.Config) {
	return func(c *model.Config) { c.Bounds.Threads = n }
}

// A synchronous handle: the call returns when the request is over, with its
// status and its length (1.25, 2.27, 2.29).
func TestSynchronousCallWaitsForItsRequest(t *testing.T) {
	for _, c := range []struct{ name, app, over string }{
		{"no OVERLAPPED", "NULL", ""},
		{"OVERLAPPED", "&over", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := withApp(t, `
int returned, refused, inlined, failed;
int main(void)
{
    device = OPEN(0);
    returned = DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, &n, `+c.app+`) + 1;
    refused = DeviceIoControl(device, IOCTL_REFUSE, NULL, 0, out, 8, &n2, `+c.app+`) + 1;
    failed = GetLastError();
    inlined = DeviceIoControl(device, IOCTL_AT_ONCE, NULL, 0, out, 8, &n, `+c.app+`) + 1;
    return 0;
}`, nil)
			ended := both(idle, func(v model.View) bool { return v.ThreadEnded(0) })
			states{
				sometime: map[string]func(model.View) bool{"the app ends": ended, "a request is with the driver": requests(1)},
				never: map[string]func(model.View) bool{
					"success is an error":             global("returned", 1),
					"an error is success":             global("refused", 2),
					"an inline success is an error":   global("inlined", 1),
					"ended with another error":        both(ended, func(v model.View) bool { return !global("failed", 8)(v) }),
					"ended without Information":       both(ended, func(v model.View) bool { return !global("n", 1)(v) }),
					"length of a request that failed": global("n2", 1),
				},
			}.ask(t, m)
		})
	}
}

const twoThreads = `
DWORD WINAPI Other(LPVOID p)
{
    second = DeviceIoControl(device, IOCTL_REFUSE, NULL, 0, out2, 8, &n2, NULL) + 1;
    return 0;
}
int main(void)
{
    HANDLE thread;
    device = OPEN(FLAGS);
    thread = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    first = DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, &n, NULL) + 1;
    WaitForSingleObject(thread, INFINITE);
    return 0;
}`

// Requests on one synchronous file object never overlap in the driver (1.9).
func TestSynchronousFileObjectSerialises(t *testing.T) {
	m := withApp(t, "\n#define FLAGS 0\nint first, second;"+twoThreads, threads(2))
	states{
		sometime: map[string]func(model.View) bool{"both are over": both(global("first", 2), global("second", 1))},
		never: map[string]func(model.View) bool{
			"two at once": requests(2),
			"wrong":       func(v model.View) bool { return global("first", 1)(v) || global("second", 2)(v) },
		},
	}.ask(t, m)
}

// The same app with an overlapped handle, which it uses without OVERLAPPED: each
// end of a request wakes both, and the later one writes its status block where
// the API's frame was (19.18, E40, B109).
func TestOverlappedHandleWithoutOverlapped(t *testing.T) {
	m := withApp(t, "\n#define FLAGS FILE_FLAG_OVERLAPPED\nint first, second;"+twoThreads, threads(2))
	states{
		sometime: map[string]func(model.View) bool{
			"two at once":                requests(2),
			"the second is told success": global("second", 2),
		},
		notes: model.NoteReturned,
	}.ask(t, m)
	m = withApp(t, `
int first;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    first = DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, &n, NULL) + 1;
    return 0;
}`, nil)
	states{
		sometime: map[string]func(model.View) bool{"right": both(global("first", 2), global("n", 1))},
		never:    map[string]func(model.View) bool{"wrong": global("first", 1)},
		without:  model.NoteReturned,
	}.ask(t, m)
}

// lpBytesReturned is written before the call returns, also when it returns
// STATUS_PENDING, and never after (19.16, E39).
func TestBytesReturnedIsNotWrittenLater(t *testing.T) {
	m := withApp(t, `
int marked, ok;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    over.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    over.InternalHigh = 7;
    ok = DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, &n, &over) + 1;
    n = 99;
    marked = 1;
    GetOverlappedResult(device, &over, &n2, TRUE);
    return 0;
}`, nil)
	states{
		sometime: map[string]func(model.View) bool{
			"written while pending":  global("n", 7),
			"the result comes later": global("n2", 1),
		},
		never: map[string]func(model.View) bool{"written later": func(v model.View) bool { return global("marked", 1)(v) && !global("n", 99)(v) }},
	}.ask(t, m)
}

// GetOverlappedResult without an event waits for the file object, whatever ended
// there (19.20).
func TestResultWithoutEventWaitsForTheFileObject(t *testing.T) {
	app := `
int first;
DWORD WINAPI Other(LPVOID p)
{
    DeviceIoControl(device, IOCTL_REFUSE, NULL, 0, out2, 8, NULL, &over2);
    return 0;
}
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    DeviceIoControl(device, IOCTL_SLOW, NULL, 0, out, 8, NULL, &over);
    OTHER
    first = GetOverlappedResult(device, &over, &n, TRUE) + 1;
    return 0;
}`
	early := both(global("first", 2), func(v model.View) bool { return !global("n", 1)(v) })
	states{
		sometime: map[string]func(model.View) bool{"right": both(global("first", 2), global("n", 1))},
		never:    map[string]func(model.View) bool{"early": early},
	}.ask(t, withApp(t, "\n#define OTHER\n"+app, nil))
	states{
		sometime: map[string]func(model.View) bool{"early": early},
	}.ask(t, withApp(t, "\n#define OTHER CreateThread(NULL, 0, Other, NULL, 0, NULL);\n"+app, threads(2)))
}

// CancelSynchronousIo ends the request that another thread waits for (3.17).
func TestCancelSynchronousIo(t *testing.T) {
	m := withApp(t, `
int result, error, asked;
static HANDLE thread;
DWORD WINAPI Other(LPVOID p)
{
    result = DeviceIoControl(device, IOCTL_NEVER, NULL, 0, out, 8, &n, NULL) + 1;
    error = GetLastError();
    return 0;
}
int main(void)
{
    device = OPEN(0);
    thread = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    CancelSynchronousIo(thread);
    asked = 1;
    WaitForSingleObject(thread, INFINITE);
    return 0;
}`, threads(2))
	states{
		sometime: map[string]func(model.View) bool{
			"cancelled": both(global("result", 1), global("error", 995)),
			"missed":    func(v model.View) bool { return requests(1)(v) && global("asked", 1)(v) && !v.Request(0).Cancelled() },
		},
		never: map[string]func(model.View) bool{"success": global("result", 2)},
	}.ask(t, m)
}

// A wait that is broken cancels its request and then waits for it without limit
// (3.19): with a cancel routine or an answer the request ends, and with it the
// thread; without, the thread stays for ever, five minutes or not (E05).
func TestBrokenWaitCancelsAndGoesOn(t *testing.T) {
	for _, c := range []struct {
		code string
		ends bool
	}{{"IOCTL_NEVER", true}, {"IOCTL_SLOW", true}, {"IOCTL_FORGET", false}} {
		t.Run(c.code, func(t *testing.T) {
			m := withApp(t, `
int result, asked;
static HANDLE thread;
DWORD WINAPI Other(LPVOID p)
{
    result = DeviceIoControl(device, `+c.code+`, NULL, 0, out, 8, &n, NULL) + 1;
    return 0;
}
int main(void)
{
    device = OPEN(0);
    thread = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    TerminateThread(thread, 0);
    asked = 1;
    WaitForSingleObject(thread, INFINITE);
    return 0;
}`, threads(2))
			ended := func(v model.View) bool { return global("asked", 1)(v) && v.ThreadEnded(1) }
			aborted := func(v model.View) bool { return global("asked", 1)(v) && requests(1)(v) && v.Request(0).Cancelled() }
			q := states{
				sometime: map[string]func(model.View) bool{"ended": ended},
				never:    map[string]func(model.View) bool{"ended before its request": both(ended, func(v model.View) bool { return !idle(v) })},
				stops:    !c.ends,
			}
			if c.code != "IOCTL_NEVER" { // its cancel routine ends it in the same step
				q.sometime["cancelled"] = aborted
			}
			if !c.ends {
				q.never["back in user mode"] = func(v model.View) bool { return !global("result", 0)(v) }
			}
			q.ask(t, m)
		})
	}
}
