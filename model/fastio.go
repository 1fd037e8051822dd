package model

// Fast I/O (fact 1.10, knob K9): before it makes an IRP, the system offers a
// control request to the driver's FastIoDeviceControl with the caller's own
// pointers and lengths, whatever the method is. The request slot stands for what
// the system keeps of the call meanwhile; there is no IRP that anybody could
// find, no system buffer, no MDL.

// fastIoEntry is the driver's FastIoDeviceControl, nil if it has none.
func (m *Model) fastIoEntry(x *exec) *routine {
	c := m.boot.driver.CellNamed("FastIoDispatch")
	if c < 0 || m.boot.cells[c] == 0 {
		return nil
	}
	at := m.cfg.Driver.LayoutNamed("_FAST_IO_DISPATCH")
	if at < 0 {
		return nil
	}
	l := m.cfg.Driver.Layouts[at]
	f := l.CellNamed("FastIoDeviceControl")
	if f < 0 {
		return nil
	}
	p, ok := x.peek(m.boot.cells[c].plus(int(l.Cells[f].Offset)), int(l.Cells[f].Size))
	if !ok {
		x.unsupported(whatFastIo)
		return nil
	}
	if r, ok := m.funcOf(val(x.s, p.off), 0); ok {
		return m.routines[0][r]
	}
	return nil
}

// stepA7 calls the fast I/O entry, if there is one.
func (x *exec) stepA7() {
	b := x.irp(x.request())
	r := x.m.fastIoEntry(x)
	switch {
	case x.halted:
	case r == nil || x.s[b+irpMajor] != irpMjDeviceControl:
		x.jump(tableIssue, issueA8)
	case !x.m.cfg.Knobs.FastIo:
		x.unsupported(whatFastIo)
	default:
		x.looksAtLengths()
		iosb := irpRef(x.request()).plus(x.m.iosbOffset())
		args := [9]Value{ref(ClassFile, 0, 0, 0), num(1), val(x.s, b+irpIn), num(u16(x.s, b+irpInLen)), val(x.s, b+irpOut),
			num(u16(x.s, b+irpOutLen)), val(x.s, b+irpCode), iosb, ref(ClassDevice, 0, 0, 0)}
		x.enter(r, args[:], 0)
	}
}

// iosbOffset is where IoStatus is in an IRP.
func (m *Model) iosbOffset() int {
	l := m.cfg.Driver.Layouts[m.cfg.Driver.LayoutNamed("_IRP")]
	return int(l.Cells[l.CellNamed("IoStatus.Status")].Offset)
}

// stepA7r looks at what the entry returned: FALSE sends the request the long way.
func (x *exec) stepA7r() {
	x.checkReturn(irqlPassive)
	if x.halted || x.truth(x.reg(kResult)) {
		return
	}
	b := x.irp(x.request())
	put(x.s, b+irpStatus, 0)
	put(x.s, b+irpInfo, 0)
	x.setReg(kResult, 0)
	x.jump(tableIssue, issueA8)
}

// stepA7e tells the app and ends the request: no stage one, no stage two.
func (x *exec) stepA7e() {
	x.stepF6()
	i := x.request()
	x.setReg(kResult, val(x.s, x.irp(i)+irpStatus))
	x.freeIrp(i)
	x.jump(tableIssue, issueUnlock)
}
