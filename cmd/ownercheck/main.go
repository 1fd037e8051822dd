// Command ownercheck decides who may touch memory, and when, in drivers for
// Windows: it explores every interleaving of an app, a driver, cancellation and
// timers within stated bounds, and answers PROVED with the number of states, or
// with the shortest run that shows the opposite.
//
//	ownercheck                                decide the claims of the suite
//	ownercheck claims P21 --trace             one claim, with its witness
//	ownercheck check driver.c                 check a driver against every app
//	ownercheck check driver.c --app app.c     ... against this app
//	ownercheck replay trace.json              confirm a trace that was kept
//	ownercheck dump driver.c                  what the C was understood as
//	ownercheck list knobs; explain K1         names, and what they mean
//
// This package turns flags into questions and answers into text, JSON and an
// exit status. What is asked and how it is answered is in the packages model,
// invariants, explore and traces.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/model/csource"
)

func main() {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(os.Stderr, "ownercheck: a defect of ownercheck: %v\n%s", v, debug.Stack())
			os.Exit(exitInternal)
		}
	}()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process: it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := interruptible(stderr)
	defer stop()
	e := &env{ctx: ctx, out: stdout, diag: stderr}
	root := e.command()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var f *failure
	switch {
	case err == nil:
		return e.status
	case errors.As(err, &f):
		complain(stderr, f)
		return f.status
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "ownercheck: INCOMPLETE (interrupted): stopped before the first level was complete")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "ownercheck: %v\nRun 'ownercheck --help' for usage.\n", err)
	return exitUsage
}

// complain prints mistakes in C as compilers do, one a line with its place
// first, so that editors find them.
func complain(w io.Writer, f *failure) {
	var c csource.Errors
	if errors.As(f.err, &c) {
		fmt.Fprintln(w, f.err)
		return
	}
	fmt.Fprintf(w, "ownercheck: %v\n", f.err)
}

// env is what every command works with.
type env struct {
	ctx    context.Context
	out    io.Writer // reports
	diag   io.Writer // progress and diagnostics
	opt    options
	status int // set by a command that ran to its end

	ballast []byte // see ballastBytes
}

func (e *env) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "ownercheck",
		Short: "Who may touch this memory now? A model checker for Windows drivers and the apps that call them.",
		Long: `ownercheck explores every interleaving of app, driver, cancel and timer
actions within stated bounds. It answers PROVED within these bounds, with the
number of states, or with the shortest run that shows the opposite.

Without a command it decides every sentence of the forum thread.

Exit status: 0 all as expected, 10 an answer differs from the expected one,
12 a property is violated, 16 vacuous, 20 a bound was reached, 21 time limit,
22 memory limit, 23 interrupted, 64 usage, 65 input (C source, case, trace),
70 a defect of ownercheck.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(*cobra.Command, []string) error { return e.claims(nil, claimFlags{}) },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	e.opt.add(root.PersistentFlags())
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return e.opt.check() }
	root.AddCommand(e.claimsCommand(), e.checkCommand(), e.replayCommand(), e.dumpCommand(), e.listCommand(), e.explainCommand(), e.benchCommand())
	return root
}
