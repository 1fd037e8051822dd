package model

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
	mv, ready := x.look()
	if !ready {
		return ""
	}
	return [...]string{"none", "both", "right", "left"}[mv]
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
