package traces_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/model/csource"
	"github.com/ownercheck/ownercheck/model/program"
	"github.com/ownercheck/ownercheck/traces"
)

const driver = "../cmd/ownercheck/examples/wait_event_racy.c"

// found explores the racy example and records the witness of each property
// that it violates.
func found(t testing.TB) (model.Config, []*traces.Trace) {
	t.Helper()
	p, err := csource.Load([]string{driver}, csource.Options{Side: program.Driver})
	if err != nil {
		t.Fatal(err)
	}
	cfg := model.Config{Driver: p, Bounds: model.QuickBounds(), Reduce: model.AllReductions(), Actions: model.AllActions()}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := invariants.Run(context.Background(), m, invariants.ForCheck(), invariants.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var out []*traces.Trace
	for _, a := range r.Answers {
		if a.Witness == nil {
			continue
		}
		c := traces.Case{Driver: []string{driver}, Files: []traces.File{{Name: driver, SHA256: strings.Repeat("0", 64)}}}
		q := traces.Question{Property: a.Property.Name, Answer: a.Answer.String(), Text: a.Property.Text}
		x, err := traces.Record(m, c, q, a.Witness.Init, a.Witness.Actions)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	if len(out) == 0 {
		t.Fatal("nothing is violated")
	}
	return cfg, out
}

// rebuilt makes a model of the settings of x, as another process would.
func rebuilt(t testing.TB, cfg model.Config, x *traces.Trace) *model.Model {
	t.Helper()
	cfg.Bounds, cfg.Knobs, cfg.Reduce, cfg.Actions = model.Bounds{}, model.Knobs{}, model.Reductions{}, model.Actions{}
	if err := x.Settings.Apply(&cfg); err != nil {
		t.Fatal(err)
	}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRoundTrip: what was found survives being written, read and taken again
// by a model that has never explored anything.
func TestRoundTrip(t *testing.T) {
	cfg, list := found(t)
	for _, x := range list {
		text := x.AppendJSON([]byte(nil))
		y, err := traces.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(x, y); d != "" {
			t.Errorf("%s: read back (-written +read):\n%s", x.Question.Property, d)
		}
		if again := y.AppendJSON(nil); !bytes.Equal(text, again) {
			t.Errorf("%s: written again:\n%s", x.Question.Property, cmp.Diff(string(text), string(again)))
		}
		z, err := traces.Replay(rebuilt(t, cfg, y), y, invariants.Named(y.Question.Property))
		if err != nil {
			t.Errorf("%s: %v", x.Question.Property, err)
			continue
		}
		if d := cmp.Diff(x, z); d != "" {
			t.Errorf("%s: replayed (-written +replayed):\n%s", x.Question.Property, d)
		}
	}
}

// TestRefused: whatever is changed in a trace, Replay says where it stops being
// a run that shows what it says.
func TestRefused(t *testing.T) {
	cfg, list := found(t)
	good := list[0].AppendJSON(nil)
	n := len(list[0].Steps)
	for _, c := range []struct {
		name   string
		tamper func(x *traces.Trace)
		step   int
		detail string
	}{
		{"initial state", func(x *traces.Trace) { x.Init.Action.Arg = 99 }, 0, "cannot happen there"},
		{"initial digest", func(x *traces.Trace) { x.Init.Digest = strings.Repeat("0", 16) }, 0, "the trace says 0000000000000000"},
		{"action", func(x *traces.Trace) { x.Steps[2].Action.Actor = 77 }, 3, "cannot happen there"},
		{"digest", func(x *traces.Trace) { x.Steps[4].Digest = strings.Repeat("f", 16) }, 5, "the trace says ffffffffffffffff"},
		{"digest before action", func(x *traces.Trace) { x.Steps[4].Digest = x.Init.Digest; x.Steps[6].Action.Kind++ }, 5, "the trace says"},
		{"step left out", func(x *traces.Trace) { x.Steps = slices.Delete(x.Steps, 1, 2) }, 2, ""},
		{"last step left out", func(x *traces.Trace) { x.Steps = x.Steps[:n-1] }, n - 1, "ends with no finding: the trace says INV01"},
		{"step too many", func(x *traces.Trace) { x.Steps = append(x.Steps, x.Steps[0]) }, n + 1, "cannot happen there"},
		{"end", func(x *traces.Trace) { x.End.Where = "driver.c:1:1" }, n, "the trace says INV01 at driver.c:1:1"},
		{"answer", func(x *traces.Trace) { x.Question.Answer = "REACHED" }, n, "INV01 is not REACHED"},
		{"assumptions", func(x *traces.Trace) { x.Settings.Assumptions = []int{1, 2, 3000} }, 0, "do not fit"},
		{"no assumptions", func(x *traces.Trace) { x.Settings.Assumptions = nil }, 0, "do not fit"},
	} {
		x, err := traces.Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		c.tamper(x)
		_, err = traces.Replay(rebuilt(t, cfg, x), x, invariants.Named("INV01"))
		var refused *traces.RefusedError
		if !errors.As(err, &refused) || refused.Step != c.step || !strings.Contains(err.Error(), c.detail) {
			t.Errorf("%s: %v: want a refusal at step %d: %s", c.name, err, c.step, c.detail)
		}
	}
	x, _ := traces.Parse(good)
	_, err := traces.Replay(rebuilt(t, cfg, x), x, invariants.Named("INV22"))
	if err == nil || !strings.Contains(err.Error(), "is not VIOLATED where the run ends") {
		t.Errorf("another property: %v", err)
	}
}

func TestSettings(t *testing.T) {
	cfg, list := found(t)
	good := list[0].AppendJSON(nil)
	for _, c := range []struct {
		tamper func(s *traces.Settings)
		want   string
	}{
		{func(s *traces.Settings) { delete(s.Bounds, "requests") }, "the bound requests is missing"},
		{func(s *traces.Settings) { s.Bounds["cats"] = 1 }, "this version has"},
		{func(s *traces.Settings) { s.Bounds["requests"] = 99 }, "bound requests 99: must be from"},
		{func(s *traces.Settings) { s.Knobs = []string{"K99=on"} }, `no knob "K99"`},
		{func(s *traces.Settings) { delete(s.Reductions, "movers") }, "this version has"},
		{func(s *traces.Settings) { delete(s.Actions, "cancel"); s.Actions["x"] = true }, "actions without cancel"},
	} {
		x, err := traces.Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		c.tamper(&x.Settings)
		if err := x.Settings.Apply(&cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: want %s", err, c.want)
		}
	}
	var b model.Bounds
	if err := traces.SetBound(&b, "Requests=3"); err != nil || b.Requests != 3 {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestParseRefuses(t *testing.T) {
	_, list := found(t)
	good := string(list[0].AppendJSON(nil))
	for _, c := range []struct{ old, new, want string }{
		{traces.Schema, "ownercheck.trace/2", `version "ownercheck.trace/2": this program reads "ownercheck.trace/1"`},
		{traces.Schema, "ownercheck.check/1", "not a trace: schema"},
		{`"schema"`, `"scheme"`, `no field "schema"`},
		{`"init"`, `"begin"`, `unknown field "begin"`},
		{`"kind": 65280`, `"kind": 70000`, "line "},
		{`"kind": 65280`, `"kind": -`, "not a trace: line "},
		{`"answer": "VIOLATED"`, `"answer": ""`, "no answer"},
		{`"run": 0`, `"run": 0, "claim": "P21"`, "either a claim or the files"},
		{`"run": 0`, `"run": -1`, "must not be negative"},
		{`"digest": "`, `"digest": "x`, "want 16 hexadecimal digits"},
		{`"sha256": "0`, `"sha256": "`, "want 64 hexadecimal digits"},
		{`"steps": [`, `"steps": null, "x": [`, "unknown field"},
	} {
		_, err := traces.Parse([]byte(strings.Replace(good, c.old, c.new, 1)))
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s for %s: %v: want %s", c.new, c.old, err, c.want)
		}
	}
	if _, err := traces.Parse([]byte(good + "{}")); err == nil {
		t.Error("text after the end: no error")
	}
}

// TestText: the text names every C line and kernel step of the trace, and tells
// the beginning that traces share only once.
func TestText(t *testing.T) {
	_, list := found(t)
	text := string(list[0].AppendText(nil))
	for _, s := range list[0].Steps {
		for _, l := range s.Told.Lines {
			if !strings.Contains(text, l.Where) && l.Facts == "" {
				t.Errorf("the text lacks %s", l.Where)
			}
		}
	}
	for _, want := range []string{"INV01 VIOLATED in ", "\n   1  thread ", "issue.A14", "[1.23]", "        => request 1", "\nfound: INV01 at "} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "=> ") && len(line) > 120 {
			t.Errorf("a list of changes is not folded: %s", line)
		}
	}
	if len(list) > 1 {
		if s := string(list[1].AppendText(nil, list[0])); !strings.Contains(s, "steps are those of INV01") {
			t.Errorf("the shared beginning is told twice:\n%s", s)
		}
	}
}

// FuzzParse: no text makes Parse panic, and what it takes it writes and reads
// again without loss.
func FuzzParse(f *testing.F) {
	small := &traces.Trace{
		Schema:   traces.Schema,
		Case:     traces.Case{Driver: []string{"a.c"}, Define: []string{"X"}, Files: []traces.File{{Name: "a.c", SHA256: strings.Repeat("a", 64)}}},
		Settings: traces.Settings{Bounds: map[string]int{"requests": 1}, Knobs: []string{"K1=unguarded"}, Assumptions: []int{0, 0}},
		Question: traces.Question{Property: "INV01", Answer: "VIOLATED", Text: "once"},
		Init:     traces.Step{Action: traces.Action{Kind: model.KindInit}, Digest: strings.Repeat("1", 16)},
		Steps: []traces.Step{{Digest: strings.Repeat("2", 16), Told: traces.Told{Actor: "thread 1", Action: "calls",
			Lines: []traces.Line{{Where: "a.c:1:1", Text: "f()"}, {Where: "issue.A1", Text: "probe", Facts: "1.2"}}, Changes: []string{"x: 0 -> 1"}}}},
		End: traces.End{Invariant: 1, Name: "INV01", Where: "a.c:1:1"},
	}
	f.Add(small.AppendJSON(nil))
	f.Add([]byte(`{"schema":"ownercheck.trace/1","case":{"claim":"P21","run":0},"steps":[]}`))
	f.Add([]byte(`{"schema":"ownercheck.trace/9"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		x, err := traces.Parse(text)
		if err != nil {
			return
		}
		y, err := traces.Parse(x.AppendJSON(nil))
		if err != nil {
			t.Fatalf("written and read again: %v", err)
		}
		if !bytes.Equal(x.AppendJSON(nil), y.AppendJSON(nil)) {
			t.Fatal("written twice, not the same")
		}
		x.AppendText(nil, y)
		var cfg model.Config
		_ = x.Settings.Apply(&cfg)
	})
}
