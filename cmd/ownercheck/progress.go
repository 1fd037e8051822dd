package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/ownercheck/ownercheck/explore"
)

// meter shows how far an exploration is: one line rewritten on a terminal, else
// a line now and then. The engine calls it from one goroutine.
type meter struct {
	mu    sync.Mutex
	calls int // of tell

	w       io.Writer
	rewrite bool
	every   time.Duration
	shown   time.Time
	width   int   // of the line on the terminal now
	held    int64 // bytes of an exploration that is over
	outlook outlook
}

// muchMemory is worth to be given back to the system between explorations.
const muchMemory = 8 * mib

func newMeter(w io.Writer, mode string) *meter {
	m := &meter{w: w, every: 2 * time.Second}
	if f, ok := w.(*os.File); ok && mode == "auto" && term.IsTerminal(int(f.Fd())) {
		m.rewrite, m.every = true, 100*time.Millisecond
	}
	if mode == "none" {
		m.w = nil
	}
	return m
}

func (m *meter) tell(p explore.Progress) {
	if m.held > muchMemory && !p.Done {
		debug.FreeOSMemory() // else the next exploration comes on top of the last
	}
	m.held = 0
	if p.Done {
		m.held = p.Bytes
	}
	if m.w == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	now := time.Now()
	if p.Done {
		m.clear()
		m.outlook = outlook{}
		return
	}
	m.outlook.note(now, p)
	if m.shown.IsZero() {
		m.shown = now.Add(-m.every * 3 / 4) // the first line comes soon
	}
	if wait := m.every - now.Sub(m.shown); wait > 0 {
		if p.Doing != "" {
			m.showLater(wait, p)
		}
		return
	}
	m.shown = now
	m.show(progressText(p, &m.outlook))
}

// say shows how far a search is that has no levels.
func (m *meter) say(text string) {
	if m.w == nil {
		return
	}
	now := time.Now()
	if m.shown.IsZero() {
		m.shown = now.Add(-m.every * 3 / 4)
	}
	if now.Sub(m.shown) >= m.every {
		m.shown = now
		m.show(text)
	}
}

// showLater shows what takes long and makes no calls: a checkpoint, the way to
// what was found.
func (m *meter) showLater(wait time.Duration, p explore.Progress) {
	call, text := m.calls, progressText(p, &m.outlook)
	time.AfterFunc(wait, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.calls == call {
			m.shown = time.Now()
			m.show(text)
		}
	})
}

func progressText(p explore.Progress, o *outlook) string {
	if p.Doing != "" {
		return fmt.Sprintf("level %d: %s states, %s MiB; %s", p.Level, grouped(p.Distinct), grouped(uint64(p.Bytes)>>20), p.Doing)
	}
	perState := 0.0
	if p.Distinct > 0 {
		perState = float64(p.Bytes) / float64(p.Distinct)
	}
	disk := ""
	if p.OnDisk > 0 {
		disk = grouped(uint64(p.OnDisk)>>20) + " MiB on disk, "
	}
	return fmt.Sprintf("level %d: %s states, %s steps, %s states/s, %s of %s explored, %.1f B/state, %s MiB, %sleft %s",
		p.Level, grouped(p.Distinct), grouped(p.Generated), grouped(uint64(o.rate)), grouped(p.Explored), grouped(p.Frontier),
		perState, grouped(uint64(p.Bytes)>>20), disk, o.left())
}

// show rewrites with blanks, not with escape sequences: old consoles show those.
func (m *meter) show(line string) {
	if !m.rewrite {
		fmt.Fprintln(m.w, line)
		return
	}
	n := utf8.RuneCountInString(line)
	fmt.Fprintf(m.w, "\r%s%s", line, strings.Repeat(" ", max(m.width-n, 0)))
	m.width = n
}

func (m *meter) clear() {
	if m.rewrite && m.width > 0 {
		fmt.Fprintf(m.w, "\r%s\r", strings.Repeat(" ", m.width))
		m.width = 0
	}
}

// grouped writes 1234567 as 1,234,567.
func grouped(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
