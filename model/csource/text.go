package csource

import (
	"bytes"
	"strings"

	"modernc.org/cc/v4"
)

func newFile(name string, text []byte) *file {
	f := &file{name: name, text: text, shown: text, lines: []int{0}}
	for i, c := range text {
		if c == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// offset gives the byte at line and column, or -1.
func (f *file) offset(line, column int) int {
	if line < 1 || line > len(f.lines) || column < 1 {
		return -1
	}
	if o := f.lines[line-1] + column - 1; o < len(f.text) {
		return o
	}
	return -1
}

// end gives the place after the last word or sign.
func (f *file) end() (line, column int) {
	n := len(bytes.TrimRight(f.text, " \t\n"))
	line = 1 + bytes.Count(f.text[:n], []byte("\n"))
	return line, n - f.lines[line-1] + 1
}

// wordsAt gives the word or sign at a place and the word before it.
func (s *sources) wordsAt(name string, line, column int) (word, before string) {
	f := s.byName[name]
	if f == nil {
		return "", ""
	}
	o := f.offset(line, column)
	if o < 0 {
		return "", ""
	}
	end := o
	for end < len(f.text) && isWord(f.text[end]) {
		end++
	}
	word = string(f.shown[o:max(end, o+1)])
	i := o
	for i > 0 && (f.text[i-1] == ' ' || f.text[i-1] == '\t' || f.text[i-1] == '\n') {
		i--
	}
	j := i
	for j > 0 && isWord(f.text[j-1]) {
		j--
	}
	return strings.TrimSpace(word), string(f.shown[j:i])
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// maxText is how much of a statement a node quotes.
const maxText = 120

// callText is the source from n to the parenthesis that closes it: the text of
// a call, also of one that a macro expands to.
func (s *sources) callText(n cc.Node) string { return s.textUntil(n, true) }

// statementText is the source from n to the end of its statement, or to the
// parenthesis that closes the condition of an if, while, for or switch.
func (s *sources) statementText(n cc.Node) string { return s.textUntil(n, false) }

func (s *sources) textUntil(n cc.Node, call bool) string {
	pos := n.Position()
	f := s.byName[pos.Filename]
	if f == nil {
		return ""
	}
	o := f.offset(pos.Line, pos.Column)
	if o < 0 {
		return ""
	}
	word, _ := s.wordsAt(pos.Filename, pos.Line, pos.Column)
	switch word {
	case "if", "while", "for", "switch":
		call = true
	}
	return oneLine(f.shown[o:textEnd(f.text, o, call)])
}

func textEnd(text []byte, o int, call bool) int {
	depth, last := 0, byte(0)
	for i := o; i < len(text); {
		c := text[i]
		switch c {
		case '"', '\'':
			i = literalEnd(text, i)
			continue
		case '/':
			if j := skipComment(text, i); j > i {
				i = j
				continue
			}
		case '(', '[':
			depth++
		case ')', ']':
			depth--
			if depth < 0 {
				return i
			}
			if depth == 0 && call && c == ')' {
				return i + 1
			}
		case '{':
			if call || last != '=' && depth == 0 {
				return i
			}
			depth++
		case '}':
			depth--
			if depth < 0 {
				return i
			}
		case ';':
			if depth == 0 {
				return i
			}
		case ',':
			if depth == 0 && call {
				return i
			}
		}
		if c != ' ' && c != '\n' && c != '\t' {
			last = c
		}
		i++
	}
	return len(text)
}

func skipComment(text []byte, i int) int {
	switch {
	case bytes.HasPrefix(text[i:], []byte("//")):
		if j := bytes.IndexByte(text[i:], '\n'); j >= 0 {
			return i + j
		}
		return len(text)
	case bytes.HasPrefix(text[i:], []byte("/*")):
		if j := bytes.Index(text[i+2:], []byte("*/")); j >= 0 {
			return i + 2 + j + 2
		}
		return len(text)
	}
	return i
}

// oneLine drops comments and folds white space.
func oneLine(text []byte) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"' || c == '\'':
			j := literalEnd(text, i)
			b.Write(text[i:j])
			i = j
			continue
		case c == '/' && skipComment(text, i) > i:
			i = skipComment(text, i)
			b.WriteByte(' ')
			continue
		case c == '\\' && i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r'):
			i++
		default:
			b.WriteByte(c)
		}
		i++
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	s = strings.NewReplacer("( ", "(", " )", ")", " ,", ",").Replace(s)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText-3], "") + "..."
	}
	return s
}
