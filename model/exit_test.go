package model_test

import (
	"testing"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Two threads that end while requests of theirs are kept, one of them for ever.
const twoThatEnd = `
DWORD WINAPI Other(LPVOID p)
{
    DeviceIoControl(device, IOCTL_FORGET, NULL, 0, NULL, 0, NULL, &over2);
    return 0;
}
int main(void)
{
    char buffer[8];
    device = OPEN(FILE_FLAG_OVERLAPPED);
    CreateThread(NULL, 0, Other, NULL, 0, NULL);
    DeviceIoControl(device, IOCTL_KEEP_DIRECT, NULL, 0, buffer, 8, NULL, &over);
    return 0;
}`

// What the steps of exit and rundown declare is tried with an app, whose memory is
// explicit.
func TestMoversOfExitCommute(t *testing.T) {
	for _, knob := range []string{"K7=yes", "K7=no"} {
		t.Run(knob, func(t *testing.T) {
			set := func(c *model.Config) {
				c.Bounds.Threads = 2
				if err := c.Knobs.Set(knob); err != nil {
					t.Fatal(err)
				}
			}
			declared := withApp(t, twoThatEnd, set)
			run(t, declared, explore.Config{})
			plain := withApp(t, twoThatEnd, func(c *model.Config) {
				set(c)
				c.Reduce = model.Reductions{Dead: true, AnyFrame: true}
			})
			c := commuter{t: t, declared: declared, plain: plain, a: explore.NewSteps(plain.Size()), b: explore.NewSteps(plain.Size())}
			limit := uint64(40_000)
			if testing.Short() {
				limit = 8000
			}
			timeouts := 0
			r := run(t, plain, explore.Config{MaxStates: limit, Workers: 1, Properties: []explore.Property{
				{Name: "commutes", Kind: explore.Always, State: func(s explore.State) bool { c.check(s); return true }},
				{Name: "timeouts", Kind: explore.Step, StepMask: model.NoteTimeout,
					Step: func(explore.State, explore.Action, explore.State, uint64) bool { timeouts++; return true }},
			}})
			t.Logf("%d states, %d pairs commuted, %d steps of five minutes", r.Distinct, c.pairs, timeouts)
			if c.pairs < 1000 || timeouts == 0 && !testing.Short() {
				t.Errorf("only %d pairs and %d steps of five minutes were tried", c.pairs, timeouts)
			}
		})
	}
}

// A thread's five minutes can end while another thread of the app has not yet
// made the call that would have ended the wait.
func TestFiveMinutesPassBeforeAnotherCall(t *testing.T) {
	m := withApp(t, `
DWORD WINAPI Other(LPVOID p)
{
    DeviceIoControl(device, IOCTL_FORGET, NULL, 0, NULL, 0, NULL, &over2);
    return 0;
}
int called;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    WaitForSingleObject(CreateThread(NULL, 0, Other, NULL, 0, NULL), INFINITE);
    DeviceIoControl(device, IOCTL_AT_ONCE, NULL, 0, out, 8, &n, &over);
    called = 1;
    return 0;
}`, threads(2))
	states{sometime: map[string]func(model.View) bool{
		"the call comes after the five minutes": func(v model.View) bool {
			return global("called", 1)(v) && v.Request(0).Disassociated() && !v.Ending(0) && !v.ThreadEnded(0)
		},
	}, stops: true}.ask(t, m)
}

// CancelIo returns at once, or waits until the thread has no request left (K6).
func TestCancelIoMayWait(t *testing.T) {
	app := `
int returned;
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    DeviceIoControl(device, CODE, NULL, 0, out, 8, NULL, &over);
    returned = CancelIo(device) + 1;
    return 0;
}`
	kept := both(global("returned", 2), requests(1))
	waits := func(c *model.Config) { c.Knobs.CancelIoWaits = true }
	slow, forget := "\n#define CODE IOCTL_SLOW\n"+app, "\n#define CODE IOCTL_FORGET\n"+app
	states{sometime: map[string]func(model.View) bool{"returns while the request is there": kept}, stops: true}.ask(t, withApp(t, slow, nil))
	states{
		sometime: map[string]func(model.View) bool{"returns": global("returned", 2)},
		never:    map[string]func(model.View) bool{"returns while the request is there": kept},
	}.ask(t, withApp(t, slow, waits))
	states{never: map[string]func(model.View) bool{"returns": global("returned", 2)}, stops: true}.ask(t, withApp(t, forget, waits))
}

// A kill is noticed in user mode only: a thread that is in a call ends when the
// call has returned, and one that was about to call does not call any more.
func TestKillIsNoticedInUserMode(t *testing.T) {
	m := withApp(t, `
int called;
static HANDLE thread;
DWORD WINAPI Other(LPVOID p)
{
    DeviceIoControl(device, IOCTL_NEVER, NULL, 0, out, 8, NULL, &over);
    called = 1;
    return 0;
}
int main(void)
{
    device = OPEN(FILE_FLAG_OVERLAPPED);
    thread = CreateThread(NULL, 0, Other, NULL, 0, NULL);
    TerminateThread(thread, 0);
    WaitForSingleObject(thread, INFINITE);
    return 0;
}`, threads(2))
	ended := func(v model.View) bool { return v.ThreadEnded(1) }
	states{
		sometime: map[string]func(model.View) bool{
			"before the call":               both(ended, func(v model.View) bool { return !global("called", 1)(v) }),
			"after the call":                both(ended, global("called", 1)),
			"in its rundown with a request": func(v model.View) bool { return v.InRundown(1) },
		},
		never: map[string]func(model.View) bool{"a request outlives its thread": both(ended, requests(1))},
	}.ask(t, m)
}
