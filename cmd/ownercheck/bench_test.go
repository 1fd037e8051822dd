package main

import "testing"

func TestStatusLine(t *testing.T) {
	tests := map[string]struct {
		bytes uint64
		ok    bool
	}{
		"Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t   1234 kB\nVmRSS:\t 7 kB\n": {1234 << 10, true},
		"Name:\tx\n":        {0, false},
		"VmHWM:\tmuch kB\n": {0, false},
	}
	for status, want := range tests {
		if bytes, ok := statusLine(status, "VmHWM:"); bytes != want.bytes || ok != want.ok {
			t.Errorf("%q: got %d, %v, want %d, %v", status, bytes, ok, want.bytes, want.ok)
		}
	}
}

func TestPeakRSS(t *testing.T) {
	if n, _ := peakRSS(); n < 1<<20 || n > 1<<40 {
		t.Errorf("got %d bytes", n)
	}
}
