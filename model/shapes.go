package model

import (
	"fmt"

	"github.com/ownercheck/ownercheck/model/program"
)

// raw is the shape of memory of which only the size is known.
var raw = &program.Layout{Name: "bytes", Size: offMask, Cells: []program.Cell{{Size: offMask, Data: true}}}

// shapes finds what memory the programs use: statics, the device extension, the
// blocks of each allocation site.
func (m *Model) shapes() error {
	d := m.cfg.Driver
	m.irpFields = fieldTable(d, "_IRP", irpFieldNames)
	m.locFields = fieldTable(d, "_IO_STACK_LOCATION", locFieldNames)
	if m.irpFields == nil || m.locFields == nil {
		return fmt.Errorf("the driver's source includes none of ntddk.h, wdm.h, ntifs.h: without them nothing is known of an IRP")
	}
	if i := d.LayoutNamed("_FILE_OBJECT"); i >= 0 {
		m.fileLayout = d.Layouts[i]
	}
	if i := d.LayoutNamed("_DEVICE_OBJECT"); i >= 0 {
		if c := d.Layouts[i].CellNamed("DeviceExtension"); c >= 0 {
			m.deviceExtOffset = int(d.Layouts[i].Cells[c].Offset)
		}
	}
	for i, f := range m.locFields {
		if f == locOutLen {
			m.parameters = i // Parameters begins with it
		}
	}
	m.driverSites()
	m.events()
	if m.cfg.App != nil {
		m.appSites()
	}
	if n := len(m.sites) * m.cfg.Bounds.Records; n > slotMask+1 {
		return fmt.Errorf("model: %d allocation sites of %d records are too many", len(m.sites), m.cfg.Bounds.Records)
	}
	return nil
}

// newStatics lays the static variables of one side out.
func newStatics(p *program.Program) statics {
	s := statics{layout: &program.Layout{Name: "statics"}}
	off := int32(0)
	for _, g := range p.Globals {
		l := p.Layouts[g.Layout]
		s.start = append(s.start, int(off))
		for _, c := range l.Cells {
			c.Offset += off
			c.Name = g.Name + dot(c.Name)
			s.layout.Cells = append(s.layout.Cells, c)
		}
		off += (l.Size + 7) &^ 7
	}
	s.layout.Size = off
	s.cells = len(s.layout.Cells)
	s.layout.Index()
	return s
}

func dot(name string) string {
	if name == "" || name[0] == '[' {
		return name
	}
	return "." + name
}

func (m *Model) layoutOf(p *program.Program, n *program.Node) *program.Layout {
	if n.Layout >= 0 {
		return p.Layouts[n.Layout]
	}
	return raw
}

func (m *Model) driverSites() {
	m.siteOf = map[int]int{}
	for i := range m.code {
		in := &m.code[i]
		if in.r.side != program.Driver || in.n.Op != program.OpAPI {
			continue
		}
		switch in.n.API {
		case "IoCreateDevice", "IoCreateDeviceSecure":
			if n, ok := in.args[1].v.small(); m.extLayout == nil && (!ok || n != 0) {
				m.extLayout = m.layoutOf(m.cfg.Driver, in.n)
			}
		case "ExAllocatePoolWithTag", "ExAllocatePool", "ExAllocatePool2", "ExAllocatePoolZero", "ExAllocatePoolUninitialized",
			"ExAllocatePoolWithQuotaTag", "ExAllocatePoolWithQuota", "ExAllocatePoolQuotaZero", "ExAllocatePoolQuotaUninitialized":
			m.siteOf[in.code] = len(m.sites)
			m.sites = append(m.sites, site{in.code, m.layoutOf(m.cfg.Driver, in.n)})
		}
	}
}

// appSites finds what the app allocates. All ranges are of one page.
func (m *Model) appSites() {
	m.pageLayoutOf, m.heapLayoutOf = map[int]int{}, map[int]int{}
	for i := range m.code {
		in := &m.code[i]
		if in.r.side != program.App || in.n.Op != program.OpAPI {
			continue
		}
		l := m.layoutOf(m.cfg.App, in.n)
		switch in.n.API {
		case "VirtualAlloc", "MapViewOfFile":
			m.pageLayoutOf[in.code] = addLayout(&m.pageLayouts, l, &m.pageCells)
		case "HeapAlloc":
			m.heapLayoutOf[in.code] = addLayout(&m.heapLayouts, l, &m.heapCells)
		}
	}
	if m.pageLayouts == nil {
		m.pageLayouts = []*program.Layout{raw}
	}
}

func addLayout(list *[]*program.Layout, l *program.Layout, cells *int) int {
	*cells = max(*cells, len(l.Cells))
	for i, have := range *list {
		if have == l {
			return i
		}
	}
	*list = append(*list, l)
	return len(*list) - 1
}

// events counts the calls that make an event: one event a call.
func (m *Model) events() {
	for i := range m.code {
		n := m.code[i].n
		if m.code[i].r.side == program.App && n.Op == program.OpAPI &&
			(n.API == "CreateEventA" || n.API == "CreateEventW" || n.API == "CreateEvent") {
			m.eventCount += 2
		}
	}
	m.eventCount = min(m.eventCount, 8)
}

// classes numbers the cells whose locks a run watches (movers.go).
func (m *Model) classes() {
	n := 0
	if m.extLayout != nil {
		n += len(m.extLayout.Cells)
	}
	m.classGlobal = n
	n += m.globals.cells
	m.classIrpList = n
	m.classIrp = n + 1
	n += 2
	for _, s := range m.sites {
		m.classSite = append(m.classSite, n)
		n += len(s.layout.Cells)
	}
	m.classFile = n
	n++
	m.classCount = n
	m.learn.held = newHeld(4 * n)
	m.assume.open = make([]bool, 4*n)
	m.lockBits = make([]uint32, n)
	m.newLookers()
	m.newCells()
}

// filePlace is the cell of a file object that the driver may use.
func (m *Model) filePlace(a Value) place {
	if m.fileLayout == nil {
		return place{}
	}
	c := m.fileLayout.CellAt(int32(a.Offset()))
	if c < 0 {
		return place{}
	}
	at := m.lay.files.at(a.Slot()) + filCells
	switch m.fileLayout.Cells[c].Name {
	case "FsContext":
		return place{off: at, whole: true}
	case "FsContext2":
		return place{off: at + 4, whole: true}
	}
	return place{}
}
