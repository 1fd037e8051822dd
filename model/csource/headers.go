package csource

import (
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

//go:embed wdk
var stubs embed.FS

// The parser asks for an included file in each search folder in turn. Two of
// the folders are ours: stubFolder holds the embedded headers, and what even
// they lack is asked for in a missing folder, last. The names have several
// levels so that "../public.h" stays inside.
const (
	stubFolder    = "<ownercheck>"
	missingQuoted = "<missing>/quoted/-/-/-/-/-/-"
	missingSystem = "<missing>/system/-/-/-/-/-/-"
)

// sources is the file system that the parser sees: the user's files, read and
// rewritten; the embedded headers; and empty files in the place of system
// headers that nobody has. Names match without regard to case, and a backslash
// separates folders, as on Windows.
type sources struct {
	read   func(string) ([]byte, error)
	onDisk bool // read is os.ReadFile: folders can be listed
	consts *charConstants

	mu       sync.Mutex // the parser runs in a goroutine of its own
	byName   map[string]*file
	aliases  map[string]string // names given to conflicting declarations, and the functions they mean
	missing  []string          // system headers answered with an empty file, as included
	included map[string]bool
}

func newSources(read func(string) ([]byte, error)) *sources {
	s := &sources{read: read, consts: &charConstants{}, byName: map[string]*file{}}
	if read == nil {
		s.read, s.onDisk = os.ReadFile, true
	}
	return s
}

// load reads a file that the user named.
func (s *sources) load(name string) (*file, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loadLocked(name, name)
}

func (s *sources) loadLocked(name, as string) (*file, error) {
	if f := s.byName[as]; f != nil {
		return f, nil
	}
	text, err := s.read(name)
	if err != nil {
		return nil, err
	}
	text = macros(toUTF8(text))
	f := newFile(as, clean(text, s.consts))
	f.shown = shown(text, len(f.text))
	s.byName[as] = f
	return f, nil
}

// Open implements fs.FS for the parser.
func (s *sources) Open(name string) (fs.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	var f *file
	var err error
	switch {
	case strings.HasPrefix(clean, stubFolder+"/"):
		f, err = s.openStub(clean, name)
	case strings.HasPrefix(clean, "<missing>/"):
		f, err = s.openMissing(clean)
	default:
		f, err = s.openUser(clean, name)
	}
	if err != nil {
		return nil, err
	}
	return &openFile{Reader: bytes.NewReader(f.text), f: f}, nil
}

func (s *sources) openStub(clean, as string) (*file, error) {
	base := strings.ToLower(path.Base(clean))
	if f := s.byName[as]; f != nil {
		return f, nil
	}
	text, err := stubs.ReadFile("wdk/" + base)
	if err != nil {
		return nil, err
	}
	f := newFile(as, text)
	s.byName[as] = f
	return f, nil
}

// openMissing answers a system header that nobody has with an empty file. A
// header of the user's own must exist.
func (s *sources) openMissing(clean string) (*file, error) {
	base := strings.ToLower(path.Base(clean))
	if strings.HasPrefix(clean, "<missing>/quoted/") && !strings.HasSuffix(base, ".tmh") && !systemHeaders[base] {
		return nil, &fs.PathError{Op: "open", Path: base, Err: fs.ErrNotExist}
	}
	if !s.included[base] {
		if s.included == nil {
			s.included = map[string]bool{}
		}
		s.included[base] = true
		s.missing = append(s.missing, base)
	}
	return newFile(clean, []byte("\n")), nil
}

func (s *sources) openUser(clean, as string) (*file, error) {
	f, err := s.loadLocked(clean, as)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if s.onDisk {
		if actual, ok := findFold(clean); ok {
			return s.loadLocked(actual, as)
		}
		return nil, err
	}
	if low := strings.ToLower(clean); low != clean {
		return s.loadLocked(low, as)
	}
	return nil, err
}

// findFold looks for name without regard to case, folder by folder.
func findFold(name string) (string, bool) {
	dir, base := path.Split(name)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil && dir != "." && dir != "/" {
		actual, ok := findFold(path.Clean(dir))
		if !ok {
			return "", false
		}
		dir = actual
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return "", false
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), base) {
			return filepath.ToSlash(filepath.Join(dir, e.Name())), true
		}
	}
	return "", false
}

var includeLine = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]*)[>"]`)

// includeSite finds where the user's files include the header named base.
func (s *sources) includeSite(files []string, base string) (name string, line, column int) {
	names := append([]string(nil), files...)
	for n := range s.byName {
		if !strings.HasPrefix(n, "<") {
			names = append(names, n)
		}
	}
	sortTail(names, len(files))
	for _, n := range names {
		f := s.byName[n]
		if f == nil {
			continue
		}
		for _, m := range includeLine.FindAllSubmatchIndex(f.text, -1) {
			inc := strings.ToLower(strings.ReplaceAll(string(f.text[m[4]:m[5]]), `\`, "/"))
			if path.Base(inc) == base {
				line := 1 + bytes.Count(f.text[:m[2]], []byte("\n"))
				return n, line, m[2] - f.lines[line-1] + 1
			}
		}
	}
	return "", 0, 0
}

// openFile is a file of memory.
type openFile struct {
	*bytes.Reader
	f *file
}

func (o *openFile) Stat() (fs.FileInfo, error) { return o, nil }
func (o *openFile) Close() error               { return nil }
func (o *openFile) Name() string               { return path.Base(o.f.name) }
func (o *openFile) Size() int64                { return int64(len(o.f.text)) }
func (o *openFile) Mode() fs.FileMode          { return 0o444 }
func (o *openFile) ModTime() time.Time         { return time.Time{} }
func (o *openFile) IsDir() bool                { return false }
func (o *openFile) Sys() any                   { return nil }
