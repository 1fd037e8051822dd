package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ownercheck/ownercheck/invariants"
)

// options are the flags that every command takes.
type options struct {
	format   string
	progress string
	workers  int
	memory   byteSize
	time     time.Duration
	depth    int
	states   uint64
	knobs    []string
	traceOut string
	property string
}

func (o *options) add(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "text", "form of the report: text or json")
	f.StringVar(&o.progress, "progress", "auto", "progress on stderr: auto (one line on a terminal), plain or none")
	f.IntVar(&o.workers, "workers", 0, "goroutines that explore; 0 means all processors; no answer depends on it")
	f.Var(&o.memory, "memory", "memory that the process may have resident, such as 4GiB; no limit if not given")
	f.DurationVar(&o.time, "time", 0, "time limit of each exploration, such as 90s or 2h")
	f.IntVar(&o.depth, "depth", 0, "limit of steps from an initial state")
	f.Uint64Var(&o.states, "states", 0, "limit of distinct states")
	f.StringArrayVar(&o.knobs, "knob", nil, "set a knob, such as K1=unguarded (ownercheck list knobs)")
	f.StringVar(&o.traceOut, "trace-out", "", "write the trace of the first violated or reached property to this file, as JSON")
	f.StringVar(&o.property, "property", "", "the property whose trace --trace-out writes")
}

func (o *options) check() error {
	switch {
	case o.format != "text" && o.format != "json":
		return usage("--format %s: want text or json", o.format)
	case o.progress != "auto" && o.progress != "plain" && o.progress != "none":
		return usage("--progress %s: want auto, plain or none", o.progress)
	case o.workers < 0:
		return usage("--workers %d: must not be negative", o.workers)
	case o.depth < 0:
		return usage("--depth %d: must not be negative", o.depth)
	case o.time < 0:
		return usage("--time %v: must not be negative", o.time)
	case o.property != "" && invariants.Named(o.property) == nil:
		return usage("--property %s: there is no such property (ownercheck list invariants)", o.property)
	case o.property != "" && o.traceOut == "":
		return usage("--property chooses the trace for --trace-out, which is not given")
	}
	return nil
}

// limits prepares an exploration: its limits, its progress, and the collector.
// It is called when the C has been read.
func (e *env) limits() (invariants.Limits, error) {
	o := &e.opt
	engine, err := e.obey()
	if err != nil {
		return invariants.Limits{}, err
	}
	return invariants.Limits{
		Workers: o.workers, MaxStates: o.states, MaxDepth: o.depth, MaxMemory: engine, TimeLimit: o.time,
		Progress: newMeter(e.diag, o.progress).tell,
	}, nil
}

// byteSize is a flag in bytes, with a unit.
type byteSize int64

var units = []struct {
	name string
	size int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1}}

func (b *byteSize) Set(s string) error {
	number, unit := strings.TrimSpace(s), int64(0)
	for _, u := range units {
		if n := len(number) - len(u.name); n > 0 && strings.EqualFold(number[n:], u.name) {
			number, unit = strings.TrimSpace(number[:n]), u.size
			break
		}
	}
	x, err := strconv.ParseFloat(number, 64)
	if err != nil || unit == 0 && number != "0" {
		return fmt.Errorf("%q: want a number with a unit, such as 512MiB or 4GiB", s)
	}
	bytes := x * float64(unit)
	if !(bytes >= 0 && bytes < math.MaxInt64/2) {
		return fmt.Errorf("%q: out of range", s)
	}
	*b = byteSize(bytes)
	return nil
}

func (b *byteSize) String() string {
	if *b == 0 {
		return ""
	}
	return fmt.Sprintf("%dB", int64(*b))
}

// short writes whole units as such.
func (b byteSize) short() string {
	for _, u := range units[:4] {
		if n := int64(b) / u.size; n > 0 && n < 1<<10 && n*u.size == int64(b) {
			return fmt.Sprint(n, u.name)
		}
	}
	return fmt.Sprintf("%dB", int64(b))
}

func (b *byteSize) Type() string { return "size" }
