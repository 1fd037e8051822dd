package model

import (
	"math/bits"
	"slices"
	"sort"

	"github.com/ownercheck/ownercheck/explore"
)

// client is the most general client (22.12, 22.21): the requests that it may
// issue. What it does with its memory is chosen where the kernel looks.
type client struct {
	variants []variant
	lengths  []int
	codes    []int64
	enabled  []int // variants that the driver can tell apart
}

// variant is one way to call DeviceIoControl, ReadFile or WriteFile.
type variant struct {
	major         byte
	code          int64
	inLen, outLen int
	in, out       placement

	needs []uint32 // of each, one must be looked at
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
	if m.cfg.App != nil && !m.second() {
		return c
	}
	consts := m.comparedWith()
	if m.second() {
		if m.dispatch[irpMjDeviceControl] != nil {
			c.addSecond(controlCodes(consts))
		}
		return c
	}
	exits := m.cfg.Actions.Kill
	c.lengths = lengths(consts, m.assume.ends)
	if m.dispatch[irpMjDeviceControl] != nil {
		c.addCodes(controlCodes(consts), exits)
	}
	if m.dispatch[irpMjRead] != nil && m.cfg.Actions.Read {
		c.addTransfers(irpMjRead, m.transfer, exits)
	}
	if m.dispatch[irpMjWrite] != nil && m.cfg.Actions.Write {
		c.addTransfers(irpMjWrite, m.transfer, exits)
	}
	c.enable(m.assume.looks)
	return c
}

// addCodes appends every way to call DeviceIoControl with one of codes.
func (c *client) addCodes(codes []int64, exits bool) {
	c.codes = codes
	for _, code := range codes {
		for _, i := range c.lengths {
			for _, o := range c.lengths {
				c.add(variant{major: irpMjDeviceControl, code: code, inLen: i, outLen: o}, exits)
				if code&3 == methodNeither && (i > 0 || o > 0) {
					c.add(variant{major: irpMjDeviceControl, code: code, inLen: i, outLen: o, in: placeKernel, out: placeKernel}, false)
				}
				if code&3 == methodBuffered && o == 0 && i > 0 {
					c.add(variant{major: irpMjDeviceControl, code: code, inLen: i, outLen: o, out: placeKernel}, false) // B31
				}
			}
		}
	}
}

// addSecond appends what the second process does: it sends codes that the driver
// knows, without buffers.
func (c *client) addSecond(codes []int64) {
	c.codes = codes
	for _, code := range codes {
		if code != unknownCode {
			c.variants = append(c.variants, variant{major: irpMjDeviceControl, code: code})
		}
	}
}

// addTransfers appends every way to call ReadFile or WriteFile. A kernel address
// passes the probe only with a length of 0, and only NEITHER hands it on.
func (c *client) addTransfers(major, method byte, exits bool) {
	for _, n := range c.lengths {
		v := variant{major: major, outLen: n}
		if n != 0 && !(exits && method == methodOut) {
			v.needs = append(v.needs, lookIn|lookOut|lookOutLen)
		}
		if n != 0 && n != c.small() && n != c.last() {
			v.needs = append(v.needs, lookOutLen)
		}
		c.variants = append(c.variants, v)
	}
	if method == methodNeither {
		c.variants = append(c.variants, variant{major: major, out: placeKernel, needs: []uint32{lookOut}})
	}
}

// small and last are the least length other than 0, and the largest.
func (c *client) small() int { return c.lengths[min(1, len(c.lengths)-1)] }
func (c *client) last() int  { return c.lengths[len(c.lengths)-1] }

// add appends a variant with what the driver must look at for it to differ from
// the others: a length other than 0, the least and the largest only if it reads
// that length, a length other than 0 only if it looks at the buffer at all, or if
// pages that are locked for it can outlive their process.
func (c *client) add(v variant, exits bool) {
	last, small := c.last(), c.small()
	if v.inLen != 0 {
		v.needs = append(v.needs, lookIn|lookInLen)
	}
	if v.inLen != 0 && v.inLen != small && v.inLen != last {
		v.needs = append(v.needs, lookInLen)
	}
	method := v.code & 3
	if locks := method == methodIn || method == methodOut; v.outLen != 0 && !(locks && exits) {
		v.needs = append(v.needs, lookOut|lookOutLen)
	}
	if v.outLen != 0 && v.outLen != small && v.outLen != last {
		v.needs = append(v.needs, lookOutLen)
	}
	if v.out == placeKernel || v.in == placeKernel {
		v.needs = append(v.needs, lookOut|lookIn)
	}
	c.variants = append(c.variants, v)
}

// enable chooses the variants that a driver which looks at so much can tell
// apart.
func (c *client) enable(looks uint32) {
	c.enabled = nil
	for i := range c.variants {
		if !slices.ContainsFunc(c.variants[i].needs, func(any uint32) bool { return looks&any == 0 }) {
			c.enabled = append(c.enabled, i)
		}
	}
}

