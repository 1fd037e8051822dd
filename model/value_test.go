package model

import (
	"testing"

	"github.com/ownercheck/ownercheck/model/program"
)

// Numbers are compared with all their bits, references without what tells a stale one.
func TestValuesAsCSeesThem(t *testing.T) {
	x := &exec{m: &Model{}}
	for bit := range 26 {
		v := num(1 << bit)
		if !x.truth(v) {
			t.Errorf("%#x is false", 1<<bit)
		}
		if got := x.unary(&program.Node{Alu: program.AluLNot}, v); got != 0 {
			t.Errorf("!%#x is %v", 1<<bit, got)
		}
		if v.address() == 0 {
			t.Errorf("%#x has no bits left", 1<<bit)
		}
	}
	a := ref(ClassRecord, 3, 0, 8)
	gone := a | stale<<incShift
	if !gone.stale() || a.stale() || a == gone || a.address() != gone.address() {
		t.Errorf("%#x and %#x: a pointer to freed memory equals the new object's, and is none", a, gone)
	}
}
