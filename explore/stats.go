package explore

import "time"

// Stats tell how a run went: what it did, how long it took, and where its
// memory is. Unlike a Report they depend on the machine. Set Config.Stats to
// have them filled in when Run returns; it costs five to ten per cent
// of the time of a system whose steps are cheap.
//
// Steps and degrees count complete levels, like the Report, which has the states
// of each level. Those of a resumed run leave out the levels before.
type Stats struct {
	// StepsByKind[k] is the number of steps whose Action has Kind k. The sum is
	// Report.Generated, in a run that was not resumed.
	StepsByKind []uint64

	// Steps of a state: the least, the most, the mean.
	LeastSteps, MostSteps int
	MeanSteps             float64

	// Duplicates is the number of steps whose targets were known when they were
	// looked up. Those of rounds in which no states were added, because a limit
	// was reached, are not among them; those of an unfinished level are.
	Duplicates uint64

	Keys      uint64  // in the table at the end, with those of unexplored states
	KeyBits   int     // of a state
	SlotBytes int     // of a place in the table, with its level
	Shards    int     // of the table
	Load      float64 // keys for each place in the table

	Memory MemoryStats
	Time   TimeStats
	Spill  SpillStats
}

// SpillStats tell what went to Config.Spill, in bytes; all are zero if memory
// sufficed.
type SpillStats struct {
	Most    int64 // at any time
	Written int64
	Read    int64 // at most: blocks that hold nothing looked for are skipped
	Rekeyed int   // times that all was written again, because keys changed
}

// MemoryStats tell what the engine has allocated, in bytes, at the end of the
// run except where said otherwise.
type MemoryStats struct {
	Table        int64 // pages of the table, with spare ones for its growth
	Frontier     int64 // lists of the level being explored and of the next
	Outboxes     int64 // keys on their way: the most ever, since they are kept
	Dictionaries int64 // contents of the parts of wide states
	Spill        int64 // buffers of a run on disk
	Other        int64 // buffers of the workers, keys of thin levels
	Peak         int64 // the most at the end of any round, of all together
}

// Total returns the bytes at the end of the run.
func (m MemoryStats) Total() int64 {
	return m.Table + m.Frontier + m.Outboxes + m.Dictionaries + m.Spill + m.Other
}

// TimeStats tell where the wall time went.
type TimeStats struct {
	Total       time.Duration
	Expand      time.Duration // taking steps, looking at properties, small levels
	Settle      time.Duration // looking states up
	Adapt       time.Duration // more shards, other parts
	Merge       time.Duration // moving states to disk, telling new ones from known ones there
	Rebuild     time.Duration // counterexamples
	Checkpoints time.Duration
}

// A census counts steps by kind and by state. Each worker has its own for the
// round, the search one for the level and one for the run.
type census struct {
	kinds       []uint64
	states      uint64
	least, most int
}

// add counts the steps of one state.
func (c *census) add(labels []label) {
	for i := range labels {
		kind := int(labels[i].action.Kind)
		if kind >= len(c.kinds) {
			kinds := apart[uint64](2 * (kind + 1))
			copy(kinds, c.kinds)
			c.kinds = kinds[:kind+1]
		}
		c.kinds[kind]++
	}
	if c.states == 0 || len(labels) < c.least {
		c.least = len(labels)
	}
	c.most = max(c.most, len(labels))
	c.states++
}

// take moves what other counted to c.
func (c *census) take(other *census) {
	if other.states == 0 {
		return
	}
	if missing := len(other.kinds) - len(c.kinds); missing > 0 {
		c.kinds = append(c.kinds, make([]uint64, missing)...)
	}
	for k, n := range other.kinds {
		c.kinds[k] += n
	}
	if c.states == 0 || other.least < c.least {
		c.least = other.least
	}
	c.most = max(c.most, other.most)
	c.states += other.states
	other.reset()
}

func (c *census) reset() {
	clear(c.kinds)
	c.states, c.least, c.most = 0, 0, 0
}

// A meter collects what becomes Stats. It is used by Run's goroutine, between
// rounds; its censuses stay empty when nobody asked for Stats.
type meter struct {
	start    time.Time
	level    census // of the level being explored
	whole    census // of the complete levels
	lookedUp uint64 // keys
	fresh    uint64 // of these
	peak     int64
	time     TimeStats
}

// since adds the time that has passed since a moment to a sum.
func (m *meter) since(from time.Time, sum *time.Duration) { *sum += time.Since(from) }

// measure notes the memory in use.
func (s *search) measure() {
	if s.config.Stats != nil {
		s.meter.peak = max(s.meter.peak, s.memory())
	}
}

// fillStats leaves the caller what was collected, however the run ended.
func (s *search) fillStats() {
	if s.config.Stats == nil {
		return
	}
	s.measure()
	m := &s.meter
	st := Stats{
		StepsByKind: m.whole.kinds,
		LeastSteps:  m.whole.least,
		MostSteps:   m.whole.most,
		Duplicates:  m.lookedUp - m.fresh,
		Keys:        s.known,
		KeyBits:     int(s.keyBits),
		Shards:      len(s.set.shards),
		Time:        m.time,
	}
	st.Time.Total = time.Since(m.start)
	var steps uint64
	for _, n := range st.StepsByKind {
		steps += n
	}
	if m.whole.states > 0 {
		st.MeanSteps = float64(steps) / float64(m.whole.states)
	}
	slots := 0
	for i := range s.set.shards {
		sh := &s.set.shards[i]
		slots += len(sh.tags) * pageSlots
		st.SlotBytes = max(st.SlotBytes, 4+sh.planes)
	}
	if slots > 0 {
		st.Load = float64(s.held) / float64(slots)
	}
	st.Memory = s.memoryStats()
	st.Memory.Peak = m.peak
	if d := s.disk; d != nil {
		st.Spill = SpillStats{Most: d.stats.most.Load(), Written: d.stats.written.Load(), Rekeyed: d.rekeyed}
		for _, m := range d.mergers {
			st.Spill.Read += m.read
		}
	}
	*s.config.Stats = st
}

// memoryStats returns the bytes that the engine has allocated, by use.
func (s *search) memoryStats() (m MemoryStats) {
	m.Outboxes = s.boxMemory.Load()
	m.Spill = s.disk.memory()
	m.Other = s.history.blocks.total
	for _, w := range s.workers {
		m.Table += w.pool.total
		m.Frontier += w.blocks.total
		m.Other += int64(8*cap(w.keys) + cap(w.steps.arena) + 16*cap(w.steps.labels))
	}
	if s.fold != nil {
		m.Dictionaries = s.fold.memory()
	}
	return m
}

// memory returns the bytes that the engine has allocated.
func (s *search) memory() int64 { return s.memoryStats().Total() }
