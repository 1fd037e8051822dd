package explore

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// A goal is a state, or a step from it, to which a trace is wanted.
type goal struct {
	property int // index, or -1 for a failure of the system
	finding  finding
	failure  failure
	level    int
	keys     []uint64 // of the states of the run, the last first
}

// decide turns the findings of the level into goals. The level may be unfinished.
func (s *search) decide() error {
	first := s.workers[0]
	for _, w := range s.workers[1:] {
		first.failure.take(&w.failure)
		for i := range w.findings {
			first.findings[i].take(&w.findings[i])
		}
	}
	decided := false
	for i := range first.findings {
		f := &first.findings[i]
		if !f.found {
			continue
		}
		s.report.Outcomes[i].Verdict = Violated
		if s.config.Properties[i].Kind == Reachable {
			s.report.Outcomes[i].Verdict = Reached
		}
		s.goals = append(s.goals, goal{property: i, finding: *f, level: s.level,
			keys: []uint64{first.codec.key(f.state)}})
		*f = finding{}
		decided = true
	}
	if decided {
		s.watch()
	}
	if f := first.failure; f.found {
		s.goals = append(s.goals, goal{property: -1, failure: f, level: s.level,
			keys: []uint64{first.codec.key(f.state)}})
		return s.rebuild()
	}
	return nil
}

// rebuild finds a run to each goal, all of them together: it goes from the
// deepest goal's level back to the initial states, and finds the predecessors
// of the states that it has by expanding the level before. Each level is thus
// expanded at most once more, and nothing is added to the set.
func (s *search) rebuild() error {
	if len(s.goals) == 0 {
		return nil
	}
	defer s.meter.since(time.Now(), &s.meter.time.Rebuild)
	for level := s.deepestGoal(); level > 0; level-- {
		s.tell(Progress{Doing: doingTrace})
		var targets []uint64
		for i := range s.goals {
			if g := &s.goals[i]; g.level >= level {
				targets = append(targets, g.keys[len(g.keys)-1])
			}
		}
		slices.Sort(targets)
		targets = slices.Compact(targets)
		found, err := s.predecessors(level-1, targets)
		if err != nil {
			return err
		}
		for i := range s.goals {
			if g := &s.goals[i]; g.level >= level {
				k, _ := slices.BinarySearch(targets, g.keys[len(g.keys)-1])
				if !found[k].found {
					return s.lost(g)
				}
				g.keys = append(g.keys, s.workers[0].codec.key(found[k].state))
			}
		}
	}
	goals := s.goals
	s.goals = nil
	for i := range goals {
		if err := s.resolve(&goals[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *search) deepestGoal() int {
	deepest := 0
	for i := range s.goals {
		deepest = max(deepest, s.goals[i].level)
	}
	return deepest
}

func (s *search) lost(g *goal) error {
	state := slices.Clone(s.workers[0].codec.load(g.keys[len(g.keys)-1]))
	return &SystemError{State: state, Detail: "Next did not push the steps to this state again: it must be deterministic"}
}

// predecessors returns for each target, in order, the least state of the level
// that has a step to it.
func (s *search) predecessors(level int, targets []uint64) ([]finding, error) {
	best := make([][]finding, len(s.workers))
	for i := range best {
		best[i] = make([]finding, len(targets))
	}
	match := func(w *worker, key uint64) {
		w.successors(key)
		for _, k := range w.keys {
			if i, ok := slices.BinarySearch(targets, k); ok {
				best[w.index][i].offer(w.codec.load(key), Action{})
			}
		}
	}
	if t := s.history.levels[level]; t.to > t.from {
		for i := t.from; i < t.to; i++ {
			match(s.workers[0], s.history.keys.at(i))
		}
	} else if s.disk != nil {
		s.fail(s.forRuns(s.disk.ofLevel(uint32(level)), nil, func(w *worker, mixed uint64, l uint32) {
			if l == uint32(level) {
				match(w, s.set.mixer.unmix(mixed))
			}
		}))
	} else {
		s.parallel(len(s.set.shards), nil, func(w *worker, shard int) {
			s.set.eachOfLevel(shard, uint32(level), func(key uint64) { match(w, key) })
		})
	}
	for _, other := range best[1:] {
		for i := range other {
			best[0][i].take(&other[i])
		}
	}
	return best[0], s.broken
}

// eachOfLevel calls visit with the keys of a shard that are of a level.
func (s *set) eachOfLevel(shard int, level uint32, visit func(key uint64)) {
	var u unpacked
	sh := &s.shards[shard]
	for page := range sh.tags {
		if bytes.IndexByte(sh.bytes[page*sh.planes][:], byte(level)) < 0 {
			continue
		}
		sh.unpack(page, &u)
		for k := range u.n {
			if u.levels[k] == level {
				visit(s.join(shard, u.rests[k]))
			}
		}
	}
}

// resolve replays the run to a goal in real identities and fills in the outcome.
func (s *search) resolve(g *goal) (err error) {
	r := newReplayer(s.config.System, s.workers[0].symmetric)
	o := Outcome{}
	defer func() {
		if v := recover(); v != nil {
			err = &SystemError{Init: o.Init, Trace: o.Trace, State: r.state,
				Detail: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	codec := s.workers[0].codec
	for i := len(g.keys) - 1; i >= 0; i-- {
		a, ok := r.follow(codec.load(g.keys[i]))
		if !ok {
			return &SystemError{Init: o.Init, Trace: o.Trace, State: r.state,
				Detail: "a step to a known state is not there when the run is replayed: Next must be deterministic, and Canonical must commute with it"}
		}
		if i == len(g.keys)-1 {
			o.Init = a
		} else {
			o.Trace = append(o.Trace, a)
		}
	}
	if g.property < 0 {
		return &SystemError{Init: o.Init, Trace: o.Trace, State: r.state, Detail: g.failure.detail, Stack: g.failure.stack}
	}
	p := &s.config.Properties[g.property]
	a, ok := r.confirm(p)
	if !ok {
		return &SystemError{Init: o.Init, Trace: o.Trace, State: r.state,
			Detail: fmt.Sprintf("property %q is not the same at the end of the run that leads there: it must depend on its arguments only, and not tell symmetric states apart", p.Name)}
	}
	if p.Step != nil {
		o.Trace = append(o.Trace, a)
	}
	out := &s.report.Outcomes[g.property]
	out.Init, out.Trace = o.Init, o.Trace
	return nil
}
