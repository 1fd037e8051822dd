package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ownercheck/ownercheck/traces"
)

// reader reads C files and headers for csource and remembers what it read, so
// that a trace can name the contents it belongs to. Names match without regard
// to case where the exact one does not exist, as on Windows.
type reader struct {
	hashes map[string]string // by name as asked for

	// For a replay: what the files must contain, and the folder of the trace,
	// where a relative name is looked up if it is not found from here.
	want map[string]string
	base string
	// stale is the first file that is not what the trace was made from.
	stale string
}

func newReader() *reader { return &reader{hashes: map[string]string{}} }

func newStaleReader(files []traces.File, base string) *reader {
	r := newReader()
	r.base, r.want = base, map[string]string{}
	for _, f := range files {
		r.want[f.Name] = f.SHA256
	}
	return r
}

// read is for csource.Options.ReadFile.
func (r *reader) read(name string) ([]byte, error) {
	var text []byte
	err := fs.ErrNotExist
	for _, at := range r.places(name) {
		var t []byte
		if t, err = readFold(at); err == nil {
			if text = t; r.want == nil || r.want[name] == hashOf(t) {
				break
			}
		} else if text == nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if text == nil {
		return nil, err
	}
	r.hashes[name] = hashOf(text)
	if r.want != nil && r.want[name] != r.hashes[name] && r.stale == "" {
		r.stale = name
	}
	return text, nil
}

func (r *reader) places(name string) []string {
	if r.base == "" || filepath.IsAbs(name) {
		return []string{name}
	}
	return []string{name, filepath.Join(r.base, name)}
}

// files lists what was read, by name.
func (r *reader) files() []traces.File { return hashedFiles(r.hashes) }

func hashedFiles(hashes map[string]string) []traces.File {
	var out []traces.File
	for name, h := range hashes {
		out = append(out, traces.File{Name: name, SHA256: h})
	}
	slices.SortFunc(out, func(a, b traces.File) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func hashOf(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}

// readFold reads a file by its name, or by a name that differs in case only.
func readFold(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	dir, base := filepath.Split(filepath.Clean(name))
	if dir == "" {
		dir = "."
	}
	entries, dirErr := os.ReadDir(dir)
	if dirErr != nil {
		return nil, err
	}
	for _, d := range entries {
		if strings.EqualFold(d.Name(), base) && !d.IsDir() {
			return os.ReadFile(filepath.Join(dir, d.Name()))
		}
	}
	return nil, err
}

// staleError tells that a file is not what a trace was made from.
func staleError(name string) error {
	return fmt.Errorf("the trace is stale: %s has changed since the trace was made", name)
}
