package model

import (
	"bytes"
	"fmt"

	"github.com/ownercheck/ownercheck/model/program"
)

// bootImage is what DriverEntry stored in the driver object and the device
// object. Both are fixed once it has returned (15.13), so they are no part of a
// state.
type bootImage struct {
	driver, device *program.Layout
	cells          []Value // the driver object's, then the device object's
}

func newBootImage(d *program.Program) bootImage {
	at := func(name string) *program.Layout {
		if i := d.LayoutNamed(name); i >= 0 {
			return d.Layouts[i]
		}
		return &program.Layout{Name: name}
	}
	b := bootImage{driver: at("_DRIVER_OBJECT"), device: at("_DEVICE_OBJECT")}
	b.cells = make([]Value, len(b.driver.Cells)+len(b.device.Cells))
	return b
}

// cell gives the number of the cell at a, -1 if there is none.
func (b *bootImage) cell(a Value) int {
	if a.Class() == ClassDriver {
		return b.driver.CellAt(int32(a.Offset()))
	}
	c := b.device.CellAt(int32(a.Offset()))
	if c < 0 {
		return -1
	}
	return len(b.driver.Cells) + c
}

func (x *exec) loadBoot(a Value, size int) Value {
	c := x.m.boot.cell(a)
	if c < 0 {
		x.unsupported(whatAccess)
		return 0
	}
	if x.boot {
		return x.bootCells[c]
	}
	return x.m.boot.cells[c]
}

func (x *exec) storeBoot(a Value, size int, v Value) {
	c := x.m.boot.cell(a)
	switch {
	case !x.boot:
		x.unsupported(whatBootStore)
	case c < 0:
		x.unsupported(whatAccess)
	default:
		x.bootCells[c] = v
	}
}

// start runs DriverEntry and then one CREATE, alone, and keeps each state that
// they can end in.
func (m *Model) start() error {
	entry := m.cfg.Driver.Routine("DriverEntry")
	m.boot = newBootImage(m.cfg.Driver)
	x := m.pool.Get().(*exec)
	defer m.pool.Put(x)
	x.boot = true
	defer func() { x.boot = false }()
	zero := make([]byte, m.lay.size)
	m.blank(x, zero)
	x.firstWay()
	for again := true; again; again = x.next() {
		x.start(zero)
		x.bootCells = make([]Value, len(m.boot.cells))
		x.run(0)
		x.s[x.cb+ctxAlive] = aliveYes
		args := [2]Value{ref(ClassDriver, 0, 0, 0), ref(ClassSystem, 3, 0, 0)}
		x.enter(m.routines[program.Driver][entry], args[:], 0)
		if !x.runAlone() {
			return fmt.Errorf("DriverEntry waits, which this version does not execute")
		}
		if !x.halted && x.severity(x.bootResult) >= 2 {
			continue // not loaded
		}
		if !x.halted {
			if err := m.takeImage(x); err != nil {
				return err
			}
			if !x.open() {
				continue
			}
			x.begin()
		}
		m.addInit(x.s)
	}
	m.client = m.newClient()
	return nil
}

// blank puts the fixed parts of every state in place.
func (m *Model) blank(x *exec, s []byte) {
	x.s, s = s, x.s
	defer func() { x.s = s }()
	if m.cfg.App != nil {
		for f := m.poolFrames; f < m.lay.frames.n; f++ { // stacks and heap
			b := m.lay.frames.at(f)
			x.s[b+frmList], x.s[b+frmShare] = listActive, 1
		}
		m.initStatics(x, m.cfg.App, m.uglobals, m.lay.uglobal)
	}
	m.initStatics(x, m.cfg.Driver, m.globals, m.lay.globals)
}

// systemTypes are variables of the system that point at its object types.
var systemTypes = map[string]bool{"ExEventObjectType": true, "PsThreadType": true, "PsProcessType": true, "IoFileObjectType": true, "ExSemaphoreObjectType": true}

func (m *Model) initStatics(x *exec, p *program.Program, st statics, first int) {
	for i, g := range p.Globals {
		if p.Side == program.Driver && systemTypes[g.Name] {
			put(x.s, cellPlace(st.layout, first, st.start[i], 8).off, ref(ClassSystem, sysTypes, 0, 0))
		}
		for _, c := range g.Init {
			pl := cellPlace(st.layout, first, st.start[i]+int(c.Offset), 0)
			if pl.off != 0 && !pl.data {
				put(x.s, pl.off, m.operandValue(c.Value, p.Side))
			}
		}
	}
}

// runAlone runs the only context until it has no frame left.
func (x *exec) runAlone() bool {
	for x.base != 0 && !x.halted {
		if !x.advance() {
			return false
		}
	}
	return true
}

// takeImage fixes the dispatch table. Two ways through DriverEntry that leave
// different objects are not supported.
func (m *Model) takeImage(x *exec) error {
	if m.image {
		for i, v := range x.bootCells {
			if m.boot.cells[i] != v {
				return fmt.Errorf("DriverEntry leaves different driver or device objects on different paths, which this version does not execute")
			}
		}
		return nil
	}
	m.image = true
	copy(m.boot.cells, x.bootCells)
	m.transfer = m.transferMethod()
	for i := range irpMjCount {
		c := m.boot.driver.CellNamed(fmt.Sprintf("MajorFunction[%d]", i))
		if c < 0 {
			continue
		}
		if r, ok := m.funcOf(m.boot.cells[c], program.Driver); ok {
			m.dispatch[i] = m.routines[program.Driver][r]
		}
	}
	return nil
}

// open runs CREATE for the file object that requests use. False: the driver, or
// the system for it, refused. A CREATE that does not end by itself is not run
// here: the state is that before it, and the app opens the file.
func (x *exec) open() bool {
	if x.m.openLater {
		return true
	}
	before := append([]byte(nil), x.s...)
	x.run(0)
	x.s[x.cb+ctxAlive] = aliveYes
	x.bootResult = num(-1)
	if x.pushFile(fileO1, fileNumber(0)) && !x.runAlone() {
		x.m.openLater = true
		copy(x.s, before)
		x.base = 0
		return true
	}
	for f := x.m.ownFiles(); f < x.m.lay.files.n && !x.halted && x.bootResult != num(-1); f++ {
		x.pushFile(fileO1, fileNumber(f)) // the second process opens its own
		x.runAlone()
	}
	if x.m.cfg.App != nil && !x.halted {
		x.s[x.file(0)+filFlags] |= fileReady
	}
	return x.halted || x.bootResult != num(-1)
}

// begin starts the app's first thread, or the client's.
func (x *exec) begin() {
	if x.halted {
		return
	}
	clear(x.s[x.cb : x.cb+x.m.lay.ctxs.sizeOf(x.ctx)])
	if x.m.cfg.App == nil {
		for t := range x.m.threads {
			x.s[x.m.lay.ctxs.at(t)+ctxAlive] = aliveYes
		}
		return
	}
	if x.m.second() {
		x.s[x.m.lay.ctxs.at(x.m.appThreads())+ctxAlive] = aliveYes
	}
	x.run(0)
	x.s[x.cb+ctxAlive] = aliveYes
	x.enter(x.m.routines[program.App][x.m.cfg.App.Routine("main")], nil, 0)
}

func (m *Model) addInit(s []byte) {
	for _, have := range m.inits {
		if bytes.Equal(have, s) {
			return
		}
	}
	m.inits = append(m.inits, bytes.Clone(s))
}

// Opens says whether any way through DriverEntry and CREATE ends with an open
// file: without one no request can be made, and nothing is checked.
func (m *Model) Opens() bool { return len(m.inits) > 0 }
