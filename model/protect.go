package model

// Protection of a range of addresses (facts 5.25e, 2.23). What a user address
// means to the kernel is decided at each access: the lock on a frame does not
// look at it, and does not keep it.
const (
	protWrite = iota // read and write
	protRead
	protNone
	protGuard // the next access faults and takes the guard away
)

// PAGE_* constants that VirtualProtect and VirtualAlloc understand.
const (
	pageNoAccess  = 0x01
	pageReadOnly  = 0x02
	pageReadWrite = 0x04
	pageGuard     = 0x100
)

// touch is an access of the kernel by user address a: 0 where it finds memory,
// else the exception code.
func (x *exec) touch(a Value, write bool) Value {
	if !x.mapped(a) {
		return statusAccessViolation
	}
	if a.Class() != ClassVirtual {
		return 0
	}
	prot := &x.s[x.m.lay.ranges.at(a.Slot())+rngProt]
	switch {
	case *prot == protGuard:
		*prot = protWrite
		x.notes |= NoteGuard
		return x.m.valueOf(ntGuardPage)
	case *prot == protNone || *prot == protRead && write:
		return statusAccessViolation
	}
	return 0
}

// virtualProtect changes what accesses by address find; it does not look at
// locks either.
func virtualProtect(x *exec, in *inst) Value {
	a := x.arg(in, 0)
	if a.Class() != ClassVirtual || x.s[x.m.lay.ranges.at(a.Slot())+rngUsed] == 0 {
		put(x.s, x.cb+ctxLast, num(winInvalidParameter))
		return 0
	}
	prot := &x.s[x.m.lay.ranges.at(a.Slot())+rngProt]
	old := [...]int{protWrite: pageReadWrite, protRead: pageReadOnly, protNone: pageNoAccess, protGuard: pageReadWrite | pageGuard}[*prot]
	n, _ := x.m.number(x.arg(in, 2))
	switch n {
	case pageReadWrite:
		*prot = protWrite
	case pageReadOnly:
		*prot = protRead
	case pageNoAccess:
		*prot = protNone
	case pageReadWrite | pageGuard:
		*prot = protGuard
	default:
		x.unsupported(whatAPI)
		return 0
	}
	x.store(x.arg(in, 3), 4, num(old))
	return num(1)
}
