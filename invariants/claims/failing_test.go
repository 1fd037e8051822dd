package claims

import (
	"context"
	"fmt"
	"testing"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

// cases are small explorations of the suite, and one with two requests, of which
// all properties are asked at once.
var cases = []struct {
	claim string
	run   int
}{{"A01", 0}, {"A02", 1}, {"A03", 0}, {"A06", 2}, {"A08", 0}, {"A11", 0}, {"A14", 0}, {"P01", 1}, {"P03", 1}, {"P06", 0}, {"P06", 1}, {"P06", 3},
	{"P07", 1}, {"P09", 0}, {"P10", 1}, {"P19", 1}, {"P26", 1}, {"P26", 2}, {"P26", 3}, {"P11", 0}, {"A20", 0}}

// Each property that the sentences about issue, completion and memory rest on
// answers otherwise for some broken model, or for another of these cases: none
// says the same whatever happens.
func TestEachPropertyCanAnswerOtherwise(t *testing.T) {
	if testing.Short() {
		t.Skip("about a minute")
	}
	faults := []model.Fault{{}}
	for _, step := range model.KernelSteps() {
		switch step.Table {
		case "issue", "lock", "complete", "apc":
			faults = append(faults, model.Fault{Step: step.Table + "." + step.Name, Kind: model.FaultSkip})
		}
	}
	for _, rule := range []string{"mm.unmap", "mm.unlock", "mm.regions", "complete.C7", "issue.A11d", "issue.A9x"} {
		faults = append(faults, model.Fault{Step: rule, Kind: model.FaultIgnore})
	}
	faults = append(faults, model.Fault{Step: "mm.unlock", Kind: model.FaultSkip})
	for _, step := range []string{"issue.A10", "lock.L4", "apc.F5'", "apc.F6"} {
		faults = append(faults, model.Fault{Step: step, Kind: model.FaultTwice})
	}
	answers := map[string]map[invariants.Answer]string{}
	for _, k := range cases {
		c := lighter([]*Claim{claim(t, k.claim)})[0]
		c.Runs[k.run].SecondProcess = c.Runs[k.run].Bounds.Threads < 2
		m, err := c.Build(k.run, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			answerAll(t, m.Config(), fmt.Sprintf("%s run %d with %s", k.claim, k.run+1, f.Step), f, answers)
		}
	}
	for _, p := range invariants.ForIssueCompletionAndMemory() {
		if len(answers[p.Name]) < 2 {
			t.Errorf("%s answers the same everywhere: %v", p.Name, answers[p.Name])
		}
	}
}

// answerAll notes the answer to each property in one case, with one fault.
// Answers that say nothing are left out.
func answerAll(t *testing.T, cfg model.Config, what string, f model.Fault, answers map[string]map[invariants.Answer]string) {
	t.Helper()
	most := uint64(0)
	if f.Step != "" {
		cfg.Faults, most = []model.Fault{f}, 10_000
	}
	m, err := model.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	props := invariants.ForIssueCompletionAndMemory()
	r, err := invariants.Run(context.Background(), m, props, invariants.Limits{MaxStates: most})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range r.Answers {
		switch a.Answer {
		case invariants.Incomplete, invariants.Vacuous, invariants.NotApplicable:
			continue
		}
		if answers[a.Property.Name] == nil {
			answers[a.Property.Name] = map[invariants.Answer]string{}
		}
		if answers[a.Property.Name][a.Answer] == "" {
			answers[a.Property.Name][a.Answer] = what
		}
	}
}
