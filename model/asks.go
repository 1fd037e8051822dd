package model

// What a call of the most general client asks for - which control code, which
// lengths - nobody can tell until the driver looks. Where files are closed, a call
// that holds its reference to the file object already and has not got to the driver
// is a state of its own: a CLEANUP that comes now is one that the request meets. In
// that state the request asks for nothing yet; A0 chooses when it goes on. So the
// state is one, not as many as there are requests.
//
// A section that begins with A0 runs on over A13, with which the request can be
// cancelled, as far as nothing depends on whether it was: to cancel it later is the
// same.

// mostAsked is how many ways to go on one choice has.
const mostAsked = 200

// asksLate says whether requests are chosen by A0.
func (m *Model) asksLate() bool {
	return m.cfg.App == nil && m.filesMove() && len(m.client.enabled) <= mostAsked
}

// clientCalls lets the running thread begin a call on file object f.
func (x *exec) clientCalls(f int) bool {
	i := x.newRequest()
	if i < 0 {
		return false
	}
	b := x.irp(i)
	x.s[b+irpFile] = byte(f + 1)
	x.s[b+irpMajor] = irpMjDeviceControl // or a transfer: it holds a reference like any request
	if x.pushKernel(tableIssue, irpRef(i)) {
		x.jump(tableIssue, issueA0)
	}
	return true
}

// stepA0 chooses one of the variants that the driver can tell apart.
func (x *exec) stepA0() {
	n := x.chooseVariant()
	if x.log != nil {
		x.log.result(num(n))
	}
	x.makes(x.request(), &x.m.client.variants[n])
	x.asked = true
	x.jump(tableIssue, issueM1)
}

// makes fills request i of the client.
func (x *exec) makes(i int, w *variant) {
	b := x.irp(i)
	in, out, over := x.place(w.in, ref(ClassLazy, i, 0, lazyIn)), x.place(w.out, ref(ClassLazy, i, 0, lazyOut)), ref(ClassLazy, i, 0, lazyOver)
	if isReadWrite(w.major) {
		x.fillReadWrite(b, w.major, w.outLen, out, over, unknown(TagCaller))
	} else {
		x.fillRequest(b, int(w.code), w.inLen, w.outLen, in, out, over)
	}
}

// moveA13: a request that asked in this section is put on its list late.
func (x *exec) moveA13() mover {
	if x.asked {
		return moverEarly
	}
	return moverNone
}

// couldTell says whether the next operation, which does not commute, could tell if a
// request was cancelled that this section has put on its list.
func (x *exec) couldTell(mv mover) bool {
	if !x.asked || mv != moverNone {
		return false
	}
	pc := x.pc()
	return pc < x.m.kernelCode || !x.m.steps[pc-x.m.kernelCode].deaf
}
