package traces

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ownercheck/ownercheck/model"
)

// Settings are the parts of a model.Config that are no code, by name: a trace
// outlives the order of the fields of a struct. The names are those of the
// fields in lower case.
type Settings struct {
	Bounds     map[string]int  `json:"bounds"`
	Knobs      []string        `json:"knobs,omitempty"` // those that are not at their default, as K1=unguarded
	Reductions map[string]bool `json:"reductions"`
	Actions    map[string]bool `json:"actions"`
	// Assumptions are what the reductions took for granted when the trace was
	// found (model.Model.Assumptions). Which steps are merged into one depends
	// on them, so a run is one only under the same assumptions.
	Assumptions []int `json:"assumptions"`
}

func settingsOf(m *model.Model) Settings {
	c := m.Config()
	s := Settings{Bounds: BoundsByName(c.Bounds), Reductions: switches(c.Reduce), Actions: switches(c.Actions),
		Assumptions: m.Assumptions()}
	if k := c.Knobs.String(); k != "default" {
		s.Knobs = strings.Fields(k)
	}
	return s
}

// Apply puts the settings into a configuration. It must name each of them, and
// nothing else.
func (s *Settings) Apply(c *model.Config) error {
	c.Bounds = model.Bounds{}
	for _, name := range BoundNames() {
		n, ok := s.Bounds[name]
		if !ok {
			return fmt.Errorf("traces: the bound %s is missing: the trace was made by another version", name)
		}
		if err := SetBound(&c.Bounds, name+"="+strconv.Itoa(n)); err != nil {
			return fmt.Errorf("traces: %w", err)
		}
	}
	if len(s.Bounds) != len(BoundNames()) {
		return fmt.Errorf("traces: %d bounds: this version has %d", len(s.Bounds), len(BoundNames()))
	}
	if err := c.Bounds.Validate(); err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	c.Knobs = model.Knobs{}
	for _, k := range s.Knobs {
		if err := c.Knobs.Set(k); err != nil {
			return fmt.Errorf("traces: %w", err)
		}
	}
	if err := setSwitches(&c.Reduce, "reductions", s.Reductions); err != nil {
		return err
	}
	return setSwitches(&c.Actions, "actions", s.Actions)
}

// BoundNames lists the bounds in order.
func BoundNames() []string { return fieldNames(reflect.TypeFor[model.Bounds]()) }

// BoundsByName gives each bound by its name.
func BoundsByName(b model.Bounds) map[string]int {
	out := map[string]int{}
	v := reflect.ValueOf(b)
	for i, name := range BoundNames() {
		out[name] = int(v.Field(i).Int())
	}
	return out
}

// SetBound changes one bound, given as "requests=1". Whether the number is in
// its range is for model.Bounds.Validate.
func SetBound(b *model.Bounds, assignment string) error {
	name, text, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("bound %q: want NAME=NUMBER, such as requests=1", assignment)
	}
	i := slices.Index(BoundNames(), strings.ToLower(name))
	if i < 0 {
		return fmt.Errorf("no bound %q: want one of %s", name, strings.Join(BoundNames(), ", "))
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("bound %s: %q is no number", name, text)
	}
	reflect.ValueOf(b).Elem().Field(i).SetInt(int64(n))
	return nil
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = strings.ToLower(t.Field(i).Name)
	}
	return names
}

// switches gives the fields of a struct of bools by name.
func switches(from any) map[string]bool {
	out := map[string]bool{}
	v := reflect.ValueOf(from)
	for i, name := range fieldNames(v.Type()) {
		out[name] = v.Field(i).Bool()
	}
	return out
}

func setSwitches(to any, what string, from map[string]bool) error {
	v := reflect.ValueOf(to).Elem()
	names := fieldNames(v.Type())
	if len(from) != len(names) {
		return fmt.Errorf("traces: %d %s: this version has %d", len(from), what, len(names))
	}
	for i, name := range names {
		on, ok := from[name]
		if !ok {
			return fmt.Errorf("traces: %s without %s: the trace was made by another version", what, name)
		}
		v.Field(i).SetBool(on)
	}
	return nil
}
