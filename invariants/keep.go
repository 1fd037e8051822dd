package invariants

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Keep says how a run outlives its process: see explore.Config for what a
// checkpoint is. The zero value keeps nothing.
//
// Run explores again when an assumption of the reductions was wrong, so a
// checkpoint of it is a folder with the checkpoint of the present exploration,
// in a folder of its own, and a file that says which it is and what it takes for
// granted. The file is replaced before an exploration begins, and what the
// exploration has learned since is inside its own checkpoint: so at any moment the
// two together are enough to go on as if nothing had happened.
type Keep struct {
	Checkpoint string        // folder to write to, made if need be
	Every      time.Duration // least time between two checkpoints
	Resume     string        // folder to go on from; may be the same

	// Case names everything that decides what is explored and how it is judged,
	// the version of the program included. A run is resumed only if all is the same.
	Case []Part
}

// A Part is one thing that decides a run: "bounds", "wait_event.c".
type Part struct{ Name, Value string }

const (
	keptName   = "run"
	keptSchema = "ownercheck.run/1"
)

// kept is the file beside the checkpoint of the engine: a line of JSON and a
// line with the hash of the first.
type kept struct {
	Schema      string `json:"schema"`
	Case        []Part `json:"case"`
	Exploration int    `json:"exploration"` // from 1
	Assumptions []int  `json:"assumptions"`
	Learned     []byte `json:"learned"` // before the exploration began
}

// keeper takes care of one run's checkpoints.
type keeper struct {
	keep   *Keep
	model  *model.Model
	number int    // of the exploration, from 1
	resume string // the engine's checkpoint to go on from, "" for none
}

func newKeeper(m *model.Model, k *Keep) (*keeper, error) {
	p := &keeper{keep: k, model: m, number: 1}
	if k.Resume != "" {
		if err := p.restore(); err != nil {
			return nil, &explore.CheckpointError{Dir: k.Resume, Reading: true, Err: err}
		}
	}
	return p, p.save()
}

// configure prepares an exploration.
func (p *keeper) configure(c *explore.Config) {
	c.Resume = p.resume
	c.Restore = p.model.Learn
	if p.keep.Checkpoint != "" {
		c.Checkpoint, c.CheckpointEvery = p.folder(p.keep.Checkpoint, p.number), p.keep.Every
		c.Aside = p.model.Learned
	}
	h := xxhash.New()
	for _, part := range p.keep.Case {
		fmt.Fprintf(h, "%q %q\n", part.Name, part.Value)
	}
	c.Identity = fmt.Sprintf("%016x exploration %d", h.Sum64(), p.number)
}

// next is called when the model has taken an assumption back: the exploration
// that is over is not needed any more.
func (p *keeper) next() error {
	p.number++
	p.resume = ""
	if err := p.save(); err != nil || p.keep.Checkpoint == "" {
		return err
	}
	return p.writing(os.RemoveAll(p.folder(p.keep.Checkpoint, p.number-1)))
}

func (p *keeper) folder(dir string, exploration int) string {
	return filepath.Join(dir, "exploration-"+strconv.Itoa(exploration))
}

func (p *keeper) writing(err error) error {
	if err == nil {
		return nil
	}
	return &explore.CheckpointError{Dir: p.keep.Checkpoint, Err: err}
}

// save writes what the exploration that begins takes for granted.
func (p *keeper) save() error {
	dir := p.keep.Checkpoint
	switch {
	case dir == "":
		return nil
	case p.resume != "" && p.keep.Resume == dir: // it is there
		return p.writing(os.RemoveAll(p.folder(dir, p.number-1)))
	}
	if err := os.RemoveAll(p.folder(dir, p.number)); err != nil {
		return p.writing(err)
	}
	text, err := json.Marshal(kept{keptSchema, p.keep.Case, p.number, p.model.Assumptions(), p.model.Learned()})
	if err != nil {
		return p.writing(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return p.writing(err)
	}
	return p.writing(replaceFile(filepath.Join(dir, keptName), fmt.Appendf(text, "\n%016x\n", xxhash.Sum64(text))))
}

// replaceFile writes a file so that a process that is killed leaves the old one
// or the new one.
func replaceFile(path string, text []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// restore makes the model assume what the exploration that is resumed assumed.
func (p *keeper) restore() error {
	dir := p.keep.Resume
	k, err := readKept(filepath.Join(dir, keptName))
	if err != nil {
		return err
	}
	if err := differs(k.Case, p.keep.Case); err != nil {
		return err
	}
	if k.Exploration < 1 || !p.model.Assume(k.Assumptions) {
		return errors.New("its assumptions do not fit the case")
	}
	if err := p.model.Learn(k.Learned); err != nil {
		return err
	}
	p.number = k.Exploration
	p.resume = p.folder(dir, p.number)
	return nil
}

func readKept(path string) (*kept, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no checkpoint: %w", err)
	}
	if err != nil {
		return nil, err
	}
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if string(rest) != fmt.Sprintf("%016x\n", xxhash.Sum64(line)) {
		return nil, fmt.Errorf("%s is damaged", path)
	}
	k := &kept{}
	if err := json.Unmarshal(line, k); err != nil {
		return nil, err
	}
	if k.Schema != keptSchema {
		return nil, fmt.Errorf("it is in the format %q: this program reads %q", k.Schema, keptSchema)
	}
	return k, nil
}

// differs names the first thing that is not the same in two cases.
func differs(was, is []Part) error {
	for i := range was {
		k := slices.IndexFunc(is, func(p Part) bool { return p.Name == was[i].Name })
		switch {
		case k < 0:
			return fmt.Errorf("it is of another run: %s was %s, and is missing here", was[i].Name, was[i].Value)
		case is[k].Value != was[i].Value:
			return fmt.Errorf("it is of another run: %s was %s, and is %s here", was[i].Name, was[i].Value, is[k].Value)
		}
	}
	if len(is) > len(was) {
		return fmt.Errorf("it is of another run: it has %d parts, and this one %d", len(was), len(is))
	}
	return nil
}
