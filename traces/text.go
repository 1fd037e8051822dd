package traces

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ownercheck/ownercheck/model"
)

// columns is the width that lists of changes are folded to.
const columns = 100

// AppendText appends t as text for people: numbered steps, each with who acted,
// what it ran (C by file and line, kernel steps by table, name and fact
// numbers) and what changed, and then what was found. A row of kernel steps
// that an earlier step told in full is named by its ends only.
//
// The traces in told stand before t in the same report: the steps with which t
// begins like one of them are not told again.
func (t *Trace) AppendText(dst []byte, told ...*Trace) []byte {
	w := &teller{dst: dst, rows: map[string]int{}, width: len(strconv.Itoa(len(t.Steps)))}
	w.head(t)
	first := 0
	if n, like := t.shared(told); n > 2 {
		w.line("%*s  the first %d steps are those of %s", w.width+2, "", n, like.Question.Property)
		first = n
	} else {
		w.step(0, &t.Init)
	}
	for i := first; i < len(t.Steps); i++ {
		w.step(i+1, &t.Steps[i])
	}
	w.end(t)
	return w.dst
}

// shared finds the trace that t agrees with longest, and how long.
func (t *Trace) shared(told []*Trace) (most int, like *Trace) {
	for _, x := range told {
		if x.Init.Digest != t.Init.Digest {
			continue
		}
		n := 0
		for n < len(t.Steps)-1 && n < len(x.Steps) && t.Steps[n].Digest == x.Steps[n].Digest && t.Steps[n].Action == x.Steps[n].Action {
			n++
		}
		if n > most {
			most, like = n, x
		}
	}
	return most, like
}

type teller struct {
	dst   []byte
	width int            // of a step's number
	rows  map[string]int // rows of kernel steps, and the step that told each
}

func (w *teller) line(format string, args ...any) {
	w.dst = fmt.Appendf(w.dst, format, args...)
	w.dst = append(w.dst, '\n')
}

func (w *teller) head(t *Trace) {
	w.line("%s %s in %s: %s", t.Question.Property, t.Question.Answer, count(len(t.Steps), "step"), t.Question.Text)
	if k := t.Settings.Knobs; len(k) > 0 {
		w.line("with %s", strings.Join(k, ", "))
	}
}

func (w *teller) step(n int, s *Step) {
	what := s.Told.Actor + ": " + s.Told.Action
	if s.Action.Kind < model.KindInit && len(s.Told.Lines) > 0 {
		what = s.Told.Actor + " runs on" // its lines say where
	}
	w.line("%*d  %s", w.width+2, n, what)
	indent := strings.Repeat(" ", w.width+6)
	room := whereWidth(s.Told.Lines)
	for lines := s.Told.Lines; len(lines) > 0; {
		row := kernelRow(lines)
		if len(row) == 0 {
			w.line("%s%-*s  %s", indent, room, lines[0].Where, lines[0].Text)
			lines = lines[1:]
			continue
		}
		w.row(n, indent, room, row)
		lines = lines[len(row):]
	}
	if len(s.Told.Changes) > 0 {
		w.fold(indent+"=> ", s.Told.Changes)
	}
}

// row tells kernel steps, one a line, or by their ends if an earlier step has
// told the same row.
func (w *teller) row(n int, indent string, room int, row []Line) {
	key := ""
	for _, l := range row {
		key += l.Where + " "
	}
	if before, ok := w.rows[key]; ok && len(row) > 2 {
		w.line("%s%s to %s, %d kernel steps as in step %d", indent, row[0].Where, row[len(row)-1].Where, len(row), before)
		return
	}
	w.rows[key] = n
	for _, l := range row {
		w.line("%s%-*s  %s [%s]", indent, room, l.Where, l.Text, l.Facts)
	}
}

// kernelRow is the kernel steps of one table at the start of lines.
func kernelRow(lines []Line) []Line {
	n := 0
	for n < len(lines) && lines[n].Facts != "" && table(lines[n]) == table(lines[0]) {
		n++
	}
	return lines[:n]
}

func table(l Line) string {
	name, _, _ := strings.Cut(l.Where, ".")
	return name
}

// whereWidth is the room for places, so that what stands there is one column;
// a long path does not push everything to the right.
func whereWidth(lines []Line) int {
	n := 0
	for _, l := range lines {
		n = max(n, utf8.RuneCountInString(l.Where))
	}
	return min(n, 40)
}

// fold writes items, separated by semicolons, in lines of at most columns.
func (w *teller) fold(prefix string, items []string) {
	line := prefix
	for i, item := range items {
		if i < len(items)-1 {
			item += "; "
		}
		if utf8.RuneCountInString(line)+utf8.RuneCountInString(strings.TrimRight(item, " ")) > columns && line != prefix {
			w.line("%s", strings.TrimRight(line, " "))
			prefix = strings.Repeat(" ", len(prefix))
			line = prefix
		}
		line += item
	}
	w.line("%s", line)
}

func (w *teller) end(t *Trace) {
	e := &t.End
	switch {
	case e.Name == "":
		w.line("found: %s is %s here", t.Question.Property, t.Question.Answer)
	case e.Where == "-":
		w.line("found: %s: %s", e.Name, e.Text)
	default:
		w.line("found: %s at %s  %s", e.Name, e.Where, e.Text)
	}
	q := &t.Question
	for _, x := range [...]struct{ name, text string }{{"outcome", q.Code}, {"rules", q.Rules}, {"facts", q.Facts}, {"fix", q.Fix}} {
		if x.text != "" {
			w.line("  %-7s  %s", x.name, x.text)
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
