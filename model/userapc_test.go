package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/model"
)

// A user APC runs in an alertable wait and nowhere else (19.14).
func TestUserAPCRunsInAnAlertableWaitOnly(t *testing.T) {
	app := `
int ran, result, waited;
void CALLBACK Called(ULONG_PTR p) { ran = p; }
int main(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    QueueUserAPC(Called, GetCurrentThread(), 5);
    Sleep(1);
    waited = 1;
    result = WAIT + 1;
    return 0;
}`
	for _, c := range []struct {
		wait   string
		result int64
		runs   bool
	}{
		{"SleepEx(INFINITE, TRUE)", 0xC1, true},
		{"SleepEx(1, TRUE)", 0xC1, true},
		{"SleepEx(1, FALSE)", 1, false},
		{"WaitForSingleObjectEx(event, INFINITE, TRUE)", 0xC1, true},
		{"WaitForSingleObjectEx(event, 1, FALSE)", 0x103, false},
	} {
		t.Run(c.wait, func(t *testing.T) {
			q := states{
				sometime: map[string]func(model.View) bool{"over": global("result", c.result)},
				never: map[string]func(model.View) bool{
					"another result": func(v model.View) bool { return !global("result", c.result)(v) && !global("result", 0)(v) },
					"too early":      both(global("ran", 5), global("waited", 0)),
				},
			}
			if c.runs {
				q.notes = model.NoteUserAPC
			} else {
				q.without = model.NoteUserAPC
			}
			q.ask(t, withApp(t, "\n#define WAIT "+c.wait+app, nil))
		})
	}
}

// An alertable wait for an object ends with the object or with the APC.
func TestAlertableWaitEndsWithTheObjectOrTheAPC(t *testing.T) {
	m := withApp(t, `
int ran, result;
static HANDLE event, waiter;
void CALLBACK Called(ULONG_PTR p) { ran++; }
DWORD WINAPI Other(LPVOID p)
{
    result = WaitForSingleObjectEx(event, INFINITE, TRUE) + 1;
    return 0;
}
int main(void)
{
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    waiter = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    QueueUserAPC(Called, waiter, 0);
    QueueUserAPC(Called, waiter, 0);
    SetEvent(event);
    WaitForSingleObject(waiter, INFINITE);
    return 0;
}`, threads(2))
	states{
		sometime: map[string]func(model.View) bool{
			"object":   global("result", 1),
			"one APC":  both(global("result", 0xC1), global("ran", 1)),
			"both":     both(global("result", 0xC1), global("ran", 2)),
			"none ran": both(global("result", 1), global("ran", 0)),
		},
	}.ask(t, m)
}

const readExApp = `
int ok = -1, error = -1, called, code = -1, bytes, matched, result;
void CALLBACK Done(DWORD Error, DWORD Bytes, LPOVERLAPPED Over)
{
    called++;
    code = Error;
    bytes = Bytes;
    matched = Over == &over;
}
static void Start(DWORD Length)
{
    ok = ReadFileEx(device, out, Length, &over, Done);
    error = GetLastError();
}
`

// ReadFileEx ends with a user APC, which its thread takes in an alertable wait. A
// thread that never waits so never gets it, and its end frees the request (19.14,
// 2.32, B110).
func TestReadFileExEndsWithAUserAPC(t *testing.T) {
	app := readExApp + `
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    Start(8);
    result = WAIT + 1;
    return 0;
}`
	taken := func(v model.View) bool { return v.Request(0).Taken() }
	states{
		sometime: map[string]func(model.View) bool{
			"right": func(v model.View) bool {
				return global("ok", 1)(v) && global("called", 1)(v) && global("code", 0)(v) && global("bytes", 1)(v) && global("matched", 1)(v) && idle(v)
			},
			"waits to be taken": taken,
			"over":              global("result", 0xC1),
		},
		never: map[string]func(model.View) bool{"twice": global("called", 2), "failed": global("ok", 0), "written by then": both(taken, func(v model.View) bool { return !global("over.InternalHigh", 1)(v) })},
		notes: model.NoteUserAPC,
	}.ask(t, withApp(t, "\n#define WAIT SleepEx(INFINITE, TRUE)\n"+app, nil))
	states{
		sometime: map[string]func(model.View) bool{"waits to be taken": taken, "freed with its thread": func(v model.View) bool { return v.ThreadEnded(0) && idle(v) }},
		never:    map[string]func(model.View) bool{"called": global("called", 1), "left": func(v model.View) bool { return v.ThreadEnded(0) && !idle(v) }},
		without:  model.NoteUserAPC,
	}.ask(t, withApp(t, "\n#define WAIT SleepEx(1, FALSE)\n"+app, nil))
}

// An error at once is told by the call alone, and a handle that is bound to a port
// or synchronous is refused (2.30, 1.7, 12.5).
func TestReadFileExThatFails(t *testing.T) {
	app := readExApp + `
int main(void)
{
    device = OPEN(FLAGS);
    BIND
    Start(LENGTH);
    SleepEx(1, TRUE);
    return 0;
}`
	for _, c := range []struct {
		flags, bind, length string
		error               int64
	}{
		{"FILE_FLAG_OVERLAPPED", "", "0", 8},
		{"FILE_FLAG_OVERLAPPED", "CreateIoCompletionPort(device, NULL, 0, 0);", "8", 87},
		{"0", "", "8", 87},
	} {
		states{
			sometime: map[string]func(model.View) bool{"refused": both(global("ok", 0), global("error", c.error))},
			never:    map[string]func(model.View) bool{"accepted": global("ok", 1), "another error": both(global("ok", 0), func(v model.View) bool { return !global("error", c.error)(v) && !global("error", -1)(v) })},
			without:  model.NoteUserAPC,
		}.ask(t, withApp(t, "\n#define FLAGS "+c.flags+"\n#define BIND "+c.bind+"\n#define LENGTH "+c.length+app, nil))
	}
}
