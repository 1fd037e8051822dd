package claims

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README shows what the suite decides.
func TestReadmeShowsTheThread(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\r", "")) {
		lines[strings.TrimSpace(line)] = true
	}
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range all {
		if c.Derived() {
			continue
		}
		n++
		if row := fmt.Sprintf("| %s | %s | %s |", c.ID, c.Sentence, c.Verdict); !lines[row] {
			t.Errorf("the README lacks the row\n%s", row)
		}
	}
	if n != 55 {
		t.Errorf("%d sentences of the thread: want 55", n)
	}
}
