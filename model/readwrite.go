package model

// READ and WRITE (section 12). They go the way of a device I/O control request,
// through the same table; here is what differs. The buffer method comes from the
// device object's flags. It is kept as the method of an I/O control code that
// treats its buffers alike:
//
//	READ   BUFFERED: an output buffer       DIRECT: OUT_DIRECT, locked for write
//	WRITE  BUFFERED: an input buffer        DIRECT: IN_DIRECT, locked for read
//
// and NEITHER, where both pass a raw output address.

// DEVICE_OBJECT.Flags.
const (
	doBufferedIo = 0x4
	doDirectIo   = 0x10
)

// readWrite says whether request block b is a READ or a WRITE.
func (x *exec) readWrite(b int) bool { return isReadWrite(x.s[b+irpMajor]) }

func isReadWrite(major byte) bool { return major == irpMjRead || major == irpMjWrite }

// transferMethod is the method of the device's READ and WRITE requests, from the
// flags that DriverEntry left. Of both flags BUFFERED counts (section 12).
func (m *Model) transferMethod() byte {
	c := m.boot.device.CellNamed("Flags")
	if c < 0 {
		return methodNeither
	}
	n, ok := m.number(m.boot.cells[len(m.boot.driver.Cells)+c])
	switch {
	case !ok:
		return methodNeither
	case n&doBufferedIo != 0:
		return methodBuffered
	case n&doDirectIo != 0:
		return methodOut
	}
	return methodNeither
}

// fillReadWrite describes a READ or WRITE of n bytes in the request at b; offset
// is Parameters.Read.ByteOffset.
func (x *exec) fillReadWrite(b int, major byte, n int, buf, over, offset Value) {
	method := x.m.transfer
	if method == methodOut && major == irpMjWrite {
		method = methodIn
	}
	x.s[b+irpMajor] = major
	x.s[b+irpMethod] = method
	put(x.s, b+irpCode, offset)
	put(x.s, b+irpOver, over)
	if method == methodBuffered && major == irpMjWrite {
		put16(x.s, b+irpInLen, n)
		put(x.s, b+irpIn, buf)
		return
	}
	put16(x.s, b+irpOutLen, n)
	put(x.s, b+irpOut, buf)
}

// probeReadWrite is A2r: whatever the method is, the status block and the buffer
// are probed in one guarded block (12.3).
func (x *exec) probeReadWrite(b int) Value {
	fault := x.probe(val(x.s, b+irpOver), 16, true)
	if fault == 0 {
		fault = x.probe(val(x.s, b+irpOut), u16(x.s, b+irpOutLen), x.s[b+irpMajor] == irpMjRead)
	}
	if fault == 0 {
		fault = x.probe(val(x.s, b+irpIn), u16(x.s, b+irpInLen), false)
	}
	return fault
}

// flagReadWrite sets the buffer flags of a BUFFERED request: only a READ is
// copied back, and a length of 0 leaves UserBuffer NULL (12.10 to 12.12).
func (x *exec) flagReadWrite(b int) {
	flags := byte(flagBuffered)
	if x.s[b+irpBlock] != 0 {
		flags |= flagDealloc
	} else {
		put(x.s, b+irpOut, 0)
	}
	if x.s[b+irpMajor] == irpMjRead {
		flags |= flagInputOp
	}
	x.s[b+irpFlags] |= flags
}

// transferLength is Parameters.Read.Length or Parameters.Write.Length.
func (x *exec) transferLength(b int) int {
	return max(u16(x.s, b+irpInLen), u16(x.s, b+irpOutLen)) // one of them is 0
}

// loadParameters reads the part of the stack location that depends on the major
// function, for any but a device I/O control request. The offset counts from the
// beginning of Parameters.
func (x *exec) loadParameters(b, off int) Value {
	if !x.readWrite(b) {
		return unknown(TagAny) // of CREATE: nothing is known of them
	}
	if !x.late(b) {
		return 0
	}
	switch off {
	case parLength:
		x.looksAt(lookOutLen)
		x.loadsLength(lookInLen | lookOutLen)
		return num(x.transferLength(b))
	case parKey, parFlags:
		return 0
	case parOffset:
		return val(x.s, b+irpCode)
	case parOffset + 4:
		if n, ok := x.m.number(val(x.s, b+irpCode)); ok && n >= 0 && n < 1<<31 {
			return 0
		}
		return unknown(TagCaller)
	}
	return unknown(TagAny)
}

// Offsets in Parameters.Read and Parameters.Write.
const (
	parLength = 0
	parKey    = 8
	parFlags  = 12
	parOffset = 16
	parSize   = 32
)
