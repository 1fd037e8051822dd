package explore

import (
	"errors"
	"io"
	"os"
	"path/filepath"
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
