package main

import (
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
)

// peakRSS returns the most memory that the process has had resident, in bytes,
// as Linux counts it. Other systems have other calls for it; there it is
// approximated by what the Go runtime holds now, which leaves out the code of
// the program, and memory that was given back since the peak.
func peakRSS() (bytes uint64, exact bool) {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if n, ok := highWater(string(text)); ok {
			return n, true
		}
	}
	held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(held)
	return held[0].Value.Uint64() - held[1].Value.Uint64(), false
}

// highWater finds the line "VmHWM: 1234 kB" in the status of a process.
func highWater(status string) (bytes uint64, ok bool) {
	for line := range strings.Lines(status) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10, err == nil
		}
	}
	return 0, false
}
