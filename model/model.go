// Package model is the I/O model: app threads, the I/O manager, the driver's C,
// cancellation, DPCs and timers as one transition system.
//
// Everything that runs is a context with a small stack of frames. A frame runs
// either a kernel routine, which is a table of named steps (kernel.go), or a C
// routine of the driver or the app (interp.go). A state is a fixed number of
// bytes (layout.go). One step of a context is everything up to the next point
// where another context could see a difference (exec.advance).
//
// A Model is an explore.System without importing that package's engine: it is
// immutable but for what it learns about its own reductions (movers.go), and
// safe for concurrent use.
package model

import (
	"errors"
	"fmt"
	"sync"

	"github.com/ownercheck/ownercheck/model/program"
)

// Model is a case made ready to explore.
type Model struct {
	cfg         Config
	lay         layout
	words       []run // where Values stand outside of frames; from shared on, in blocks that keep their place
	shared      int
	numbers     [kindCount][]int              // numberFields
	kinds       [1 << (32 - classShift)]uint8 // kindsOf
	movesBlocks bool                          // files, records or objects can change places

	code       []inst // by code; driver first, then app
	kernelCode int    // code of the first kernel step
	steps      []step
	tableStart [tableCount]int
	routines   [2][]*routine // by program.Side

	consts     []int64
	constIndex map[int64]int

	irpFields  []irpField
	locFields  []locField
	parameters int // byte offset of IO_STACK_LOCATION.Parameters

	sites        []site
	siteOf       map[int]int // code of an allocation to its site
	recordAt     [slotMask + 1]recordPlace
	extLayout    *program.Layout
	fileLayout   *program.Layout // nil: the C names no file object
	globals      statics
	uglobals     statics
	pageLayouts  []*program.Layout
	pageLayoutOf map[int]int
	heapLayouts  []*program.Layout
	heapLayoutOf map[int]int
	pageCells    int
	heapCells    int
	poolFrames   int
	threads      int
	eventCount   int

	waitsOnTimers bool // the driver looks at a timer's signal
	removes       bool // ... calls IoReleaseRemoveLock
	readsCounts   bool // ... at what a semaphore's count was
	timersOnly    bool // DPCs are queued by timers, and nobody looks at the queue
	polls         bool // the driver may poll for ever
	polling       sync.Pool
	dispatchers   map[*program.Layout][]dispatcher

	dispatch        [irpMjCount]*routine
	boot            bootImage
	transfer        byte // method of READ and WRITE, from the device's flags
	deviceExtOffset int
	inits           [][]byte
	image           bool // the boot image is known
	openLater       bool // CREATE pends or waits: nothing is open at the beginning

	client client

	watched watched

	learn        learn
	assume       assume
	links        [][]link // list entries, by kind of object (cells.go)
	looksAhead   []bool   // codes from which the driver can come to one of assume.lookers
	lockBits     []uint32 // by lockCell; locks is how many have a bit
	locks        int
	classExt     int
	classGlobal  int
	classFile    int // FsContext and FsContext2
	classCount   int
	classIrpList int
	classIrp     int // all else of a request that nobody owns alone
	classSite    []int

	pool sync.Pool
}

// statics are the static variables of one side, one after the other.
type statics struct {
	layout *program.Layout
	start  []int // byte offset of each
	cells  int
}

const (
	irpMjCreate        = 0
	irpMjClose         = 2
	irpMjRead          = 3
	irpMjWrite         = 4
	irpMjDeviceControl = 14
	irpMjCleanup       = 18
	irpMjCount         = 28
)

// ErrNoDriver is returned for a configuration without a driver.
var ErrNoDriver = errors.New("model: a case needs a driver")

