package csource

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/ownercheck/ownercheck/model/program"
)

// FuzzLoad feeds Load with text: it gives a program or Errors, in time, whatever
// the text is. Without -fuzz it loads the seeds.
func FuzzLoad(f *testing.F) {
	names, err := filepath.Glob("testdata/run/*.c")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	a, err := txtar.ParseFile("testdata/refused.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(a.Files); i += 2 {
		f.Add(a.Files[i].Data)
	}
	for _, text := range []string{queueDriver, "", "\x00", "'", "\"", "/*", "#", "#include", "#include <a", "'\\", "'ab\\", "_P00(", "\xff\xfea", "\\\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Load([]string{"a.c"}, Options{Side: program.App, Deadline: 5 * time.Second, ReadFile: func(name string) ([]byte, error) {
			if name == "a.c" {
				return text, nil
			}
			return nil, fs.ErrNotExist
		}})
		var es Errors
		switch {
		case err == nil && p == nil:
			t.Error("got neither a program nor an error")
		case err != nil && !errors.As(err, &es):
			t.Errorf("got %T, want Errors", err)
		}
		for _, e := range es {
			if e.Defect() {
				t.Errorf("%v", e)
			}
		}
	})
}
