// Package claims is the claims suite: sentences of the forum thread, each with
// a case that decides it. A claim is one txtar file: case.toml says who claims
// what, which runs decide it and what each property is expected to answer; the
// other files are the C of its apps and drivers. C that several claims share
// stands once, beside them.
package claims

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/tools/txtar"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/model"
)

//go:embed suite/*.txtar suite/*.c
var suite embed.FS

// Claim is a sentence and what decides it.
type Claim struct {
	ID       string `toml:"id"`
	Who      string `toml:"who"`      // "asker" or "expert"
	Sentence string `toml:"sentence"` // in our own words
	Verdict  string `toml:"verdict"`  // on the sentence, if all answers are as expected: "right", "wrong", "half right"
	Why      string `toml:"why"`      // one line
	Runs     []Run  `toml:"run"`

	Name  string            `toml:"-"` // file name
	Files map[string]string `toml:"-"` // C files by name
}

// shared gives C that several claims use, "" if there is none of that name.
func shared(name string) string {
	text, err := suite.ReadFile("suite/" + name)
	if err != nil || !strings.HasSuffix(name, ".c") {
		return ""
	}
	return string(text)
}

// Run is one exploration of a claim: a driver, an app (or none: the most general
// client), bounds, knobs, and the properties that it answers.
type Run struct {
	Driver     string     `toml:"driver"`
	App        string     `toml:"app"`
	Knobs      []string   `toml:"knobs"`
	Bounds     BoundsSet  `toml:"bounds"`
	Properties []Expected `toml:"property"`

	// Exception says why less than two requests, two threads and a second process
	// decides this run; shown with the claim.
	Exception string `toml:"exception"`

	// Without names actions of the most general client that are left out, because
	// the claim cannot see them: "cancel", "unmap", "kill".
	Without []string `toml:"without"`

	// With names actions that are off unless asked for: "trim".
	With []string `toml:"with"`

	// SecondProcess makes the other process explicit: it takes free frames and
	// gives them back. Otherwise a free frame may be anybody's.
	SecondProcess bool `toml:"second_process"`
}

// BoundsSet changes bounds from their defaults; zero leaves one as it is.
type BoundsSet struct {
	Processes int  `toml:"processes"`
	Threads   int  `toml:"threads"`
	Requests  int  `toml:"requests"`
	DPCs      int  `toml:"dpcs"`
	Frames    int  `toml:"frames"`
	Records   int  `toml:"records"`
	Ranges    int  `toml:"ranges"`
	PTEs      int  `toml:"ptes"`
	Failures  *int `toml:"failures"`
}

// Expected is a property by name with the answer that the claim rests on.
type Expected struct {
	Name   string `toml:"name"`
	Expect string `toml:"expect"`
}

// Derived says whether nobody in the thread said this: it follows from the facts,
// and shows what a sentence of the thread leaves out.
func (c *Claim) Derived() bool { return c.Who == "derived" }

// All reads the embedded suite in order of ID.
func All() ([]*Claim, error) {
	names, err := fs.Glob(suite, "suite/*.txtar")
	if err != nil {
		return nil, err
	}
	var out []*Claim
	for _, n := range names {
		text, err := suite.ReadFile(n)
		if err != nil {
			return nil, err
		}
		c, err := Parse(strings.TrimPrefix(n, "suite/"), text)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out, nil
}

// Error is a mistake in a case file.
type Error struct {
	File         string
	Line, Column int
	Text         string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text) }

// Parse reads one case. Errors are *Error, with the place in the txtar file.
func Parse(name string, text []byte) (*Claim, error) {
	ar := txtar.Parse(text)
	c := &Claim{Name: name, Files: map[string]string{}}
	toml, line := "", 0
	for _, f := range ar.Files {
		if f.Name == "case.toml" {
			toml, line = string(f.Data), lineOf(string(text), "-- case.toml --")
			continue
		}
		c.Files[f.Name] = string(f.Data)
	}
	if line == 0 {
		return nil, &Error{name, 1, 1, "no case.toml: a case is a txtar archive of case.toml and C files"}
	}
	if err := decode(toml, c); err != nil {
		e := &Error{name, line, 1, err.Error()}
		var at *tomlError
		if errors.As(err, &at) {
			e.Line, e.Column = line+at.line, at.column
		}
		return nil, e
	}
	for _, r := range c.Runs {
		for _, f := range []string{r.Driver, r.App} {
			if text := shared(f); text != "" && c.Files[f] == "" {
				c.Files[f] = text
			}
		}
	}
	if text, key := c.mistake(); text != "" {
		l := 0
		if key != "" {
			l = lineOf(toml, key)
		}
		return nil, &Error{name, line + l, 1, text}
	}
	return c, nil
}

type tomlError struct {
	line, column int
	text         string
}

func (e *tomlError) Error() string { return e.text }

// decode reads case.toml; an unknown key is an error.
func decode(text string, c *Claim) error {
	d := toml.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(c)
	var syntax *toml.DecodeError
	var strict *toml.StrictMissingError
	switch {
	case errors.As(err, &syntax):
		l, col := syntax.Position()
		return &tomlError{l, col, syntax.Error()}
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		l, col := strict.Errors[0].Position()
		return &tomlError{l, col, fmt.Sprintf("unknown key %q", strings.Join(strict.Errors[0].Key(), "."))}
	}
	return err
}

// mistake finds what is wrong with a case that is well-formed, and a string of
// case.toml to point at.
func (c *Claim) mistake() (text, key string) {
	if c.ID == "" {
		return "no id", ""
	}
	if len(c.Runs) == 0 {
		return "no [[run]]: a case needs one exploration at least", ""
	}
	for _, r := range c.Runs {
		for _, f := range []string{r.Driver, r.App} {
			if _, ok := c.Files[f]; !ok && f != "" {
				return fmt.Sprintf("the archive has no file %q", f), f
			}
		}
		if r.Driver == "" {
			return "a run needs a driver", "[[run]]"
		}
		var k model.Knobs
		for _, a := range r.Knobs {
			if err := k.Set(a); err != nil {
				return err.Error(), a
			}
		}
		var off model.Actions
		for _, a := range r.Without {
			if err := off.Without(a); err != nil {
				return err.Error(), a
			}
		}
		for _, a := range r.With {
			if err := off.With(a); err != nil {
				return err.Error(), a
			}
		}
		for _, p := range r.Properties {
			if invariants.Named(p.Name) == nil {
				return fmt.Sprintf("no property %q", p.Name), p.Name
			}
			if _, ok := invariants.ParseAnswer(p.Expect); !ok {
				return fmt.Sprintf("expected answer %q: want PROVED, VIOLATED, REACHED or UNREACHABLE", p.Expect), p.Expect
			}
		}
	}
	return "", ""
}

// lineOf counts from 1; 0 if key does not occur.
func lineOf(text, key string) int {
	i := strings.Index(text, key)
	if i < 0 {
		return 0
	}
	return strings.Count(text[:i], "\n") + 1
}
