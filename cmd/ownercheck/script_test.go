package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ownercheck": main})
}

// TestScript runs whole commands. Each script has the example drivers beside
// it; "exits N" runs a command that must end with that status, "edit" changes a
// file, and "same" compares two reports without what depends on the machine.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"examples/wait_event.c", "examples/wait_event_racy.c", "testdata/case.txtar"} {
				text, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, filepath.Base(name)), text, 0o666); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "edit": edit, "same": same},
	})
}

// exits STATUS COMMAND [ARG...]
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d: want %d", got, want)
	}
}

// edit FILE OLD NEW TARGET writes FILE to TARGET with the first OLD replaced.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: edit FILE OLD NEW TARGET")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	changed := strings.Replace(text, args[1], args[2], 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(changed), 0o666))
}

// same FILE FILE
func same(ts *testscript.TestScript, _ bool, args []string) {
	if a, b := factsOf(ts.ReadFile(args[0])), factsOf(ts.ReadFile(args[1])); a != b {
		ts.Fatalf("not the same:\n%s\n%s", a, b)
	}
}
