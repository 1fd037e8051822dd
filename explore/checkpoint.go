package explore

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// A CheckpointError tells that a checkpoint could not be written, or read.
type CheckpointError struct {
	Dir     string
	Reading bool // by Config.Resume; else it could not be written
	Err     error
}

func (e *CheckpointError) Error() string {
	if e.Reading {
		return fmt.Sprintf("explore: resume from %s: %v", e.Dir, e.Err)
	}
	return fmt.Sprintf("explore: checkpoint in %s: %v", e.Dir, e.Err)
}

func (e *CheckpointError) Unwrap() error { return e.Err }

// A position is what a search knew when it began a level: together with the
// keys of the levels up to there it is all that is needed to go on. The level
// itself is not listed: it is the keys of the set that have its number.
type position struct {
	level  int
	report Report
	goals  []goal
}

// A checkpointer writes positions to a directory. A nil one does nothing.
//
// A checkpoint is some data files and a manifest, which names them with their
// lengths and hashes and holds the small things: the report so far, findings
// whose traces are still to be rebuilt. Data files are new each time, the
// manifest is replaced by renaming after they are on disk, and only then are
// the files of the checkpoint before deleted. So the directory holds a whole
// checkpoint at any moment from the first one on, whatever kills the process.
//
// Neither the number of workers nor shards nor a memory limit is in the files:
// they list keys, and the dictionaries that the keys refer to.
type checkpointer struct {
	dir        string
	every      time.Duration
	generation uint64 // of the files written last
	last       time.Time
	mark       position // at the start of the level being explored
	written    int      // level of the last checkpoint, or -1
}

// newCheckpointer returns nil if no checkpoints are asked for. Files of other
// generations may be in the directory; the new ones are counted from theirs.
func newCheckpointer(c *Config) (*checkpointer, error) {
	if c.Checkpoint == "" {
		return nil, nil
	}
	if err := os.MkdirAll(c.Checkpoint, 0o777); err != nil {
		return nil, &CheckpointError{Dir: c.Checkpoint, Err: err}
	}
	p := &checkpointer{dir: c.Checkpoint, every: c.CheckpointEvery, last: time.Now(), written: -1}
	names, err := dataFiles(p.dir)
	if err != nil {
		return nil, &CheckpointError{Dir: c.Checkpoint, Err: err}
	}
	for _, n := range names {
		p.generation = max(p.generation, n.generation)
	}
	return p, nil
}

// position returns where the search is, at the start of a level. What it holds
// is not written to afterwards, except that Levels grows at its end.
func (s *search) position() position {
	p := position{level: s.level, report: s.report, goals: slices.Clone(s.goals)}
	p.report.Outcomes = slices.Clone(s.report.Outcomes)
	return p
}

// markLevel notes the position before a level, to which a run that is cut
// short inside the level can go back.
func (s *search) markLevel() {
	if s.saver != nil {
		s.saver.mark = s.position()
	}
}

// checkpoint writes where the search is, at the start of a level, unless the
// last time is too short ago.
func (s *search) checkpoint() error {
	p := s.saver
	if p == nil || s.reason != None || s.frontier == 0 || time.Since(p.last) < p.every {
		return nil
	}
	return s.save(s.position())
}

// lastCheckpoint writes where a run that is not complete can be taken up: the
// start of the level that it dropped, or that would have come next.
func (s *search) lastCheckpoint() error {
	if s.saver == nil || s.reason == None {
		return nil
	}
	p := s.position()
	if s.partial {
		p = s.saver.mark
	}
	if p.level == s.saver.written {
		return nil
	}
	return s.save(p)
}

func (s *search) save(at position) error {
	s.tell(Progress{Doing: doingCheckpoint})
	defer s.meter.since(time.Now(), &s.meter.time.Checkpoints)
	p := s.saver
	p.generation++
	if err := s.writeCheckpoint(p.dir, p.generation, at); err != nil {
		return &CheckpointError{Dir: p.dir, Err: err}
	}
	p.written, p.last = at.level, time.Now()
	return nil
}

// writeCheckpoint writes the files of one generation, and removes the others.
func (s *search) writeCheckpoint(dir string, generation uint64, at position) error {
	m := s.newManifest(at)
	var fromDisk error
	keys, err := writeData(dir, dataName{generation, keysKind}, func(w *fileWriter) {
		if s.disk != nil {
			m.Keys, fromDisk = s.disk.writeKeys(w, uint32(at.level))
			return
		}
		m.Keys = s.writeKeys(w, uint32(at.level))
	})
	if err := errors.Join(fromDisk, err); err != nil {
		return err
	}
	m.Files = append(m.Files, keys)
	if s.fold != nil {
		parts, err := writeData(dir, dataName{generation, partsKind}, s.fold.write)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, parts)
	}
	if err := m.write(dir); err != nil {
		return err
	}
	return removeOthers(dir, generation)
}

// writeKeys writes the keys of levels up to last with their levels, and returns
// how many there are. In the order of the mixed key neighbours differ little:
// the difference takes about three bytes in a table of a billion.
func (s *search) writeKeys(w *fileWriter, last uint32) (n uint64) {
	var u unpacked
	var before uint64
	for i := range s.set.shards {
		sh := &s.set.shards[i]
		first := uint64(i) << s.set.restBits
		for page := range sh.tags {
			sh.unpack(page, &u)
			for k := range u.n {
				if u.levels[k] > last {
					continue
				}
				mixed := first | u.rests[k]
				w.varint(int64(mixed - before))
				w.uvarint(uint64(u.levels[k]))
				before = mixed
				n++
			}
		}
	}
	return n
}

// writeKeys is writeKeys of a search, of which all keys are on disk.
func (d *spill) writeKeys(w *fileWriter, last uint32) (n uint64, err error) {
	m := d.mergers[0]
	var before uint64
	for i := range d.buckets {
		from := m.openAll(d.buckets[i].all())
		err := eachLeast(from, func(mixed uint64, level uint32) error {
			if level <= last {
				w.varint(int64(mixed - before))
				w.uvarint(uint64(level))
				before = mixed
				n++
			}
			return nil
		})
		if err := errors.Join(err, m.close(from)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// write writes the shape and what the dictionaries hold, in the order of their
// numbers.
func (f *folding) write(w *fileWriter) {
	sh := f.shape
	w.uvarint(uint64(len(sh.parts)))
	for _, p := range sh.parts {
		w.uvarint(uint64(p.end))
	}
	w.uvarint(uint64(len(sh.pairs)))
	for _, p := range sh.pairs {
		w.uvarint(uint64(p.left))
		w.uvarint(uint64(p.right))
	}
	for _, p := range sh.places {
		w.uvarint(uint64(p.shift))
		w.uvarint(uint64(p.width))
	}
	for _, d := range sh.dictionaries {
		n := d.count()
		w.uvarint(n)
		for id := range n {
			w.bytes(d.content(uint32(id)))
		}
	}
	w.bytes(f.base)
	w.uvarint(f.look)
	parted := uint64(0)
	if f.parted {
		parted = 1
	}
	w.uvarint(parted)
}
