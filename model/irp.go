package model

import "github.com/ownercheck/ownercheck/model/program"

// irpField is what a field of _IRP is to the machine.
type irpField uint8

const (
	fieldNone irpField = iota
	fieldBlock
	fieldMdl
	fieldStatus
	fieldInfo
	fieldUserBuffer
	fieldCancel
	fieldCancelIrql
	fieldCancelRoutine
	fieldPendingReturned
	fieldMode
	fieldFile
	fieldCell // plus the number of the cell
)

// irpFieldNames maps field paths of _IRP to what they are here.
var irpFieldNames = map[string]irpField{
	"AssociatedIrp.SystemBuffer":      fieldBlock,
	"MdlAddress":                      fieldMdl,
	"IoStatus.Status":                 fieldStatus,
	"IoStatus.Information":            fieldInfo,
	"UserBuffer":                      fieldUserBuffer,
	"Cancel":                          fieldCancel,
	"CancelIrql":                      fieldCancelIrql,
	"CancelRoutine":                   fieldCancelRoutine,
	"PendingReturned":                 fieldPendingReturned,
	"RequestorMode":                   fieldMode,
	"Tail.Overlay.OriginalFileObject": fieldFile,
	"Tail.Overlay.DriverContext[0]":   fieldCell + irpContext,
	"Tail.Overlay.DriverContext[1]":   fieldCell + irpContext + 1,
	"Tail.Overlay.DriverContext[2]":   fieldCell + irpContext + 2,
	"Tail.Overlay.DriverContext[3]":   fieldCell + irpContext + 3,
	"Tail.Overlay.ListEntry.Flink":    fieldCell + irpFlink,
	"Tail.Overlay.ListEntry.Blink":    fieldCell + irpBlink,
}

// locField is a field of the IRP's stack location.
type locField uint8

const (
	locNone locField = iota
	locMajor
	locMinor
	locOutLen
	locInLen
	locCode
	locType3
	locDevice
	locFile
)

var locFieldNames = map[string]locField{
	"MajorFunction": locMajor, "MinorFunction": locMinor,
	"Parameters.DeviceIoControl.OutputBufferLength": locOutLen,
	"Parameters.DeviceIoControl.InputBufferLength":  locInLen,
	"Parameters.DeviceIoControl.IoControlCode":      locCode,
	"Parameters.DeviceIoControl.Type3InputBuffer":   locType3,
	"DeviceObject": locDevice, "FileObject": locFile,
}

// fieldTable maps byte offsets of a layout to what names says of its cells.
func fieldTable[F ~uint8](p *program.Program, layout string, names map[string]F) []F {
	i := p.LayoutNamed(layout)
	if i < 0 {
		return nil
	}
	l := p.Layouts[i]
	t := make([]F, l.Size+1)
	for _, c := range l.Cells {
		t[c.Offset] = names[c.Name]
	}
	return t
}

func fieldAt[F ~uint8](t []F, off int) F {
	if off < 0 || off >= len(t) {
		return 0
	}
	return t[off]
}

func (x *exec) irp(i int) int { return x.m.lay.irps.at(i) }

// irpRef is the reference to the request in slot i.
func irpRef(i int) Value { return ref(ClassIrp, i, 0, 0) }

