package explore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// killEnv makes TestKilledRunsAreResumed the child process that is killed.
const killEnv = "EXPLORE_CHECKPOINT_CHILD"

func killedConfig(width, workers int) Config {
	g := randomGraph(rand.New(rand.NewPCG(21, uint64(width))), 40_000, 3, width)
	return Config{System: g, Properties: g.properties(), Workers: workers, Identity: fmt.Sprint(width)}
}

// A run that is killed again and again, at any moment, is resumed each time and
// ends with the report of one that was not.
func TestKilledRunsAreResumed(t *testing.T) {
	if dir := os.Getenv(killEnv); dir != "" {
		killedChild(t, dir)
		return
	}
	for _, width := range []int{4, 40} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			want := fmt.Sprintf("%+v", run(t, killedConfig(width, 2)))
			kills, resumed, dir := 0, 0, t.TempDir()
			r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
			for attempt := 0; ; attempt++ {
				// Late enough to get somewhere, in the end late enough to finish.
				delay := time.Duration(20+r.IntN(100)) * time.Millisecond
				delay += max(0, time.Duration(attempt-12)) * 200 * time.Millisecond
				if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil {
					resumed++
				}
				out, killed := runChild(t, dir, width, 1+attempt%3, delay)
				if !killed {
					if !strings.Contains(out, want) {
						t.Fatalf("after %d kills got\n%s\nwant\n%s", kills, out, want)
					}
					break
				}
				kills++
			}
			t.Logf("killed %d times, resumed %d times", kills, resumed)
			if kills == 0 || resumed == 0 {
				t.Error("must be killed, and resumed, at least once")
			}
		})
	}
}

func runChild(t *testing.T, dir string, width, workers int, delay time.Duration) (out string, killed bool) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestKilledRunsAreResumed$", "-test.v")
	c.Env = append(os.Environ(), killEnv+"="+dir, fmt.Sprintf("%s_SIZE=%d %d", killEnv, width, workers))
	var text strings.Builder
	c.Stdout, c.Stderr = &text, &text
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(delay, func() { _ = c.Process.Kill() })
	err := c.Wait()
	timer.Stop()
	var exit *exec.ExitError
	// By a signal; Windows has none, and says 1.
	if errors.As(err, &exit) && (exit.ExitCode() < 0 || runtime.GOOS == "windows" && exit.ExitCode() == 1) {
		return "", true
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	return text.String(), false
}

func killedChild(t *testing.T, dir string) {
	var width, workers int
	if _, err := fmt.Sscan(os.Getenv(killEnv+"_SIZE"), &width, &workers); err != nil {
		t.Fatal(err)
	}
	c := killedConfig(width, workers)
	c.Checkpoint, c.Resume = dir, dir
	c.Progress = func(Progress) { time.Sleep(time.Millisecond) }
	r, err := Run(context.Background(), c)
	if errors.Is(err, fs.ErrNotExist) { // killed before the first
		c.Resume = ""
		r, err = Run(context.Background(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%+v\n", r)
}
