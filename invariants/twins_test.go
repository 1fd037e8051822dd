package invariants_test

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
)

// twins is one archive of testdata/twins: a driver with one bug, and the same
// driver without it. Its files are
//
//	broken.c, correct.c   the two drivers
//	expect                answers for broken.c, as "INV01 VIOLATED"; what is not
//	                      listed may be anything but VIOLATED or INCOMPLETE
//	correct               answers for correct.c that are not PROVED though the
//	                      invariant is in expect, or that are VACUOUS
//	bounds                what differs from the quick bounds, as "failures 1"
//	knobs                 those that are not at their default, as "K5 ignore"
//	without               actions that the client leaves out, one a line
//	with                  actions that it leaves out unless asked for, one a line
//
// and the comment in front says which entry of the bug catalogue it is, and why.
type twins struct {
	files    map[string]string
	bounds   model.Bounds
	knobs    model.Knobs
	programs map[string]*program.Program
}

func readTwins(t *testing.T, path string) twins {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tw := twins{files: map[string]string{}, bounds: model.QuickBounds(), programs: map[string]*program.Program{}}
	tw.bounds.Threads, tw.bounds.Failures = 2, 0
	for _, f := range ar.Files {
		tw.files[f.Name] = string(f.Data)
	}
	for name, value := range pairs(t, tw.files["knobs"]) {
		if err := tw.knobs.Set(name + "=" + value); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range pairs(t, tw.files["bounds"]) {
		var n int
		if _, err := fmt.Sscan(value, &n); err != nil {
			t.Fatalf("bound %s: %v", name, err)
		}
		switch name {
		case "failures":
			tw.bounds.Failures = n
		case "requests":
			tw.bounds.Requests = n
		case "issuers":
			tw.bounds.Issuers = n
		case "records":
			tw.bounds.Records = n
		case "workers":
			tw.bounds.Workers = n
		case "kthreads":
			tw.bounds.Kthreads = n
		case "dpcs":
			tw.bounds.DPCs = n
		case "files":
			tw.bounds.Files = n
		default:
			t.Fatalf("no bound %q: want failures, requests, issuers, files, records, workers, kthreads or dpcs", name)
		}
	}
	return tw
}

// pairs reads lines of a name and the rest.
func pairs(t *testing.T, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Fatalf("line %q: want a name and a value", line)
		}
		out[name] = value
	}
	return out
}

// auditStates is how far an unreduced run goes. One that gets no further shows
// only that it has not found more than the reduced run.
const auditStates = 800_000

// outcome is what one run says of one driver.
type outcome struct {
	answers  map[string]string // by invariant
	where    map[string]string // place of each violation
	states   uint64
	gaps     []string
	complete bool
}

func (tw twins) load(t *testing.T, name string) *program.Program {
	t.Helper()
	read := func(f string) ([]byte, error) {
		if text, ok := tw.files[f]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	if tw.programs[name] == nil {
		p, err := csource.Load([]string{name}, csource.Options{Side: program.Driver, ReadFile: read})
		if err != nil {
			t.Fatal(err)
		}
		tw.programs[name] = p
	}
	return tw.programs[name]
}

func (tw twins) actions(t *testing.T) model.Actions {
	t.Helper()
	a := model.AllActions()
	for name := range strings.Lines(tw.files["without"]) {
		if err := a.Without(strings.TrimSpace(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range strings.Fields(tw.files["with"]) {
		if err := a.With(name); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func (tw twins) decide(t *testing.T, name string, red model.Reductions) outcome {
	t.Helper()
	m, err := model.New(model.Config{Driver: tw.load(t, name), Bounds: tw.bounds, Knobs: tw.knobs, Reduce: red, Actions: tw.actions(t)})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r, err := invariants.Run(context.Background(), m, append(invariants.ForCheck(), invariants.ForSystem()...), invariants.Limits{Workers: 2, MaxStates: auditStates})
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{map[string]string{}, map[string]string{}, r.Report.Distinct, nil, r.Report.Complete}
	for _, a := range r.Answers {
		o.answers[a.Property.Name] = a.Answer.String()
		if a.Witness != nil {
			o.where[a.Property.Name] = a.Finding.Where
		}
	}
	for _, g := range r.Gaps {
		o.gaps = append(o.gaps, g.Text)
	}
	t.Logf("%s: %d states, %v, violated %v", name, o.states, time.Since(start).Round(time.Millisecond), o.where)
	return o
}

// violated lists the invariants that o finds broken.
func (o outcome) violated() []string {
	var out []string
	for name, a := range o.answers {
		if a == invariants.Violated.String() {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Each invariant has failed once: on a driver with the bug it is about, and not
// on the same driver without the bug. No reduction changes which ones fail.
func TestTwins(t *testing.T) {
	paths, err := filepath.Glob("testdata/twins/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	failed, ran := map[string]bool{}, 0
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			ran++
			tw := readTwins(t, path)
			broken := tw.decide(t, "broken.c", model.AllReductions())
			tw.checkBroken(t, broken)
			for _, name := range broken.violated() {
				failed[name] = true
			}
			correct := tw.decide(t, "correct.c", model.AllReductions())
			tw.checkCorrect(t, correct)
			tw.audit(t, "broken.c", broken)
			tw.audit(t, "correct.c", correct)
		})
	}
	for _, p := range invariants.ForCheck() {
		if !failed[p.Name] && ran == len(paths) && !t.Failed() {
			t.Errorf("no broken driver violates %s", p.Name)
		}
	}
}

func (tw twins) checkBroken(t *testing.T, o outcome) {
	t.Helper()
	expect := pairs(t, tw.files["expect"])
	for name, want := range expect {
		if got := o.answers[name]; got != want {
			t.Errorf("broken.c: %s: got %s, want %s; gaps: %q", name, got, want, o.gaps)
		}
	}
	for name, got := range o.answers {
		if expect[name] == "" && (got == "VIOLATED" || got == "INCOMPLETE") {
			t.Errorf("broken.c: %s: got %s at %s, which is not expected; gaps: %q", name, got, o.where[name], o.gaps)
		}
	}
}

func (tw twins) checkCorrect(t *testing.T, o outcome) {
	t.Helper()
	expect, special := pairs(t, tw.files["expect"]), pairs(t, tw.files["correct"])
	for name, got := range o.answers {
		want := special[name]
		switch {
		case want != "":
		case expect[name] != "" || got != "NOT APPLICABLE":
			want = "PROVED"
		default:
			continue
		}
		if got != want {
			t.Errorf("correct.c: %s: got %s at %s, want %s; gaps: %q", name, got, o.where[name], want, o.gaps)
		}
	}
}

// audit runs the driver again without any reduction.
func (tw twins) audit(t *testing.T, name string, reduced outcome) {
	t.Helper()
	if testing.Short() && reduced.states > 350 {
		return
	}
	full := tw.decide(t, name, model.Reductions{})
	got, want := full.violated(), reduced.violated()
	for _, inv := range got {
		if !slices.Contains(want, inv) {
			t.Errorf("%s: %s is violated at %q without reductions only", name, inv, full.where[inv])
		}
	}
	for _, inv := range want {
		if !slices.Contains(got, inv) && full.complete {
			t.Errorf("%s: %s is violated at %q with reductions only", name, inv, reduced.where[inv])
		}
	}
}