// New makes a case ready: it lays the state out, runs DriverEntry and CREATE,
// and keeps the states that they end in as the initial ones.
func New(cfg Config) (*Model, error) {
	if cfg.Driver == nil {
		return nil, ErrNoDriver
	}
	if err := cfg.Bounds.Validate(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, threads: cfg.Bounds.Threads, constIndex: map[int64]int{}}
	if m.second() {
		m.threads++
	}
	m.globals = newStatics(cfg.Driver)
	if cfg.App != nil {
		m.uglobals = newStatics(cfg.App)
	}
	for _, n := range wellKnown {
		m.intern(n)
	}
	m.addProgram(cfg.Driver)
	if cfg.App != nil {
		m.addProgram(cfg.App)
	}
	if len(m.code) > 1<<15 {
		return nil, fmt.Errorf("model: %d nodes are too many", len(m.code))
	}
	if err := m.addKernel(); err != nil {
		return nil, err
	}
	if cfg.Driver.Routine("DriverEntry") < 0 {
		return nil, fmt.Errorf("the driver has no DriverEntry: give the file that defines it too")
	}
	if cfg.App != nil && cfg.App.Routine("main") < 0 {
		return nil, fmt.Errorf("the app has no main")
	}
	if err := m.shapes(); err != nil {
		return nil, err
	}
	m.waitsOnTimers = m.Calls("KeWaitForSingleObject") || m.Calls("KeReadStateTimer") || m.Calls("KeWaitForMultipleObjects")
	for i := range m.code {
		m.code[i].empty = m.takesNothing(&m.code[i])
	}
	m.timersOnly = !m.Calls("KeInsertQueueDpc") && !m.Calls("KeRemoveQueueDpc") && !m.Calls("KeFlushQueuedDpcs")
	m.removes = m.Calls("IoReleaseRemoveLock")
	m.readsCounts = m.looksAtResult("KeReleaseSemaphore")
	m.findDispatchers()
	m.polls = m.canPoll()
	m.findUses()
	m.classes()
	if err := m.boots(); err != nil {
		return nil, err
	}
	return m, nil
}

// boots lays the state out and runs DriverEntry: once to see what the driver
// has, and again if the state needs more room for that.
func (m *Model) boots() error {
	for size := -1; ; size = m.lay.size {
		m.newLayout()
		if m.lay.size == size {
			return nil
		}
		m.kinds = m.kindsOf()
		m.movesBlocks = m.kinds[ClassRecord] != kindFixed && len(m.sites) > 0 || m.kinds[ClassFile] != kindFixed || m.kinds[ClassSystem] != kindFixed
		m.words, m.numbers = m.fixedWords(), m.numberFields()
		m.steps[m.tableStart[tableIssue]+issueA3].mover = !m.filesMove() // a count that only the last close looks at
		for i := range m.steps {
			st := &m.steps[i]
			st.direct = m.cfg.Reduce.Movers && (st.mover || st.lazy && m.cfg.App == nil) && st.unless == nil && st.moves == nil && st.ready == nil && !st.skip && !st.twice
		}
		m.inits, m.image = nil, false
		m.pool = sync.Pool{New: func() any { return newExec(m) }}
		m.polling = sync.Pool{New: m.newPolled}
		if err := m.start(); err != nil {
			return err
		}
	}
}

func (m *Model) intern(n int64) {
	if n >= -(1<<(classShift-1)) && n < 1<<(classShift-1) {
		return
	}
	if _, ok := m.constIndex[n]; !ok {
		m.constIndex[n] = len(m.consts)
		m.consts = append(m.consts, n)
	}
}

// addProgram makes the nodes of one side runnable.
func (m *Model) addProgram(p *program.Program) {
	first := len(m.code)
	for i, r := range p.Routines {
		m.routines[p.Side] = append(m.routines[p.Side], m.newRoutine(p, r, i, first))
		first += len(r.Nodes)
	}
	known := apis(p.Side)
	for _, r := range m.routines[p.Side] {
		for i := range r.r.Nodes {
			m.code = append(m.code, m.newInst(r, i, known))
		}
	}
	for _, g := range p.Globals {
		for _, c := range g.Init {
			if c.Value.Kind == program.OperandInt {
				m.intern(c.Value.V)
			}
		}
	}
}

func (m *Model) newRoutine(p *program.Program, r *program.Routine, index, first int) *routine {
	out := &routine{r: r, index: index, side: p.Side, first: first, regs: 1<<len(r.Regs) - 1, words: len(r.Regs)}
	for _, o := range r.Objects {
		l := p.Layouts[o.Layout]
		out.layouts = append(out.layouts, l)
		out.objPos = append(out.objPos, out.bytes)
		out.objWord = append(out.objWord, out.words)
		out.bytes += (int(l.Size) + 7) &^ 7
		out.words += len(l.Cells)
	}
	return out
}

func (m *Model) newInst(r *routine, i int, known map[string]*api) inst {
	n := &r.r.Nodes[i]
	in := inst{n: n, r: r, op: n.Op, signed: n.Signed, dst: n.Dst, size: int(n.Size), offset: int(n.Offset),
		code: r.first + i, next: r.first + int(n.Next), els: r.first + int(n.Else), live: r.r.LiveIn[i], plain: plainOps>>n.Op&1 != 0}
	for _, a := range n.Args {
		if a.Kind == program.OperandInt {
			m.intern(a.V)
		}
		in.args = append(in.args, arg{a.Kind, m.operandValue(a, r.side)})
	}
	for _, c := range n.Cases {
		m.intern(c.Value)
	}
	if n.Op == program.OpAPI {
		in.api, in.level = known[n.API], ceilings[n.API]
	}
	in.back = in.loops()
	if n.Next != program.NoNode {
		in.keep = r.r.LiveIn[n.Next]
		if n.Dst != program.NoReg {
			in.keep &^= 1 << n.Dst
		}
	}
	if n.Guard != program.NoNode {
		in.keep |= r.r.LiveIn[n.Guard]
	}
	return in
}

