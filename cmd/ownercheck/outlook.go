package main

import (
	"fmt"
	"time"

	"github.com/ownercheck/ownercheck/explore"
)

// An outlook guesses how long an exploration still takes. Nobody knows how many
// states there are before they have been found, so while levels grow it says
// "unknown". Once two levels in a row were smaller than the one before, it takes
// the last ratio to stay as it is: levels of most systems shrink faster and
// faster in the end, which makes that too long rather than too short.
type outlook struct {
	rate float64 // states explored in a second, of late

	level    int
	sizes    [3]uint64 // of this level and the two before
	levels   int       // that were seen
	before   uint64    // states of the levels before
	explored uint64    // of this level
	since    time.Time // when the rate was taken
	at       uint64    // states explored then
}

// rateEvery is how often the rate is taken.
const rateEvery = time.Second

func (o *outlook) note(now time.Time, p explore.Progress) {
	if o.levels == 0 || p.Level != o.level {
		o.before += o.sizes[0]
		o.sizes = [3]uint64{p.Frontier, o.sizes[0], o.sizes[1]}
		o.level = p.Level
		o.levels++
	}
	o.explored = p.Explored
	done := o.before + o.explored
	switch passed := now.Sub(o.since); {
	case o.since.IsZero():
		o.since, o.at = now, done
	case passed >= rateEvery || o.rate == 0 && passed >= rateEvery/10:
		o.rate = float64(done-o.at) / passed.Seconds()
		o.since, o.at = now, done
	}
}

// remaining guesses how many states are not explored yet.
func (o *outlook) remaining() (n float64, ok bool) {
	size, last, first := float64(o.sizes[0]), float64(o.sizes[1]), float64(o.sizes[2])
	if o.levels < 3 || size == 0 || size >= last || last >= first {
		return 0, false
	}
	ratio := size / last
	return size - float64(o.explored) + size*ratio/(1-ratio), true
}

// left says how long that takes.
func (o *outlook) left() string {
	n, ok := o.remaining()
	if !ok || o.rate <= 0 {
		return "unknown"
	}
	seconds := n / o.rate
	switch {
	case seconds < 1:
		return "under 1s"
	case seconds < 120:
		return fmt.Sprintf("about %.0fs", seconds)
	case seconds < 2*3600:
		return fmt.Sprintf("about %.0fm", seconds/60)
	}
	return fmt.Sprintf("about %.0fh", seconds/3600)
}
