package csource

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// epilogue ends every file. The parser looks for a word such as static after a
// star that is not followed by a name ("typedef int A;" and then "A * ;"), and
// looks for ever if none comes.
const (
	epilogueName = stubFolder + "/epilogue"
	epilogue     = "static int __oc_end;\n"
)

// parseDeadline is what Options.Deadline is by default. It bounds the parser,
// which may loop on a wrong input that epilogue does not help. Real files take a
// few hundredths of a second. A goroutine that misses the deadline cannot be
// stopped and is left.
const parseDeadline = 15 * time.Second

// passes bounds how often a file is parsed again because it brought new
// multi-character constants or declares a function twice with types that the
// parser takes for different ones. Each reading resolves one such function.
const passes = 64

// parser turns files into syntax trees with types.
type parser struct {
	src      *sources
	abi      *cc.ABI
	side     program.Side
	include  []string
	defines  string
	deadline time.Duration
}

func newParser(src *sources, opt Options) (*parser, error) {
	abi, err := cc.NewABI("windows", "amd64")
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, abi: abi, side: opt.Side, include: opt.Include, deadline: cmp.Or(opt.Deadline, parseDeadline)}
	var b strings.Builder
	for _, d := range opt.Define {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			value = "1"
		}
		if !isDefinable(name) {
			return nil, Errors{{File: "-D " + d, Found: fmt.Sprintf("%q", name), Want: "NAME or NAME=VALUE"}}
		}
		fmt.Fprintf(&b, "#define %s %s\n", name, value)
	}
	p.defines = b.String()
	return p, nil
}

func isDefinable(name string) bool {
	head, _, _ := strings.Cut(name, "(")
	if head == "" || head[0] >= '0' && head[0] <= '9' {
		return false
	}
	for i := range len(head) {
		if !isWord(head[i]) {
			return false
		}
	}
	return !strings.Contains(name, "\n")
}

// parse gives the typed syntax tree of the file, or Errors.
func (p *parser) parse(f *file) (*cc.AST, error) {
	for range passes {
		known := len(p.src.consts.order)
		ast, err := p.parseOnce(f)
		if len(p.src.consts.order) != known {
			continue
		}
		if es, ok := err.(Errors); ok && p.src.separate(es) {
			continue
		}
		return ast, err
	}
	return nil, Errors{{File: f.name,
		Found: fmt.Sprintf("new multi-character constants or conflicting declarations in each of %d readings", passes),
		Want:  "fewer of them"}}
}

type parsed struct {
	ast *cc.AST
	err error
}

func (p *parser) parseOnce(f *file) (*cc.AST, error) {
	result := make(chan parsed, 1)
	prologue := p.prologue()
	go func() {
		var r parsed
		defer func() {
			if e := recover(); e != nil {
				r.err = Errors{{File: f.name, Found: fmt.Sprintf("C on which the parser fails (%v)", e), Want: "C that a compiler accepts, or a report with this file"}}
			}
			result <- r
		}()
		r.ast, r.err = cc.Translate(p.config(), []cc.Source{
			{Name: stubFolder + "/prologue", Value: prologue},
			{Name: f.name, Value: f.text},
			{Name: epilogueName, Value: epilogue},
		})
	}()
	timer := time.NewTimer(p.deadline)
	defer timer.Stop()
	select {
	case r := <-result:
		if es, ok := r.err.(Errors); ok {
			return nil, es
		}
		if r.err != nil {
			return nil, fromParser(p.src, f.name, r.err)
		}
		return r.ast, nil
	case <-timer.C:
		return nil, Errors{{File: f.name,
			Found: fmt.Sprintf("nothing that the parser can finish in %v", p.deadline),
			Want:  "a smaller file, or declarations that are whole: the parser can loop on one that ends too early"}}
	}
}

// defect is the Error for a panic: ownercheck's own fault, never the user's.
func defect(name string, e any) Errors {
	return Errors{{File: name, Found: fmt.Sprintf("a defect of ownercheck (%v)", e), Want: "a report with this file", defect: true}}
}

func (p *parser) config() *cc.Config {
	quoted := []string{"@"}
	var system []string
	for _, dir := range p.include {
		dir = filepath.ToSlash(strings.ReplaceAll(dir, `\`, "/"))
		quoted, system = append(quoted, dir), append(system, dir)
	}
	h := &pragmas{seen: map[string]bool{}}
	return &cc.Config{
		ABI:             p.abi,
		FS:              p.src,
		FSOnly:          true,
		IncludePaths:    append(quoted, stubFolder, missingQuoted),
		SysIncludePaths: append(system, stubFolder, missingSystem),
		PragmaHandler:   h.handle,
		DefaultSizeT:    cc.ULongLong,
		DefaultPtrdiffT: cc.LongLong,
		DefaultWcharT:   cc.UShort,
		ExpansionLimit:  50_000_000,
	}
}

// prologue is what a compiler for 64-bit Windows predefines, and the -D names.
func (p *parser) prologue() string {
	text, err := stubs.ReadFile("wdk/prologue.h")
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	var b strings.Builder
	b.Write(text)
	if p.side == program.Driver {
		b.WriteString("#define _KERNEL_MODE 1\n")
	}
	b.WriteString(p.src.consts.prologue())
	b.WriteString(p.defines)
	return b.String()
}

// pragmas carries out the pragmas that change meaning and passes over others.
type pragmas struct{ seen map[string]bool }

func (h *pragmas) handle(toks []cc.Token) error {
	if len(toks) == 0 {
		return nil
	}
	pos := toks[0].Position()
	switch toks[0].SrcStr() {
	case "once":
		name := path.Clean(pos.Filename)
		if h.seen[name] {
			return cc.SkipSource
		}
		h.seen[name] = true
	case "pack":
		for _, t := range toks {
			switch s := t.SrcStr(); s {
			case "1", "2", "4":
				return fmt.Errorf("%v: #pragma pack(%s)", pos, s)
			}
		}
	}
	return nil
}
