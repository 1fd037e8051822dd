package csource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

// TestRun lowers each program of testdata/run, runs its nodes, and compares what
// it says with the "want:" comments.
func TestRun(t *testing.T) {
	files, err := filepath.Glob("testdata/run/*.c")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			p, err := Load([]string{name}, Options{Side: program.App})
			if err != nil {
				t.Fatal(err)
			}
			e := newEvaluator(p)
			if _, err := e.call(p.Routine("main")); err != nil {
				t.Errorf("main: %v", err)
			}
			compareLogs(t, e.log, wanted(t, name))
		})
	}
}

// wanted collects the "want:" comments of a file.
func wanted(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		if _, want, ok := strings.Cut(line, "// want: "); ok {
			all = append(all, strings.Fields(want)...)
		}
	}
	return all
}

func compareLogs(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Fatalf("value %d: got %s, want %s\nall: got  %v\n     want %v", i, g, w, got, want)
		}
	}
}
