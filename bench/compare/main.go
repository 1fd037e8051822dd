// Command compare measures explicit-state model checkers side by side: the same
// system, handoff, on ownercheck and on those of SPIN, Rumur and TLC that are
// there, one after the other on one machine. It checks that all of them count
// the same states and steps, and prints what each took and the ratios.
//
//	go run ./bench/compare -requests 4 -workers 2 -tlc tla2tools.jar
//
// Run it from a folder of this module, with a C compiler for SPIN and Rumur
// ("apt-get install spin rumur gcc") and java for TLC. A tool that is missing is
// skipped, and a line says so.
//
// # What is compared
//
// The models in bench/peers are the same rules in the language of each tool.
// With R requests all reachable states are 32^R and all steps 54*R*32^(R-1).
// Tools count them in their own ways:
//
//   - ownercheck and Rumur ("rules fired") count each step from each state once.
//   - SPIN's "transitions" are states stored plus states matched, so the initial
//     state counts as one: steps + 1.
//   - TLC's "states generated" begin with the initial state as well: steps + 1.
//
// Each tool searches breadth-first for the whole state space. ownercheck and
// Rumur compare states in full; SPIN does so too, without -DCOLLAPSE or
// hash-compaction, which would trade memory for time or certainty; TLC keeps 64
// bits of a hash of each state. ownercheck, Rumur and TLC check the two
// invariants; SPIN, Rumur and TLC look for deadlocks, of which there are none, and
// ownercheck counts the states without steps. SPIN's breadth-first search runs on
// one core, so there are two rows of ownercheck.
//
// Seconds are of the whole process that explores, from start to exit. What is
// generated and compiled before is not measured. Bytes a state are the peak
// resident set as the system counts it, divided by the states. The load is the
// system's average over one minute, before and after: a tool of W threads that
// runs alone for minutes ends at about W. More means that other jobs took a part
// of the machine, and that the row compares with no other.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
)

func main() {
	var o options
	flag.IntVar(&o.requests, "requests", 4, "requests of handoff, 1 to 6")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "threads of the tools that have them")
	flag.StringVar(&o.tlc, "tlc", "", "tla2tools.jar; TLC is skipped without it")
	flag.IntVar(&o.runs, "runs", 1, "how often to measure all tools, in turn")
	flag.Parse()
	if flag.NArg() > 0 || o.requests < 1 || o.requests > 6 || o.workers < 1 || o.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := compare(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "compare: %v\n", err)
		os.Exit(1)
	}
}

type options struct {
	requests, workers, runs int
	tlc                     string
}

// compare prepares every tool that is there, then measures them in turn.
func compare(ctx context.Context, w io.Writer, o options) error {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	states, steps := counts(o.requests)
	fmt.Fprintf(w, "handoff, %d requests: %d states, %d steps; %s/%s, %d cores, %s\n",
		o.requests, states, steps, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	var ready []*tool
	for _, t := range tools(bench{root: root, dir: dir, options: o}) {
		if reason := t.missing(); reason != "" {
			fmt.Fprintf(w, "%s: skipped: %s\n", t.name, reason)
			continue
		}
		if err := t.prepare(ctx); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		ready = append(ready, t)
	}
	for range o.runs {
		rows, err := measureAll(ctx, ready, states, steps)
		fmt.Fprintln(w)
		printRows(w, rows)
		if err != nil {
			return err
		}
	}
	return nil
}

// measureAll runs each tool once. If one fails the rows before it are not lost.
func measureAll(ctx context.Context, ready []*tool, states, steps uint64) (rows []row, err error) {
	for _, t := range ready {
		r, err := t.measure(ctx, states, steps)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", t.name, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// counts returns what handoff has by construction.
func counts(requests int) (states, steps uint64) {
	r := uint64(requests)
	return 1 << (5 * r), 54 * r << (5 * (r - 1))
}
