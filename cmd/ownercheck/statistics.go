package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ownercheck/ownercheck/explore"
)

// statisticsJSON are facts about an exploration: the same on every machine.
type statisticsJSON struct {
	StepsByKind []kindCount `json:"steps_by_kind"` // most first
	LeastSteps  int         `json:"least_steps"`   // of a state
	MeanSteps   float64     `json:"mean_steps"`
	MostSteps   int         `json:"most_steps"`
	Ends        uint64      `json:"ends"` // states without steps
	Levels      []uint64    `json:"levels"`
	Duplicates  uint64      `json:"duplicates"` // steps to states that were known
}

type kindCount struct {
	Kind  string `json:"kind"`
	Steps uint64 `json:"steps"`
}

// machineJSON is what depends on the machine, the workers and the limits.
type machineJSON struct {
	Keys         uint64   `json:"keys"` // states in the table, unexplored ones included
	KeyBits      int      `json:"key_bits"`
	SlotBytes    int      `json:"slot_bytes"`
	Shards       int      `json:"shards"`
	Load         float64  `json:"load"`
	Memory       memJSON  `json:"memory"`
	Disk         diskJSON `json:"disk"`
	SecondsSpent timeJSON `json:"seconds_spent"`
}

type memJSON struct {
	Table        int64  `json:"table"`
	Frontier     int64  `json:"frontier"`
	Outboxes     int64  `json:"outboxes"`
	Dictionaries int64  `json:"dictionaries"`
	Spill        int64  `json:"spill"`
	Other        int64  `json:"other"`
	Peak         int64  `json:"peak"`
	PeakRSS      uint64 `json:"peak_rss"`
}

// diskJSON is what --spill took, in bytes.
type diskJSON struct {
	Most    int64 `json:"most"`
	Written int64 `json:"written"`
	Read    int64 `json:"read"`
}

type timeJSON struct {
	Total       float64 `json:"total"`
	Expand      float64 `json:"expand"`
	Settle      float64 `json:"settle"`
	Adapt       float64 `json:"adapt"`
	Rebuild     float64 `json:"rebuild"`
	Checkpoints float64 `json:"checkpoints"`
}

// statisticsOf sums the kinds of action of one name.
func statisticsOf(s *explore.Stats, r *explore.Report, name func(kind uint16) string) *statisticsJSON {
	out := &statisticsJSON{StepsByKind: []kindCount{}, LeastSteps: s.LeastSteps, MeanSteps: rounded(s.MeanSteps, 3), MostSteps: s.MostSteps,
		Ends: r.Ends, Levels: r.Levels}
	sum := map[string]uint64{}
	for kind, n := range s.StepsByKind {
		if n > 0 {
			sum[name(uint16(kind))] += n
		}
	}
	for kind, n := range sum {
		out.StepsByKind = append(out.StepsByKind, kindCount{kind, n})
	}
	slices.SortFunc(out.StepsByKind, func(a, b kindCount) int {
		return cmp.Or(cmp.Compare(b.Steps, a.Steps), strings.Compare(a.Kind, b.Kind))
	})
	if r.Complete && len(r.Levels) > 0 {
		out.Duplicates = r.Generated + r.Levels[0] - r.Distinct
	}
	return out
}

// mostKinds is how many kinds the text names.
const mostKinds = 25

func (s *statisticsJSON) text(w io.Writer) {
	fmt.Fprintf(w, "\nstatistics\n  steps of a state: %d to %d, %.2f on average; %s without\n",
		s.LeastSteps, s.MostSteps, s.MeanSteps, plural(s.Ends, "state"))
	if s.Duplicates > 0 {
		fmt.Fprintf(w, "  steps to known states: %s\n", grouped(s.Duplicates))
	}
	fmt.Fprintln(w, "  steps by kind of action")
	rest := uint64(0)
	for i, k := range s.StepsByKind {
		if i >= mostKinds {
			rest += k.Steps
			continue
		}
		fmt.Fprintf(w, "  %14s  %s\n", grouped(k.Steps), k.Kind)
	}
	if rest > 0 {
		fmt.Fprintf(w, "  %14s  %d other kinds\n", grouped(rest), len(s.StepsByKind)-mostKinds)
	}
	s.histogram(w)
}

// histogram draws the levels, at most so many rows.
func (s *statisticsJSON) histogram(w io.Writer) {
	const rows, width = 24, 40
	per := (len(s.Levels) + rows - 1) / rows
	if per == 0 {
		return
	}
	fmt.Fprintln(w, "  states by depth")
	var sums []uint64
	for i := 0; i < len(s.Levels); i += per {
		n := uint64(0)
		for _, l := range s.Levels[i:min(i+per, len(s.Levels))] {
			n += l
		}
		sums = append(sums, n)
	}
	most := slices.Max(sums)
	for i, n := range sums {
		depth := fmt.Sprint(i * per)
		if last := min(i*per+per, len(s.Levels)) - 1; last > i*per {
			depth += fmt.Sprintf("-%d", last)
		}
		bar := int((n*width + most - 1) / most)
		fmt.Fprintf(w, "  %14s  %-8s %s\n", grouped(n), depth, strings.Repeat("#", bar))
	}
}

func machineOf(s *explore.Stats) *machineJSON {
	m, t := &s.Memory, &s.Time
	sec := func(d time.Duration) float64 { return rounded(d.Seconds(), 3) }
	peak, _ := peakRSS()
	return &machineJSON{
		Keys: s.Keys, KeyBits: s.KeyBits, SlotBytes: s.SlotBytes, Shards: s.Shards, Load: rounded(s.Load, 3),
		Memory:       memJSON{m.Table, m.Frontier, m.Outboxes, m.Dictionaries, m.Spill, m.Other, m.Peak, peak},
		Disk:         diskJSON{s.Spill.Most, s.Spill.Written, s.Spill.Read},
		SecondsSpent: timeJSON{sec(t.Total), sec(t.Expand), sec(t.Settle), sec(t.Adapt), sec(t.Rebuild), sec(t.Checkpoints)},
	}
}

func (m *machineJSON) text(w io.Writer) {
	t, u := &m.SecondsSpent, &m.Memory
	fmt.Fprintf(w, "seconds: %.2f; expand %.2f, settle %.2f, adapt %.2f, traces %.2f, checkpoints %.2f\n",
		t.Total, t.Expand, t.Settle, t.Adapt, t.Rebuild, t.Checkpoints)
	fmt.Fprintf(w, "table: %s of %d bits, %d bytes each, load %.2f, %s\n",
		plural(m.Keys, "key"), m.KeyBits, m.SlotBytes, m.Load, plural(m.Shards, "shard"))
	fmt.Fprintf(w, "memory in KiB: table %s, frontier %s, outboxes %s, dictionaries %s, other %s; peak %s, resident %s\n",
		kib(u.Table), kib(u.Frontier), kib(u.Outboxes), kib(u.Dictionaries), kib(u.Other), kib(u.Peak), kib(int64(u.PeakRSS)))
	m.Disk.text(w)
}

func (d *diskJSON) text(w io.Writer) {
	if d.Most > 0 {
		fmt.Fprintf(w, "disk in KiB: at most %s at once, %s written, %s read\n", kib(d.Most), kib(d.Written), kib(d.Read))
	}
}

func kib(n int64) string { return grouped(uint64(n) >> 10) }