// operandValue is the Value of an operand that does not depend on the frame;
// for a register or a local its number.
func (m *Model) operandValue(a program.Operand, side program.Side) Value {
	switch a.Kind {
	case program.OperandInt:
		return m.valueOf(a.V)
	case program.OperandFunc:
		c := ClassFunc
		if side == program.App {
			c = ClassAppFunc
		}
		return Value(uint32(c)<<classShift | uint32(a.V))
	case program.OperandString:
		return Value(uint32(ClassString)<<classShift | uint32(a.V)<<16)
	case program.OperandGlobal:
		if side == program.App {
			return ref(ClassUGlobal, 0, 0, m.uglobals.start[a.V])
		}
		return ref(ClassGlobal, 0, 0, m.globals.start[a.V])
	}
	return Value(a.V)
}

// stringAt is the driver's string literal that v points into, without the NUL.
func (m *Model) stringAt(v Value) string {
	if i := v.index() >> 16; i < len(m.cfg.Driver.Strings) {
		return m.cfg.Driver.Strings[i]
	}
	return ""
}

func (m *Model) funcValue(routine int) Value {
	if routine < 0 {
		return 0
	}
	return Value(uint32(ClassFunc)<<classShift | uint32(routine))
}

// funcOf gives the routine of side that v is the address of.
func (m *Model) funcOf(v Value, side program.Side) (int, bool) {
	want := ClassFunc
	if side == program.App {
		want = ClassAppFunc
	}
	i := v.index()
	return i, v.Class() == want && i < len(m.routines[side])
}

// routineAt gives the C routine that code pc is in, nil for a kernel step.
func (m *Model) routineAt(pc int) *routine {
	if pc >= m.kernelCode {
		return nil
	}
	return m.code[pc].r
}

func (m *Model) isThread(ctx int) bool { return ctx < m.threads }

// entryIrql is the level at which the outermost routine of a context begins.
func (m *Model) entryIrql(ctx int) byte {
	if ctx >= m.threads && ctx < m.threads+m.lay.ctxs.dpcs.n {
		return irqlDispatch
	}
	return irqlPassive
}

func (m *Model) inTable(pc, table int) bool {
	if pc < m.kernelCode+m.tableStart[table] {
		return false
	}
	return table+1 == int(tableCount) || pc < m.kernelCode+m.tableStart[table+1]
}

// addKernel numbers the kernel steps and applies the configured mutations.
func (m *Model) addKernel() error {
	m.kernelCode = len(m.code)
	for i, t := range kernelTables() {
		m.tableStart[i] = len(m.steps)
		for _, st := range t.steps {
			st.table = t.name
			m.steps = append(m.steps, st)
		}
	}
	for _, f := range m.cfg.Faults {
		if err := m.mutate(f); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) mutate(f Fault) error {
	for _, s := range otherFaults {
		if s == f.Step {
			return nil
		}
	}
	for i := range m.steps {
		st := &m.steps[i]
		if st.table+"."+st.name != f.Step {
			continue
		}
		switch f.Kind {
		case FaultSkip:
			st.skip = true
		case FaultTwice:
			st.twice = true
		case FaultIgnore:
			st.ready = nil
		case FaultSwap:
			if i+1 < len(m.steps) && m.steps[i+1].table == st.table {
				m.steps[i], m.steps[i+1] = m.steps[i+1], m.steps[i]
			}
		}
		return nil
	}
	return fmt.Errorf("model: no kernel step %q to mutate", f.Step)
}

// otherFaults are mutations of rules that are not steps of a table.
var otherFaults = [...]string{"mm.trim", "mm.unmap", "mm.unlock", "mm.regions", "rundown.unlock", "rundown.complete"}

func (m *Model) faulty(step string, kind FaultKind) bool {
	for _, f := range m.cfg.Faults {
		if f.Step == step && f.Kind == kind {
			return true
		}
	}
	return false
}

// Size is the number of bytes of a state.
func (m *Model) Size() int { return m.lay.size }

// Config gives the case as it was configured.
func (m *Model) Config() Config { return m.cfg }
