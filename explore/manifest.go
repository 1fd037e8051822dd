package explore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/cespare/xxhash/v2"
)

const (
	manifestName   = "manifest"
	manifestSchema = "ownercheck.checkpoint/1"
)

// A manifest makes files a checkpoint. It is a line of JSON and a line with the
// hash of the first.
type manifest struct {
	Schema string `json:"schema"`
	question
	Files []fileLine `json:"files"`

	Keys      uint64   `json:"keys"` // in the keys file
	KeyBits   uint     `json:"keyBits"`
	Level     int      `json:"level"` // to explore next
	Generated uint64   `json:"generated"`
	Ends      uint64   `json:"ends"`
	Digest    uint64   `json:"digest,string"`
	Levels    []uint64 `json:"levels"` // states of the levels before

	Verdicts []Verdict  `json:"verdicts"` // of the properties
	Goals    []goalLine `json:"goals"`

	Aside []byte `json:"aside,omitempty"` // Config.Aside
}

// A question is what must be the same when a run is resumed.
type question struct {
	Identity     string   `json:"identity"`
	StateBytes   int      `json:"stateBytes"`
	Symmetry     bool     `json:"symmetry"`
	PartialOrder bool     `json:"partialOrder"`
	Properties   []string `json:"properties"`
}

type fileLine struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	XXHash string `json:"xxhash"`
}

// A goalLine is a property that is decided, and where.
type goalLine struct {
	Property int    `json:"property"`
	Level    int    `json:"level"`
	State    []byte `json:"state"`
	Action   Action `json:"action"`
}

func (c *Config) question() question {
	q := question{
		Identity:     c.Identity,
		StateBytes:   c.System.Size(),
		Symmetry:     c.Symmetry,
		PartialOrder: c.PartialOrder,
		Properties:   []string{},
	}
	for i := range c.Properties {
		q.Properties = append(q.Properties, fmt.Sprintf("%v %s", c.Properties[i].Kind, c.Properties[i].Name))
	}
	return q
}

// differs names what is not the same in two questions.
func (q *question) differs(other *question) error {
	switch {
	case q.Identity != other.Identity:
		return fmt.Errorf("it is of %q: this is %q", q.Identity, other.Identity)
	case q.StateBytes != other.StateBytes:
		return fmt.Errorf("its states have %d bytes: these have %d", q.StateBytes, other.StateBytes)
	case q.Symmetry != other.Symmetry:
		return fmt.Errorf("it has Symmetry %v: this has %v", q.Symmetry, other.Symmetry)
	case q.PartialOrder != other.PartialOrder:
		return fmt.Errorf("it has PartialOrder %v: this has %v", q.PartialOrder, other.PartialOrder)
	case !slices.Equal(q.Properties, other.Properties):
		return fmt.Errorf("its properties are %q: these are %q", q.Properties, other.Properties)
	}
	return nil
}

// newManifest returns the manifest of a position, as yet without files.
func (s *search) newManifest(at position) *manifest {
	m := &manifest{
		Schema:    manifestSchema,
		question:  s.config.question(),
		KeyBits:   s.keyBits,
		Level:     at.level,
		Generated: at.report.Generated,
		Ends:      at.report.Ends,
		Digest:    at.report.Digest,
		Levels:    at.report.Levels,
	}
	if s.config.Aside != nil {
		m.Aside = s.config.Aside()
	}
	for _, o := range at.report.Outcomes {
		m.Verdicts = append(m.Verdicts, o.Verdict)
	}
	for i := range at.goals {
		g := &at.goals[i]
		m.Goals = append(m.Goals, goalLine{g.property, g.level, g.finding.state, g.finding.action})
	}
	return m
}

// write replaces the manifest in a directory, in which the files that it names
// are on disk.
func (m *manifest) write(dir string) (err error) {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	text = fmt.Appendf(text, "\n%016x\n", xxhash.Sum64(text))
	path := filepath.Join(dir, manifestName)
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// The entries of the data files come to the disk before the new name.
	if err := syncDir(dir); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir brings the names in a directory to the disk. Windows does it itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// readManifest reads the manifest of the checkpoint in a directory.
func readManifest(dir string) (*manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if want := fmt.Sprintf("%016x\n", xxhash.Sum64(line)); string(rest) != want {
		return nil, errors.New("the manifest is damaged")
	}
	m := &manifest{}
	if err := json.Unmarshal(line, m); err != nil {
		return nil, err
	}
	if m.Schema != manifestSchema {
		return nil, fmt.Errorf("it is in the format %q: this program reads %q", m.Schema, manifestSchema)
	}
	return m, nil
}
