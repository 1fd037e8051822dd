package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// A command that is killed again and again, at any moment, is resumed each time,
// by other numbers of workers, and ends with the report of one that was not.
// check explores several times, since the model takes assumptions back.
func TestKilledCommandsAreResumed(t *testing.T) {
	for name, args := range map[string][]string{
		"check":  {"check", "examples/wait_event_racy.c", "--quick", "--bound", "requests=2", "--bound", "failures=0", "--format", "json"},
		"narrow": {"bench", "handoff", "--requests", "4", "--format", "json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(args, "--progress", "none")
			start := time.Now()
			want, status, _ := timed(t, args, 0)
			whole := max(time.Since(start), 100*time.Millisecond)
			r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
			for round := range rounds() {
				dir := filepath.Join(t.TempDir(), "kept")
				kept := append(slices.Clone(args), "--checkpoint", dir, "--checkpoint-every", "0s")
				kills, resumed := 0, 0
				for attempt := 0; ; attempt++ {
					// A third of the whole on average; more once that gets nowhere.
					delay := 10*time.Millisecond + time.Duration(r.Int64N(int64(whole*2/3))) + whole/4*time.Duration(max(0, attempt-6))
					got, s, killed := timed(t, append(kept, "--workers", []string{"1", "2", "3"}[attempt%3]), delay)
					switch {
					case killed:
						kills++
					case s == exitInput && !slices.Contains(kept, "--checkpoint"): // killed before the first
						kept = append(slices.Clone(args), "--checkpoint", dir, "--checkpoint-every", "0s")
						continue
					case s != status || got != want:
						t.Fatalf("after %d kills: status %d, want %d\n%s\nwant\n%s", kills, s, status, got, want)
					default:
						t.Logf("round %d: killed %d times, resumed %d times", round, kills, resumed)
					}
					if !killed {
						break
					}
					resumed++
					kept = append(slices.Clone(args), "--resume", dir, "--checkpoint-every", "0s")
				}
			}
		})
	}
}

func rounds() int {
	if testing.Short() {
		return 1
	}
	return 3
}

// timed runs a command, kills it after a time if it is not 0, and returns its
// report without what depends on the machine.
func timed(t *testing.T, args []string, after time.Duration) (report string, status int, killed bool) {
	t.Helper()
	c := exec.Command("ownercheck", args...)
	var out, diag bytes.Buffer
	c.Stdout, c.Stderr = &out, &diag
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
		defer timer.Stop()
	}
	err := c.Wait()
	var exit *exec.ExitError
	// By a signal; Windows has none, and says 1.
	if errors.As(err, &exit) && (exit.ExitCode() < 0 || runtime.GOOS == "windows" && exit.ExitCode() == 1) {
		return "", 0, true
	}
	if err != nil && exit == nil {
		t.Fatal(err)
	}
	return factsOf(out.String()), c.ProcessState.ExitCode(), false
}
