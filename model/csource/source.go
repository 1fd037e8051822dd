package csource

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// file is one source text, as the parser sees it.
type file struct {
	name  string
	text  []byte // rewritten, see clean
	shown []byte // as the user wrote it, byte for byte beside text
	lines []int  // offset of each line's start
}

// charConstants gives each multi-character constant ('MASC') an identifier of
// the same length, because the parser takes constants of one character only.
// A constant first seen in a pass is defined in the prologue of the next.
type charConstants struct {
	names map[string]string
	order []string // the constants, by first appearance
}

// identifier gives the name that stands for the constant, which is at least
// four bytes long: two quotes and two characters.
func (c *charConstants) identifier(constant string) string {
	if name, ok := c.names[constant]; ok {
		return name
	}
	digits := strconv.FormatInt(int64(len(c.order)), 36)
	pad := len(constant) - 2 - len(digits)
	if pad < 0 {
		return constant // more than 1,296 of one length: the parser will refuse it
	}
	name := "_Q" + strings.Repeat("0", pad) + digits
	if c.names == nil {
		c.names = map[string]string{}
	}
	c.names[constant] = name
	c.order = append(c.order, constant)
	return name
}

// prologue defines every name given out so far.
func (c *charConstants) prologue() string {
	var b strings.Builder
	for _, constant := range c.order {
		fmt.Fprintf(&b, "#define %s %d\n", c.names[constant], charValue(constant))
	}
	return b.String()
}

// charValue is the value of a multi-character constant: the first character is
// the most significant byte, and the type is int.
func charValue(constant string) int32 {
	var v uint32
	s := constant[1 : len(constant)-1]
	for len(s) > 0 {
		r, _, tail, err := strconv.UnquoteChar(s, '\'')
		if err != nil { // \0 and such: C allows fewer digits than Go
			r, tail = cEscape(s)
		}
		v = v<<8 | uint32(r)&0xFF
		s = tail
	}
	return int32(v)
}

func cEscape(s string) (rune, string) {
	if len(s) < 2 {
		return rune(s[0]), ""
	}
	i, v := 1, rune(0)
	for i < len(s) && i < 4 && s[i] >= '0' && s[i] <= '7' {
		v = v*8 + rune(s[i]-'0')
		i++
	}
	if i == 1 {
		return rune(s[1]), s[2:]
	}
	return v, s[i:]
}

// clean makes text that Microsoft's compiler takes into text that the parser
// takes, of the same length, so that positions stay right. Two changes come
// before it: UTF-16 becomes UTF-8, whose bytes columns count; and macros may
// make a line that defines a macro longer.
func clean(text []byte, consts *charConstants) []byte {
	text = bytes.Clone(text)
	if i := bytes.IndexByte(text, 0x1A); i >= 0 {
		text = text[:i] // Ctrl-Z ended a file once
	}
	for i, c := range text {
		switch {
		case c == '\r' && i > 0 && text[i-1] == '\\': // a continued line stays one
			text[i-1], text[i] = ' ', '\\'
		case c == '\r' || c == '\f' || c == '\v':
			text[i] = ' '
		}
	}
	for _, m := range includeLine.FindAllSubmatchIndex(text, -1) {
		copy(text[m[4]:], bytes.ReplaceAll(text[m[4]:m[5]], []byte{'\\'}, []byte{'/'}))
	}
	for i := 0; i < len(text); {
		i = cleanToken(text, i, consts)
	}
	return append(text, "\n\n"...) // a literal that ends in a backslash must meet the end of a line
}

// cleanToken rewrites the comment, literal or byte at i and gives the offset
// after it.
func cleanToken(text []byte, i int, consts *charConstants) int {
	switch c := text[i]; {
	case c == '/' && i+1 < len(text) && text[i+1] == '/':
		for i < len(text) && text[i] != '\n' {
			text[i] = ascii(text[i])
			i++
		}
	case c == '/' && i+1 < len(text) && text[i+1] == '*':
		end := bytes.Index(text[i+2:], []byte("*/"))
		stop := len(text)
		if end >= 0 {
			stop = i + 2 + end + 2
		}
		for ; i < stop; i++ {
			text[i] = ascii(text[i])
		}
	case c == '"' || c == '\'':
		end := literalEnd(text, i)
		if c == '\'' && end-i > 3 && text[end-1] == '\'' && isMultiChar(text[i+1:end-1]) {
			copy(text[i:end], consts.identifier(string(text[i:end])))
		}
		return end
	default:
		i++
	}
	return i
}

var (
	define   = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*define\b(?:[^\n\\]|\\\r?\n|\\.)*`)
	variadic = regexp.MustCompile(`,(?:[ \t]|\\\r?\n)*__VA_ARGS__`)
	joined   = regexp.MustCompile(`"[ \t]*##`)
)

// macros makes the macros that only Microsoft's preprocessor takes ones that
// the parser takes. It drops the comma before __VA_ARGS__ when there are no
// more arguments, which others do when told with ##; and it lets ## stand
// between string literals.
func macros(text []byte) []byte { return define.ReplaceAllFunc(text, macro) }

func macro(text []byte) []byte {
	text = joined.ReplaceAllFunc(text, func(m []byte) []byte {
		return append(bytes.Clone(m[:len(m)-2]), ' ', ' ')
	})
	return variadic.ReplaceAllFunc(text, func(m []byte) []byte {
		head := m[:len(m)-len("__VA_ARGS__")]
		if bytes.HasSuffix(head, []byte("  ")) {
			head = head[:len(head)-2]
		}
		return append(bytes.Clone(head), "##__VA_ARGS__"...)
	})
}

// shown gives the text as the user sees it, size bytes long.
func shown(text []byte, size int) []byte {
	text = bytes.Clone(text)
	for len(text) < size {
		text = append(text, '\n')
	}
	return text[:size]
}

func ascii(c byte) byte {
	if c >= 0x80 {
		return ' '
	}
	return c
}

// literalEnd gives the offset after the literal that starts at i, or of the
// line's end when it is not closed.
func literalEnd(text []byte, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case '\n':
			return j
		case text[i]:
			return j + 1
		}
	}
	return len(text)
}

// isMultiChar says whether the inside of a character constant holds more than
// one character.
func isMultiChar(s []byte) bool {
	if s[0] != '\\' {
		return len(s) > 1 && s[0] < 0x80
	}
	i := 2
	switch {
	case s[1] == 'x':
		for i < len(s) && bytes.IndexByte([]byte("0123456789abcdefABCDEF"), s[i]) >= 0 {
			i++
		}
	case s[1] >= '0' && s[1] <= '7':
		for i < len(s) && i < 4 && s[i] >= '0' && s[i] <= '7' {
			i++
		}
	}
	return i < len(s)
}

func toUTF8(text []byte) []byte {
	switch {
	case bytes.HasPrefix(text, []byte{0xEF, 0xBB, 0xBF}):
		return text[3:]
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		return decode16(text[2:], binary.LittleEndian)
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		return decode16(text[2:], binary.BigEndian)
	}
	return text
}

func decode16(text []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = order.Uint16(text[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
