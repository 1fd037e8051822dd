package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
)

// machine matches what depends on the machine in a report as JSON: times, rates,
// memory, the number of workers, and all of "machine".
var machine = regexp.MustCompile(`(?s)"(seconds|[a-z_]+_per_second|bytes_per_state|peak_rss_bytes|workers)": [0-9.e+-]+|"machine": \{.*?\n  \}`)

// factsOf leaves that out.
func factsOf(report string) string { return machine.ReplaceAllString(report, "") }

// TestWorkers: a report is the same bytes for any number of workers, but for
// how long it took. Of the claims those are taken that are decided soon.
func TestWorkers(t *testing.T) {
	for _, args := range [][]string{
		{"claims", "A01", "A06", "A11", "A14", "A19", "A24", "P06", "P09", "P10", "P28", "E04", "E16"},
		{"check", "examples/wait_event_racy.c", "--quick"},
		{"check", "examples/wait_event.c", "--quick", "--states", "500"},
		{"check", "examples/wait_event.c", "--quick", "--stats"},
		{"check", "examples/wait_event_racy.c", "--quick", "--shortest"},
		{"check", "examples/wait_event_racy.c", "--quick", "--search", "walk", "--walks", "300"},
		{"check", "examples/wait_event.c", "--quick", "--search", "best", "--states", "400"},
		{"bench", "handoff", "--requests", "3", "--stats"},
	} {
		var want string
		for _, workers := range []int{1, 2, 3, 8} {
			var out, diag bytes.Buffer
			run(append(args, "--format", "json", "--progress", "none", "--workers", fmt.Sprint(workers)), &out, &diag)
			got := factsOf(out.String())
			switch {
			case got == "" || !machine.MatchString(out.String()):
				t.Fatalf("%v: no report: %s", args, diag.String())
			case want == "":
				want = got
			case got != want:
				t.Errorf("%v: %d workers:\n%s\nwant as with 1:\n%s", args, workers, got, want)
			}
		}
	}
}

func TestGapStatus(t *testing.T) {
	for reason, want := range map[explore.Reason]int{
		explore.None: exitBounded, explore.StateLimit: exitBounded, explore.DepthLimit: exitBounded,
		explore.TimeLimit: exitTime, explore.MemoryLimit: exitMemory, explore.Interrupted: exitInterrupted,
	} {
		if got := gapStatus([]invariants.Gap{{Reason: reason}}); got != want {
			t.Errorf("%v: %d, want %d", reason, got, want)
		}
	}
}

// TestAuditStatus: an answer that a reduction changes is a defect, which no
// driver can show as long as there is none.
func TestAuditStatus(t *testing.T) {
	row := func(a invariants.Answer) auditRow {
		return auditRow{answers: []invariants.PropertyAnswer{{Property: &invariants.Property{Name: "INV01"}, Answer: a}}}
	}
	all := row(invariants.Proved)
	same, open, other := row(invariants.Proved), row(invariants.Incomplete), row(invariants.Violated)
	open.gaps = []invariants.Gap{{Reason: explore.TimeLimit}}
	for _, r := range []*auditRow{&same, &open, &other} {
		r.compare(&all)
	}
	if s := auditStatus([]auditRow{all, same}); s != exitAsExpected {
		t.Errorf("same answers: %d", s)
	}
	if s := auditStatus([]auditRow{all, open}); s != exitTime {
		t.Errorf("a missing answer: %d", s)
	}
	if s := auditStatus([]auditRow{all, open, other}); s != exitInternal || len(other.Differs) != 1 {
		t.Errorf("another answer: %d, %q", s, other.Differs)
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]int64{"4GiB": 4 << 30, "512 mib": 512 << 20, "1.5g": 3 << 29, "2MB": 2e6, "7B": 7, "0": 0} {
		var b byteSize
		if err := b.Set(text); err != nil || int64(b) != want {
			t.Errorf("%q: %d, %v, want %d", text, int64(b), err, want)
		}
	}
	for _, text := range []string{"", "4", "GiB", "-1GiB", "1e300GiB", "NaNGiB", "4XiB"} {
		var b byteSize
		if err := b.Set(text); err == nil {
			t.Errorf("%q: %d, want an error", text, int64(b))
		}
	}
}

func TestShorten(t *testing.T) {
	s := "the app may free the pages before they are locked"
	if got := shorten(s, 200); got != s {
		t.Errorf("%q", got)
	}
	if got := shorten(s, 30); len(got) > 30 || !strings.HasSuffix(got, "...") {
		t.Errorf("%q", got)
	}
	if got := grouped(1234567); got != "1,234,567" {
		t.Errorf("%q", got)
	}
}

// TestProgress: progress goes where diagnostics go, and never too often.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	m := newMeter(&b, "plain")
	for range 1000 {
		m.tell(explore.Progress{Level: 1, Distinct: 5})
	}
	if b.Len() != 0 {
		t.Errorf("at once: %q", b.String())
	}
	m.shown = m.shown.Add(-m.every)
	m.tell(explore.Progress{Level: 3, Distinct: 12345, Bytes: 1 << 20})
	if !strings.HasPrefix(b.String(), "level 3: 12,345 states, ") || !strings.HasSuffix(b.String(), "left unknown\n") || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("%q", b.String())
	}
	b.Reset()
	m.every = 10 * time.Millisecond
	m.tell(explore.Progress{Level: 3, Distinct: 12345, Doing: "thinking"})
	for range 500 {
		time.Sleep(10 * time.Millisecond)
		m.mu.Lock()
		text := b.String()
		m.mu.Unlock()
		if text != "" {
			break
		}
	}
	m.mu.Lock()
	if b.String() != "level 3: 12,345 states, 0 MiB; thinking\n" {
		t.Errorf("after a while: %q", b.String())
	}
	m.mu.Unlock()
	newMeter(&b, "none").tell(explore.Progress{})
}
