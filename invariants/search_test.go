package invariants_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// example builds a driver of the examples at quick bounds.
func example(t *testing.T, file string) *model.Model {
	t.Helper()
	path := filepath.Join("..", "cmd", "ownercheck", "examples", file)
	p, err := csource.Load([]string{path}, csource.Options{Side: program.Driver, ReadFile: os.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(model.Config{Driver: p, Bounds: model.QuickBounds(), Reduce: model.AllReductions(), Actions: model.AllActions()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func names(r *invariants.Result, want invariants.Answer) (out []string) {
	for _, a := range r.Answers {
		if a.Answer == want {
			out = append(out, a.Property.Name)
		}
	}
	return out
}

// A run that is stopped at each level in turn, and goes on in a new model that
// has learned nothing, answers as one that was never stopped: with as many
// explorations.
func TestKeptRunIsTheSame(t *testing.T) {
	for _, file := range []string{"wait_event.c", "wait_event_racy.c"} {
		t.Run(file, func(t *testing.T) {
			props := invariants.ForCheck()
			want, err := invariants.Run(context.Background(), example(t, file), props, invariants.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if want.Explorations < 2 {
				t.Fatalf("%d explorations: the test needs one that is repeated", want.Explorations)
			}
			dir := t.TempDir()
			keep := invariants.Keep{Checkpoint: dir, Case: []invariants.Part{{Name: "file", Value: file}}}
			resumed := 0
			for {
				// Each part explores a few levels.
				ctx, cancel := context.WithCancel(context.Background())
				first := -1
				lim := invariants.Limits{Workers: 1 + resumed%3, Keep: keep, Progress: func(p explore.Progress) {
					if first < 0 || p.Level < first {
						first = p.Level
					}
					if p.Level > first+resumed%4 || p.Level > first && !testing.Short() {
						cancel()
					}
				}}
				got, err := invariants.Run(ctx, example(t, file), props, lim)
				cancel()
				switch {
				case errors.Is(err, context.Canceled):
				case err != nil:
					t.Fatal(err)
				case got.Report.Complete:
					t.Logf("resumed %d times", resumed)
					if diff := cmp.Diff(want.Report, got.Report); diff != "" {
						t.Error(diff)
					}
					if got.Explorations != want.Explorations || !slices.Equal(names(got, invariants.Violated), names(want, invariants.Violated)) {
						t.Errorf("%d explorations, violated %v: want %d, %v", got.Explorations, names(got, invariants.Violated),
							want.Explorations, names(want, invariants.Violated))
					}
					return
				}
				resumed++
				keep.Resume = dir
			}
		})
	}
}

// A checkpoint of another run is refused, with what is not the same.
func TestKeptRunRefusesAnother(t *testing.T) {
	dir := t.TempDir()
	part := func(name, value string) invariants.Part { return invariants.Part{Name: name, Value: value} }
	keep := invariants.Keep{Checkpoint: dir, Case: []invariants.Part{part("bounds", "1"), part("a.c", "x")}}
	props := invariants.ForCheck()
	run := func(m *model.Model, k invariants.Keep) error {
		_, err := invariants.Run(context.Background(), m, props, invariants.Limits{MaxDepth: 4, Keep: k})
		return err
	}
	if err := run(example(t, "wait_event.c"), keep); err != nil {
		t.Fatal(err)
	}
	refused := func(dir, want string, parts ...invariants.Part) {
		t.Helper()
		err := run(example(t, "wait_event.c"), invariants.Keep{Resume: dir, Case: parts})
		var c *explore.CheckpointError
		if !errors.As(err, &c) || !c.Reading || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	refused(dir, "bounds was 1, and is 2 here", part("bounds", "2"), part("a.c", "x"))
	refused(dir, "a.c was x, and is y here", part("bounds", "1"), part("a.c", "y"))
	refused(dir, "a.c was x, and is missing here", part("bounds", "1"))
	refused(dir, "it has 2 parts, and this one 3", part("bounds", "1"), part("a.c", "x"), part("b.c", "x"))
	refused(t.TempDir(), "there is no checkpoint", keep.Case...)
	for _, name := range []string{filepath.Join("exploration-1", "manifest"), "run"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		refused(dir, "is damaged", keep.Case...)
	}
}

// A hunt finds what is there, and proves nothing about the rest; best-first
// search that comes to its end proves as much as any.
func TestHunts(t *testing.T) {
	props := invariants.ForCheck()
	run := func(file string, h invariants.Hunt, lim invariants.Limits) *invariants.Result {
		t.Helper()
		r, err := h.Run(context.Background(), example(t, file), props, lim)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	racy := "wait_event_racy.c"
	walk := invariants.Hunt{Walks: 3000, Seed: 1}
	for _, r := range []*invariants.Result{
		run(racy, walk, invariants.Limits{MaxDepth: 200}),
		run(racy, invariants.Hunt{Priority: invariants.Priorities()[0].Of}, invariants.Limits{MaxStates: 100_000}),
	} {
		if len(names(r, invariants.Violated)) == 0 || len(names(r, invariants.Proved)) > 0 || r.Report.Reason != explore.Decided {
			t.Errorf("%s: violated %v, proved %v, %v", r.Meaning, names(r, invariants.Violated), names(r, invariants.Proved), r.Report.Reason)
		}
	}
	r := run("wait_event.c", walk, invariants.Limits{MaxDepth: 200})
	if len(r.Gaps) == 0 || len(names(r, invariants.Proved)) > 0 || len(names(r, invariants.Violated)) > 0 {
		t.Errorf("walks over a correct driver: proved %v, violated %v", names(r, invariants.Proved), names(r, invariants.Violated))
	}
	want, err := invariants.Run(context.Background(), example(t, "wait_event.c"), props, invariants.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range invariants.Priorities() {
		r := run("wait_event.c", invariants.Hunt{Priority: p.Of}, invariants.Limits{MaxStates: 1 << 20})
		if !r.Report.Complete || !slices.Equal(names(r, invariants.Proved), names(want, invariants.Proved)) {
			t.Errorf("%s: complete %v, proved %v: want %v", p.Name, r.Report.Complete, names(r, invariants.Proved), names(want, invariants.Proved))
		}
	}
	r = run("wait_event.c", invariants.Hunt{Priority: invariants.Priorities()[0].Of}, invariants.Limits{MaxStates: 100})
	if len(r.Gaps) == 0 || len(names(r, invariants.Proved)) > 0 {
		t.Errorf("at the state limit: proved %v", names(r, invariants.Proved))
	}
}

// A shortened trace is no longer than the known one unfolded, and one that the
// unreduced exploration finds by itself is as long.
func TestShorten(t *testing.T) {
	props := invariants.ForCheck()
	m := example(t, "wait_event_racy.c")
	r, err := invariants.Run(context.Background(), m, props, invariants.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := invariants.Shorten(context.Background(), m, r, invariants.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Traces) == 0 || len(s.Traces) != len(names(r, invariants.Violated)) {
		t.Fatalf("%d traces for %v", len(s.Traces), names(r, invariants.Violated))
	}
	for _, x := range s.Traces {
		i := slices.IndexFunc(r.Answers, func(a invariants.PropertyAnswer) bool { return a.Property == x.Property })
		known := len(r.Answers[i].Witness.Actions)
		if x.Witness == nil {
			t.Fatalf("%s: nothing found", x.Property.Name)
		}
		n := len(x.Witness.Actions)
		t.Logf("%s: %d steps, unfolded %d, shortest %d", x.Property.Name, known, x.Steps, n)
		if x.Steps == 0 || n > x.Steps || x.Steps < known || n < 1 {
			t.Errorf("%s: %d steps, unfolded %d, shortest %d", x.Property.Name, known, x.Steps, n)
		}
	}
	short, err := invariants.Shorten(context.Background(), m, r, invariants.Limits{MaxStates: 50})
	if err != nil || short.Reason != explore.StateLimit || short.Traces[0].Witness != nil {
		t.Errorf("at a limit: %v, %v", short.Reason, err)
	}
}
