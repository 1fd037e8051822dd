package main

import (
	"fmt"
	"time"

	"github.com/ownercheck/ownercheck/explore"
)

// An outlook guesses how long an exploration still takes. Nobody knows how many
// states there are before they have been found, so while levels grow it says
// "unknown". Levels of real drivers go up and down on their way, so it compares
// the last eighth of them with the eighth before, and that with the one before:
// once both became smaller it takes the last ratio to stay as it is. In the end
// levels of most systems shrink faster and faster, which makes that too long
// rather than too short; a new hump makes it too short.
type outlook struct {
	rate float64 // states explored in a second, of late

	level    int
	sizes    []uint64  // of the levels seen, this one last
	before   uint64    // states of the levels before
	explored uint64    // of this level
	since    time.Time // when the rate was taken
	at       uint64    // states explored then
}

// rateEvery is how often the rate is taken.
const rateEvery = time.Second

func (o *outlook) note(now time.Time, p explore.Progress) {
	if n := len(o.sizes); n == 0 || p.Level != o.level {
		if n > 0 {
			o.before += o.sizes[n-1]
		}
		o.sizes = append(o.sizes, p.Frontier)
		o.level = p.Level
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

// window is the part of the levels whose sizes are added up.
const window = 8

// remaining guesses how many states are not explored yet.
func (o *outlook) remaining() (n float64, ok bool) {
	w := max(1, len(o.sizes)/window)
	last, mid, first := o.sum(0, w), o.sum(w, w), o.sum(2*w, w)
	if len(o.sizes) < 3*w || last == 0 || last >= mid || mid >= first {
		return 0, false
	}
	size := float64(o.sizes[len(o.sizes)-1])
	ratio := last / mid
	return size - float64(o.explored) + last*ratio/(1-ratio), true
}

// sum adds up n levels, leaving out so many at the end.
func (o *outlook) sum(skip, n int) (sum float64) {
	for i := max(0, len(o.sizes)-skip-n); i < len(o.sizes)-skip; i++ {
		sum += float64(o.sizes[i])
	}
	return sum
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
