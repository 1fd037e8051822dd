package model

import (
	"sort"

	"github.com/ownercheck/ownercheck/explore"
	"github.com/ownercheck/ownercheck/model/program"
)

// client is the most general client (22.12, 22.21): the requests that it may
// issue. What it does with its memory is chosen where the kernel looks.
type client struct {
	variants []variant
	lengths  []int
	codes    []int64
	inLens   []int
	outLens  []int
}

// variant is one way to call DeviceIoControl.
type variant struct {
	code          int64
	inLen, outLen int
	in, out       placement
}

// placement says what the client passes for a buffer.
type placement uint8

const (
	placeUser   placement = iota // memory of its own
	placeNull                    // a NULL pointer
	placeKernel                  // a kernel address
)

// variantShift: the variant is the upper part of an action's Arg.
const variantShift = 16

// newClient finds which control codes and lengths the driver can tell apart
// (22.5, 22.6).
func (m *Model) newClient() client {
	var c client
	if m.cfg.App != nil || m.dispatch[irpMjDeviceControl] == nil {
		return c
	}
	consts := m.comparedWith()
	c.codes = controlCodes(consts)
	c.lengths = lengths(consts, m.cfg.Driver)
	c.inLens, c.outLens = m.pickLengths(c.lengths)
	for _, code := range c.codes {
		for _, i := range c.inLens {
			for _, o := range c.outLens {
				c.variants = append(c.variants, variant{code: code, inLen: i, outLen: o})
				if code&3 == methodNeither && (i > 0 || o > 0) {
					c.variants = append(c.variants, variant{code, i, o, placeKernel, placeKernel})
				}
				if code&3 == methodBuffered && o == 0 && i > 0 {
					c.variants = append(c.variants, variant{code, i, o, placeUser, placeKernel}) // B31
				}
			}
		}
	}
	return c
}

// pickLengths leaves out lengths that the driver cannot tell apart: all of them
// where it reads the length, none and the largest where it only reads or writes
// the buffer, none where it never looks at either.
func (m *Model) pickLengths(lengths []int) (in, out []int) {
	ends := []int{lengths[0], lengths[len(lengths)-1]}
	in, out = lengths[:1], lengths[:1]
	if m.loadsIrp(fieldBlock) || m.loadsIrp(fieldUserBuffer) || m.readsField(locType3) {
		in, out = ends, ends
	}
	if m.loadsIrp(fieldMdl) || m.reportsInformation() {
		out = ends
	}
	if m.readsField(locInLen) {
		in = lengths
	}
	if m.readsField(locOutLen) {
		out = lengths
	}
	return in, out
}

// loadsIrp says whether the driver loads field f of an IRP.
func (m *Model) loadsIrp(f irpField) bool {
	for i := range m.code {
		in := &m.code[i]
		if in.r.side == program.Driver && in.n.Op == program.OpLoad && fieldAt(m.irpFields, int(in.n.Offset)) == f {
			return true
		}
	}
	return false
}

// ReadsUserAddress says whether the driver loads a field that holds a user
// address: Irp.UserBuffer or Type3InputBuffer.
func (m *Model) ReadsUserAddress() bool {
	return m.loadsIrp(fieldUserBuffer) || m.readsField(locType3)
}

// reportsInformation says whether the driver stores anything but 0 in a field
// at IoStatus.Information's offset.
func (m *Model) reportsInformation() bool {
	for i := range m.code {
		in := &m.code[i]
		if in.r.side == program.Driver && in.n.Op == program.OpStore && fieldAt(m.irpFields, int(in.n.Offset)) == fieldInfo &&
			(in.args[1].kind != program.OperandInt || in.args[1].v != 0) {
			return true
		}
	}
	return false
}

// comparedWith collects the constants that the driver compares with, switches
// on, or passes as a length.
func (m *Model) comparedWith() map[int64]bool {
	found := map[int64]bool{}
	for i := range m.code {
		in := &m.code[i]
		if in.r.side != program.Driver || in.r.r.Name == "DriverEntry" {
			continue
		}
		n := in.n
		switch {
		case n.Op == program.OpBinary && (n.Alu >= program.AluEq || n.Alu == program.AluSub),
			n.Op == program.OpAPI && isLengthAPI[n.API],
			n.Op == program.OpStore:
			for _, a := range n.Args {
				if a.Kind == program.OperandInt {
					found[a.V] = true
				}
			}
		case n.Op == program.OpSwitch:
			for _, k := range n.Cases {
				found[k.Value] = true
			}
		}
	}
	return found
}

