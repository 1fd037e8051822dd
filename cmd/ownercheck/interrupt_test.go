//go:build unix

package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A watcher passes on when the first line was written.
type watcher struct {
	text  bytes.Buffer
	first chan struct{}
}

func (w *watcher) Write(b []byte) (int, error) {
	select {
	case <-w.first:
	default:
		close(w.first)
	}
	return w.text.Write(b)
}

// TestInterrupt sends SIGINT to an exploration that would go on for hours. It
// ends with what is known: complete levels, nothing proved, status 23.
func TestInterrupt(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		c := exec.Command("ownercheck", "check", "examples/wait_event.c", "--format", format, "--progress", "plain",
			"--bound", "requests=4", "--bound", "threads=4", "--bound", "issuers=4", "--bound", "dpcs=4")
		var out bytes.Buffer
		diag := &watcher{first: make(chan struct{})}
		c.Stdout, c.Stderr = &out, diag
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-diag.first:
		case <-time.After(30 * time.Second):
			t.Error("no progress")
		}
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		var failed *exec.ExitError
		if err := c.Wait(); !errors.As(err, &failed) || failed.ExitCode() != exitInterrupted {
			t.Errorf("%v: want exit status %d\n%s", err, exitInterrupted, diag.text.String())
		}
		if !strings.Contains(out.String(), "INCOMPLETE (interrupted)") || strings.Contains(out.String(), "PROVED") {
			t.Errorf("report:\n%s", out.String())
		}
		if !strings.Contains(diag.text.String(), "interrupt again to stop at once") {
			t.Errorf("diagnostics:\n%s", diag.text.String())
		}
	}
}
