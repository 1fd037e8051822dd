package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// traceFile is what --trace-out asks for: the trace of one property, the first
// that has one or the one that --property names.
type traceFile struct {
	path     string // "" when nothing is asked for
	property string // "" for the first
	diag     io.Writer
	written  string
	others   []string
}

func (e *env) traceFile() *traceFile {
	return &traceFile{path: e.opt.traceOut, property: e.opt.property, diag: e.diag}
}

// offer is called for each property that has a trace, in order.
func (t *traceFile) offer(property string, record func() ([]byte, error)) error {
	switch {
	case t.path == "":
		return nil
	case t.written != "" || t.property != "" && !strings.EqualFold(t.property, property):
		t.others = append(t.others, property)
		return nil
	}
	text, err := record()
	if err != nil {
		return defect(err)
	}
	if err := os.WriteFile(t.path, text, 0o666); err != nil {
		return input(fmt.Errorf("--trace-out: %w", err))
	}
	t.written = property
	return nil
}

// finish says what was written, and how to choose.
func (t *traceFile) finish() error {
	switch {
	case t.path == "":
	case t.written == "" && t.property != "":
		fmt.Fprintf(t.diag, "ownercheck: no trace written: %s is neither violated nor reached\n", t.property)
	case t.written == "":
		fmt.Fprintln(t.diag, "ownercheck: no trace written: nothing is violated or reached")
	default:
		fmt.Fprintf(t.diag, "ownercheck: wrote the trace of %s to %s\n", t.written, t.path)
		if len(t.others) > 0 && t.property == "" {
			fmt.Fprintf(t.diag, "ownercheck: there are traces of %s too: choose with --property NAME\n", strings.Join(t.others, ", "))
		}
	}
	return nil
}
