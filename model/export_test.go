package model

import (
	"bytes"
	"fmt"
)

// Moves says how the next operation of context c moves in state s: "both",
// "right", "left", "none", or "" if it cannot run.
func (m *Model) Moves(s []byte, c int) string {
	x := m.pool.Get().(*exec)
	defer m.pool.Put(x)
	x.start(s)
	x.run(c)
	if x.base == 0 {
		return ""
	}
	o := x.look()
	if !o.ready {
		return ""
	}
	return [...]string{"none", "both", "right", "left", "both", "early"}[o.mv]
}

// WithoutStale is s without stale references to requests: which slot one of them
// named means nothing.
func (m *Model) WithoutStale(s []byte) []byte {
	s = bytes.Clone(s)
	for off := range m.refs(s) {
		if v := val(s, off); v.Class() == ClassIrp && v.stale() {
			put(s, off, num(-1))
		}
	}
	return s
}

// Dangling finds a reference in s to a slot that is free, and yet is not stale: ""
// if there is none.
func (m *Model) Dangling(s []byte) (found string) {
	if Stopped(s) {
		return ""
	}
	x := &exec{m: m, s: s}
	for off := range m.refs(s) {
		v, i := val(s, off), val(s, off).Slot()
		free := false
		switch v.Class() {
		case ClassIrp, ClassStackLoc:
			free = s[x.irp(i)+irpPhase] == phaseFree
		case ClassMdl, ClassMap:
			free = s[x.mdl(i)+mdlUsed] == 0
		case ClassBlock:
			free = s[m.lay.sysbufs.at(i)+blkUsed] == 0
		case ClassFile:
			free = s[x.file(i)+filPhase] == fileNone
		case ClassRecord:
			_, _, at := m.record(v)
			free = s[at+recUsed] == 0
		case ClassSystem:
			o, w := i-sysObjects, i-sysItems
			free = o >= 0 && o < m.lay.objects.n && s[m.lay.objects.at(o)+objUsed] == 0 ||
				w >= 0 && w < m.lay.items.n && s[m.lay.items.at(w)+itmUsed] == 0
		case ClassHandle:
			free = v.Offset() == handleKernel && s[m.lay.ctxs.at(i)+thrHandle] == 0
		case ClassCtx:
			free = m.isSystem(i) && s[m.lay.ctxs.at(i)+ctxAlive] == aliveNot
		}
		if free && !v.stale() {
			found = fmt.Sprintf("offset %d: %v %d", off, v.Class(), i)
		}
	}
	return found
}

// Contexts is the number of contexts.
func (m *Model) Contexts() int { return m.lay.ctxs.n }

// StepTables lists all kernel steps as table.name with what they declare.
func StepTables() (names, facts, texts, whys []string, movers []bool) {
	for _, t := range kernelTables() {
		for _, s := range t.steps {
			names = append(names, t.name+"."+s.name)
			facts = append(facts, s.fact)
			texts = append(texts, s.text)
			whys = append(whys, s.why)
			movers = append(movers, s.mover)
		}
	}
	return
}

// Orbit is every state that differs from s in numbers that Canonical may change, or
// some of them where there are many.
func (m *Model) Orbit(s []byte) (out [][]byte, whole bool) {
	p := unchanged
	together := func(first, last int) (ties uint64) { // all of first to last-1
		for i := first + 1; i < last; i++ {
			ties |= 1 << i
		}
		return ties
	}
	ties := together(m.threads, m.threads+m.lay.ctxs.dpcs.n)
	if m.alike() {
		ties |= together(0, m.threads)
	}
	irps := together(0, m.lay.irps.n)
	if m.cfg.App != nil && m.walksRequests(s) {
		irps = 0
	}
	files, recs, objs := uint64(0), uint64(0), together(0, m.lay.objects.n)
	if m.kinds[ClassFile] == kindFile {
		files = together(0, m.lay.files.n)
	}
	for i := range m.sites {
		recs |= together(i*m.cfg.Bounds.Records, (i+1)*m.cfg.Bounds.Records)
	}
	n := 0
	p.ctxs.permute(ties, 0, m.lay.ctxs.n, func() {
		p.irps.permute(irps, 0, m.lay.irps.n, func() {
			p.files.permute(files, 0, m.lay.files.n, func() {
				p.objs.permute(objs, 0, m.lay.objects.n, func() {
					p.recs.permute(recs, 0, m.records(), func() {
						if n++; n > mostOfOrbit && n%61 != 0 {
							return
						}
						p.settle(m)
						t := bytes.Clone(s)
						m.renumber(t, &p)
						sortQueue(t, hdrDPCs)
						sortQueue(t, hdrTimers)
						out = append(out, t)
					})
				})
			})
		})
	})
	return out, n <= mostOfOrbit
}

const mostOfOrbit = 500

// Spinning is how many contexts are in a loop of the driver's routine name.
func (m *Model) Spinning(s []byte, name string) int {
	n := 0
	for c := range m.lay.ctxs.n {
		cb := m.lay.ctxs.at(c)
		if w := int(s[cb+ctxBase]); w != 0 {
			pc := u16(s, cb+ctxStack+4*(w-1)+framePC)
			if r := m.routineAt(pc); r != nil && r.r.Name == name {
				n++
			}
		}
	}
	return n
}