func (x *exec) loadIrp(a Value) Value {
	f := fieldAt(x.m.irpFields, a.Offset())
	how := touchReads
	switch {
	case f == fieldCancel || f >= fieldCell+irpFlink:
		how = touchFree
	case f == fieldCancelIrql:
		how = touchSystem
	}
	if !x.touches(a, how) {
		return 0
	}
	b := x.irp(a.Slot())
	switch f {
	case fieldBlock:
		if x.looksAt(lookIn | lookOut); !x.lateBlock(b, 0, 0) {
			return 0
		}
		return x.blockRef(a.Slot())
	case fieldMdl:
		x.looksAt(lookOut)
		return x.mdlRefOf(a.Slot())
	case fieldStatus:
		return val(x.s, b+irpStatus)
	case fieldInfo:
		return val(x.s, b+irpInfo)
	case fieldUserBuffer:
		if x.looksAt(lookOut | lookUser); !x.late(b) {
			return 0
		}
		return val(x.s, b+irpOut)
	case fieldCancel:
		return num(int(x.s[b+irpCancel]))
	case fieldCancelIrql:
		return num(int(x.s[b+irpIrql]))
	case fieldCancelRoutine:
		return x.routineValue(u16(x.s, b+irpRoutine))
	case fieldPendingReturned:
		return num(int(x.s[b+irpPendRet]))
	case fieldMode:
		return truthValue(x.s[b+irpMajor] != irpMjCleanup && x.s[b+irpMajor] != irpMjClose) // UserMode
	case fieldFile:
		return x.fileOf(b)
	}
	if f >= fieldCell {
		x.watchList(f)
		x.readsCell(cellsIrp, int(f-fieldCell))
		return x.read(b + irpCells + 4*int(f-fieldCell))
	}
	x.unsupported(whatField)
	return 0
}

func (x *exec) storeIrp(a Value, v Value) {
	f := fieldAt(x.m.irpFields, a.Offset())
	if !x.touchIrp(a, f >= fieldCell+irpFlink) {
		return
	}
	b := x.irp(a.Slot())
	switch {
	case f == fieldStatus:
		put(x.s, b+irpStatus, v)
	case f == fieldInfo:
		if v != 0 {
			x.looksAt(lookOut)
		}
		put(x.s, b+irpInfo, v)
	case f >= fieldCell:
		x.watchList(f)
		x.publish(a, v)
		put(x.s, b+irpCells+4*int(f-fieldCell), v)
	default:
		x.unsupported(whatField)
	}
}

// watchList records an access to the list entry of a request.
func (x *exec) watchList(f irpField) {
	if f >= fieldCell+irpFlink {
		x.watch(x.m.classIrpList, x.m.classIrpList)
	}
}

func (x *exec) loadStackLoc(a Value) Value {
	if !x.touches(a, touchReads) {
		return 0
	}
	b := x.irp(a.Slot())
	if off := a.Offset() - x.m.parameters; off >= 0 && off < parSize && x.s[b+irpMajor] != irpMjDeviceControl {
		return x.loadParameters(b, off)
	}
	switch fieldAt(x.m.locFields, a.Offset()) {
	case locMajor:
		return num(int(x.s[b+irpMajor]))
	case locMinor:
		return 0
	case locOutLen:
		x.loadsLength(lookOutLen)
		if x.looksAt(lookOutLen); !x.late(b) {
			return 0
		}
		return num(u16(x.s, b+irpOutLen))
	case locInLen:
		x.loadsLength(lookInLen)
		if x.looksAt(lookInLen); !x.late(b) {
			return 0
		}
		return num(u16(x.s, b+irpInLen))
	case locCode:
		if !x.late(b) {
			return 0
		}
		return val(x.s, b+irpCode)
	case locType3:
		if x.looksAt(lookIn | lookUser); !x.late(b) {
			return 0
		}
		if x.s[b+irpMethod] == methodNeither {
			return val(x.s, b+irpIn)
		}
		return 0
	case locDevice:
		return ref(ClassDevice, 0, 0, 0)
	case locFile:
		return x.fileOf(b)
	}
	x.unsupported(whatField)
	return 0
}

// freeIrp ends request i: its slot is zero again (F9, C8, 1.20).
func (x *exec) freeIrp(i int) {
	b := x.irp(i)
	x.notes |= NoteList
	x.makeGone(i, 1<<ClassIrp|1<<ClassStackLoc|1<<ClassLazy|1<<ClassFetched, i)
	clear(x.s[b : b+irpSize])
	if l := &x.m.lay.fetches; l.n > 0 {
		clear(x.s[l.at(i) : l.at(i)+l.size])
	}
	if i < x.m.lay.apcs.n {
		put(x.s, x.m.lay.apcs.at(i), 0)
	}
}

// Buffer methods, the low two bits of a control code (1.1).
const (
	methodBuffered = iota
	methodIn
	methodOut
	methodNeither
)
