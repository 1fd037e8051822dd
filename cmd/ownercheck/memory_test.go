package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"runtime"
	"testing"
)

// TestMemoryIsObeyed runs explorations that end with the memory limit, and looks
// at the most that the process had resident.
func TestMemoryIsObeyed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of the resident set is not exact here")
	}
	narrow := []string{"bench", "handoff", "--requests", "6"}
	wide := []string{"check", "examples/wait_event.c", "--bound", "requests=4", "--bound", "threads=4", "--bound", "issuers=4", "--stats"}
	for _, c := range []struct {
		args  []string
		limit string
		bytes uint64
		long  bool
	}{
		{narrow, "48MiB", 48 << 20, false},
		{narrow, "200MiB", 200 << 20, true},
		{wide, "64MiB", 64 << 20, true},
	} {
		if c.long && testing.Short() {
			continue
		}
		for _, workers := range []string{"2", "1"} {
			if workers == "1" && (testing.Short() || c.bytes > 48<<20) {
				continue
			}
			out, err := exec.Command("ownercheck", append(c.args, "--memory", c.limit, "--workers", workers,
				"--format", "json", "--progress", "none")...).Output()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || failed.ExitCode() != exitMemory {
				t.Errorf("%v --memory %s: %v, want exit status %d", c.args[:2], c.limit, err, exitMemory)
				continue
			}
			var r struct {
				States  uint64
				Peak    uint64 `json:"peak_rss_bytes"`
				Machine struct {
					Memory struct {
						PeakRSS uint64 `json:"peak_rss"`
					}
				}
			}
			if err := json.Unmarshal(out, &r); err != nil {
				t.Fatal(err)
			}
			peak := max(r.Peak, r.Machine.Memory.PeakRSS)
			t.Logf("%s --memory %s, %s workers: %d states, peak %d MiB", c.args[0], c.limit, workers, r.States, peak>>20)
			if peak == 0 || peak > c.bytes {
				t.Errorf("%v --memory %s: %d bytes were resident", c.args, c.limit, peak)
			}
			// Nor is it left unused.
			if peak < c.bytes/2 {
				t.Errorf("%v --memory %s: only %d bytes were resident", c.args, c.limit, peak)
			}
		}
	}
}

func TestDivide(t *testing.T) {
	for _, workers := range []int{1, 2, 64} {
		least := divide(1<<40, 20<<20, 8<<20, workers).least
		b := divide(least, 20<<20, 8<<20, workers)
		if b.least != least || least%mib != 0 {
			t.Errorf("%d workers: the least is %d, of itself %d", workers, least, b.least)
		}
		if b.engine < int64(workers)*workerMemory*3/4 || b.engine > least || b.runtime <= b.engine || b.runtime > least {
			t.Errorf("%d workers: of %d the engine gets %d, the runtime %d", workers, least, b.engine, b.runtime)
		}
	}
}
