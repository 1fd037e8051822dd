package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// interruptible gives a context that the first interrupt (Ctrl-C) ends: the
// engine then stops and reports the levels that are complete. A second
// interrupt ends the process at once.
func interruptible(diag io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		for n := 1; ; n++ {
			select {
			case <-signals:
			case <-done:
				return
			}
			if n > 1 {
				os.Exit(exitInterrupted)
			}
			fmt.Fprintln(diag, "ownercheck: interrupted: finishing the level; interrupt again to stop at once")
			cancel()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