// unknownCode is one that no driver knows.
const unknownCode = 0x22FFFC

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
	return append(out, unknownCode)
}

// ReadsUserAddress says whether the driver was seen to use a field that holds a
// user address: Irp.UserBuffer or Type3InputBuffer.
func (m *Model) ReadsUserAddress() bool {
	return (m.assume.looks|m.learn.looks.Load())&lookUser != 0
}

// pushClient pushes what the client's idle threads may do.
func (x *exec) pushClient(s []byte, out *explore.Steps) {
	m := x.m
	for t := range m.threads {
		cb := m.lay.ctxs.at(t)
		if s[cb+ctxAlive] != aliveYes || s[cb+ctxBase] != 0 || s[cb+ctxDying] != dyingNot {
			continue
		}
		x.pushExits(s, t, out)
		x.pushFiles(s, out, t)
		if !m.cfg.Actions.Cancel {
			continue
		}
		for i := range m.lay.irps.n {
			b := m.lay.irps.at(i)
			p, routine := s[b+irpPhase], u16(s, b+irpRoutine)
			if p < phaseDriver || s[b+irpThread] == 0 || isFileMajor(s[b+irpMajor]) || routine == 0 && (s[b+irpCancel] != 0 || p >= phaseStage1) {
				continue // it would change nothing
			}
			x.push1(s, out, explore.Action{Kind: KindCancel, Actor: uint8(t), Object: uint8(i)})
		}
	}
}

// pushSecond pushes the requests of the second process, one at a time.
func (x *exec) pushSecond(s []byte, out *explore.Steps) {
	m := x.m
	t := m.appThreads()
	if s[m.lay.ctxs.at(t)+ctxBase] != 0 || !m.freeSlot(s) || m.outstanding(s, t) {
		return
	}
	for v := range m.client.variants {
		x.push1(s, out, explore.Action{Kind: KindIssue, Actor: uint8(t), Object: uint8(m.ownFiles()), Arg: uint32(v) << variantShift})
	}
}

// outstanding says whether a request of thread t is.
func (m *Model) outstanding(s []byte, t int) bool {
	for i := range m.lay.irps.n {
		if b := m.lay.irps.at(i); s[b+irpPhase] != phaseFree && int(s[b+irpThread]) == t+1 {
			return true
		}
	}
	return false
}

// pushFiles pushes what the client's idle thread t may do with file objects:
// requests, closing, opening.
func (x *exec) pushFiles(s []byte, out *explore.Steps, t int) {
	m := x.m
	issues := t < m.cfg.Bounds.Issuers && m.freeSlot(s)
	moves, free := m.lay.ctxs.workers.n > 0, uint64(0)
	for f := range m.clientFiles() {
		phase := s[m.lay.files.at(f)+filPhase]
		if phase == fileNone {
			free |= 1 << f
		}
		if phase != fileOpen {
			continue
		}
		if issues {
			x.pushIssues(s, out, t, f)
		}
		if moves {
			x.push1(s, out, explore.Action{Kind: KindClose, Actor: uint8(t), Object: uint8(f)})
		}
	}
	if free&(free-1) != 0 {
		free = unlike(free, m.programNames(s, ClassFile))
	}
	for ; moves && free != 0; free &= free - 1 {
		x.push1(s, out, explore.Action{Kind: KindOpen, Actor: uint8(t), Object: uint8(bits.TrailingZeros64(free))})
	}
}

// pushIssues pushes the calls that thread t may make on file object f: one that asks
// late, or each request that the driver can tell apart.
func (x *exec) pushIssues(s []byte, out *explore.Steps, t, f int) {
	a := explore.Action{Kind: KindIssue, Actor: uint8(t), Object: uint8(f)}
	if x.m.asksLate() {
		x.push1(s, out, a)
		return
	}
	for _, v := range x.m.client.enabled {
		a.Arg = uint32(v) << variantShift
		x.push1(s, out, a)
	}
}

// freeSlot says whether the app may have another request outstanding.
func (m *Model) freeSlot(s []byte) bool {
	n := 0
	for i := range m.lay.irps.n {
		if b := m.lay.irps.at(i); s[b+irpPhase] != phaseFree && !isFileMajor(s[b+irpMajor]) {
			n++
		}
	}
	return n < m.cfg.Bounds.Requests
}

// clientIssue starts request variant v on file object f in the running thread.
func (x *exec) clientIssue(v, f int) bool {
	w := &x.m.client.variants[v]
	i := x.newRequest()
	if i < 0 {
		return false
	}
	x.makes(i, w)
	if !x.pushKernel(tableIssue, irpRef(i)) {
		return false
	}
	if x.m.processOf(x.ctx) == processOther {
		x.s[x.irp(i)+irpFile] = byte(f + 1) // its own; it keeps it open
	} else {
		x.setReg(k2, handleOf(f, 0))
	}
	return true
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
