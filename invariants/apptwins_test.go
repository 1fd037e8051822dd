package invariants_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// Apps with one mistake and the same apps without it, over one correct driver,
// testdata/apptwins/driver.c. The files of an archive are broken.c, correct.c,
// expect as in TestTwins, and
//
//	threads    how many the apps have; 1 if it is missing
//	knobs      as "K13 thread"
func TestAppTwins(t *testing.T) {
	paths, err := filepath.Glob("testdata/apptwins/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range ar.Files {
				files[f.Name] = string(f.Data)
			}
			expect := pairs(t, files["expect"])
			for _, red := range []model.Reductions{model.AllReductions(), {AnyFrame: true}} {
				broken, correct := decideApp(t, files, "broken.c", red), decideApp(t, files, "correct.c", red)
				for name, got := range broken {
					if want := expect[name]; want != "" && got != want || want == "" && (got == "VIOLATED" || got == "INCOMPLETE") {
						t.Errorf("broken.c: %s: got %s, want %q", name, got, want)
					}
				}
				for name, got := range correct {
					if got == "VIOLATED" || got == "INCOMPLETE" || expect[name] != "" && got != "PROVED" {
						t.Errorf("correct.c: %s: got %s", name, got)
					}
				}
			}
		})
	}
}

// decideApp gives the answer to each invariant, driver's and app's.
func decideApp(t *testing.T, files map[string]string, name string, red model.Reductions) map[string]string {
	t.Helper()
	read := func(f string) ([]byte, error) {
		if text, ok := files[f]; ok {
			return []byte(text), nil
		}
		if f == "driver.c" {
			return os.ReadFile("testdata/apptwins/driver.c")
		}
		return nil, fs.ErrNotExist
	}
	load := func(f string, side program.Side) *program.Program {
		p, err := csource.Load([]string{f}, csource.Options{Side: side, ReadFile: read})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	cfg := model.Config{Driver: load("driver.c", program.Driver), App: load(name, program.App),
		Bounds: model.DefaultBounds(), Reduce: red, Actions: model.AllActions()}
	cfg.Bounds.Failures, cfg.Bounds.Threads, cfg.Bounds.Issuers = 0, 1, 1
	if strings.TrimSpace(files["threads"]) == "2" {
		cfg.Bounds.Threads = 2
	}
	for id, value := range pairs(t, files["knobs"]) {
		if err := cfg.Knobs.Set(id + "=" + value); err != nil {
			t.Fatal(err)
		}
	}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	limits := invariants.Limits{Workers: 2}
	if red != model.AllReductions() && testing.Short() {
		limits.MaxStates = 50_000
	}
	r, err := invariants.Run(context.Background(), m, append(invariants.ForCheck(), invariants.ForApp()...), limits)
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{}
	for _, a := range r.Answers {
		if a.Answer == invariants.Incomplete && !r.Report.Complete {
			continue // cut off
		}
		answers[a.Property.Name] = a.Answer.String()
	}
	for _, g := range r.Gaps {
		t.Logf("gap: %s", g.Text)
	}
	t.Logf("%s: %d states", name, r.Report.Distinct)
	return answers
}
