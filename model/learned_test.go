package model

import (
	"bytes"
	"reflect"
	"sync/atomic"
	"testing"
)

// Learn takes over all that Learned gives, on top of what is known. A field that
// learn gets has to be added to both.
func TestLearned(t *testing.T) {
	if n := reflect.TypeFor[learn]().NumField(); n != 13 {
		t.Errorf("learn has %d fields: Learned and Learn know 13", n)
	}
	with := func(change func(l *learn)) *Model {
		m := &Model{}
		m.learn.held, m.learn.lookers = newHeld(3), make([]atomic.Bool, 2)
		m.learn.cells = cellLearn{make([]atomic.Uint64, 4), make([]atomic.Uint64, 2)}
		change(&m.learn)
		return m
	}
	one := with(func(l *learn) {
		l.held[1].Store(6)
		l.looks.Store(lookIn)
		l.claimSoft.Store(true)
		l.ends[3].Store(1 << 63)
		l.lookers[1].Store(true)
		l.informed[0].Store(8)
		l.informed[1].Store(4)
		l.cells.reads[3].Store(1 << 40)
		l.cells.lost[0].Store(1)
	})
	two := with(func(l *learn) {
		l.held[1].Store(3)
		l.claimBroken.Store(true)
		l.dpcLost.Store(true)
		l.useBroken.Store(true)
		l.exchangeBroken.Store(true)
		l.ends[63].Store(5)
		l.asksBroken.Store(true)
		l.lookedLate.Store(true)
		l.informed[1].Store(6)
		l.cells.reads[3].Store(3)
		l.cells.lost[1].Store(2)
	})
	both := with(func(l *learn) {
		l.held[1].Store(2)
		l.looks.Store(lookIn)
		l.claimBroken.Store(true)
		l.claimSoft.Store(true)
		l.dpcLost.Store(true)
		l.useBroken.Store(true)
		l.exchangeBroken.Store(true)
		l.ends[3].Store(1 << 63)
		l.ends[63].Store(5)
		l.asksBroken.Store(true)
		l.lookedLate.Store(true)
		l.lookers[1].Store(true)
		l.informed[0].Store(8)
		l.informed[1].Store(6)
		l.cells.reads[3].Store(1<<40 | 3)
		l.cells.lost[0].Store(1)
		l.cells.lost[1].Store(2)
	})
	text := one.Learned()
	if err := two.Learn(text); err != nil {
		t.Fatal(err)
	}
	if got, want := two.Learned(), both.Learned(); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	for n := range text {
		if with(func(*learn) {}).Learn(text[:n]) == nil {
			t.Errorf("%d of %d bytes: no error", n, len(text))
		}
	}
	if with(func(l *learn) { l.held = newHeld(4) }).Learn(text) == nil {
		t.Error("of another case: no error")
	}
}
