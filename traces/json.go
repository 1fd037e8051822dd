package traces

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// AppendJSON appends t as JSON, one field a line. The same trace gives the same
// bytes on every machine.
func (t *Trace) AppendJSON(dst []byte) []byte {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // "->" stands in every trace
	e.SetIndent("", "  ")
	if err := e.Encode(t); err != nil {
		panic(err) // no field of a Trace can fail to encode
	}
	return b.Bytes()
}

// Parse reads what AppendJSON wrote. It refuses text of another version, fields
// that it does not know, and a trace that lacks what Replay needs; it says
// nothing about whether the run is one of any model.
func Parse(text []byte) (*Trace, error) {
	if err := checkSchema(text); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	t := &Trace{}
	if err := d.Decode(t); err != nil {
		return nil, fmt.Errorf("traces: %w", place(text, err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("traces: something stands after the end of the trace")
	}
	return t, t.check()
}

// checkSchema looks at the version alone, before anything else can be wrong.
func checkSchema(text []byte) error {
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("traces: not a trace: %w", place(text, err))
	}
	switch {
	case head.Schema == nil:
		return fmt.Errorf("traces: not a trace: no field \"schema\"")
	case *head.Schema == Schema:
		return nil
	case strings.HasPrefix(*head.Schema, "ownercheck.trace/"):
		return fmt.Errorf("traces: the trace has version %q: this program reads %q", *head.Schema, Schema)
	}
	return fmt.Errorf("traces: not a trace: schema %q: want %q", *head.Schema, Schema)
}

// place adds the line to an error of the JSON decoder.
func place(text []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(text)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:offset], []byte("\n")), err)
}

// check is what a trace must satisfy to be replayed:
//
//  1. it names a claim or a driver, and not both;
//  2. every digest is 16 hexadecimal digits, every file hash 64;
//  3. there is a property and an answer.
func (t *Trace) check() error {
	switch {
	case t.Steps == nil:
		return fmt.Errorf("traces: no field \"steps\"")
	case (t.Case.Claim == "") == (len(t.Case.Driver) == 0):
		return fmt.Errorf("traces: the case must name either a claim or the files of a driver")
	case t.Case.Run < 0:
		return fmt.Errorf("traces: run %d of the case: must not be negative", t.Case.Run)
	case t.Question.Property == "" || t.Question.Answer == "":
		return fmt.Errorf("traces: the question names no property or no answer")
	case !isHex(t.Init.Digest, 16):
		return fmt.Errorf("traces: the initial state has digest %q: want 16 hexadecimal digits", t.Init.Digest)
	}
	for i := range t.Steps {
		if d := t.Steps[i].Digest; !isHex(d, 16) {
			return fmt.Errorf("traces: step %d has digest %q: want 16 hexadecimal digits", i+1, d)
		}
	}
	for _, f := range t.Case.Files {
		if f.Name == "" || !isHex(f.SHA256, 64) {
			return fmt.Errorf("traces: file %q has hash %q: want 64 hexadecimal digits", f.Name, f.SHA256)
		}
	}
	return nil
}

func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}
