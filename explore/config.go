package explore

import (
	"fmt"
	"runtime"
	"time"
)

// Config is a question for Run. The zero value of each field but System is the
// plain choice: no properties, all processors, no limit, no reduction.
type Config struct {
	System     System
	Properties []Property

	// Workers is the number of goroutines that explore; 0 means GOMAXPROCS.
	Workers int

	// MaxStates ends the run before the first level that would make more than
	// so many distinct states; the initial states do not count as one. 0 means
	// no limit.
	MaxStates uint64

	// MaxDepth ends the run when all states within so many steps of an initial
	// state have been explored. 0 means no limit.
	MaxDepth int

	// MaxMemory bounds the memory of the engine in bytes; 0 means no limit. It
	// counts what the engine allocates, all of which stays in use, so the
	// resident set exceeds it only by the program itself, by what System and
	// Properties allocate, and by what the collector leaves: set its percentage
	// (debug.SetGCPercent) to 20 or less when the limit is near the memory of
	// the machine.
	MaxMemory int64

	// Spill, if not empty, is a directory, made if need be, in which the run goes
	// on when MaxMemory is reached, with the same Report as in memory. It takes
	// some three to eight bytes of disk a state, for a while twice as many, in a
	// subdirectory that is removed at the end of the run; one that was killed
	// leaves it. Each level reads all of them, or what it takes to tell that its
	// states are new. The contents of the parts of wide states stay in memory:
	// when these are too much for it, the run ends as without Spill. An error of
	// the disk ends it too.
	Spill string

	// TimeLimit ends the run after so long; 0 means no limit. Traces to what was
	// found by then, and the last checkpoint, take their time on top.
	TimeLimit time.Duration

	// Symmetry explores one state of each orbit, if the System is Symmetric.
	Symmetry bool

	// PartialOrder lets Steps.Ample return true. Verdicts stay; states, steps
	// and depths are those of the reduced graph, so a trace is shortest there.
	PartialOrder bool

	// StopWhenDecided ends the run when every property is violated or reached.
	StopWhenDecided bool

	// StopWhen, if not nil, is asked after each level that decides a property, and
	// ends the run by returning true. Outcomes are those so far, in order, without
	// their traces.
	StopWhen func(outcomes []Outcome) bool

	// Checkpoint, if not empty, is a directory, made if need be, to which Run
	// writes at ends of levels what it takes to go on from there, at least
	// CheckpointEvery after it wrote last (0: at each level), and once more when
	// the run ends for another Reason than None; a complete run leaves the last.
	// A checkpoint takes some four bytes a state, and there is one more while it
	// is being written, for which a run that was interrupted takes its time too. The
	// directory holds a whole one at any time, even if the process is killed. One
	// run at a time may write to it. An error of the disk ends the run; it is a
	// *CheckpointError, as are those of Resume.
	Checkpoint      string
	CheckpointEvery time.Duration

	// Resume, if not empty, is a directory with a checkpoint, from which Run goes
	// on. The Report is that of a run that was never stopped, whatever the
	// workers and limits of each part; the level in which a run was stopped is
	// explored again. If there is no checkpoint, the error is fs.ErrNotExist.
	Resume string

	// Identity says which System with which Properties this is, for checkpoints:
	// one of another identity, or with other names of properties or reductions,
	// is refused. Use a digest of all that decides what System and Properties do,
	// the version of the program included.
	Identity string

	// Aside, if not nil, is asked at each checkpoint for what the caller has to
	// remember of the run besides its states, such as what System noted about
	// the steps that it pushed: all states of the levels before the checkpoint
	// have been explored by then, and no worker is at work. Restore gets the same
	// bytes, not to be kept, before a resumed run explores its first state.
	Aside   func() []byte
	Restore func(aside []byte) error

	// Stats, if not nil, is filled in when Run returns.
	Stats *Stats

	// Progress, if not nil, is called from Run's goroutine after each round of
	// work, which may be very often: the caller has the clock.
	Progress func(Progress)

	// For tests: another store in place of the directory Spill, and a number of
	// keys at which the set is moved there.
	openStore func(dir string) (store, error)
	spillKeys uint64
}

// Progress is a snapshot of a run. Unlike a Report it depends on the machine.
type Progress struct {
	Level     int    // level being explored
	Distinct  uint64 // states known; those of the next level only once they are merged, if on disk
	Generated uint64 // steps taken
	Frontier  uint64 // states of this level
	Explored  uint64 // states of this level that have been explored
	Bytes     int64  // memory of the engine now, which never shrinks much
	Doing     string // what is being done, if not exploring the level
	OnDisk    int64  // bytes in Config.Spill now
	Done      bool   // the last call
}

// What Progress.Doing says.
const (
	doingTrace      = "rebuilding a trace"
	doingCheckpoint = "writing a checkpoint"
	doingSpill      = "moving states to disk"
	doingMerge      = "merging"
	doingRekey      = "renewing keys"
)

func (c *Config) check() error {
	if c.System == nil {
		return fmt.Errorf("explore: System is nil")
	}
	if size := c.System.Size(); size < 1 {
		return fmt.Errorf("explore: states of %d bytes: must be at least 1", size)
	}
	limits := []struct {
		name  string
		value int64
	}{
		{"Workers", int64(c.Workers)},
		{"MaxDepth", int64(c.MaxDepth)},
		{"MaxMemory", c.MaxMemory},
		{"TimeLimit", int64(c.TimeLimit)},
		{"CheckpointEvery", int64(c.CheckpointEvery)},
	}
	for _, l := range limits {
		if l.value < 0 {
			return fmt.Errorf("explore: %s %d: must not be negative", l.name, l.value)
		}
	}
	for i := range c.Properties {
		if err := c.Properties[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}
