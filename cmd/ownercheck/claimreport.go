package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/ownercheck/ownercheck/invariants/claims"
)

// claimReport prints claims as they are decided, or collects them for JSON.
type claimReport struct {
	env      *env
	flags    claimFlags
	archive  string
	out      *traceFile
	idWidth  int
	whoWidth int
	decided  []*claims.Decision
}

func (r *claimReport) add(d *claims.Decision) error {
	r.decided = append(r.decided, d)
	for i := range d.Properties {
		p := &d.Properties[i]
		if p.Evidence.Witness == nil {
			continue
		}
		if err := r.out.offer(p.Name, func() ([]byte, error) {
			t, err := claimTrace(d, p, r.archive)
			if err != nil {
				return nil, err
			}
			return t.AppendJSON(nil), nil
		}); err != nil {
			return err
		}
	}
	if r.env.opt.format == "json" {
		return nil
	}
	r.line(d)
	if r.flags.named {
		for i, run := range d.Claim.Runs {
			if run.Exception != "" {
				fmt.Fprintf(r.env.out, "    run %d, exception: %s\n", i+1, run.Exception)
			}
		}
	}
	if r.flags.trace {
		return r.properties(d)
	}
	r.surprises(d)
	return nil
}

// line is the one line a claim gets: who said it, whether it is right, the
// evidence, and the sentence as far as the terminal has room.
func (r *claimReport) line(d *claims.Decision) {
	c := d.Claim
	head := fmt.Sprintf("%-*s  %-*s  %-15s  %-38s  ", r.idWidth, c.ID, r.whoWidth, c.Who, d.Verdict, evidence(d))
	fmt.Fprintln(r.env.out, head+shorten(c.Sentence, terminalWidth(r.env.out)-utf8.RuneCountInString(head)))
}

func evidence(d *claims.Decision) string {
	text := plural(d.States, "state")
	shortest := 0
	for i := range d.Properties {
		if n := d.Properties[i].TraceSteps; n > 0 && (shortest == 0 || n < shortest) {
			shortest = n
		}
	}
	if shortest > 0 {
		text += fmt.Sprintf(", run of %s", plural(shortest, "step"))
	}
	return text
}

// surprises tells what was not as expected, and why an answer is missing.
func (r *claimReport) surprises(d *claims.Decision) {
	for i := range d.Properties {
		if p := &d.Properties[i]; p.Answer != p.Expected {
			fmt.Fprintf(r.env.out, "    %s: %v, expected %v\n", p.Name, p.Answer, p.Expected)
		}
	}
	if d.Incomplete {
		for _, g := range d.Gaps {
			fmt.Fprintf(r.env.out, "    INCOMPLETE (%s)\n", g.Text)
		}
	}
}

// properties tells the whole claim: sentence, reason, each property, each
// witness.
func (r *claimReport) properties(d *claims.Decision) error {
	w := r.env.out
	fmt.Fprintf(w, "\n%s\n  because: %s\n", d.Claim.Sentence, d.Claim.Why)
	for _, r := range d.Claim.Runs {
		if r.Exception != "" {
			fmt.Fprintf(w, "  exception: %s\n", r.Exception)
		}
	}
	for i := range d.Properties {
		p := &d.Properties[i]
		fmt.Fprintf(w, "\n%v  %s (%s): %s\n", p.Answer, p.Name, p.Kind, p.Text)
		if p.Knobs != "default" {
			fmt.Fprintf(w, "  with %s\n", p.Knobs)
		}
		if p.Answer != p.Expected {
			fmt.Fprintf(w, "  expected %v\n", p.Expected)
		}
		if p.Evidence.Witness == nil {
			continue
		}
		t, err := claimTrace(d, p, r.archive)
		if err != nil {
			return defect(err)
		}
		fmt.Fprintf(w, "\n%s", t.AppendText(nil))
	}
	if d.Incomplete {
		for _, g := range d.Gaps {
			fmt.Fprintf(w, "\nINCOMPLETE (%s)\n", g.Text)
		}
	}
	fmt.Fprintln(w)
	return nil
}

func (r *claimReport) close(asked int) {
	if r.env.opt.format == "json" {
		writeJSON(r.env.out, r.json())
		return
	}
	good, states, seconds := 0, uint64(0), 0.0
	for _, d := range r.decided {
		if d.AsExpected {
			good++
		}
		states += d.States
		seconds += d.Seconds
	}
	fmt.Fprintf(r.env.out, "%s: %d as expected", plural(len(r.decided), "claim"), good)
	if n := len(r.decided) - good; n > 0 {
		fmt.Fprintf(r.env.out, ", %d not", n)
	}
	if n := asked - len(r.decided); n > 0 {
		fmt.Fprintf(r.env.out, ", %d not decided", n)
	}
	fmt.Fprintf(r.env.out, "; %s in %.1f s\n", plural(states, "state"), seconds)
}

func (r *claimReport) status() int { return claimsStatus(r.decided) }

// The JSON form, ownercheck.claims/1.
type claimsJSON struct {
	Schema string      `json:"schema"`
	Claims []claimJSON `json:"claims"`
}

type claimJSON struct {
	ID         string              `json:"id"`
	Who        string              `json:"who"`
	Sentence   string              `json:"sentence"`
	Verdict    string              `json:"verdict"`
	AsExpected bool                `json:"as_expected"`
	States     uint64              `json:"states"`
	Steps      uint64              `json:"steps"`
	Depth      int                 `json:"depth"`
	Seconds    float64             `json:"seconds"`
	Properties []claimPropertyJSON `json:"properties"`
}

type claimPropertyJSON struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Expected   string `json:"expected"`
	Answer     string `json:"answer"`
	TraceSteps int    `json:"trace_steps"`
	Knobs      string `json:"knobs"`
}

func (r *claimReport) json() claimsJSON {
	out := claimsJSON{Schema: "ownercheck.claims/1", Claims: []claimJSON{}}
	for _, d := range r.decided {
		c := claimJSON{d.Claim.ID, d.Claim.Who, d.Claim.Sentence, d.Verdict, d.AsExpected,
			d.States, d.Steps, d.Depth, d.Seconds, []claimPropertyJSON{}}
		for _, p := range d.Properties {
			c.Properties = append(c.Properties, claimPropertyJSON{p.Name, p.Kind, p.Expected.String(), p.Answer.String(), p.TraceSteps, p.Knobs})
		}
		out.Claims = append(out.Claims, c)
	}
	return out
}

func writeJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	// The report is gone if stdout is: there is nobody to tell.
	_ = e.Encode(v)
}

// terminalWidth is how many columns w has; without a terminal, as many as one
// wants.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 1 << 20
}

// shorten cuts s at a word so that it has at most room characters.
func shorten(s string, room int) string {
	room = max(room, 20)
	if utf8.RuneCountInString(s) <= room {
		return s
	}
	cut := string([]rune(s)[:room-3])
	if i := strings.LastIndexByte(cut, ' '); i > room/2 {
		cut = cut[:i]
	}
	return cut + "..."
}
