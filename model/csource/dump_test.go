package csource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/ownercheck/ownercheck/model/program"
)

// TestDump compares the dump of each program of testdata/dump with the one that
// a person has read. Layouts of the kit's own structures are left out.
func TestDump(t *testing.T) {
	names, err := filepath.Glob("testdata/dump/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := &a.Files[len(a.Files)-1]
			side := program.Driver
			if strings.HasSuffix(name, "app.txtar") {
				side = program.App
			}
			var files []string
			for _, f := range a.Files {
				if strings.HasSuffix(f.Name, ".c") {
					files = append(files, f.Name)
				}
			}
			p, err := Load(files, Options{Side: side, ReadFile: archive(a)})
			if err != nil {
				t.Fatal(err)
			}
			got := withoutKit(p)
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(last.Data), got); diff != "" {
				t.Errorf("dump differs (-want +got):\n%s", diff)
			}
		})
	}
}

// withoutKit dumps p with the layouts of its own structures only.
func withoutKit(p *program.Program) string {
	var b, all strings.Builder
	if err := program.Dump(&all, p, nil); err != nil {
		return err.Error()
	}
	skip := false
	for line := range strings.Lines(all.String()) {
		if name, ok := strings.CutPrefix(line, "layout "); ok {
			skip = !strings.HasPrefix(name, "_EXT") && !strings.HasPrefix(name, "_REPLY")
		} else if !strings.HasPrefix(line, "  ") {
			skip = false
		}
		if !skip {
			b.WriteString(line)
		}
	}
	return b.String()
}
