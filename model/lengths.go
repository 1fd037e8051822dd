package model

import (
	"sort"

	"github.com/ownercheck/ownercheck/model/program"
)

// comparedWith collects the constants that the driver compares with, switches
// on, or passes as a length, and the sizes of the strings that it copies: what
// can be a control code or a length (22.5, 22.6). A constant that a single byte
// is compared with is neither.
func (m *Model) comparedWith() map[int64]bool {
	found := map[int64]bool{}
	for i := range m.code {
		in := &m.code[i]
		if in.r.side != program.Driver || in.r.r.Name == "DriverEntry" {
			continue
		}
		n := in.n
		switch {
		case n.Op == program.OpBinary && n.Alu >= program.AluEq && m.comparesByte(i):
		case n.Op == program.OpBinary && (n.Alu >= program.AluEq || n.Alu == program.AluSub),
			n.Op == program.OpAPI && isLengthAPI[n.API], n.Op == program.OpStore, n.Op == program.OpCopy:
			for _, a := range n.Args {
				switch {
				case a.Kind == program.OperandInt && n.Op != program.OpCopy:
					found[a.V] = true
				case a.Kind == program.OperandString && n.Op != program.OpStore:
					found[int64(len(m.cfg.Driver.Strings[a.V])+1)] = true
				}
			}
		case n.Op == program.OpSwitch:
			for _, k := range n.Cases {
				found[k.Value] = true
			}
		}
	}
	return found
}

// comparesByte says whether the comparison at code i is of a byte that one of the
// nodes just before it loaded.
func (m *Model) comparesByte(i int) bool {
	const back = 6
	for _, a := range m.code[i].n.Args {
		if a.Kind != program.OperandReg {
			continue
		}
		reg := program.Reg(a.V)
		for k := i - 1; k >= max(0, i-back) && m.code[k].r == m.code[i].r; k-- {
			n := m.code[k].n
			if n.Dst != reg {
				continue
			}
			if n.Op == program.OpLoad {
				return n.Size == 1
			}
			if n.Op != program.OpConvert || n.Args[0].Kind != program.OperandReg {
				break
			}
			reg = program.Reg(n.Args[0].V)
		}
	}
	return false
}

var isLengthAPI = map[string]bool{
	"RtlCopyMemory": true, "RtlMoveMemory": true, "RtlZeroMemory": true, "RtlFillMemory": true,
	"ProbeForRead": true, "ProbeForWrite": true, "IoAllocateMdl": true,
}

// lengths are 0; c-1, c, c+1 for every constant that can be a length; and for
// every access that was seen to end at byte e of a buffer, e and one less. (One
// more would feed itself: a loop over a buffer ends where the buffer does.) The
// status codes that are small enough to be lengths are none.
func lengths(consts map[int64]bool, ends []int) []int {
	set := map[int]bool{0: true}
	for _, e := range ends {
		set[e-1], set[e] = true, true
	}
	for v := range consts {
		if v > 1 && v <= 4096 && v != ntTimeout && v != ntPending {
			for d := int64(-1); d <= 1; d++ {
				set[int(v+d)] = true
			}
		}
	}
	if len(set) == 1 {
		set[8] = true
	}
	var out []int
	for n := range set {
		if n <= 4096 {
			out = append(out, n)
		}
	}
	sort.Ints(out)
	return out
}
