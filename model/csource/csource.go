// Package csource reads drivers and programs written in C, with the names that
// the Windows kits give things, and lowers them to program.Program.
//
// Reading is done by modernc.org/cc with a configuration of our own: sizes are
// those of 64-bit Windows, no compiler of the host is asked, and the headers
// are the embedded ones of the folder wdk, which declare what a driver or a
// program that does overlapped I/O needs and define macros that carry out an
// operation (IoMarkIrpPending, InsertTailList) as functions, so that each stays
// one operation. Structured exception handling is spelt with macros there: a
// __try is "if (__oc_try())" to the parser and a __try again to the lowering.
//
// Lowering walks the typed tree once. A local scalar whose address is never
// taken becomes a register; everything else lives in memory and is loaded and
// stored, one node for each access, in the order in which the C asks for them.
//
// Invariant: nothing is skipped. What has no meaning here (inline assembly,
// floating point, a structure passed by value that is no single cell) is an
// Error with its place and what would be right; what is assumed (an empty
// header, an undeclared function) is a Remark of the program.
//
//	p, err := csource.Load([]string{"driver.c"}, csource.Options{Side: program.Driver})
package csource

import (
	"errors"
	"fmt"
	"time"

	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// Options say how to read a program.
type Options struct {
	Side     program.Side
	Include  []string                     // folders to search for headers, as -I
	Define   []string                     // NAME or NAME=VALUE, as -D
	ReadFile func(string) ([]byte, error) // nil means os.ReadFile
	Deadline time.Duration                // for parsing one file; 0 means 15 s
}

// Load reads the files, which together make one side of a case, and lowers
// them. An error is an Errors.
func Load(files []string, opt Options) (p *program.Program, err error) {
	defer func() {
		if e := recover(); e != nil {
			p, err = nil, defect(fmt.Sprint(files), e)
		}
	}()
	if len(files) == 0 {
		return nil, Errors{{File: "ownercheck", Found: "no C file", Want: "one or more"}}
	}
	src := newSources(opt.ReadFile)
	parser, err := newParser(src, opt)
	if err != nil {
		return nil, err
	}
	trees, err := parseAll(src, parser, files)
	if err != nil {
		return nil, err
	}
	l := newLinker(src, opt.Side, files)
	if err := l.link(trees); err != nil {
		return nil, err
	}
	if err := l.prog.Finish(); err != nil {
		return nil, Errors{{File: files[0], Found: "a program that cannot be used (" + err.Error() + ")", Want: "smaller functions, or a report with this file", Err: err}}
	}
	return l.prog, nil
}

// parseAll parses every file and collects the errors of all.
func parseAll(src *sources, parser *parser, files []string) ([]*cc.AST, error) {
	var es Errors
	var trees []*cc.AST
	for _, name := range files {
		f, err := src.load(name)
		if err != nil {
			es.add(&Error{File: name, Found: "a file that cannot be read (" + err.Error() + ")", Want: "a readable C file", Err: err})
			continue
		}
		ast, err := parser.parse(f)
		if err != nil {
			var more Errors
			if !errors.As(err, &more) {
				return nil, err
			}
			for _, e := range more {
				es.add(e)
			}
			continue
		}
		trees = append(trees, ast)
	}
	if es != nil {
		return nil, es
	}
	return trees, nil
}
