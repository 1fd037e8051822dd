package program

import "fmt"

var opNames = [opCount]string{
	OpNop: "nop", OpCopy: "copy", OpConvert: "convert", OpUnary: "unary", OpBinary: "binary",
	OpOffset: "offset", OpIndex: "index", OpPtrDiff: "ptrdiff", OpLoad: "load", OpStore: "store",
	OpMove: "move", OpBranch: "branch", OpSwitch: "switch", OpCall: "call", OpCallPtr: "callptr",
	OpAPI: "api", OpReturn: "return", OpExceptionCode: "exceptioncode", OpRaise: "raise",
}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("op%d", uint8(o))
}

var aluNames = [...]string{
	AluNone: "", AluNeg: "-", AluNot: "~", AluLNot: "!", AluAdd: "+", AluSub: "-", AluMul: "*",
	AluDiv: "/", AluMod: "%", AluAnd: "&", AluOr: "|", AluXor: "^", AluShl: "<<", AluShr: ">>",
	AluEq: "==", AluNe: "!=", AluLt: "<", AluLe: "<=", AluGt: ">", AluGe: ">=",
}

func (a Alu) String() string {
	if int(a) < len(aluNames) {
		return aluNames[a]
	}
	return fmt.Sprintf("alu%d", uint8(a))
}

var roleNames = [...]string{
	RoleEntry: "entry", RoleDispatch: "dispatch", RoleUnload: "unload", RoleAddDevice: "add device",
	RoleStartIo: "start io", RoleCancel: "cancel", RoleDPC: "dpc", RoleWorkItem: "work item",
	RoleThread: "thread", RoleCompletion: "completion", RoleCSQ: "csq", RoleISR: "isr", RoleOther: "other",
}

func (r RoleKind) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role%d", uint8(r))
}

// Position gives p as file:line:column, for messages.
func (p *Program) Position(pos Pos) string {
	if pos.Line == 0 || int(pos.File) >= len(p.Files) {
		return "-"
	}
	return fmt.Sprintf("%s:%d:%d", p.Files[pos.File], pos.Line, pos.Column)
}

// Routine gives the index of the routine named name, or -1.
func (p *Program) Routine(name string) int {
	for i, r := range p.Routines {
		if r.Name == name {
			return i
		}
	}
	return -1
}

// LayoutNamed gives the index of the layout named name, or -1.
func (p *Program) LayoutNamed(name string) int {
	for i, l := range p.Layouts {
		if l.Name == name {
			return i
		}
	}
	return -1
}

// maxIndexed is the size up to which a layout gets an index.
const maxIndexed = 4096

// Index makes CellAt fast. It must be called again after Cells has changed;
// Finish calls it for the layouts of a program.
func (l *Layout) Index() {
	l.index = nil
	if l.Size > maxIndexed || len(l.Cells) < 2 {
		return
	}
	index := make([]int16, l.Size)
	for i := range index {
		index[i] = int16(l.CellAt(int32(i)))
	}
	l.index = index
}

// CellAt gives the index of the cell that holds the byte at offset, or -1.
func (l *Layout) CellAt(offset int32) int {
	if offset >= 0 && int(offset) < len(l.index) {
		return int(l.index[offset])
	}
	lo, hi := 0, len(l.Cells)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if l.Cells[mid].Offset+l.Cells[mid].Size <= offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(l.Cells) && l.Cells[lo].Offset <= offset {
		return lo
	}
	return -1
}

// CellNamed gives the index of the cell with the field path name, or -1.
func (l *Layout) CellNamed(name string) int {
	for i := range l.Cells {
		if l.Cells[i].Name == name {
			return i
		}
	}
	return -1
}
