// Package csource reads drivers and programs written in C, with the names that
// the Windows kits give things, and lowers them to program.Program.
//
//	p, err := csource.Load([]string{"driver.c"}, csource.Options{Side: program.Driver})
//
// A file goes through these stages.
//
// Text (source.go, headers.go): what only Microsoft's compiler takes is
// rewritten in place, byte for byte, so that positions stay right. The parser
// sees a file system in which names match without regard to case and the kit's
// headers are the embedded ones of the folder wdk. Those declare macros that
// carry out an operation (IoMarkIrpPending, InsertTailList) as functions, so that
// each stays one operation.
//
// Syntax and types (parse.go, conflict.go, errors.go): modernc.org/cc, with the
// sizes of 64-bit Windows and no compiler of the host asked. It is kept from its
// traps and bounded by a deadline; its messages become Errors. Exception handling
// is spelt with macros: a __try is "if (__oc_try())" to the parser and a __try
// again to the lowering.
//
// Linking (link.go, roles.go, declared.go, layout.go): functions and variables of
// all files get their numbers, types their layouts, and each function name used
// as a value a role: who will call it, as what.
//
// Lowering (function.go, statement.go, expression.go, lvalue.go, call.go,
// init.go, seh.go, body.go): one walk over the typed tree of each function. A
// local scalar whose address is never taken becomes a register; everything else
// lives in memory and is loaded and stored, one node for each access, in the
// order in which the C asks for them. A __finally is copied to each way out of
// its __try. cleanup.go then drops the nodes that only join.
//
// Invariant: nothing is skipped. What has no meaning here (inline assembly,
// floating point, a structure given to the system by value) is an Error with its
// place and what would be right; what is assumed (an empty header, an undeclared
// function, printing) is a Remark of the program.
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
