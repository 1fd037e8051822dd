package model

import "bytes"

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

// WithoutIncarnations is s with all incarnation numbers zero: which number a new
// object gets depends on the stale references that are left, and means nothing;
// nor does the slot of a request that a stale reference named.
func (m *Model) WithoutIncarnations(s []byte) []byte {
	s = bytes.Clone(s)
	m.eachValue(s, func(off int) {
		v := val(s, off)
		switch {
		case v.Class() == ClassIrp && !(&exec{m: m, s: s}).liveIrp(v):
			put(s, off, num(-1))
		case v.isRef():
			put(s, off, v&^(incMask<<incShift))
		}
	})
	for i := range m.lay.irps.n {
		s[m.lay.irps.at(i)+irpInc] = 0
	}
	for i := range m.lay.files.n {
		s[m.lay.files.at(i)+filInc] = 0
	}
	for i := range m.lay.mdls.n {
		s[m.lay.mdls.at(i)+mdlInc] = 0
	}
	for i := range m.lay.sysbufs.n {
		s[m.lay.sysbufs.at(i)+blkInc] = 0
	}
	for _, bl := range m.lay.sites {
		for i := range bl.n {
			s[bl.at(i)+recInc] = 0
		}
	}
	return s
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
