package model

import "math/bits"

// A file object (15.14 to 15.16): how far its life has come, which handles name
// it, and the two fields of it that are the driver's. Who else holds a reference
// is not counted apart: each request that is outstanding on it does (1.6, 3.21).
const (
	fileNone     = iota
	fileOpening  // CREATE is with the driver
	fileOpen     // it has a handle
	fileClosing  // the last handle is closed, CLEANUP is with the driver
	fileCleaned  // CLEANUP is done; requests still hold references
	fileDeleting // the last reference is gone, CLOSE is with the driver
)

var fileNames = [...]string{"none", "being opened", "open", "CLEANUP", "closed, with requests outstanding", "CLOSE"}

func isFileMajor(major byte) bool {
	return major == irpMjCreate || major == irpMjCleanup || major == irpMjClose
}

func (x *exec) file(f int) int { return x.m.lay.files.at(f) }

// fileRef is the reference to file object f.
func fileRef(f int) Value { return ref(ClassFile, f, 0, 0) }

// fileOf is the file object that the driver finds in request block b.
func (x *exec) fileOf(b int) Value {
	f := int(x.s[b+irpFile]) - 1
	if f < 0 {
		return 0
	}
	x.looksAt(lookFile)
	return fileRef(f)
}

// referenced says whether a request that is outstanding holds a reference to
// file object f.
func (x *exec) referenced(f int) bool { return x.m.referenced(x.s, f) }

func (m *Model) referenced(s []byte, f int) bool {
	for i := range m.lay.irps.n {
		b := m.lay.irps.at(i)
		if s[b+irpPhase] != phaseFree && int(s[b+irpFile]) == f+1 && !isFileMajor(s[b+irpMajor]) {
			return true
		}
	}
	return false
}

// Handles of file object f are numbered; the last two are those of a second
// process (15.23).
const (
	ownHandles   = 6
	otherHandles = 1<<ownHandles | 1<<(ownHandles+1)
)

func handleOf(f, k int) Value {
	slot := handleFile
	if f > 0 {
		slot = handleFiles + f
	}
	return ref(ClassHandle, slot, k, 0)
}

// fileNumber is the number of file object f as a Value: a handle that is none.
func fileNumber(f int) Value { return handleOf(f, incMask) }

// fileOfHandle is the number of the file object whose handle v is, or once was; -1
// if it is no handle of a file.
func fileOfHandle(v Value) int {
	n := v.Slot()
	switch {
	case v.Class() != ClassHandle || v.Offset() != 0:
		return -1
	case n == handleFile:
		return 0
	case n > handleFiles && n < handlePort:
		return n - handleFiles
	}
	return -1
}

// fileHandle gives the file object that handle h of this process names, and the
// bit of the handle; false if h is none or is closed.
func (x *exec) fileHandle(h Value) (f int, bit byte, ok bool) {
	if f = fileOfHandle(h.base()); f < 0 || f >= x.m.lay.files.n || h.inc() >= ownHandles {
		return 0, 0, false
	}
	bit = 1 << h.inc()
	return f, bit, x.s[x.file(f)+filPhase] == fileOpen && x.s[x.file(f)+filHandles]&bit != 0
}

// addHandle makes one more handle of file object f: for the app's process, or for
// the second one. 0: there are too many.
func (x *exec) addHandle(f int, other bool) Value {
	first, last := 0, ownHandles
	if other {
		first, last = ownHandles, 8
	}
	b := x.file(f)
	for k := first; k < last; k++ {
		if x.s[b+filHandles]&(1<<k) == 0 {
			x.s[b+filHandles] |= 1 << k
			return handleOf(f, k)
		}
	}
	x.capacity(boundHandles)
	return 0
}

// closeNextHandle begins to close one of the handles that the process still has
// (T5, 4.4) and says whether there was one; the frame that calls it goes on when
// that handle is closed. The second process keeps its own. An app's are closed in
// the order of their numbers; the most general client's have none.
func (x *exec) closeNextHandle() bool {
	open := uint64(0)
	for f := range x.m.lay.files.n {
		if b := x.file(f); x.s[b+filPhase] == fileOpen && x.s[b+filHandles]&(1<<ownHandles-1) != 0 {
			open |= 1 << f
		}
	}
	if open == 0 {
		return false
	}
	if x.m.cfg.App != nil {
		open &= -open
	}
	f := x.chooseOf(open)
	x.pushFile(fileH1, handleOf(f, bits.TrailingZeros8(x.s[x.file(f)+filHandles]&(1<<ownHandles-1))))
	return true
}

// filesMove says whether file objects are opened and closed in steps: the client
// does it where the driver can notice.
func (m *Model) filesMove() bool {
	if m.openLater || m.cfg.App != nil && m.appOpens() > 1 {
		return true
	}
	noticed := m.dispatch[irpMjCleanup] != nil || m.dispatch[irpMjClose] != nil
	return noticed && (m.cfg.App != nil || m.cfg.Actions.Close)
}

// ownFiles is how many file objects the app's process can have; after them comes
// one that belongs to the second process.
func (m *Model) ownFiles() int {
	if m.second() {
		return m.lay.files.n - 1
	}
	return m.lay.files.n
}

// Closes says whether it matters that files are closed: the driver pends requests,
// or has a CLEANUP or CLOSE, and the app closes files at all.
func (m *Model) Closes() bool {
	return m.filesMove() || m.pends() && (m.cfg.App != nil || m.cfg.Actions.Close)
}

func (m *Model) pends() bool {
	return m.Calls("IoMarkIrpPending") || m.Calls("IoCsqInsertIrp") || m.Calls("IoCsqInsertIrpEx")
}

// clientFiles is how many file objects the most general client has at once: one
// is enough where the driver cannot tell two apart, and does not clean up.
func (m *Model) clientFiles() int {
	if m.dispatch[irpMjCleanup] == nil && m.assume.looks&lookFile == 0 {
		return 1
	}
	return m.lay.files.n
}

// cleansUpOther says whether the running context is in the CLEANUP of one file
// object and cancels the request at b of another, which nobody has asked for
// (15.26, B62).
func (x *exec) cleansUpOther(b int) bool {
	f := int(x.s[b+irpFile])
	if f == 0 || isFileMajor(x.s[b+irpMajor]) || x.s[b+irpCancel] != 0 || val(x.s, b+irpStatus) != statusCancelled {
		return false
	}
	base := x.m.fileFrame(x.s, x.cb)
	if base == 0 {
		return false
	}
	irp := val(x.s, base+frameRegs+4*k0)
	if irp.Class() != ClassIrp {
		return false
	}
	sent := x.irp(irp.Slot())
	return x.s[sent+irpMajor] == irpMjCleanup && int(x.s[sent+irpFile]) != f
}
