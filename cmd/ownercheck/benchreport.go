package main

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/ownercheck/ownercheck/bench"
)

// benchJSON is the report of a benchmark.
type benchJSON struct {
	Schema          string  `json:"schema"`
	System          string  `json:"system"`
	Requests        *int    `json:"requests"` // of handoff
	Workers         int     `json:"workers"`
	States          uint64  `json:"states"`
	Steps           uint64  `json:"steps"`
	Depth           int     `json:"depth"`
	Seconds         float64 `json:"seconds"`
	StatesPerSecond float64 `json:"states_per_second"`
	StepsPerSecond  float64 `json:"steps_per_second"`
	BytesPerState   float64 `json:"bytes_per_state"`
	PeakRSSBytes    uint64  `json:"peak_rss_bytes"`
	Digest          string  `json:"digest"`
	Approximate     bool    `json:"approximate,omitempty"` // peak_rss_bytes is not what the system says
	Incomplete      string  `json:"incomplete,omitempty"`  // the limit that was reached
	Search          string  `json:"search,omitempty"`      // best or walk
	Extent          string  `json:"extent,omitempty"`      // what that means

	Statistics *statisticsJSON `json:"statistics,omitempty"`
	Machine    *machineJSON    `json:"machine,omitempty"`
}

func (b *benchmark) report() *benchJSON {
	seconds := b.elapsed.Seconds()
	r := &benchJSON{
		Schema: "ownercheck.bench/1", System: b.system, Requests: b.requests, Workers: b.limits.Workers,
		States: b.states, Steps: b.steps, Depth: b.depth, Seconds: rounded(seconds, 3),
		StatesPerSecond: math.Round(float64(b.states) / seconds),
		StepsPerSecond:  math.Round(float64(b.steps) / seconds),
		Digest:          fmt.Sprintf("%016x", b.digest), Incomplete: b.incomplete,
	}
	peak, exact := peakRSS()
	r.PeakRSSBytes, r.Approximate = peak, !exact
	if b.extent != "" {
		r.Search, r.Extent = b.search, b.extent
	}
	if b.stats != nil {
		r.Statistics, r.Machine = statisticsOf(b.stats, &b.explored, bench.KindName), machineOf(b.stats)
	}
	if b.largest > 0 {
		r.BytesPerState = rounded(float64(peak)/float64(b.largest), 2)
	}
	return r
}

// rounded keeps so many digits behind the point.
func rounded(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

func (r *benchJSON) write(e *env) error {
	if e.opt.format == "json" {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	name := r.System
	if r.Requests != nil {
		name += ", " + plural(*r.Requests, "request")
	}
	about := ""
	if r.Approximate {
		about = "about "
	}
	_, err := fmt.Fprintf(e.out, `%s: %s, %s, depth %d, %.2f s on %s
%s distinct/s, %s steps/s, %s%.1f bytes/state
peak memory %s%s bytes, digest %s
`,
		name, plural(r.States, "state"), plural(r.Steps, "step"), r.Depth, r.Seconds, plural(r.Workers, "worker"),
		grouped(uint64(r.StatesPerSecond)), grouped(uint64(r.StepsPerSecond)), about, r.BytesPerState,
		about, grouped(r.PeakRSSBytes), r.Digest)
	if err == nil && r.Extent != "" {
		_, err = fmt.Fprintln(e.out, r.Extent)
	}
	if r.Statistics != nil {
		r.Statistics.text(e.out)
		r.Machine.text(e.diag)
	}
	if err == nil && r.Incomplete != "" {
		_, err = fmt.Fprintf(e.out, "INCOMPLETE (%s): the numbers are of what was explored until then\n", r.Incomplete)
	}
	return err
}
