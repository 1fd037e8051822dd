package main

import (
	"testing"
	"time"

	"github.com/ownercheck/ownercheck/explore"
)

// While levels grow nothing is promised; when they shrink the promise is the
// rest of a geometric series at the rate so far, never less than what is known.
func TestOutlook(t *testing.T) {
	now := time.Unix(0, 0)
	var o outlook
	for level, size := range []uint64{1, 10, 100, 1000, 2000, 1000, 500} {
		for _, explored := range []uint64{0, size / 2, size} {
			now = now.Add(time.Second)
			o.note(now, explore.Progress{Level: level, Frontier: size, Explored: explored})
		}
		n, ok := o.remaining()
		if want := level >= 6; ok != want {
			t.Errorf("level %d: known %v, want %v", level, ok, want)
		}
		if ok && n != 500 { // 250 + 125 + ... is what is left after this level
			t.Errorf("level %d: %v states remain, want 500", level, n)
		}
		if !ok && o.left() != "unknown" {
			t.Errorf("level %d: left %s", level, o.left())
		}
	}
	if o.rate != 250 || o.left() != "about 2s" {
		t.Errorf("%v states/s, left %s", o.rate, o.left())
	}
	// A hump on the way up is no end in sight.
	up := outlook{rate: 1}
	for i := range 40 {
		size := uint64(100*i + 1)
		if i%5 > 2 {
			size /= 2
		}
		up.note(now, explore.Progress{Level: i, Frontier: size})
		if got := up.left(); i > 15 && got != "unknown" {
			t.Errorf("on the way up, level %d: left %s", i, got)
		}
	}
	for n, want := range map[uint64]string{100: "under 1s", 250 * 600: "about 10m", 250 * 36000: "about 10h"} {
		o.sizes = []uint64{4 * n, 2 * n, n}
		o.explored = n
		if got := o.left(); got != want {
			t.Errorf("%d states: left %s, want %s", n, got, want)
		}
	}
}
