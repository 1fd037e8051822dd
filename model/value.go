package model

import "fmt"

// Value is what a register or a cell of memory holds: a number, a reference to
// an object of the machine with a byte offset into it, or Unknown. The zero
// Value is the number 0, which is also NULL. Two known Values are the same C
// value exactly when they are the same bits.
//
//	31   27 26   21 20  18 17 16 15            0
//	[class] [ slot] [  k ] [   ] [ byte offset ]   references
//	[class] [            number, 27 bits       ]   numbers, constants, tags
type Value uint32

// Class says what a Value refers to.
type Class uint8

const (
	ClassInt     Class = iota // a number from -2^26 to 2^26-1
	ClassConst                // a larger number: index into Model.consts
	ClassUnknown              // any number; the payload is a Tag
	ClassFunc                 // a routine of the driver
	ClassAppFunc              // a routine of the app
	ClassString               // a string literal of either
	ClassCtx                  // a context: owner of a lock, a thread object
	ClassIrp
	ClassStackLoc // the IRP's I/O stack location of the checked driver
	ClassMdl
	ClassBlock  // the system buffer of a request (nonpaged block)
	ClassMap    // the system address of an MDL's pages
	ClassDevice // device object
	ClassExt    // its device extension
	ClassDriver // driver object
	ClassFile   // file object
	ClassGlobal // the driver's static variables
	ClassRecord // a pool block of the driver
	ClassKStack // a local of a driver routine: slot is the context
	ClassUStack // a local of an app routine: slot is the thread
	ClassUGlobal
	ClassVirtual // VirtualAlloc memory: slot is the range of addresses
	ClassHeap    // a heap block: slot is the place in the heap
	ClassLazy    // memory of the most general client: slot is the request, see lazy*
	ClassKernel  // a kernel address that an app passes
	ClassHandle  // what an app calls an object by: slot counts within handle kinds
	ClassSystem  // an object of the system that the model does not look into
	ClassFetched // an unknown value that was read from the client's memory: slot is the request, see fetch.go
	classCount
)

const (
	classShift = 27
	slotShift  = 21
	incShift   = 18
	slotMask   = 63
	incMask    = 7
	stale      = incMask
	offMask    = 0xFFFF
	numMask    = 1<<classShift - 1
)

// Tag is what is known of contents that are not numbers.
type Tag uint8

const (
	TagAny       Tag = iota // nothing
	TagStale                // never written since the memory was allocated
	TagCaller               // came from the caller
	TagDriver               // written by the driver
	TagForgotten            // something that nobody was seen to read again (cells.go)
)

func num(n int) Value { return Value(uint32(n) & numMask) }

func ref(c Class, slot int, inc int, off int) Value {
	return Value(uint32(c)<<classShift | uint32(slot&slotMask)<<slotShift | uint32(inc&incMask)<<incShift | uint32(off)&offMask)
}

func unknown(t Tag) Value { return Value(uint32(ClassUnknown)<<classShift | uint32(t)) }

// Class gives what v refers to.
func (v Value) Class() Class { return Class(v >> classShift) }

// Slot gives which object of its class v refers to.
func (v Value) Slot() int { return int(v>>slotShift) & slotMask }

// Offset gives the byte offset into the object.
func (v Value) Offset() int { return int(v & offMask) }

// inc is 0 in a reference to an object that lives, stale in one to an object that is
// gone; which handle of its file, for handles.
func (v Value) inc() int    { return int(v>>incShift) & incMask }
func (v Value) stale() bool { return v.inc() == stale }

// address is v as C compares it: a stale pointer equals the new object's.
func (v Value) address() Value {
	if v.isRef() {
		return v &^ (stale << incShift)
	}
	return v
}

func (v Value) index() int      { return int(v & numMask) }
func (v Value) isUnknown() bool { return v.Class() == ClassUnknown || v.Class() == ClassFetched }
func (v Value) isRef() bool     { return v.Class() > ClassUnknown && v.Class() != ClassFetched }

// plus moves a reference by n bytes.
func (v Value) plus(n int) Value {
	return v&^offMask | Value(uint32(int(v&offMask)+n)&offMask)
}

// base is the reference to the object's first byte.
func (v Value) base() Value { return v &^ offMask }

// small gives the number that v is, if it is one that fits a Value.
func (v Value) small() (int, bool) {
	if v.Class() != ClassInt {
		return 0, false
	}
	n := int(v & numMask)
	if n >= 1<<(classShift-1) {
		n -= 1 << classShift
	}
	return n, true
}

// number is the C integer that v stands for.
func (m *Model) number(v Value) (int64, bool) {
	switch v.Class() {
	case ClassInt:
		n, _ := v.small()
		return int64(n), true
	case ClassConst:
		return m.consts[v.index()], true
	}
	return 0, false
}

// valueOf is the Value of the integer n. A number that neither fits nor occurs
// in the program or among the status codes becomes Unknown: less is known then,
// never more.
func (m *Model) valueOf(n int64) Value {
	if n >= -(1<<(classShift-1)) && n < 1<<(classShift-1) {
		return num(int(n))
	}
	if i, ok := m.constIndex[n]; ok {
		return Value(uint32(ClassConst)<<classShift | uint32(i))
	}
	return unknown(TagAny)
}

var classNames = [classCount]string{
	"int", "const", "unknown", "routine", "app routine", "string", "context", "irp", "stack location", "mdl",
	"system buffer", "mapping", "device", "extension", "driver object", "file", "global", "record",
	"kernel stack", "user stack", "app global", "virtual", "heap", "user buffer", "kernel address", "handle", "object",
	"user memory's value",
}

func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return fmt.Sprintf("class%d", uint8(c))
}
