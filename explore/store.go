package explore

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// A store keeps the files of a run that goes on on disk. They are written once
// and never changed, so that a store may as well be a service: an object is
// there from the moment when it is published, whole.
type store interface {
	create(name string) (object, error)
	open(name string) (source, error)
	remove(name string) error
	// close removes all that is left.
	close() error
}

// An object is a file being written.
type object interface {
	io.Writer
	publish() error
	discard()
}

// A source is a file being read.
type source interface {
	io.ReaderAt
	io.Closer
}

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

// A directory is the store of files in a directory of its own, which it makes
// inside the one that is given: that may hold other things.
type directory string

func newDirectory(parent string) (store, error) {
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, "ownercheck-spill-")
	return directory(dir), err
}

func (d directory) path(name string) string { return filepath.Join(string(d), name) }

func (d directory) create(name string) (object, error) {
	f, err := os.Create(d.path(name) + ".new")
	if err != nil {
		return nil, err
	}
	return &newFile{f, d.path(name)}, nil
}

func (d directory) open(name string) (source, error) { return os.Open(d.path(name)) }

func (d directory) remove(name string) error { return os.Remove(d.path(name)) }

func (d directory) close() error { return os.RemoveAll(string(d)) }

// A newFile has another name until it is published. It need not survive the
// process, so it is not forced to the disk.
type newFile struct {
	*os.File
	path string
}

func (f *newFile) publish() error {
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), f.path)
}

func (f *newFile) discard() { _ = errors.Join(f.Close(), os.Remove(f.Name())) }
