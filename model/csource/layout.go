package csource

import (
	"fmt"
	"slices"

	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// maxCells is how many cells an array may have before its contents become one
// abstract run of bytes.
const maxCells = 256

// layouts makes each C type's Layout once.
type layouts struct {
	prog *program.Program
	made map[cc.Type]int32
}

// always lists the structures that the machine itself works on.
var always = map[program.Side][]string{
	program.Driver: {"_IRP", "_IO_STACK_LOCATION", "_MDL", "_DEVICE_OBJECT", "_DRIVER_OBJECT", "_FILE_OBJECT",
		"_KDPC", "_KTIMER", "_KEVENT", "_KSEMAPHORE", "_LIST_ENTRY", "_IO_REMOVE_LOCK", "_IO_CSQ"},
	program.App: {"_OVERLAPPED"},
}

func (ls *layouts) always(ast *cc.AST, side program.Side) {
	byTag := map[string]cc.Type{}
	for s := range ast.Structs {
		if tag := s.Tag(); !s.IsIncomplete() && s.LexicalScope().Parent == nil {
			byTag[tag.SrcStr()] = s
		}
	}
	for _, name := range always[side] {
		if t := byTag[name]; t != nil {
			ls.of(t)
		}
	}
}

// of gives the index of the Layout of t.
func (ls *layouts) of(t cc.Type) int32 {
	if i, ok := ls.made[t]; ok {
		return i
	}
	if ls.made == nil {
		ls.made = map[cc.Type]int32{}
	}
	i := ls.add(t)
	ls.made[t] = i
	return i
}

func (ls *layouts) add(t cc.Type) int32 {
	l := &program.Layout{Name: typeName(t), Size: int32(t.Size())}
	l.Cells = disjoint(appendCells(nil, "", 0, t, 0))
	for i, have := range ls.prog.Layouts {
		if have.Name == l.Name && have.Size == l.Size && slices.Equal(have.Cells, l.Cells) {
			return int32(i)
		}
	}
	ls.prog.Layouts = append(ls.prog.Layouts, l)
	return int32(len(ls.prog.Layouts) - 1)
}

func typeName(t cc.Type) string {
	switch x := t.(type) {
	case *cc.StructType:
		if tag := x.Tag(); tag.SrcStr() != "" {
			return tag.SrcStr()
		}
	case *cc.UnionType:
		if tag := x.Tag(); tag.SrcStr() != "" {
			return tag.SrcStr()
		}
	case *cc.ArrayType:
		return fmt.Sprintf("%s [%d]", typeName(x.Elem()), x.Len())
	case *cc.PointerType:
		if d := t.Typedef(); d == nil {
			return typeName(x.Elem()) + " *"
		}
	case *cc.FunctionType:
		return "function"
	}
	if d := t.Typedef(); d != nil && d.Name() != "" {
		return d.Name()
	}
	switch t.Kind() {
	case cc.Struct:
		return "struct"
	case cc.Union:
		return "union"
	}
	return t.String()
}

// candidate is a scalar of a type, before overlapping ones are dropped.
type candidate struct {
	program.Cell
	rank int // a union's preferred members come first
}

// preferred names the member that a union is known by where the largest scalar
// is not the one that matters.
var preferred = map[string]bool{"Status": true, "DeviceIoControl": true, "SystemBuffer": true, "QuadPart": true, "DriverContext": true}

func appendCells(cells []candidate, name string, offset int32, t cc.Type, rank int) []candidate {
	switch x := t.(type) {
	case *cc.StructType:
		for i := range x.NumFields() {
			cells = appendField(cells, name, offset, x.FieldByIndex(i), rank)
		}
		return cells
	case *cc.UnionType:
		return appendUnion(cells, name, offset, x, rank)
	case *cc.ArrayType:
		return appendArray(cells, name, offset, x, rank)
	}
	return append(cells, candidate{program.Cell{Name: name, Offset: offset, Size: int32(t.Size())}, rank})
}

// appendUnion adds the cells of every member. A preferred member has its bytes
// for itself.
func appendUnion(cells []candidate, name string, offset int32, t *cc.UnionType, rank int) []candidate {
	taken := offset
	for i := range t.NumFields() {
		f := t.FieldByIndex(i)
		if preferred[f.Name()] || hasPreferred(f.Type()) {
			cells = appendField(cells, name, offset, f, rank)
			taken = max(taken, offset+int32(f.Type().Size()))
		}
	}
	for i := range t.NumFields() {
		f := t.FieldByIndex(i)
		if preferred[f.Name()] || hasPreferred(f.Type()) {
			continue
		}
		for _, c := range appendField(nil, name, offset, f, rank+1) {
			if c.Offset >= taken {
				cells = append(cells, c)
			}
		}
	}
	return cells
}

// hasPreferred says whether t, a member without a name, declares a preferred one.
func hasPreferred(t cc.Type) bool {
	s, ok := t.(*cc.StructType)
	return ok && s.NumFields() == 1 && preferred[s.FieldByIndex(0).Name()]
}

func appendField(cells []candidate, name string, offset int32, f *cc.Field, rank int) []candidate {
	path := name
	if f.Name() != "" {
		if path != "" {
			path += "."
		}
		path += f.Name()
	}
	at := offset + int32(f.Offset())
	if f.IsBitfield() {
		c := program.Cell{Name: path, Offset: at, Size: int32(f.AccessBytes())}
		if n := len(cells); n > 0 && cells[n-1].Offset == c.Offset {
			return cells // a neighbour in the same unit
		}
		return append(cells, candidate{c, rank})
	}
	return appendCells(cells, path, at, f.Type(), rank)
}

func appendArray(cells []candidate, name string, offset int32, t *cc.ArrayType, rank int) []candidate {
	elem, size := t.Elem(), int32(t.Size())
	if size <= 0 {
		return cells // a flexible array member
	}
	var one []candidate
	if !isText(elem) {
		one = appendCells(nil, "", 0, elem, 0)
	}
	if n := len(one) * int(t.Len()); n == 0 || n > maxCells {
		return append(cells, candidate{program.Cell{Name: name, Offset: offset, Size: size, Data: true}, rank})
	}
	for i := range t.Len() {
		cells = appendCells(cells, fmt.Sprintf("%s[%d]", name, i), offset+int32(i*elem.Size()), elem, rank)
	}
	return cells
}

// isText says whether an array of t holds data that nobody computes with.
func isText(t cc.Type) bool {
	switch t.Kind() {
	case cc.Char, cc.SChar, cc.UChar:
		return true
	}
	return t.Kind() == cc.UShort && t.Typedef() != nil && (t.Typedef().Name() == "WCHAR" || t.Typedef().Name() == "wchar_t")
}

// disjoint keeps the cells that matter where members of a union overlap:
// preferred members first, then the larger, then the one declared first.
func disjoint(all []candidate) []program.Cell {
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b candidate) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return int(b.Size) - int(a.Size)
	})
	var kept []program.Cell
	for _, c := range order {
		overlaps := func(k program.Cell) bool { return c.Offset < k.Offset+k.Size && k.Offset < c.Offset+c.Size }
		if !slices.ContainsFunc(kept, overlaps) {
			kept = append(kept, c.Cell)
		}
	}
	slices.SortFunc(kept, func(a, b program.Cell) int { return int(a.Offset) - int(b.Offset) })
	return kept
}

// use lists the layout of a structure whose member is accessed.
func (ls *layouts) use(t cc.Type) {
	if structured(t) && !t.IsIncomplete() && typeName(t) != "struct" && typeName(t) != "union" {
		ls.of(t)
	}
}
