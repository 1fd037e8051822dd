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
