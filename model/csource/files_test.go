package csource

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ownercheck/ownercheck/model/program"
)

// runFiles loads files by their text, the C files in the order given, and gives
// what main says.
func runFiles(t *testing.T, files map[string]string, opt Options, names ...string) (*program.Program, string) {
	t.Helper()
	opt.Side = program.App
	opt.ReadFile = func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	p, err := Load(names, opt)
	if err != nil {
		t.Fatal(err)
	}
	e := newEvaluator(p)
	if _, err := e.call(p.Routine("main")); err != nil {
		t.Fatal(err)
	}
	return p, strings.Join(e.log, " ")
}

func TestTwoFiles(t *testing.T) {
	_, got := runFiles(t, map[string]string{
		"h.h": "#pragma once\nvoid say(long long);\nextern int shared;\nint next(void);\nstruct s { int n; };\n",
		"a.c": "#include \"h.h\"\n#include \"h.h\"\nstatic int own = 5;\nstatic int half(int x) { return x / 2; }\nint main(void) { say(next()); say(next()); say(shared); say(own); say(half(9)); return 0; }\n",
		"b.c": "#include \"h.h\"\nint shared = 40;\nstatic int own = 1;\nstatic int half(int x) { return x; }\nint next(void) { return shared += half(own); }\n",
	}, Options{}, "a.c", "b.c")
	if want := "41 42 42 5 4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDefinedTwice(t *testing.T) {
	files := map[string]string{"a.c": "int f(void) { return 1; }\n", "b.c": "\nint f(void) { return 2; }\n"}
	_, err := Load([]string{"a.c", "b.c"}, Options{Side: program.App, ReadFile: reader(files)})
	if want := "b.c:2:5: found a second definition of f: want one: the first is at a.c:1:5"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func reader(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
}

func TestIncludeAndDefine(t *testing.T) {
	p, got := runFiles(t, map[string]string{
		"inc/Deep/one.h": "#define ONE 1\n#include \"two.h\"\n",
		"inc/Deep/two.h": "#define TWO (ONE + 1)\n",
		"a.c":            "#include <Deep\\one.h>\n#include <nobody.h>\n#if LEVEL > 2 && defined(FLAG)\nvoid say(long long);\nint main(void) { say(TWO); say(LEVEL); say(TWICE(4)); return 0; }\n#endif\n",
	}, Options{Include: []string{`inc`}, Define: []string{"LEVEL=3", "FLAG", "TWICE(x)=((x)*2)"}}, "a.c")
	if want := "2 3 8"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(p.Remarks) != 1 || p.Position(p.Remarks[0].Pos) != "a.c:2:10" || !strings.Contains(p.Remarks[0].Text, "nobody.h") {
		t.Errorf("got remarks %+v, want one at a.c:2:10 about nobody.h", p.Remarks)
	}
}

func TestDefineRefused(t *testing.T) {
	for _, d := range []string{"", "1X", "A-B=2", "=3"} {
		_, err := Load([]string{"a.c"}, Options{Define: []string{d}, ReadFile: reader(map[string]string{"a.c": "int x;\n"})})
		if err == nil || !strings.HasPrefix(err.Error(), "-D "+d+": found ") {
			t.Errorf("-D %s: got %v, want an error", d, err)
		}
	}
}

// TestCaseOnDisk finds headers and folders without regard to case, with
// backslashes, beside the file that includes them.
func TestCaseOnDisk(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "Inc", "Sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"Inc/Sub/Public.H": "#include \"..\\other.h\"\n",
		"Inc/Other.h":      "#define ANSWER 42\n",
		"Main.c":           "#include \"inc\\SUB\\public.h\"\nvoid say(long long);\nint main(void) { say(ANSWER); return 0; }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Load([]string{filepath.Join(dir, "Main.c")}, Options{Side: program.App})
	if err != nil {
		t.Fatal(err)
	}
	e := newEvaluator(p)
	if _, err := e.call(p.Routine("main")); err != nil || strings.Join(e.log, " ") != "42" {
		t.Errorf("got %v, %v, want 42", e.log, err)
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	_, err := Load([]string{filepath.Join(dir, "none.c"), dir}, Options{})
	if err == nil || !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "a file that cannot be read") != 2 {
		t.Errorf("got %v, want two errors about files that cannot be read", err)
	}
	if _, err := Load(nil, Options{}); err == nil || !strings.Contains(err.Error(), "no C file") {
		t.Errorf("got %v, want an error about no file", err)
	}
}

func TestUndeclaredFunction(t *testing.T) {
	p, err := load(program.Driver, "#include <ntddk.h>\nNTSTATUS DriverEntry(PDRIVER_OBJECT o, PUNICODE_STRING p) {\n    return FooBar(o);\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Remarks) != 1 || p.Position(p.Remarks[0].Pos)+" "+p.Remarks[0].Text != "a.c:3:12 undeclared function FooBar assumed to return int" {
		t.Errorf("got remarks %+v, want one about FooBar at a.c:3:12", p.Remarks)
	}
}

// TestEncodings reads one program in the encodings and with the line ends that
// Windows sources have. Positions and texts must not move.
func TestEncodings(t *testing.T) {
	const text = "/* caf\u00e9 */ void say(long long);\n#define TWO \\\n  2\nint main(void) {\n    say('ab' + TWO); // \u00fc\n    return 0;\n}\n"
	crlf := strings.ReplaceAll(text, "\n", "\r\n")
	units := utf16.Encode([]rune("\ufeff" + crlf))
	little, big := []byte{}, []byte{}
	for _, u := range units {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	latin := strings.ReplaceAll(strings.ReplaceAll(text, "\u00e9", "\xe9"), "\u00fc", "\xfc")
	for name, source := range map[string]string{
		"plain": text, "crlf": crlf, "bom": "\xef\xbb\xbf" + text, "utf16le": string(little), "utf16be": string(big),
		"latin1": latin, "ctrl-z": text + "\x1aj\x00nk", "no newline": strings.TrimSuffix(text, "\n"),
	} {
		p, got := runFiles(t, map[string]string{"a.c": source}, Options{}, "a.c")
		if want := "24932"; got != want { // 'ab' + 2
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		n := p.Routines[0].Nodes[0]
		if at := p.Position(n.Pos); at != "a.c:5:5" || n.Text != "say('ab' + TWO)" {
			t.Errorf("%s: got %q at %s, want the call at a.c:5:5", name, n.Text, at)
		}
	}
}

// TestVariadicMacros covers what only Microsoft's preprocessor takes.
func TestVariadicMacros(t *testing.T) {
	_, got := runFiles(t, map[string]string{"a.c": "void say(long long);\nint f(const char *s, ...) { return s[0] + s[1] + s[2]; }\n" +
		"#define P(s, ...) say(f(\"1\"##s\"2\", __VA_ARGS__))\n#define Q(s, ...) say(f(s, \\\n    __VA_ARGS__))\nint main(void) { P(\"0\"); P(\"0\", 1); Q(\"abc\"); Q(\"abc\", 2, 3); return 0; }\n"}, Options{}, "a.c")
	if want := "147 147 294 294"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestConflictingPrototype defines a callback with a pointer type that its
// typedef does not have, and calls it through both.
func TestConflictingPrototype(t *testing.T) {
	p, got := runFiles(t, map[string]string{
		"h.h": "typedef int CALLBACK_ROUTINE(void *context, long code);\nCALLBACK_ROUTINE Callback, Other;\n",
		"a.c": "#include \"h.h\"\nvoid say(long long);\nstruct s { int a, b; };\nstatic int run(CALLBACK_ROUTINE *f, void *p) { return f(p, 1) + Callback(p, 2); }\n" +
			"int\nCallback(struct s *s, long code) { return s->b + code; }\nint Other(struct s *s, long code) { return s->a; }\n" +
			"int main(void) { struct s s = { 3, 4 }; say(run(Callback, &s)); say(Other(&s, 0)); return 0; }\n",
	}, Options{}, "a.c")
	if want := "11 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(p.Remarks) != 2 || !strings.HasPrefix(p.Remarks[0].Text, "Callback differs from its declaration at h.h:2:18") {
		t.Errorf("got remarks %+v, want one for each callback", p.Remarks)
	}
}

// TestDeadline gives the parser less time than it needs.
func TestDeadline(t *testing.T) {
	_, err := Load([]string{"a.c"}, Options{Deadline: time.Nanosecond, ReadFile: reader(map[string]string{"a.c": queueDriver})})
	if want := "a.c: found nothing that the parser can finish in 1ns: want "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s...", err, want)
	}
}

// TestParserTraps loads inputs on which the parser loops for ever unless the
// text is made ready for it.
func TestParserTraps(t *testing.T) {
	for _, text := range []string{"typedef int A;\nA * ;\n", "typedef int A;\nA *", "char c = '\\", "char c = 'ab\\", "char *s = \"\\", "int f(int * const"} {
		_, err := Load([]string{"a.c"}, Options{Deadline: 2 * time.Second, ReadFile: reader(map[string]string{"a.c": text})})
		if err == nil || strings.Contains(err.Error(), "can finish") {
			t.Errorf("%q: got %v, want an error in time", text, err)
		}
	}
}
