package model

import (
	"encoding/binary"
	"errors"
	"sync/atomic"
)

// Learned gives what the present exploration has seen so far of what Refine
// asks about, as bytes for Learn of another Model of the same case. A run that
// goes on from a checkpoint needs it: it does not take the steps again on which
// an assumption turned out wrong.
func (m *Model) Learned() []byte {
	l := &m.learn
	b := binary.AppendUvarint(nil, uint64(len(l.held)))
	for i := range l.held {
		b = binary.LittleEndian.AppendUint32(b, l.held[i].Load())
	}
	broken := uint64(0)
	for i, a := range m.watchedClaims() {
		if a.wrong.Load() {
			broken |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, broken)
	b = binary.AppendUvarint(b, uint64(l.looks.Load()))
	for i := range l.ends {
		b = binary.AppendUvarint(b, l.ends[i].Load())
	}
	for i := range l.informed {
		b = binary.AppendUvarint(b, uint64(l.informed[i].Load()))
	}
	for i := range l.cells.reads {
		b = binary.AppendUvarint(b, l.cells.reads[i].Load())
	}
	for i := range l.cells.lost {
		b = binary.AppendUvarint(b, l.cells.lost[i].Load())
	}
	for i := range l.lookers {
		b = append(b, bit(&l.lookers[i]))
	}
	return append(b, bit(&l.lookedLate))
}

func bit(a *atomic.Bool) byte {
	if a.Load() {
		return 1
	}
	return 0
}

// Learn adds what another run of the same case has seen.
func (m *Model) Learn(b []byte) error {
	l, bad := &m.learn, errors.New("model: what was learned is not of this case")
	number := func() uint64 {
		x, n := binary.Uvarint(b)
		if n <= 0 {
			b = nil
			return 0
		}
		b = b[n:]
		return x
	}
	if len(b) == 0 || number() != uint64(len(l.held)) || len(b) < 4*len(l.held)+2+len(l.ends) {
		return bad
	}
	for i := range l.held {
		l.held[i].And(binary.LittleEndian.Uint32(b[4*i:]))
	}
	b = b[4*len(l.held):]
	broken := number()
	for i, a := range m.watchedClaims() {
		if broken&(1<<i) != 0 {
			a.wrong.Store(true)
		}
	}
	l.looks.Or(uint32(number()))
	for i := range l.ends {
		if b == nil {
			return bad
		}
		l.ends[i].Or(number())
	}
	for i := range l.informed {
		if n := uint32(number()); n > l.informed[i].Load() {
			l.informed[i].Store(n)
		}
	}
	for i := range l.cells.reads {
		l.cells.reads[i].Or(number())
	}
	for i := range l.cells.lost {
		l.cells.lost[i].Or(number())
	}
	if b == nil || len(b) != len(l.lookers)+1 {
		return bad
	}
	for i, looks := range b {
		switch {
		case looks > 1:
			return bad
		case looks == 0:
		case i < len(l.lookers):
			l.lookers[i].Store(true)
		default:
			l.lookedLate.Store(true)
		}
	}
	return nil
}
