package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/ownercheck/ownercheck/invariants"
	"github.com/ownercheck/ownercheck/invariants/claims"
	"github.com/ownercheck/ownercheck/model"
	"github.com/ownercheck/ownercheck/traces"
)

// entry is one thing that has a name: a line of list, a page of explain.
type entry struct {
	Name    string   `json:"name"`
	Text    string   `json:"text"`
	Details []detail `json:"details,omitempty"`
	aliases []string
}

type detail struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// catalogue is one kind of names.
type catalogue struct {
	name  string
	about string
	list  func() ([]entry, error)
}

func catalogues() []catalogue {
	return []catalogue{
		{"claims", "sentences of the suite", claimEntries},
		{"invariants", "what check judges, and what claims ask", invariantEntries},
		{"knobs", "where sources disagree or Windows is silent; the first value is the default", knobEntries},
		{"actions", "what the kernel does, step by step, with the facts that each step encodes", actionEntries},
		{"priorities", "what check --search best explores first; the first is the default", priorityEntries},
		{"bounds", "how much there is of everything; the number is the default", boundEntries},
	}
}

func actionEntries() ([]entry, error) {
	var out []entry
	for _, s := range model.KernelSteps() {
		out = append(out, entry{Name: s.Table + "." + s.Name, Text: s.Text, Details: []detail{{"facts", s.Facts}}})
	}
	return out, nil
}

func priorityEntries() ([]entry, error) {
	var out []entry
	for _, p := range invariants.Priorities() {
		out = append(out, entry{Name: p.Name, Text: p.Text})
	}
	return out, nil
}

func catalogueNames() []string {
	var names []string
	for _, c := range catalogues() {
		names = append(names, c.name)
	}
	return names
}

func (e *env) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "list " + strings.Join(catalogueNames(), "|"),
		Short:     "List what has a name",
		ValidArgs: catalogueNames(),
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(_ *cobra.Command, args []string) error {
			all := catalogues()
			c := all[slices.IndexFunc(all, func(c catalogue) bool { return c.name == args[0] })]
			list, err := c.list()
			if err != nil {
				return input(err)
			}
			if e.opt.format == "json" {
				writeJSON(e.out, map[string]any{"schema": "ownercheck.list/1", c.name: list})
				return nil
			}
			e.list(list)
			return nil
		},
	}
}

func (e *env) list(list []entry) {
	width := 0
	for _, x := range list {
		width = max(width, len(x.Name))
	}
	room := terminalWidth(e.out)
	for _, x := range list {
		head := fmt.Sprintf("%-*s  ", width, x.Name)
		fmt.Fprintln(e.out, head+shorten(x.Text, room-utf8.RuneCountInString(head)))
	}
}

func (e *env) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain a claim, an invariant, a knob or a bound",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, c := range catalogues() {
				list, err := c.list()
				if err != nil {
					return input(err)
				}
				for _, x := range list {
					if x.named(args[0]) {
						e.explain(&x)
						return nil
					}
				}
			}
			return usage("nothing has the name %s: see ownercheck list %s", args[0], strings.Join(catalogueNames(), ", "))
		},
	}
}

func (x *entry) named(name string) bool {
	return strings.EqualFold(x.Name, name) || slices.ContainsFunc(x.aliases, func(a string) bool { return strings.EqualFold(a, name) })
}

func (e *env) explain(x *entry) {
	if e.opt.format == "json" {
		writeJSON(e.out, map[string]any{"schema": "ownercheck.explain/1", "entry": x})
		return
	}
	fmt.Fprintf(e.out, "%s: %s\n", x.Name, x.Text)
	for _, d := range x.Details {
		if d.Text != "" {
			fmt.Fprintf(e.out, "  %-9s  %s\n", d.Name, d.Text)
		}
	}
}

