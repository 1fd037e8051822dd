package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/traces"
)

// keep says where an exploration is kept, and what it is of.
func (f *searchFlags) keep(parts []invariants.Part) (invariants.Keep, error) {
	k := invariants.Keep{Checkpoint: f.checkpoint, Resume: f.resume, Every: f.every}
	if !f.keeps() {
		return k, nil
	}
	if k.Checkpoint == "" {
		k.Checkpoint = k.Resume
	}
	if k.Checkpoint != k.Resume {
		if err := mustBeEmpty(k.Checkpoint); err != nil {
			return k, err
		}
	}
	version, err := programVersion()
	if err != nil {
		return k, defect(err)
	}
	k.Case = append([]invariants.Part{{Name: "the version of ownercheck", Value: version}}, parts...)
	return k, nil
}

// mustBeEmpty refuses a folder in which a new checkpoint would replace another,
// or that is there for something else.
func mustBeEmpty(dir string) error {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usage("--checkpoint: %w", err)
	case slices.ContainsFunc(list, func(d fs.DirEntry) bool { return !unfinished.MatchString(d.Name()) }):
		return usage("--checkpoint %s: the folder is not empty; to go on from a checkpoint in it give --resume %s", dir, dir)
	}
	return nil
}

// unfinished matches the files that a process leaves which is killed while it
// writes the first checkpoint.
var unfinished = regexp.MustCompile(`\.new$|^[0-9a-f]{16}\.[a-z]$`)

// programVersion is the version of the module, or, where that does not tell one
// build from another, the hash of the program.
func programVersion() (string, error) {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" && !strings.Contains(b.Main.Version, "dirty") {
		return b.Main.Version, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return "a build with SHA-256 " + hex.EncodeToString(h.Sum(nil)), nil
}

// caseParts names what decides a check: the C that was read, and all settings.
func caseParts(cfg *model.Config, c *traces.Case) []invariants.Part {
	text := func(v any) string { return fmt.Sprintf("%+v", v) }
	parts := []invariants.Part{
		{Name: "the list of files", Value: text([][]string{c.Driver, c.App, c.Include, c.Define})},
		{Name: "the bounds", Value: text(cfg.Bounds)},
		{Name: "the knobs", Value: cfg.Knobs.String()},
		{Name: "the reductions", Value: text(cfg.Reduce)},
		{Name: "the actions", Value: text(cfg.Actions)},
	}
	for _, f := range c.Files {
		parts = append(parts, invariants.Part{Name: f.Name, Value: "a file with SHA-256 " + f.SHA256})
	}
	return parts
}

// runError tells an interrupt, and what is wrong with a folder, from a defect.
func runError(err error) error {
	var c *explore.CheckpointError
	var s *explore.SpillError
	switch {
	case errors.As(err, &s):
		return input(fmt.Errorf("--spill %s: %w", s.Dir, s.Err))
	case errors.As(err, &c) && c.Reading:
		return input(fmt.Errorf("--resume %s: %w", c.Dir, c.Err))
	case errors.As(err, &c):
		return input(fmt.Errorf("--checkpoint %s: %w", c.Dir, c.Err))
	}
	return benchError(err)
}

// tellKept says how to go on with an exploration that did not come to its end.
func (e *env) tellKept(k *invariants.Keep, complete bool) {
	if k.Checkpoint != "" && !complete {
		fmt.Fprintf(e.diag, "ownercheck: go on with --resume %s\n", k.Checkpoint)
	}
}
