// Package traces keeps runs of a model: a list of actions with what each one
// did, from an initial state to the state or step that shows something.
//
// A trace is what a verdict rests on, so it is kept in a form that outlives the
// process that found it. Three things make it trustworthy:
//
//   - it names the case whole: the C files with the hashes of their contents,
//     the bounds, the knobs, the reductions;
//   - each step carries its action and the digest of the state that the action
//     leads to; Replay takes the steps one by one and refuses the first that is
//     no step of the model, or that leads elsewhere;
//   - the words (actor, lines, changes) are for people. Nothing reads them
//     back: Replay tells the steps anew.
//
// A trace that was found is recorded, written, read and confirmed so:
//
//	t, err := traces.Record(m, c, q, witness.Init, witness.Actions)
//	text := t.AppendJSON(nil)
//	t, err = traces.Parse(text)
//	again, err := traces.Replay(m, t, property)
package traces

import (
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model"
)

// Schema is the name and the version of the JSON form. Parse takes no other.
const Schema = "ownercheck.trace/1"

// Trace is one run of one case. The JSON form has its fields in this order.
type Trace struct {
	Schema   string   `json:"schema"`
	Case     Case     `json:"case"`
	Settings Settings `json:"settings"`
	Question Question `json:"question"`
	Init     Step     `json:"init"`  // how the run begins; no step of a context
	Steps    []Step   `json:"steps"` // in order, never nil
	End      End      `json:"end"`
}

// Case says whose code runs. Either Claim or Driver is set.
type Case struct {
	Claim   string   `json:"claim,omitempty"`   // ID of a claim
	Archive string   `json:"archive,omitempty"` // the case file of the claim; none: it is in the suite
	Run     int      `json:"run"`               // which of the runs of a claim, from 0
	Driver  []string `json:"driver,omitempty"`
	App     []string `json:"app,omitempty"` // none: the most general client
	Include []string `json:"include,omitempty"`
	Define  []string `json:"define,omitempty"`
	Files   []File   `json:"files,omitempty"` // every file that was read, headers included
}

// File is a file as it was when the trace was made.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Question is what the run answers, in words.
type Question struct {
	Property string `json:"property"`
	Answer   string `json:"answer"`         // VIOLATED or REACHED
	Text     string `json:"text"`           // what the property says
	Code     string `json:"code,omitempty"` // documented stop code or class of damage
	Rules    string `json:"rules,omitempty"`
	Facts    string `json:"facts,omitempty"`
	Fix      string `json:"fix,omitempty"`
}

// Step is one action taken, and where it leads.
type Step struct {
	Action Action `json:"action"`
	Digest string `json:"digest"` // xxhash of the state that it leads to, 16 hexadecimal digits
	Told   Told   `json:"told"`
}

// Action is an explore.Action by name.
type Action struct {
	Kind   uint16 `json:"kind"`
	Actor  uint8  `json:"actor"`
	Object uint8  `json:"object"`
	Arg    uint32 `json:"arg"`
}

// Told is a step in words.
type Told struct {
	Actor   string   `json:"actor"`
	Action  string   `json:"action"`
	Lines   []Line   `json:"lines,omitempty"`
	Changes []string `json:"changes,omitempty"`
}

// Line is one operation of a step: C with its place, or a kernel step with the
// numbers of the facts that it encodes.
type Line struct {
	Where string `json:"where"`
	Text  string `json:"text"`
	Facts string `json:"facts,omitempty"`
}

// End is what the run ends in. Invariant is 0 when it ends in no finding: then
// the property of the question itself tells the last state or step from others.
type End struct {
	Invariant int    `json:"invariant"`
	Name      string `json:"name,omitempty"`
	Code      string `json:"code,omitempty"`  // documented stop code or class of damage
	Where     string `json:"where,omitempty"` // place of the operation that was found
	Text      string `json:"text,omitempty"`  // source text there
}

// Record runs a witness once more and writes down each step.
func Record(m *model.Model, c Case, q Question, init explore.Action, actions []explore.Action) (*Trace, error) {
	if init.Kind != model.KindInit || int(init.Arg) >= m.Inits() {
		return nil, fmt.Errorf("traces: the run begins with %+v, which is no initial state of the model", init)
	}
	t := &Trace{Schema: Schema, Case: c, Settings: settingsOf(m), Question: q, Steps: make([]Step, 0, len(actions))}
	s := m.InitState(int(init.Arg))
	t.Init = Step{Action: Action(init), Digest: digest(s), Told: Told{Actor: "system", Action: "DriverEntry has run and the device is open"}}
	for i, a := range actions {
		told, next, err := m.Tell(s, a)
		if err != nil {
			return nil, fmt.Errorf("traces: step %d of the run: %w", i+1, err)
		}
		t.Steps = append(t.Steps, Step{Action: Action(a), Digest: digest(next), Told: toldOf(told)})
		s = next
	}
	t.End = endOf(m, s)
	return t, nil
}

func toldOf(t model.Told) Told {
	out := Told{Actor: t.Actor, Action: t.Action, Changes: t.Changes}
	for _, l := range t.Lines {
		out.Lines = append(out.Lines, Line(l))
	}
	return out
}

func endOf(m *model.Model, s []byte) End {
	f := m.Finding(s)
	if f.Stop == model.StopNone {
		return End{}
	}
	return End{Invariant: f.Invariant, Name: f.Name, Code: f.Code, Where: f.Where, Text: f.Text}
}

func digest(state []byte) string { return fmt.Sprintf("%016x", xxhash.Sum64(state)) }
