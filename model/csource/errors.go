package csource

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is one thing in the source that cannot be taken, with its place. Line
// and Column count from 1; both are zero when the whole file is meant.
type Error struct {
	File         string
	Line, Column int
	Found        string // what stands there
	Want         string // what would be right
	Err          error  // the cause, such as that of an unreadable file, or nil

	defect   bool   // a panic of ours or of the parser
	conflict string // the function that is declared twice with different types, or ""
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	fmt.Fprintf(&b, ": found %s: want %s", e.Found, e.Want)
	return b.String()
}

// Defect says whether the fault is ownercheck's own, not the source's.
func (e *Error) Defect() bool { return e.defect }

func (e *Error) Unwrap() error { return e.Err }

// Errors lists what is wrong with a program, in the order of the files.
type Errors []*Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// add appends e unless its line already has an error: what follows the first
// error of a line is usually its consequence.
func (es *Errors) add(e *Error) {
	for _, have := range *es {
		if have.File == e.File && have.Line == e.Line && e.Line > 0 {
			return
		}
	}
	*es = append(*es, e)
}

// maxErrors is how many errors of the parser are told: it loses its way after
// the first in a declaration.
const maxErrors = 10

// fromParser turns the lines of the parser's message, "file:line:col: text",
// into Errors. Lines without a place are consequences of those with one.
func fromParser(s *sources, file string, err error) Errors {
	var es Errors
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(err.Error()) {
		e := s.parserError(strings.TrimSpace(line))
		switch {
		case e == nil:
		case e.File != epilogueName:
			es.add(e)
		case es == nil: // the file ends too early
			e.File, e.Found = file, "the end of the file"
			e.Line, e.Column = s.byName[file].end()
			es.add(e)
		}
	}
	if n := len(es) - maxErrors; n > 0 {
		es = es[:maxErrors]
		es.add(&Error{File: file, Found: fmt.Sprintf("%d more errors, which may be consequences", n), Want: "the ones above to be mended first"})
	}
	if es == nil {
		es.add(&Error{File: file, Found: err.Error(), Want: "C that the parser accepts", Err: err})
	}
	return es
}

func (s *sources) parserError(line string) *Error {
	file, rest, ok := cutPosition(line)
	if !ok {
		return nil
	}
	e := &Error{File: file.name, Line: file.line, Column: file.column}
	if i := strings.LastIndex(rest, " ("); i > 0 && strings.HasSuffix(rest, ":)") {
		rest = rest[:i] // the parser's own function names
	}
	e.Found, e.Want = s.explain(e, s.original(rest))
	return e
}

type place3 struct {
	name         string
	line, column int
}

// cutPosition splits "name:line:col: text"; the name may hold colons.
func cutPosition(s string) (place3, string, bool) {
	for i := 0; ; {
		j := strings.Index(s[i:], ": ")
		if j < 0 {
			return place3{}, "", false
		}
		i += j
		head := s[:i]
		if c := strings.LastIndexByte(head, ':'); c > 0 {
			if l := strings.LastIndexByte(head[:c], ':'); l > 0 {
				line, err1 := strconv.Atoi(head[l+1 : c])
				col, err2 := strconv.Atoi(head[c+1:])
				if err1 == nil && err2 == nil {
					return place3{head[:l], line, col}, s[i+2:], true
				}
			}
		}
		i += 2
	}
}

// explain words a parser message as what was found and what would be right.
func (s *sources) explain(e *Error, msg string) (found, want string) {
	word, before := s.wordsAt(e.File, e.Line, e.Column)
	if strings.Contains(before, "asm") || strings.HasSuffix(word, "asm") {
		return "inline assembly", "C: ownercheck cannot execute machine code"
	}
	if name, ok := strings.CutPrefix(msg, "undefined: "); ok {
		return "undeclared name " + name, "a declaration of it, in this file or in a header on an -I path" + s.absent()
	}
	switch word {
	case "error":
		return "#error " + msg, "-D, -I or another file, so that the text does not ask to stop here"
	case "__except", "__finally", "except", "finally", "_except", "_finally":
		return word + " alone", "a __try and its block before it"
	}
	if name, ok := strings.CutPrefix(msg, "label undefined: "); ok {
		return "goto " + name + ", which is no label of this function", "a label"
	}
	if msg == "comment not terminated" {
		return "a comment without an end", "*/"
	}
	if rest, ok := strings.CutPrefix(msg, "unexpected "); ok {
		what, expected, _ := strings.Cut(rest, ", expected ")
		if what == "identifier" && word != "" {
			what = strconv.Quote(word)
			if before != "" && (before[0] < '0' || before[0] > '9') {
				expected = orText(expected, "the end of the declaration") + ", or a declaration of the type " + strconv.Quote(before) + s.absent()
			}
		}
		return what, orText(expected, "the rest of a C declaration")
	}
	if want, ok := strings.CutPrefix(msg, "expected "); ok {
		return orText(strconv.Quote(word), "something else"), want
	}
	if head, member, ok := strings.Cut(msg, " has no member named "); ok {
		typ, _, _ := strings.Cut(strings.TrimPrefix(head, "type "), " {")
		return "no member " + member + " in " + typ, "a member that " + typ + " declares"
	}
	if name, ok := strings.CutPrefix(msg, "include file not found: "); ok {
		return "no file " + name, "a header beside the file or in a folder given with -I"
	}
	if rest, ok := strings.CutPrefix(msg, "conflicting types for '"); ok {
		name, rest, _ := strings.Cut(rest, "', previous declaration at ")
		at, types, _ := strings.Cut(rest, ":, ")
		e.conflict = name
		return "a second declaration of " + name + " that disagrees with the one at " + at + " (" + types + ")", "the same types in both"
	}
	if pack, ok := strings.CutPrefix(msg, "#pragma pack"); ok {
		return "#pragma pack" + strings.TrimRight(pack, ":"), "structures in their natural layout"
	}
	return msg, "C that a compiler accepts"
}

// absent says which headers were not found, where one may be the reason.
func (s *sources) absent() string {
	if len(s.missing) == 0 {
		return ""
	}
	return " (not found: " + strings.Join(s.missing, ", ") + ")"
}

func orText(s, other string) string {
	if s == "" || s == `""` {
		return other
	}
	return s
}
