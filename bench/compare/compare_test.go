package main

import (
	"context"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What the tools print at 3 requests, cut.
var outputs = map[string]string{
	"ownercheck": `{
  "states": 32768,
  "steps": 165888,
  "states_per_second": 1
}`,
	"SPIN": `Depth=      10 States= 6.67e+03 Transitions= 2.64e+04 Memory=   128.977
    32768 states, stored
	   32768 nominal states (stored-atomic)
   133121 states, matched
   165889 transitions (= stored+matched)
`,
	"Rumur": `	 thread 1: 30000 states explored in 1s, with 81866 rules fired and 1738 states in the queue.
State Space Explored:

	32768 states, 165888 rules fired in 1s.
`,
	"TLC": `Progress(9) at 2026-01-01 10:00:00: 12,345 states generated (740,700 s/min), 4,567 distinct states found (274,020 ds/min), 890 states left on queue.
165889 states generated, 32768 distinct states found, 0 states left on queue.
The depth of the complete state graph search is 25.
`,
}

func TestCountsAreReadInEachToolsOwnWay(t *testing.T) {
	states, steps := counts(3)
	for _, tool := range tools(bench{options: options{requests: 3, workers: 1}}) {
		out := []byte(outputs[tool.name])
		if err := agree(out, tool.states, states); err != nil {
			t.Errorf("%s: %v", tool.name, err)
		}
		if err := agree(out, tool.steps, steps+tool.extra); err != nil {
			t.Errorf("%s: %v", tool.name, err)
		}
		if agree(out, tool.states, states+1) == nil || agree(out, tool.steps, steps+tool.extra-1) == nil {
			t.Errorf("%s: wrong counts agree", tool.name)
		}
	}
}

func TestLargeCountsOfSPIN(t *testing.T) {
	tool := (&bench{}).spin()
	out := []byte(" 33554432 states, stored\n2.8311552e+08 transitions (= stored+matched)\n")
	states, steps := counts(5)
	if err := agree(out, tool.states, states); err != nil {
		t.Error(err)
	}
	if err := agree(out, tool.steps, steps+1); err != nil {
		t.Error(err)
	}
	if agree(out, tool.steps, steps+100) == nil {
		t.Error("wrong counts agree")
	}
}

// A tool that counts other states is an error, not a row.
func TestWrongCountsAreRefused(t *testing.T) {
	tool := &tool{name: "go", command: []string{"go", "env", "GOVERSION"},
		states: regexp.MustCompile(`go(\d+)`), steps: regexp.MustCompile(`go\d+\.(\d+)`)}
	if _, err := tool.measure(context.Background(), 1000, 2); err == nil || !strings.Contains(err.Error(), "where 1000 is right") {
		t.Errorf("got %v", err)
	}
}

func TestMissingToolsSayWhatIsMissing(t *testing.T) {
	for _, tool := range tools(bench{options: options{requests: 3, workers: 1}}) {
		tool.needs = []string{"no-such-program"}
		want := "no-such-program is not installed"
		if tool.name == "TLC" {
			want = "no jar is given (-tlc tla2tools.jar)"
		}
		if got := tool.missing(); got != want {
			t.Errorf("%s: got %q, want %q", tool.name, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	printRows(&b, []row{
		{name: "ownercheck", workers: 1, ours: true, load: "0.10", states: 1000, steps: 4000, seconds: 2, peak: 12000},
		{name: "ownercheck", workers: 2, ours: true, load: "0.90", states: 1000, steps: 4000, seconds: 1, peak: 13000},
		{name: "SPIN", workers: 1, load: "?", states: 1000, steps: 4000, seconds: 20},
	})
	want := `
        tool  workers  load  seconds  states/s  steps/s  bytes/state  ownercheck 1 is  ownercheck 2 is
  ownercheck        1  0.10     2.00       500     2000         12.0             1.0x             2.0x
  ownercheck        2  0.90     1.00      1000     4000         13.0             0.5x             1.0x
        SPIN        1     ?    20.00        50      200            ?            10.0x            20.0x
`
	if got := b.String(); got != want[1:] {
		t.Errorf("got\n%swant%s", got, want)
	}
}

// All tools that are here agree on a small system.
func TestCompare(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	if err := compare(context.Background(), io.Discard, options{requests: 2, workers: 2, runs: 1}); err != nil {
		t.Error(err)
	}
}
