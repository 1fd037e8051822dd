package explore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"
)

// A data file of a checkpoint begins with a magic, a version and a kind byte.
// What follows is unsigned and signed varints, as in encoding/binary, and raw
// bytes. Its hash stands in the manifest.
const (
	dataMagic   = "ownercheck"
	dataVersion = 1
)

type dataKind byte

const (
	// keysKind: keys in the order of their mixed form, each as the difference
	// from the one before, and its level.
	keysKind dataKind = 'k'
	// partsKind: the shape of wide states and the dictionaries of its nodes.
	partsKind dataKind = 'p'
)

// A dataName is the name of a data file. Each checkpoint has a generation.
type dataName struct {
	generation uint64
	kind       dataKind
}

func (n dataName) String() string { return fmt.Sprintf("%016x.%c", n.generation, n.kind) }

func parseDataName(s string) (n dataName, ok bool) {
	_, err := fmt.Sscanf(s, "%16x.%c", &n.generation, &n.kind)
	return n, err == nil && n.String() == s
}

// dataFiles lists the data files in a directory, of all generations.
func dataFiles(dir string) (names []dataName, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if n, ok := parseDataName(e.Name()); ok {
			names = append(names, n)
		}
	}
	return names, nil
}

// removeOthers removes the data files of other generations.
func removeOthers(dir string, generation uint64) error {
	names, err := dataFiles(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.generation != generation {
			if err := os.Remove(filepath.Join(dir, n.String())); err != nil {
				return err
			}
		}
	}
	return nil
}

// A fileWriter writes a data file. An error of the file is kept by the buffer
// and comes out at the end.
type fileWriter struct {
	buffer  *bufio.Writer
	scratch [binary.MaxVarintLen64]byte
}

func (w *fileWriter) uvarint(x uint64) { w.bytes(w.scratch[:binary.PutUvarint(w.scratch[:], x)]) }
func (w *fileWriter) varint(x int64)   { w.bytes(w.scratch[:binary.PutVarint(w.scratch[:], x)]) }
func (w *fileWriter) bytes(b []byte)   { _, _ = w.buffer.Write(b) }

// writeData writes a data file to the disk and returns its line in the manifest.
func writeData(dir string, name dataName, content func(*fileWriter)) (line fileLine, err error) {
	f, err := os.Create(filepath.Join(dir, name.String()))
	if err != nil {
		return line, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := xxhash.New()
	w := &fileWriter{buffer: bufio.NewWriterSize(io.MultiWriter(f, hash), 1<<20)}
	w.bytes([]byte(dataMagic))
	w.bytes([]byte{dataVersion, byte(name.kind)})
	content(w)
	if err := w.buffer.Flush(); err != nil {
		return line, err
	}
	if err := f.Sync(); err != nil {
		return line, err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	return fileLine{Name: name.String(), Bytes: size, XXHash: fmt.Sprintf("%016x", hash.Sum64())}, err
}

// A fileReader reads a data file. The first error sticks; after it all that is
// read is zero.
type fileReader struct {
	buffer *bufio.Reader
	err    error
}

func (r *fileReader) uvarint() uint64 {
	x, err := binary.ReadUvarint(r.buffer)
	return r.check(x, err)
}

func (r *fileReader) varint() int64 {
	x, err := binary.ReadVarint(r.buffer)
	return int64(r.check(uint64(x), err))
}

func (r *fileReader) bytes(b []byte) {
	_, err := io.ReadFull(r.buffer, b)
	r.check(0, err)
}

func (r *fileReader) check(x uint64, err error) uint64 {
	if r.err == nil {
		r.err = err
	}
	if r.err != nil {
		return 0
	}
	return x
}

// count reads a number that must not be more than most.
func (r *fileReader) count(most uint64) int {
	n := r.uvarint()
	if n > most {
		r.fail("%d where at most %d can be", n, most)
		return 0
	}
	return int(n)
}

func (r *fileReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// readData verifies a data file, and then reads it.
func readData(dir string, line fileLine, content func(*fileReader)) error {
	f, err := os.Open(filepath.Join(dir, filepath.Base(line.Name)))
	if err != nil {
		return fmt.Errorf("the manifest names it: %v", err) // not fs.ErrNotExist: there is a checkpoint, if a damaged one
	}
	defer func() { _ = f.Close() }() // it was only read
	hash := xxhash.New()
	size, err := io.Copy(hash, f)
	if err != nil {
		return err
	}
	if got := fmt.Sprintf("%016x", hash.Sum64()); size != line.Bytes || got != line.XXHash {
		return fmt.Errorf("%s is damaged: %d bytes with hash %s, want %d with %s", line.Name, size, got, line.Bytes, line.XXHash)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := &fileReader{buffer: bufio.NewReaderSize(f, 1<<20)}
	name, ok := parseDataName(line.Name)
	head := make([]byte, len(dataMagic)+2)
	r.bytes(head)
	if want := dataMagic + string([]byte{dataVersion, byte(name.kind)}); !ok || string(head) != want {
		r.fail("not a data file of this version")
	}
	content(r)
	if r.err == nil {
		if _, err := r.buffer.ReadByte(); err != io.EOF {
			r.fail("longer than it should be")
		}
	}
	if r.err != nil {
		return fmt.Errorf("%s: %w", line.Name, r.err)
	}
	return nil
}
