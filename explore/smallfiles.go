package explore

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
)

// smallFiles keeps files of up to most bytes in memory, as long as there is room
// for them, in front of another store. Levels of few states would else make
// many files of a few bytes, each of which takes a disk as long as a large one.
type smallFiles struct {
	store
	most int
	room atomic.Int64 // bytes
	mu   sync.Mutex
	kept map[string][]byte
}

type smallFile struct {
	small *smallFiles
	name  string
	bytes []byte
	large object // where the bytes are, once they are too many
}

type smallSource struct{ *bytes.Reader }

func (smallSource) Close() error { return nil }

func newSmallFiles(st store, most int, room int64) *smallFiles {
	s := &smallFiles{store: st, most: most, kept: map[string][]byte{}}
	s.room.Store(room)
	return s
}

func (s *smallFiles) create(name string) (object, error) {
	return &smallFile{small: s, name: name}, nil
}

func (s *smallFiles) find(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.kept[name]
	return b, ok
}

func (s *smallFiles) open(name string) (source, error) {
	if b, ok := s.find(name); ok {
		return smallSource{bytes.NewReader(b)}, nil
	}
	return s.store.open(name)
}

func (s *smallFiles) remove(name string) error {
	b, ok := s.find(name)
	if !ok {
		return s.store.remove(name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, name)
	s.room.Add(int64(len(b)))
	return nil
}

func (f *smallFile) Write(b []byte) (int, error) {
	n := int64(len(b))
	if f.large == nil && len(f.bytes)+len(b) <= f.small.most {
		if f.small.room.Add(-n) >= 0 {
			f.bytes = append(f.bytes, b...)
			return len(b), nil
		}
		f.small.room.Add(n)
	}
	if err := f.enlarge(); err != nil {
		return 0, err
	}
	return f.large.Write(b)
}

func (f *smallFile) enlarge() (err error) {
	if f.large != nil {
		return nil
	}
	if f.large, err = f.small.store.create(f.name); err != nil {
		f.large = nil
		return err
	}
	_, err = f.large.Write(f.bytes)
	f.forget()
	return err
}

func (f *smallFile) forget() {
	f.small.room.Add(int64(len(f.bytes)))
	f.bytes = nil
}

func (f *smallFile) publish() error {
	if f.large != nil {
		return f.large.publish()
	}
	f.small.mu.Lock()
	defer f.small.mu.Unlock()
	f.small.kept[f.name] = slices.Clip(f.bytes)
	return nil
}

func (f *smallFile) discard() {
	if f.large != nil {
		f.large.discard()
	}
	f.forget()
}