var isLengthAPI = map[string]bool{
	"RtlCopyMemory": true, "RtlMoveMemory": true, "RtlZeroMemory": true, "RtlFillMemory": true,
	"ProbeForRead": true, "ProbeForWrite": true, "IoAllocateMdl": true,
}

// controlCodes are the constants that are control codes, and one that the
// driver does not know; all four methods of one code if it knows none.
func controlCodes(consts map[int64]bool) []int64 {
	var out []int64
	for v := range consts {
		if v >= 1<<16 && v < 1<<32 {
			out = append(out, v)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	if len(out) == 0 {
		return []int64{0x222000, 0x222001, 0x222002, 0x222003}
	}
	return append(out, 0x22FFFC)
}

// lengths are 0 and c-1, c, c+1 for every constant that can be a length.
func lengths(consts map[int64]bool, _ *program.Program) []int {
	set := map[int]bool{0: true}
	for v := range consts {
		if v > 1 && v <= 4096 {
			for d := int64(-1); d <= 1; d++ {
				set[int(v+d)] = true
			}
		}
	}
	if len(set) == 1 {
		set[8] = true
	}
	var out []int
	for n := range set {
		if n <= 4096 {
			out = append(out, n)
		}
	}
	sort.Ints(out)
	return out
}

// readsField says whether the driver loads the field of its stack location.
func (m *Model) readsField(f locField) bool {
	for i := range m.code {
		in := &m.code[i]
		if in.r.side == program.Driver && in.n.Op == program.OpLoad && fieldAt(m.locFields, int(in.n.Offset)) == f {
			return true
		}
	}
	return false
}

// pushClient pushes what the client's idle threads may do.
func (x *exec) pushClient(s []byte, out *explore.Steps) {
	m := x.m
	for t := range m.threads {
		cb := m.lay.ctxs.at(t)
		if s[cb+ctxAlive] != aliveYes || s[cb+ctxBase] != 0 {
			continue
		}
		if t < m.cfg.Bounds.Issuers && m.freeSlot(s) {
			for v := range m.client.variants {
				x.push1(s, out, explore.Action{Kind: KindIssue, Actor: uint8(t), Arg: uint32(v) << variantShift})
			}
		}
		if !m.cfg.Actions.Cancel {
			continue
		}
		for i := range m.lay.irps.n {
			b := m.lay.irps.at(i)
			p, routine := s[b+irpPhase], u16(s, b+irpRoutine)
			if p < phaseDriver || routine == 0 && (s[b+irpCancel] != 0 || p >= phaseStage1) {
				continue // it would change nothing
			}
			x.push1(s, out, explore.Action{Kind: KindCancel, Actor: uint8(t), Object: uint8(i)})
		}
	}
}

func (m *Model) freeSlot(s []byte) bool {
	for i := range m.lay.irps.n {
		if s[m.lay.irps.at(i)+irpPhase] == phaseFree {
			return true
		}
	}
	return false
}

// clientIssue starts request variant v in the running thread.
func (x *exec) clientIssue(v int) bool {
	w := &x.m.client.variants[v]
	i := x.newRequest()
	if i < 0 {
		return false
	}
	b := x.irp(i)
	in, out := ref(ClassLazy, i, 0, lazyIn), ref(ClassLazy, i, 0, lazyOut)
	x.fillRequest(b, int(w.code), w.inLen, w.outLen, x.place(w.in, in), x.place(w.out, out), ref(ClassLazy, i, 0, lazyOver))
	return x.pushKernel(tableIssue, x.irpRef(i))
}

func (x *exec) place(p placement, user Value) Value {
	switch p {
	case placeNull:
		return 0
	case placeKernel:
		return ref(ClassKernel, 0, 0, 0)
	}
	return user
}
