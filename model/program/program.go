// Package program is what C source is lowered to: routines of nodes, each with
// operands, successors and the source position that it stands for.
//
// The form is a register machine over typed memory. A local variable whose
// address is never taken is a register; every other variable is an Object with
// a Layout, so that the address of a variable, of a field or of a list entry
// is an ordinary value, and aliasing needs no analysis. Calls of routines that
// the C defines are OpCall; calls of the system are OpAPI with the documented
// name of the routine or macro ("IoCompleteRequest", "InsertTailList"). The
// package knows nothing of what those names do: that is the machine's.
//
// Invariant: node 0 is a routine's entry, and every Next, Else, Case.Next and
// Guard is NoNode or the index of a node of the same routine. Check enforces
// it.
package program

// Side tells whose code a program is: it decides who may run it and what it
// may touch.
type Side uint8

const (
	Driver Side = iota // kernel mode: DriverEntry, dispatch, cancel, DPC routines
	App                // user mode: main and its threads
)

func (s Side) String() string {
	if s == App {
		return "app"
	}
	return "driver"
}

// Pos is a place in the source. Line and Column count from 1; a zero Line
// means that the node has no text of its own.
type Pos struct {
	File   int32 // index into Program.Files
	Line   int32
	Column int32
}

// Program is one side of a case, whole: what its C files define together.
// It is immutable once Finish has returned.
type Program struct {
	Side     Side
	Files    []string // as named by the user; Pos.File indexes it
	Layouts  []*Layout
	Routines []*Routine
	Globals  []Object // variables of static storage, zero unless Init says otherwise
	Strings  []string // string literals, without the closing NUL
	Roles    []Role
	Remarks  []Remark // what the front end assumed, shown with every verdict
}

// Remark is an assumption or a note of the front end, such as a header that was
// answered with an empty file.
type Remark struct {
	Pos  Pos
	Text string
}

// Layout is the shape of a piece of memory. Cells are sorted by offset and do
// not overlap; bytes between them are padding. Sizes and offsets are in bytes,
// as a 64-bit Windows compiler lays them out.
type Layout struct {
	Name  string // struct tag or typedef name ("_IRP"), else the C type ("char [64]")
	Size  int32
	Cells []Cell

	index []int16 // cell by byte offset, -1 between cells; nil if there is none
}

// Cell is one scalar in a Layout, or a run of bytes whose contents are abstract.
type Cell struct {
	Name   string // field path from the layout's start: "IoStatus.Status", "DriverContext[2]", "" for a plain scalar
	Offset int32
	Size   int32
	Data   bool // a character array, a large array: contents are one tag, not numbers
}

// Object is a variable that lives in memory: a global, or a local whose address
// is taken or that is not a scalar.
type Object struct {
	Name    string
	Layout  int32 // index into Program.Layouts
	Init    []CellInit
	Escapes bool // its address leaves the loads and stores of its own routine
	Pos     Pos
}

// CellInit is the initial value of one cell of an Object.
type CellInit struct {
	Offset int32
	Value  Operand // Int, Func, Global, Str
}

// Reg is a register of a routine; NoReg where a node has none.
type Reg int32

const NoReg Reg = -1

// NoNode is the absent successor or guard.
const NoNode int32 = -1

// Register is a scalar local, a parameter or a temporary.
type Register struct {
	Name string // "" for a temporary
	Size int32  // bytes of its C type: 1, 2, 4, 8
}

// Routine is one C function.
type Routine struct {
	Name      string
	Pos       Pos
	Params    []Reg // the registers that receive the arguments, in order
	Regs      []Register
	Objects   []Object // on the frame, alive while the routine is
	Nodes     []Node
	HasResult bool

	// LiveIn[n] is the set of registers whose value can still be read when node
	// n is about to run, one bit a register. Made by Finish.
	LiveIn []uint64
}

// OperandKind says what an Operand stands for.
type OperandKind uint8

const (
	OperandInt    OperandKind = iota // the integer V, sign-extended from its C type; NULL is Int 0
	OperandReg                       // register V
	OperandFunc                      // the address of routine V
	OperandGlobal                    // the address of Program.Globals[V]
	OperandLocal                     // the address of Routine.Objects[V]
	OperandString                    // the address of Program.Strings[V]
)

// Operand is a value that a node reads.
type Operand struct {
	Kind OperandKind
	V    int64
}

