package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

const (
	mib = 1 << 20
	// programMemory is at least kept for the program: its code, its stacks, the
	// C that was read, the model, and reports.
	programMemory = 16 * mib
	// workerMemory is at least kept for each goroutine that explores: its buffers, and
	// its first tables.
	workerMemory = 4 * mib
	// collectorShare is the part of the engine's memory that may be garbage
	// before the collector has run: tables that have grown leave their old form.
	collectorShare = 16
	// collectorPercent is the garbage that may be beside what is in use. What the
	// engine holds stays in use and has no pointers to follow, so that collecting
	// often costs little: a few per cent of the time.
	collectorPercent = 20
	// ballastBytes count as in use though nothing is ever written there, so that
	// no memory stands behind them: without them a program that has read a little C
	// and holds a few megabytes would be collected every few milliseconds.
	ballastBytes = 32 * mib
)

// A budget divides what --memory allows.
type budget struct {
	engine  int64 // for explore.Config.MaxMemory
	runtime int64 // for debug.SetMemoryLimit
	least   int64 // that --memory can be
}

// divide plans for a process that has so much resident now, of which the Go
// runtime holds a part, and explores with so many workers.
func divide(limit, resident, held int64, workers int) budget {
	program := max(resident+resident/8, programMemory) + int64(workers)*mib
	rest := limit - program
	b := budget{engine: rest - rest/collectorShare}
	// What the runtime does not hold is code and files that are mapped.
	b.runtime = limit - max(resident-held, 0) - 2*mib
	b.least = program + program/8 + int64(workers)*workerMemory
	b.least = (b.least + mib - 1) / mib * mib
	return b
}

// obey sets the collector, so that the process stays below --memory if that is
// given, and returns what is left for the engine; 0 means no limit.
func (e *env) obey() (engine int64, err error) {
	limit := int64(e.opt.memory)
	if limit == 0 {
		if os.Getenv("GOGC") == "" {
			e.ballast = make([]byte, ballastBytes)
			debug.SetGCPercent(collectorPercent)
		}
		return 0, nil
	}
	debug.FreeOSMemory() // what reading the C has left
	resident, held := residentNow()
	workers := e.opt.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	b := divide(limit, resident, held, workers)
	if limit < b.least {
		return 0, usage("--memory %s: too little for the program and %s: the least is %dMiB",
			e.opt.memory.short(), plural(workers, "worker"), b.least/mib)
	}
	debug.SetGCPercent(collectorPercent / 2)
	debug.SetMemoryLimit(b.runtime)
	return b.engine, nil
}

// residentNow returns what the process has resident, and what of it the Go
// runtime holds. Where the system does not tell, the code is taken to be all in use.
func residentNow() (resident, held int64) {
	held = heldNow()
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if n, ok := statusLine(string(text), "VmRSS:"); ok {
			return int64(n), held
		}
	}
	return held + 12*mib, held
}

// heldNow returns what the Go runtime has from the system and not given back.
func heldNow() int64 {
	list := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(list)
	return int64(list[0].Value.Uint64() - list[1].Value.Uint64())
}

// peakRSS returns the most memory that the process has had resident, in bytes,
// as Linux counts it. Other systems have other calls for it; there it is
// approximated by what the Go runtime holds now, which takes in the ballast and
// leaves out the code of the program and memory that was given back since the peak.
func peakRSS() (bytes uint64, exact bool) {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if n, ok := statusLine(string(text), "VmHWM:"); ok {
			return n, true
		}
	}
	return uint64(heldNow()), false
}

// statusLine finds a line such as "VmHWM: 1234 kB" in the status of a process.
func statusLine(status, name string) (bytes uint64, ok bool) {
	for line := range strings.Lines(status) {
		if rest, found := strings.CutPrefix(line, name); found {
			n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10, err == nil
		}
	}
	return 0, false
}
