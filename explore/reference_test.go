package explore

import (
	"bytes"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/emirpasic/gods/queues/linkedlistqueue"
	"github.com/emirpasic/gods/sets/hashset"
	"github.com/google/go-cmp/cmp"
)

// reference is the textbook: a queue, a set, one state at a time. Its outcomes
// bear the depth in place of the trace, and the least finding.
type reference struct {
	report   Report
	findings []finding
	depths   []int // of the findings, in steps
}

func exploreByTheBook(system System, properties []Property) reference {
	type entry struct {
		state string
		level int
	}
	r := reference{findings: make([]finding, len(properties)), depths: make([]int, len(properties))}
	r.report = Report{Complete: true, Outcomes: make([]Outcome, len(properties))}
	known, queue := hashset.New(), linkedlistqueue.New()
	add := func(s State, level int) {
		if !known.Contains(string(s)) {
			known.Add(string(s))
			queue.Enqueue(entry{string(s), level})
		}
	}
	steps := NewSteps(system.Size())
	system.Init(steps)
	for i := range steps.Len() {
		_, s, _ := steps.At(i)
		add(s, 0)
	}
	for !queue.Empty() {
		v, _ := queue.Dequeue()
		e := v.(entry)
		s := State(e.state)
		if e.level == len(r.report.Levels) {
			r.report.Levels = append(r.report.Levels, 0)
		}
		r.report.Levels[e.level]++
		r.report.Depth = e.level
		r.report.Distinct++
		r.report.Digest += xxhash.Sum64(s)
		steps.Reset()
		system.Next(s, steps)
		r.report.Generated += uint64(steps.Len())
		if steps.Len() == 0 {
			r.report.Ends++
		}
		r.look(properties, s, steps, e.level)
		for i := range steps.Len() {
			_, t, _ := steps.At(i)
			add(t, e.level+1)
		}
	}
	for i, p := range properties {
		r.report.Outcomes[i] = Outcome{Name: p.Name, Verdict: r.verdict(i, p.Kind)}
	}
	return r
}

func (r *reference) verdict(i int, k Kind) Verdict {
	switch {
	case k == Reachable && r.findings[i].found:
		return Reached
	case k == Reachable:
		return Unreached
	case r.findings[i].found:
		return Violated
	}
	return Holds
}

func (r *reference) look(properties []Property, s State, steps *Steps, level int) {
	for i, p := range properties {
		want := p.Kind == Reachable
		found := func(a Action, depth int) {
			if !r.findings[i].found || r.depths[i] == depth {
				r.findings[i].offer(s, a)
				r.depths[i] = depth
			}
		}
		if p.State != nil && (p.Kind != AtEnd || steps.Len() == 0) && p.State(s) == want {
			found(Action{}, level)
		}
		if p.Step == nil {
			continue
		}
		for k := range steps.Len() {
			a, t, notes := steps.At(k)
			if (p.StepMask == 0 || notes&p.StepMask != 0) && p.Step(s, a, t, notes) == want {
				found(a, level+1)
			}
		}
	}
}

// checkAgainst compares a report with the reference, and replays its traces.
func (r *reference) checkAgainst(t *testing.T, system System, properties []Property, got Report) {
	t.Helper()
	bare := got
	bare.Outcomes = nil
	for i, o := range got.Outcomes {
		r.checkOutcome(t, system, &properties[i], i, o)
		bare.Outcomes = append(bare.Outcomes, Outcome{Name: o.Name, Verdict: o.Verdict})
	}
	if len(properties) == 0 {
		bare.Outcomes = []Outcome{}
	}
	if diff := cmp.Diff(r.report, bare); diff != "" {
		t.Fatalf("report differs from the reference (-want +got):\n%s", diff)
	}
}

func (r *reference) checkOutcome(t *testing.T, system System, p *Property, i int, o Outcome) {
	t.Helper()
	if !r.findings[i].found || o.Verdict == Undecided {
		if o.Trace != nil {
			t.Fatalf("%s: %v, yet there is a trace", o.Name, o.Verdict)
		}
		return
	}
	if len(o.Trace) != r.depths[i] {
		t.Fatalf("%s: trace of %d steps, want %d", o.Name, len(o.Trace), r.depths[i])
	}
	states, err := Replay(system, o.Init, o.Trace)
	if err != nil {
		t.Fatalf("%s: %v", o.Name, err)
	}
	last := states[len(states)-1]
	if p.Step != nil {
		last = states[len(states)-2]
		if a := o.Trace[len(o.Trace)-1]; a != r.findings[i].action {
			t.Fatalf("%s: the trace ends with %+v, want %+v", o.Name, a, r.findings[i].action)
		}
	}
	if !bytes.Equal(last, r.findings[i].state) {
		t.Fatalf("%s: the trace ends in %x, want the least state %x", o.Name, last, r.findings[i].state)
	}
}
