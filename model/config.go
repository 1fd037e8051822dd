package model

import (
	"fmt"

	"github.com/ownercheck/ownercheck/model/program"
)

// Config is a case: whose code runs, within which bounds, on which of the
// documented variants of Windows, and with which reductions.
type Config struct {
	Driver *program.Program // required; must define DriverEntry
	App    *program.Program // nil: the most general client (semantics 22.12, 22.21)

	Bounds  Bounds
	Knobs   Knobs
	Reduce  Reductions
	Actions Actions
	Faults  []Fault // mutations of the model itself; empty outside tests
}

// Bounds limit the run. Scope bounds are part of what PROVED states; capacity
// bounds only make the machine finite, and reaching one is INCOMPLETE.
type Bounds struct {
	Threads   int // scope: threads of the app's process
	Issuers   int // scope: threads of the most general client that issue requests; all of them cancel
	Requests  int // scope: requests outstanding at once; slots are recycled
	Files     int // scope: file objects at once, where opening and closing can be noticed
	DPCs      int // scope: processors that run DPCs at once (22c: instances)
	Failures  int // scope: 1 where calls fail for want of resources, as often as they may; 0: never (22.8)
	Processes int // scope: 2 with an app: another process sends control codes to the driver, without buffers
	PTEs      int // scope: system page table entries; a mapping beyond them fails (5.14)
	Frames    int // capacity: page frames besides those of stacks and heap
	Records   int // scope: live blocks of one allocation site; one more fails
	Workers   int // capacity: work items that run at once (14.26)
	Kthreads  int // capacity: system threads that the driver has at once
	Ranges    int // capacity: VirtualAlloc ranges; heap blocks
	Stack     int // capacity: words of one context's stack
	Local     int // capacity: nodes run in a row without touching shared state
}

// DefaultBounds are those of semantics 22c as far as this version models them.
func DefaultBounds() Bounds {
	return Bounds{Processes: 1, Threads: 2, Issuers: 2, Requests: 2, Files: 2, DPCs: 2, Failures: 1, PTEs: 16, Frames: 4, Records: 3, Workers: 2, Kthreads: 2, Ranges: 2, Stack: 160, Local: 20000}
}

// QuickBounds are the --quick column of semantics 22c.
func QuickBounds() Bounds {
	b := DefaultBounds()
	b.Issuers, b.Requests, b.Files, b.DPCs, b.Frames, b.Records = 1, 1, 1, 1, 3, 2
	b.Workers, b.Kthreads = 1, 1
	return b
}

// Validate says which bound is out of its range.
func (b Bounds) Validate() error {
	for _, x := range [...]struct {
		name     string
		v        int
		min, max int
	}{
		{"processes", b.Processes, 1, 2}, {"threads", b.Threads, 1, 4}, {"issuers", b.Issuers, 1, b.Threads}, {"requests", b.Requests, 1, 4}, {"files", b.Files, 1, 3}, {"dpcs", b.DPCs, 0, 4},
		{"failures", b.Failures, 0, 1}, {"ptes", b.PTEs, 0, 64}, {"frames", b.Frames, 1, 16}, {"records", b.Records, 1, 16},
		{"workers", b.Workers, 1, 4}, {"kthreads", b.Kthreads, 1, 4},
		{"ranges", b.Ranges, 1, 8}, {"stack", b.Stack, 16, 250}, {"local", b.Local, 10, 1 << 20},
	} {
		if x.v < x.min || x.v > x.max {
			return fmt.Errorf("model: bound %s %d: must be from %d to %d", x.name, x.v, x.min, x.max)
		}
	}
	return nil
}

// Reductions are the switches that make the state space smaller without
// changing a verdict. An audit runs with and without.
type Reductions struct {
	Movers   bool // kernel steps that commute with every other run in the step before them
	Locks    bool // the body and the release of a lock section run in the acquire's step
	Dead     bool // registers that nothing reads again are zeroed
	Symmetry bool // what cannot be told apart has one order
	AnyFrame bool // a free frame may be anybody's: no second process takes it explicitly
	Ample    bool // a step that commutes with everything and that no property sees is taken alone
	Late     bool // what a request asked for is forgotten when nobody looks at it again
	Cells    bool // what the driver keeps in an object is forgotten when nobody reads it again
}

// AllReductions are on by default.
func AllReductions() Reductions {
	return Reductions{Movers: true, Locks: true, Dead: true, Symmetry: true, AnyFrame: true, Ample: true, Late: true, Cells: true}
}

// Actions switch off what a case cannot see; each switch that is off is printed
// with the verdict.
type Actions struct {
	Cancel bool // the most general client cancels requests (CancelIoEx)
	Unmap  bool // user memory may be unmapped at the kernel's accesses
	Kill   bool // threads of the most general client end while requests are pending, and its process is killed
	Read   bool // the client calls ReadFile, if the driver has IRP_MJ_READ
	Write  bool // likewise WriteFile
	Close  bool // the client closes files, and opens others

	// Sync and Port: the most general client opens files for synchronous I/O, or
	// binds them to a completion port. A driver can tell neither from the usual
	// way, overlapped I/O with events, unless it does not end what it holds at
	// CLEANUP; so they are off unless asked for.
	Sync, Port bool

	// Trim: the memory manager takes locked pages of an app out of its working
	// set. It is off unless asked for: only what looks at page frames can see it.
	Trim bool
}

// Without switches one action off by name, which is that of its field in lower
// case.
func (a *Actions) Without(name string) error {
	switch name {
	case "cancel":
		a.Cancel = false
	case "unmap":
		a.Unmap = false
	case "kill":
		a.Kill = false
	case "read":
		a.Read = false
	case "write":
		a.Write = false
	case "close":
		a.Close = false
	default:
		return fmt.Errorf("no action %q to switch off: want cancel, unmap, read, write, close or kill", name)
	}
	return nil
}

// With switches on by name what AllActions leaves off.
func (a *Actions) With(name string) error {
	switch name {
	case "sync":
		a.Sync = true
	case "port":
		a.Port = true
	case "trim":
		a.Trim = true
	default:
		return fmt.Errorf("no action %q to switch on: want sync, port or trim", name)
	}
	return nil
}

// AllActions leaves nothing out that a driver can notice.
func AllActions() Actions {
	return Actions{Cancel: true, Unmap: true, Kill: true, Read: true, Write: true, Close: true}
}

// Fault is one mutation of the model: what a test turns wrong to see that a
// property notices.
type Fault struct {
	Step string // "complete.C5": a kernel step by table and name
	Kind FaultKind
}

// FaultKind says what is done to the step.
type FaultKind uint8

const (
	FaultSkip   FaultKind = iota // the step does nothing
	FaultTwice                   // the step runs twice
	FaultIgnore                  // the step's guard is taken as true
	FaultSwap                    // the step and the one after it change places
)
