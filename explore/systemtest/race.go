//go:build race

package systemtest

// raceDetector: sync.Pool drops items at random under the race detector, so
// allocations say nothing.
const raceDetector = true
