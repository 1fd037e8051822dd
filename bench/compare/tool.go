package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A bench is where the tools work, and on what.
type bench struct {
	root string // of this module
	dir  string // for what is generated
	options
}

// A tool is one model checker, or one way to run it.
type tool struct {
	name    string
	needs   []string // programs
	absent  string   // why it cannot run although they are there
	workers int
	ours    bool // the rows to compare with

	dir     string     // in which all commands run
	models  []model    // to be put there
	build   [][]string // commands, not measured
	command []string   // measured

	// What the tool prints: group 1 is the number, which may have commas. It
	// counts so many extra steps beyond those there are.
	states, steps *regexp.Regexp
	extra         uint64
}

// A model is a file in the language of a tool, with a text in it that occurs
// once, and what to put in its place.
type model struct {
	file     string
	old, new string
}

func (m *model) copyTo(dir string) error {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return err
	}
	if m.old != "" {
		if strings.Count(string(text), m.old) != 1 {
			return fmt.Errorf("%s: %q must occur once", m.file, m.old)
		}
		text = bytes.Replace(text, []byte(m.old), []byte(m.new), 1)
	}
	return os.WriteFile(filepath.Join(dir, filepath.Base(m.file)), text, 0o666)
}

// missing says why the tool cannot run, "" if it can.
func (t *tool) missing() string {
	if t.absent != "" {
		return t.absent
	}
	for _, p := range t.needs {
		if _, err := exec.LookPath(p); err != nil {
			return p + " is not installed"
		}
	}
	return ""
}

// prepare generates and compiles what will be measured.
func (t *tool) prepare(ctx context.Context) error {
	for _, m := range t.models {
		if err := m.copyTo(t.dir); err != nil {
			return err
		}
	}
	for _, args := range t.build {
		c := exec.CommandContext(ctx, args[0], args[1:]...)
		c.Dir = t.dir
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// A row is what one run of a tool took.
type row struct {
	name          string
	workers       int
	ours          bool
	load          string // before and after; "?" where the system does not tell
	states, steps uint64
	seconds       float64
	peak          uint64 // bytes resident; 0 where the system does not tell
}

// measure runs the tool once and checks its counts.
func (t *tool) measure(ctx context.Context, states, steps uint64) (row, error) {
	r := row{name: t.name, workers: t.workers, ours: t.ours, load: load()}
	c := exec.CommandContext(ctx, t.command[0], t.command[1:]...)
	c.Dir = t.dir
	start := time.Now()
	out, err := c.CombinedOutput()
	r.seconds = time.Since(start).Seconds()
	r.load += ".." + load()
	if err != nil {
		return r, fmt.Errorf("%s: %w\n%s", strings.Join(t.command, " "), err, tail(out))
	}
	r.peak = maxRSS(c.ProcessState)
	r.states, r.steps = states, steps
	err = agree(out, t.states, states)
	if err == nil {
		err = agree(out, t.steps, steps+t.extra)
	}
	return r, err
}

// agree checks the last number that re finds: tools print counts as they go.
// SPIN prints eight digits of a large one.
func agree(out []byte, re *regexp.Regexp, want uint64) error {
	all := re.FindAllSubmatch(out, -1)
	if len(all) == 0 {
		return fmt.Errorf("no %v in the output\n%s", re, tail(out))
	}
	got := strings.ReplaceAll(string(all[len(all)-1][1]), ",", "")
	if got == strconv.FormatUint(want, 10) || strings.Contains(got, "e") && got == fmt.Sprintf("%.8g", float64(want)) {
		return nil
	}
	return fmt.Errorf("counts %s where %d is right (%v)\n%s", got, want, re, tail(out))
}

// tail returns the last lines of an output.
func tail(out []byte) []byte { return out[max(0, len(out)-2000):] }

// load returns the system's load average over one minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if first, _, ok := strings.Cut(string(text), " "); err == nil && ok {
		return first
	}
	return "?"
}

func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/ownercheck/ownercheck").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w: run compare from a folder of its module", err)
	}
	return strings.TrimSpace(string(out)), nil
}
