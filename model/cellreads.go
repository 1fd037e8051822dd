package model

import (
	"slices"
	"sync/atomic"

	"github.com/ownercheck/ownercheck/model/program"
)

// Which nodes of the driver read which cells of requests and blocks, and what follows for
// what may be read later (cells.go).

// cellLearn is what an exploration sees of who reads which cells, as bits.
type cellLearn struct {
	reads []atomic.Uint64 // by kind and node
	lost  []atomic.Uint64 // by kind: read when they were forgotten
}

// cellAssume is what the present run takes for granted.
type cellAssume struct {
	reads []uint64 // by kind and node
	kept  []uint64 // by kind: cells that are never forgotten

	strong    []uint64 // by kind: cells whose value is not only compared
	one, more outlook  // of a context that has one object of the kind; that has several
}

// outlook is what follows from the reads.
type outlook struct {
	ahead   []uint64 // by kind and node: cells read from there on, before the object ends
	returns []uint64 // by node: kinds whose objects may live on when its routine returns
}

// newCells makes room for who reads what.
func (m *Model) newCells() {
	kinds := cellsSite + len(m.sites)
	n := kinds * len(m.code)
	m.learn.cells = cellLearn{make([]atomic.Uint64, n), make([]atomic.Uint64, kinds)}
	m.assume.cells = cellAssume{reads: make([]uint64, n), kept: make([]uint64, kinds), strong: make([]uint64, kinds)}
	for _, o := range [...]*outlook{&m.assume.cells.one, &m.assume.cells.more} {
		*o = outlook{ahead: make([]uint64, n), returns: make([]uint64, len(m.code))}
	}
	if m.Calls("IoCsqInitialize") || m.Calls("IoCsqInitializeEx") {
		m.assume.cells.kept[cellsIrp] = 1 << (irpContext + 3) // the queue's own
	}
	m.findLinks()
	m.readAhead()
}

// readsCell records that the running node reads a cell.
func (x *exec) readsCell(kind, cell int) {
	if x.at >= x.m.kernelCode || cell >= mostCells || x.boot || !x.m.cfg.Reduce.Cells || x.base == 0 || x.pc() != x.at {
		return
	}
	if w := &x.m.learn.cells.reads[kind*len(x.m.code)+x.at]; w.Load()&(1<<cell) == 0 {
		w.Or(1 << cell)
	}
}

// learnCells takes over who reads which cells, after a run that read one which was
// forgotten. It says whether that was so.
func (m *Model) learnCells() bool {
	l, a := &m.learn.cells, &m.assume.cells
	again := false
	for kind := range l.lost {
		lost, news := l.lost[kind].Swap(0), uint64(0)
		again = again || lost != 0
		for i := range m.code {
			k := kind*len(m.code) + i
			if reads := l.reads[k].Swap(0); lost != 0 {
				news |= reads &^ a.reads[k]
				a.reads[k] |= reads
			}
		}
		a.kept[kind] |= lost &^ news // it was known which nodes read it
	}
	if again {
		m.readAhead()
	}
	return again
}

// readAhead finds which cells are read from each node on, before the object ends; of
// several any may be the one that ends.
func (m *Model) readAhead() {
	a := &m.assume.cells
	clear(a.strong)
	for i, reads := range a.reads {
		if !m.code[i%len(m.code)].compared {
			a.strong[i/len(m.code)] |= reads
		}
	}
	for _, o := range [...]*outlook{&a.one, &a.more} {
		copy(o.ahead, a.reads)
		clear(o.returns)
		m.backwards(func(in *inst) bool {
			ends := uint64(0)
			if o == &a.one {
				ends = in.ends(len(m.sites))
			}
			return m.readBehind(o, in, ends)
		})
	}
}

// readBehind adds to what is known of in, where objects of some kinds end, what is known
// of its successors. It says whether that is more than before.
func (m *Model) readBehind(a *outlook, in *inst, ends uint64) (more bool) {
	returns := a.returns[in.code]
	add := func(code int, but uint64) {
		returns |= a.returns[code] &^ (ends | but)
		for kind := range m.assume.cells.kept {
			if k := kind*len(m.code) + in.code; (ends|but)&(1<<kind) == 0 {
				if had := a.ahead[k]; had|a.ahead[kind*len(m.code)+code] != had {
					a.ahead[k] |= a.ahead[kind*len(m.code)+code]
					more = true
				}
			}
		}
	}
	if in.op == program.OpReturn {
		returns = ^uint64(0)
	}
	but := uint64(0)
	if in.op == program.OpCall {
		callee := m.routines[in.r.side][in.n.Fn].first
		kept := returns
		add(callee, 0)
		returns, but = kept, ^a.returns[callee]
	}
	for code := range in.successors() {
		add(code, but)
	}
	more = more || returns != a.returns[in.code]
	a.returns[in.code] = returns
	return more
}

// ends says which kinds of objects may end in a call, of so many sites.
func (in *inst) ends(sites int) uint64 {
	switch {
	case in.api == nil:
	case in.api.ends == endsRequest:
		return 1 << cellsIrp
	case in.api.ends == endsBlock:
		return (1<<sites - 1) << cellsSite
	}
	return 0
}

// readLater is the cells that context who may read of an object of a kind, as long as that
// lives; by says who has each of the kind.
func (x *exec) readLater(who int8, kind int, by []int8) (cells uint64) {
	m, called := x.m, false
	o := &m.assume.cells.one
	if several(by, who) {
		o = &m.assume.cells.more
	}
	for base := range frames(x.s, m.lay.ctxs.at(int(who))) {
		pc, above := u16(x.s, base+framePC), called
		called = x.s[base+frameFlags]&frameTransparent == 0
		if pc >= m.kernelCode {
			continue
		}
		if in := &m.code[pc]; above && in.n.Next != program.NoNode {
			pc = in.next // it called the routine above
		}
		cells |= o.ahead[kind*len(m.code)+pc]
		if o.returns[pc]&(1<<kind) == 0 {
			break
		}
	}
	return cells
}

// append adds the assumptions to a list: who reads what, which cells are kept, and how
// many these are.
func (a *cellAssume) append(list []int) []int {
	n := 0
	for i, bits := range slices.Concat(a.reads, a.kept) {
		if bits != 0 {
			list = append(list, i, int(bits))
			n++
		}
	}
	return append(list, n)
}

// take takes what append added, and gives what comes before it; false if it does not
// fit.
func (a *cellAssume) take(list []int) (rest []int, ok bool) {
	last := len(list) - 1
	if last < 0 || list[last] < 0 || 2*list[last] > last {
		return nil, false
	}
	first := last - 2*list[last]
	for i := first; i < last; i += 2 {
		switch n, bits := list[i], uint64(list[i+1]); {
		case n < 0 || bits > allOfThem:
			return nil, false
		case n < len(a.reads):
			a.reads[n] |= bits
		case n < len(a.reads)+len(a.kept):
			a.kept[n-len(a.reads)] |= bits
		default:
			return nil, false
		}
	}
	return list[:first], true
}