func Int(v int64) Operand    { return Operand{OperandInt, v} }
func RegOf(r Reg) Operand    { return Operand{OperandReg, int64(r)} }
func Func(i int) Operand     { return Operand{OperandFunc, int64(i)} }
func Global(i int) Operand   { return Operand{OperandGlobal, int64(i)} }
func Local(i int) Operand    { return Operand{OperandLocal, int64(i)} }
func StringAt(i int) Operand { return Operand{OperandString, int64(i)} }

// Node is one operation. Which fields mean something depends on Op.
type Node struct {
	Op     Op
	Alu    Alu   // OpUnary, OpBinary
	Signed bool  // OpUnary, OpBinary: operands are signed; OpLoad, OpConvert: sign-extend
	Size   int32 // bytes: width of arithmetic, of a load or store, of a structure copy
	Offset int32 // OpLoad, OpStore, OpOffset: added to the address; OpIndex: bytes per element
	Dst    Reg
	Args   []Operand
	Fn     int32  // OpCall: routine called
	API    string // OpAPI: documented name
	Layout int32  // OpAPI that allocates: shape of the memory, -1 if only its size is known
	Next   int32
	Else   int32 // OpBranch: taken when the condition is zero; OpSwitch: default
	Cases  []Case
	Guard  int32 // entry of the innermost __except of this routine that covers the node, or NoNode
	Pos    Pos
	Text   string // source text of the statement or call, one line, for dumps and traces
}

// Case is one label of an OpSwitch.
type Case struct {
	Value int64
	Next  int32
}

// Op says what a node does.
type Op uint8

const (
	OpNop           Op = iota // goes to Next
	OpCopy                    // Dst = Args[0]
	OpConvert                 // Dst = Args[0] truncated to Size bytes, sign- or zero-extended
	OpUnary                   // Dst = Alu Args[0]
	OpBinary                  // Dst = Args[0] Alu Args[1]; comparisons give 0 or 1
	OpOffset                  // Dst = pointer Args[0] + Offset bytes
	OpIndex                   // Dst = pointer Args[0] + Args[1]*Offset bytes
	OpPtrDiff                 // Dst = (Args[0] - Args[1]) / Offset
	OpLoad                    // Dst = Size bytes at Args[0]+Offset
	OpStore                   // Size bytes at Args[0]+Offset = Args[1]
	OpMove                    // Size bytes at Args[0] = Size bytes at Args[1] (structure assignment)
	OpBranch                  // Next if Args[0] is not zero, else Else
	OpSwitch                  // the Case whose Value is Args[0], else Else
	OpCall                    // Dst = Routines[Fn](Args...)
	OpCallPtr                 // Dst = (*Args[0])(Args[1:]...)
	OpAPI                     // Dst = API(Args...)
	OpReturn                  // leaves the routine with Args[0], if there is one
	OpExceptionCode           // Dst = GetExceptionCode(), inside a filter or handler
	OpRaise                   // raises Args[0] again, or the current exception: end of a __finally on the way out
	opCount
)

// Alu is the operator of an OpUnary or OpBinary.
type Alu uint8

const (
	AluNone Alu = iota
	AluNeg
	AluNot // bitwise
	AluLNot
	AluAdd
	AluSub
	AluMul
	AluDiv
	AluMod
	AluAnd
	AluOr
	AluXor
	AluShl
	AluShr
	AluEq
	AluNe
	AluLt
	AluLe
	AluGt
	AluGe
)

// RoleKind says who calls a routine.
type RoleKind uint8

const (
	RoleEntry    RoleKind = iota // DriverEntry, main
	RoleDispatch                 // MajorFunction[Major] = F
	RoleUnload                   // DriverUnload = F
	RoleAddDevice
	RoleStartIo
	RoleCancel     // IoSetCancelRoutine
	RoleDPC        // KeInitializeDpc, IoInitializeDpcRequest
	RoleWorkItem   // IoQueueWorkItem
	RoleThread     // PsCreateSystemThread, CreateThread
	RoleCompletion // IoSetCompletionRoutine
	RoleCSQ        // IoCsqInitialize: Index is the argument
	RoleISR        // IoConnectInterrupt
	RoleOther      // its address is taken in a way that names no caller
)

// Role is a function name used as a value: who will call it, as what.
type Role struct {
	Kind    RoleKind
	Routine int32
	Index   int32 // RoleDispatch: the major function code; RoleCSQ: which callback; else 0
	Pos     Pos   // where the name is used
}