func claimEntries() ([]entry, error) {
	all, err := claims.All()
	var out []entry
	for _, c := range all {
		x := entry{Name: c.ID, Text: c.Sentence, Details: []detail{{"said by", c.Who}, {"verdict", c.Verdict}, {"because", c.Why}}}
		for _, r := range c.Runs {
			with := ""
			if len(r.Knobs) > 0 {
				with = ", with " + strings.Join(r.Knobs, ", ")
			}
			if r.Exception != "" {
				x.Details = append(x.Details, detail{"exception", r.Exception})
			}
			for _, p := range r.Properties {
				x.Details = append(x.Details, detail{"expects", fmt.Sprintf("%s %s%s", p.Name, p.Expect, with)})
			}
		}
		out = append(out, x)
	}
	return out, err
}

func invariantEntries() ([]entry, error) {
	var out []entry
	for _, p := range slices.Concat(invariants.ForCheck(), invariants.ForSystem(), invariants.ForApp(), invariants.ForThread()) {
		x := entry{Name: p.Name, Text: p.Text, Details: []detail{{"kind", p.Kind.String()}, {"duty", "of the " + p.Duty.String()},
			{"outcome", p.Code}, {"rules", p.Rules}, {"facts", p.Facts}, {"fix", p.Fix}}}
		if name, _, ok := strings.Cut(p.Text, ": "); ok && !strings.Contains(name, " ") {
			x.aliases = []string{name}
		}
		out = append(out, x)
	}
	for name, why := range invariants.NotJudged() {
		if invariants.Named(name) == nil {
			out = append(out, entry{Name: name, Text: "not judged by check: " + why})
		}
	}
	slices.SortStableFunc(out, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func knobEntries() ([]entry, error) {
	var out []entry
	for _, k := range model.KnobList() {
		x := entry{Name: k.ID, Text: fmt.Sprintf("%s = %s: %s", k.Name, strings.Join(k.Values, " or "), k.Text), aliases: []string{k.Name},
			Details: []detail{{"default", k.Values[0]}, {"set with", "--knob " + k.ID + "=" + k.Values[1]}}}
		out = append(out, x)
	}
	return out, nil
}

// boundTexts says what each bound bounds. A bound of scope is part of what
// PROVED states; reaching one of capacity makes a verdict INCOMPLETE.
var boundTexts = map[string]string{
	"files":     "scope: file objects at once, where the driver can notice that files are opened and closed",
	"processes": "scope: with an app, 2 adds another process that sends control codes without buffers",
	"threads":   "scope: threads of the app's process",
	"issuers":   "scope: threads of the most general client that issue requests; all of them cancel",
	"requests":  "scope: requests outstanding at once; their slots are used again without end",
	"dpcs":      "scope: processors that run DPCs at once",
	"failures":  "scope: 1: calls may fail for want of resources, any number of them; 0: none does",
	"ptes":      "scope: system page table entries; MmGetSystemAddressForMdlSafe fails beyond",
	"frames":    "capacity: page frames besides those of stacks and heap",
	"records":   "scope: live blocks of one allocation in the driver; one more fails for want of memory",
	"workers":   "capacity: work items that run at once",
	"kthreads":  "capacity: system threads that the driver has at once",
	"ranges":    "capacity: VirtualAlloc ranges; heap blocks",
	"stack":     "capacity: words of one thread's or DPC's stack",
	"local":     "capacity: operations in a row that touch nothing shared",
}

func boundEntries() ([]entry, error) {
	var out []entry
	def, quick := traces.BoundsByName(model.DefaultBounds()), traces.BoundsByName(model.QuickBounds())
	for _, name := range traces.BoundNames() {
		out = append(out, entry{Name: name, Text: fmt.Sprintf("%d  %s", def[name], boundTexts[name]),
			Details: []detail{{"default", fmt.Sprint(def[name])}, {"--quick", fmt.Sprint(quick[name])},
				{"set with", fmt.Sprintf("--bound %s=%d", name, def[name])}}})
	}
	return out, nil
}
