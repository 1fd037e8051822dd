package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printRows prints the rows, and how many times more states a second our rows
// explore than each other tool, with one worker and with all.
func printRows(w io.Writer, rows []row) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "tool\tworkers\tload\tseconds\tstates/s\tsteps/s\tbytes/state\t")
	for _, r := range rows {
		if r.ours {
			fmt.Fprintf(t, "%s %d is\t", r.name, r.workers)
		}
	}
	fmt.Fprintln(t)
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%d\t%s\t%.2f\t%.0f\t%.0f\t%s\t", r.name, r.workers, r.load, r.seconds,
			float64(r.states)/r.seconds, float64(r.steps)/r.seconds, r.bytesPerState())
		for _, our := range rows {
			if our.ours {
				fmt.Fprintf(t, "%.1fx\t", r.seconds/our.seconds)
			}
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

func (r *row) bytesPerState() string {
	if r.peak == 0 {
		return "?"
	}
	return fmt.Sprintf("%.1f", float64(r.peak)/float64(r.states))
}
