package explore

// thinLevel is the largest level whose keys are kept in order.
const thinLevel = 1024

// A history lists the states of thin levels, so that a trace through a long and
// thin graph does not search the whole set once for each of its steps. The
// states of other levels are found by the levels in the set; a run has too few
// such levels for that to matter.
type history struct {
	keys   keyList
	blocks blockPool
	levels []thin
}

// thin tells where a level's keys are: none if it is not thin.
type thin struct{ from, to int }

// add notes the keys of a level, none if it is not thin.
func (h *history) add(keys []uint64) {
	t := thin{from: h.keys.n}
	for _, key := range keys {
		h.keys.append(key)
	}
	t.to = h.keys.n
	h.levels = append(h.levels, t)
}

// record notes the level that the workers are about to explore.
func (h *history) record(workers []*worker, n uint64) {
	t := thin{from: h.keys.n}
	if n <= thinLevel {
		for _, w := range workers {
			for i := range w.current.n {
				h.keys.append(w.current.at(i))
			}
		}
	}
	t.to = h.keys.n
	h.levels = append(h.levels, t)
}

// forget frees the memory. All levels are found by the levels of the states.
func (h *history) forget() {
	h.keys.reset()
	h.blocks.release()
	clear(h.levels)
}
