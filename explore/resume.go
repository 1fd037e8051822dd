package explore

import (
	"errors"
	"fmt"
	"slices"
)

// resume makes the search what it was when the checkpoint in Config.Resume was
// written, at the start of a level.
func (s *search) resume() error {
	if err := s.restore(s.config.Resume); err != nil {
		return &CheckpointError{Dir: s.config.Resume, Reading: true, Err: err}
	}
	c := &s.config
	s.limit() // it may be too large by now
	switch {
	case s.reason != None:
	case s.satisfied():
		s.reason = Decided
	case c.MaxDepth > 0 && s.level > c.MaxDepth:
		s.reason = DepthLimit
	}
	return nil
}

func (s *search) restore(dir string) error {
	m, err := readManifest(dir)
	if err != nil {
		return err
	}
	q := s.config.question()
	if err := m.differs(&q); err != nil {
		return err
	}
	if err := m.check(len(s.config.Properties)); err != nil {
		return err
	}
	if s.config.Restore != nil {
		if err := s.config.Restore(m.Aside); err != nil {
			return err
		}
	}
	s.setCodec()
	for _, f := range m.Files {
		// The dictionaries come after the keys in the manifest, and set keyBits.
		if n, ok := parseDataName(f.Name); ok && n.kind == partsKind && s.fold != nil {
			if err := readData(dir, f, s.readParts); err != nil {
				return err
			}
		}
	}
	if s.keyBits != m.KeyBits {
		return fmt.Errorf("its keys have %d bits: these have %d", m.KeyBits, s.keyBits)
	}
	s.setReport(m)
	if err := readData(dir, m.Files[0], func(r *fileReader) { s.readKeys(r, m) }); err != nil {
		return err
	}
	s.setGoals(m)
	return nil
}

// check looks for what a program that is not this one may have written.
func (m *manifest) check(properties int) error {
	wrong := len(m.Files) == 0 || m.Level < 1 || m.Level != len(m.Levels) || m.Keys == 0 || len(m.Verdicts) != properties
	for _, v := range m.Verdicts {
		wrong = wrong || v > Unreached
	}
	for _, g := range m.Goals {
		wrong = wrong || g.Property < 0 || g.Property >= properties || g.Level < 0 || g.Level >= m.Level || len(g.State) != m.StateBytes
	}
	if wrong {
		return errors.New("the manifest makes no sense")
	}
	return nil
}

func (s *search) setReport(m *manifest) {
	r := &s.report
	r.Generated, r.Ends, r.Digest = m.Generated, m.Ends, m.Digest
	r.Levels = m.Levels
	r.Depth = m.Level - 1
	for _, n := range m.Levels {
		r.Distinct += n
	}
	for i, v := range m.Verdicts {
		r.Outcomes[i].Verdict = v
	}
	s.watch()
}

// setGoals takes up the findings whose traces are to be rebuilt at the end.
func (s *search) setGoals(m *manifest) {
	codec := s.workers[0].codec
	for _, l := range m.Goals {
		state := make(State, len(l.State), (len(l.State)+7)&^7)
		copy(state, l.State)
		s.goals = append(s.goals, goal{property: l.Property, level: l.Level, keys: []uint64{codec.key(state)},
			finding: finding{found: true, state: state, action: l.Action}})
	}
}

// readKeys fills the set, or the disk if it would be too large, and makes the
// keys of the last level the frontier. Those of thin levels go to the history.
func (s *search) readKeys(r *fileReader, m *manifest) {
	s.level, s.known = m.Level, m.Keys
	s.emptySet()
	s.setListWidth()
	lists := make(map[uint32][]uint64) // keys of the thin levels
	if c := &s.config; c.Spill != "" && c.MaxMemory > 0 && int64(m.Keys) > s.room()/s.bytesPerNewKey() {
		s.readKeysToDisk(r, m, lists)
	} else {
		s.readKeysToSet(r, m, lists)
	}
	for level, n := range m.Levels {
		if k := uint64(len(lists[uint32(level)])); k != n && n <= s.thinnest(m) {
			r.fail("level %d has %d keys: the report has %d", level, k, n)
		}
		s.history.add(lists[uint32(level)])
	}
	if s.disk == nil {
		s.history.record(s.workers, s.frontier)
	} else if r.err == nil {
		s.beginLevel()
	}
	if s.report.Distinct+s.frontier != m.Keys {
		r.fail("%d keys: the report has %d", m.Keys, s.report.Distinct+s.frontier)
	}
}

// thinnest returns the size up to which levels are listed in the history: none
// if they are too much for a run on disk.
func (s *search) thinnest(m *manifest) uint64 {
	var keys uint64
	for _, n := range m.Levels {
		if n <= thinLevel {
			keys += n
		}
	}
	if s.disk != nil && int64(8*keys) > s.historyBytes() {
		return 0
	}
	return thinLevel
}

