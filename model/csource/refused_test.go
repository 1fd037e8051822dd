package csource

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ownercheck/ownercheck/model/program"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestRefused loads each file of testdata/refused.txtar, which must fail with
// the message beside it.
func TestRefused(t *testing.T) {
	const name = "testdata/refused.txtar"
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(a.Files); i += 2 {
		file, want := a.Files[i], &a.Files[i+1]
		t.Run(file.Name, func(t *testing.T) {
			side := program.App
			if strings.HasPrefix(file.Name, "driver") {
				side = program.Driver
			}
			_, err := Load([]string{file.Name}, Options{Side: side, ReadFile: archive(a)})
			var es Errors
			if !errors.As(err, &es) {
				t.Fatalf("got %v, want Errors", err)
			}
			got := err.Error() + "\n"
			if *update {
				want.Data = []byte(got)
			} else if got != string(want.Data) {
				t.Errorf("got\n%swant\n%s", got, want.Data)
			}
			for _, e := range es {
				if e.File == "" || e.Found == "" || e.Want == "" {
					t.Errorf("%#v: got an empty part, want a place, what was found and what would be right", e)
				}
			}
		})
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// archive reads the files of a.
func archive(a *txtar.Archive) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, f := range a.Files {
			if f.Name == name {
				return f.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
}
