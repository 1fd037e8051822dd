package model

import "testing"

// Every kind of action has a name for people.
func TestKindNames(t *testing.T) {
	for i, name := range kindNames {
		if name == "" {
			t.Errorf("kind %#x has no name", int(kindOther)+i)
		}
	}
}