// eachKey reads keys in their mixed form, with their levels.
func (s *search) eachKey(r *fileReader, m *manifest, lists map[uint32][]uint64, visit func(mixed, key uint64, level uint32)) {
	var mixed uint64
	thin := s.thinnest(m)
	for i := uint64(0); i < m.Keys && r.err == nil; i++ {
		mixed += uint64(r.varint())
		level := uint32(r.count(uint64(m.Level)))
		if mixed > s.set.mixer.mask {
			r.fail("key %x has more than %d bits", mixed, s.keyBits)
		}
		if r.err != nil {
			return
		}
		key := s.set.mixer.unmix(mixed)
		visit(mixed, key, level)
		if int(level) < m.Level && m.Levels[level] <= thin {
			lists[level] = append(lists[level], key)
		}
	}
}

func (s *search) readKeysToSet(r *fileReader, m *manifest, lists map[uint32][]uint64) {
	s.held = m.Keys
	s.emptySet()
	s.eachKey(r, m, lists, func(mixed, key uint64, level uint32) {
		if !s.set.add(key, level, &s.workers[int(mixed>>s.set.restBits)%len(s.workers)].pool) {
			r.fail("key %x is there twice", key)
		}
		if int(level) == m.Level {
			w := s.workers[int(s.frontier/minChunk)%len(s.workers)]
			w.current.append(key)
			s.frontier++
		}
	})
}

func (s *search) readKeysToDisk(r *fileReader, m *manifest, lists map[uint32][]uint64) {
	var err error
	if s.disk, err = s.newSpill(); err == nil {
		_, err = s.sorters(knownRun, m.Keys, func(list []*sorter) error {
			s.eachKey(r, m, lists, func(mixed, _ uint64, level uint32) {
				list[0].add(mixed, level)
				if int(level) == m.Level {
					s.frontier++
				}
			})
			return nil
		})
	}
	if err == nil && r.err == nil {
		err = errors.Join(s.compactAll(), s.feedLevel())
	}
	if err != nil {
		r.fail("spill: %w", err)
	}
}

// emptySet makes the set an empty one with room for the keys that it is to hold.
func (s *search) emptySet() {
	shardBits := wantedShardBits(s.held, s.keyBits)
	levelBytes := 1
	for (s.level+1)>>(8*levelBytes) != 0 {
		levelBytes++
	}
	s.set = set{mixer: newMixer(s.keyBits), shardBits: shardBits, layout: layout{s.keyBits - shardBits, levelBytes}}
	s.set.shards = make([]shard, 1<<shardBits)
	for i := range s.set.shards {
		s.set.shards[i] = newShard(s.set.layout, pagesFor(s.held>>shardBits))
		s.set.shards[i].takeMissing(&s.workers[i%len(s.workers)].pool)
	}
}

// readParts makes the fold what it was: the same shape, the same numbers.
func (s *search) readParts(r *fileReader) {
	size := s.config.System.Size()
	sh := &shape{}
	at := 0
	for range r.count(uint64(size)) {
		end := r.count(uint64(size))
		if end <= at {
			r.fail("a part ends at %d: it begins at %d", end, at)
			return
		}
		sh.parts = append(sh.parts, span{at, end})
		at = end
	}
	sh.readPairs(r)
	if at != size {
		r.fail("the parts end at %d of %d bytes", at, size)
	}
	for node := range sh.up {
		bytes := 8
		if node < len(sh.parts) {
			bytes = sh.parts[node].end - sh.parts[node].at
		}
		sh.dictionaries = append(sh.dictionaries, readDictionary(r, bytes))
	}
	f := s.fold
	f.base = make(State, size)
	r.bytes(f.base)
	f.look = r.uvarint()
	f.parted = r.count(1) == 1
	if r.err != nil {
		return
	}
	f.shape, s.keyBits = sh, sh.keyBits
	for _, d := range f.folders {
		d.reshape(sh, f.base)
	}
}

// readPairs reads what is above the parts.
func (sh *shape) readPairs(r *fileReader) {
	sh.up = slices.Repeat([]int32{-1}, len(sh.parts))
	for range r.count(uint64(len(sh.parts))) {
		node := len(sh.up)
		p := pair{uint32(r.count(uint64(node - 1))), uint32(r.count(uint64(node - 1)))}
		if r.err != nil {
			return
		}
		sh.pairs = append(sh.pairs, p)
		sh.up[p.left], sh.up[p.right] = int32(node), int32(node)
		sh.up = append(sh.up, -1)
	}
	sh.places = make([]place, len(sh.up))
	for node := range sh.places {
		sh.places[node] = place{uint(r.count(maxKeyBits)), uint(r.count(32))}
		if sh.up[node] < 0 {
			sh.tops = append(sh.tops, int32(node))
			sh.keyBits = max(sh.keyBits, sh.places[node].shift+sh.places[node].width)
		}
	}
	sh.keyBits = max(sh.keyBits, 8)
	if sh.keyBits > maxKeyBits {
		r.fail("keys of %d bits", sh.keyBits)
	}
}

// readDictionary reads contents of one size, which get the numbers that they had.
func readDictionary(r *fileReader, size int) *dictionary {
	d := newDictionary(size)
	content := make([]byte, size)
	for id := range r.count(maxContents) {
		r.bytes(content)
		if r.err == nil && d.number(content) != uint32(id) {
			r.fail("a content is in a dictionary twice")
		}
		if r.err != nil {
			break
		}
	}
	return d
}
