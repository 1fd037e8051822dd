package model

import "github.com/ownercheck/ownercheck/explore"

// Completion ports and thread-agnostic I/O (19.1 to 19.15). An asynchronous
// request on a file object that is bound to a port is on the file object's list,
// not on its thread's (K13): nobody cancels it when the thread ends, it becomes
// the port's packet itself, and F1 to F5 wait until somebody dequeues it.
const (
	prtState   = 0 // port*
	prtCount   = 1 // packets queued
	prtPackets = 4 // Values, first in first out: a request, or a posted packet
	maxPackets = 4 // capacity, requests included
	prtSize    = prtPackets + 4*maxPackets

	pstUsed  = 0
	pstOver  = 4 // Values of a posted packet
	pstBytes = 8
	pstKey   = 12
	pstSize  = 16
	maxPosts = 2 // capacity

	portNone   = 0
	portOpen   = 1
	portClosed = 2

	handlePort  = 56 // first port
	postedFirst = 16 // ClassSystem slots of posted packets
	maxPorts    = 4
)

// GetQueuedCompletionStatus from the moment when it has a packet. k0 is the
// request, if stage two is still to run; the others are what the caller wants to
// know, and where.
const (
	portP1 = iota
	portP2
)

const (
	pBytes    = 1
	pKey      = 2
	pOver     = 4
	pOvers    = 5 // the OVERLAPPED of the packet
	pInfo     = 6
	pKeys     = 7
	portWords = 8
)

func portSteps() []step {
	return []step{
		portP1: {name: "P1", fact: "19.5, 19.6", text: "the packet is a request: its stage two runs here, in the thread that took it", mover: true, why: "only the dequeuer has the request", run: (*exec).stepP1},
		portP2: {name: "P2", fact: "19.5", text: "tell the caller: bytes, key, OVERLAPPED, TRUE or FALSE", run: (*exec).stepP2},
	}
}

func portAPIs() map[string]*api {
	return map[string]*api{
		"CreateIoCompletionPort":             {run: result(createPort)},
		"GetQueuedCompletionStatus":          {ready: packetReady, run: dequeue},
		"PostQueuedCompletionStatus":         {run: result(postPacket)},
		"SetFileCompletionNotificationModes": {run: result(setModes)},
	}
}

// portCounts gives how many ports the app can make, and how many packets it can
// post that nobody has dequeued yet.
func (m *Model) portCounts() (ports, posts int) {
	ports = min(m.appCalls("CreateIoCompletionPort"), maxPorts)
	if ports > 0 && m.appCalls("PostQueuedCompletionStatus") > 0 {
		posts = maxPosts
	}
	return ports, posts
}

// port gives the block of the port that h names, 0 if it names none that is open.
func (x *exec) port(h Value) int {
	p := h.Slot() - handlePort
	if h.Class() != ClassHandle || p < 0 || p >= x.m.lay.ports.n {
		return 0
	}
	if b := x.m.lay.ports.at(p); x.s[b+prtState] == portOpen {
		return b
	}
	return 0
}

// createPort makes a port, or binds a file object to one, or both.
func createPort(x *exec, in *inst) Value {
	file, existing := x.arg(in, 0), x.arg(in, 1)
	p := x.port(existing)
	f, isFile := x.fileArg(file)
	switch {
	case existing != 0 && p == 0, existing != 0 && !isFile, !isFile && file != num(-1):
		return x.apiFails(winInvalidParameter)
	case isFile && (x.s[f+filPort] != 0 || x.s[f+filFlags]&fileSync != 0):
		return x.apiFails(winInvalidParameter)
	}
	if existing == 0 {
		if p = x.newPort(); p == 0 {
			x.capacity(boundPorts)
			return 0
		}
	}
	slot := (p - x.m.lay.ports.off) / x.m.lay.ports.size
	if isFile {
		x.s[f+filPort] = byte(slot + 1)
		put(x.s, f+filKey, x.arg(in, 2))
	}
	return ref(ClassHandle, handlePort+slot, 0, 0)
}

// newPort is the block of a port that never was, 0 if there is none: a file
// object may still name one that was closed.
func (x *exec) newPort() int {
	for i := range x.m.lay.ports.n {
		if b := x.m.lay.ports.at(i); x.s[b+prtState] == portNone {
			x.s[b+prtState] = portOpen
			return b
		}
	}
	return 0
}

// clientOpens puts the file object at f into the mode in which the most general
// client uses it.
func (x *exec) clientOpens(f int) {
	if x.m.cfg.App != nil {
		return
	}
	if x.m.cfg.Actions.Sync {
		x.s[f+filFlags] |= fileSync
	}
	if x.m.cfg.Actions.Port {
		x.s[x.m.lay.ports.off+prtState] = portOpen
		x.s[f+filPort] = 1
	}
}

// pushDequeue pushes the most general client's idle thread that takes the first
// packet from its port, as stage two is pushed: nobody can tell when that is, and
// which thread it is.
func (x *exec) pushDequeue(s []byte, out *explore.Steps) bool {
	m := x.m
	if m.cfg.App != nil || m.lay.ports.n == 0 || s[m.lay.ports.off+prtCount] == 0 {
		return false
	}
	for t := range m.appThreads() {
		if cb := m.lay.ctxs.at(t); s[cb+ctxAlive] == aliveYes && s[cb+ctxBase] == 0 && s[cb+ctxDying] == dyingNot {
			return x.push1(s, out, explore.Action{Kind: KindDequeue, Actor: uint8(t)})
		}
	}
	return false
}

// takeFirst makes the running thread take the first packet.
func (x *exec) takeFirst() {
	v := x.popPacket(x.m.lay.ports.off)
	if x.push(x.m.kernelCode+x.m.tableStart[tablePort], portWords, 0) {
		x.takePacket(v)
	}
}

// apiFails sets the last error and gives FALSE.
func (x *exec) apiFails(code int) Value {
	put(x.s, x.cb+ctxLast, num(code))
	return 0
}

// setModes adds modes; none is ever taken back (19.13).
func setModes(x *exec, in *inst) Value {
	f, ok := x.fileArg(x.arg(in, 0))
	modes, known := x.known(in, 1)
	if !known {
		return 0
	}
	if !ok || modes&^3 != 0 {
		return x.apiFails(winInvalidParameter)
	}
	if modes&1 != 0 {
		x.s[f+filFlags] |= fileSkipPort
	}
	if modes&2 != 0 {
		x.s[f+filFlags] |= fileSkipEvent
	}
	return num(1)
}

// boundPort is the port slot+1 of the file object at block f.
func (x *exec) boundPort(f int) int {
	if x.m.lay.ports.n == 0 {
		return 0
	}
	return int(x.s[f+filPort])
}

// agnostic says whether the request at b goes on the file object's list when it is
// inserted (19.1, 19.2, 19.10).
func (x *exec) agnostic(b int) bool {
	f := x.fileBlock(b)
	p := x.boundPort(f)
	switch x.m.cfg.Knobs.PortIrpList {
	case PortThread:
		return false
	case PortNotBuffered:
		if x.s[b+irpFlags]&flagInputOp != 0 {
			return false // 19.24
		}
	}
	return p != 0 && x.s[b+irpFlags]&flagNoContext == 0 &&
		x.s[f+filFlags]&fileSync == 0 && x.s[x.m.lay.ports.at(p-1)+prtState] == portOpen
}

// toldAtOnce says whether the status of the request at b tells the caller at once,
// so that no packet is due: an error that was not pended, or a success under the
// skip mode (19.12).
func (x *exec) toldAtOnce(b int) bool {
	if x.s[b+irpPendRet] != 0 {
		return false
	}
	severity := x.severity(val(x.s, b+irpStatus))
	return severity == 3 || severity < 2 && x.s[x.fileBlock(b)+filFlags]&fileSkipPort != 0
}

// queuePacket is C7 of a request on a file object's list, and F9 of one on a
// thread's: the IRP itself is the packet.
func (x *exec) queuePacket(i int, phase byte) {
	b := x.irp(i)
	p := x.m.lay.ports.at(x.boundPort(x.fileBlock(b)) - 1)
	if x.s[p+prtState] != portOpen {
		x.discard(i) // 19.11
		return
	}
	x.notes |= NotePacket
	x.s[b+irpPhase] = phase
	x.pushPacket(p, irpRef(i))
}

func (x *exec) pushPacket(p int, v Value) {
	n := int(x.s[p+prtCount])
	if n >= maxPackets {
		x.capacity(boundQueued)
		return
	}
	put(x.s, p+prtPackets+4*n, v)
	x.s[p+prtCount]++
}

func (x *exec) popPacket(p int) Value {
	v := val(x.s, p+prtPackets)
	copy(x.s[p+prtPackets:p+prtSize], x.s[p+prtPackets+4:p+prtSize])
	put(x.s, p+prtSize-4, 0)
	x.s[p+prtCount]--
	return v
}

// discard frees request i and what belongs to it, and tells nobody.
func (x *exec) discard(i int) {
	if k := int(x.s[x.irp(i)+irpMdl]) - 1; k >= 0 {
		x.freeMdl(k)
	}
	x.freeBlock(i)
	x.freeIrp(i)
}

// packetReady: a packet, a port that is none any more, or a wait that may time out.
func packetReady(x *exec, in *inst) bool {
	if n, ok := x.m.number(x.arg(in, 4)); !ok || uint32(n) != infinite {
		return true
	}
	p := x.port(x.arg(in, 0))
	return p == 0 || x.s[p+prtCount] != 0
}

func dequeue(x *exec, in *inst) (Value, bool) {
	h, args := x.arg(in, 0), [3]Value{x.arg(in, 1), x.arg(in, 2), x.arg(in, 3)}
	p := x.port(h)
	if p == 0 || x.s[p+prtCount] == 0 {
		x.store(args[2], 8, 0)
		switch {
		case p != 0:
			return x.apiFails(winWaitTimeout), true
		case h.Class() == ClassHandle && h.Slot() >= handlePort:
			return x.apiFails(winAbandonedWait), true
		}
		return x.apiFails(winInvalidHandle), true
	}
	v := x.popPacket(p)
	if !x.push(x.m.kernelCode+x.m.tableStart[tablePort], portWords, 0) {
		return 0, false
	}
	x.setReg(pBytes, args[0])
	x.setReg(pKey, args[1])
	x.setReg(pOver, args[2])
	x.takePacket(v)
	return 0, false
}

// takePacket puts what packet v says into the running dequeuer's frame. A request
// whose stage two is still to come stays, and with it P1.
func (x *exec) takePacket(v Value) {
	x.notes |= NotePacketTaken
	if v.Class() != ClassIrp {
		b := x.m.lay.posts.at(v.Slot() - postedFirst)
		x.setReg(pOvers, val(x.s, b+pstOver))
		x.setReg(pInfo, val(x.s, b+pstBytes))
		x.setReg(pKeys, val(x.s, b+pstKey))
		clear(x.s[b : b+pstSize])
		x.jump(tablePort, portP2)
		return
	}
	b := x.irp(v.Slot())
	x.setReg(pOvers, val(x.s, b+irpOver))
	x.setReg(pKeys, val(x.s, x.fileBlock(b)+filKey))
	if x.s[b+irpFlags]&flagFileList != 0 {
		x.setReg(k0, v)
		return
	}
	x.endPacket(x.base, b)
	x.freeIrp(v.Slot())
	x.jump(tablePort, portP2)
}

func (x *exec) stepP1() { x.beginStageTwo(x.request()) }

// leaveResult hands the result of request i, whose stage two ran in the thread
// that dequeued it, to the frame of GetQueuedCompletionStatus.
func (x *exec) leaveResult(i int) {
	w := int(x.s[x.base+framePrev])
	if w == 0 {
		return
	}
	base := x.cb + ctxStack + 4*(w-1)
	if x.m.inTable(u16(x.s, base+framePC), tablePort) && val(x.s, base+frameRegs+4*k0) == irpRef(i) {
		x.endPacket(base, x.irp(i))
		put(x.s, base+frameRegs+4*k0, 0)
	}
}

// endPacket leaves the result of the request at b with the dequeuer's frame.
func (x *exec) endPacket(base, b int) {
	put(x.s, base+frameRegs+4*kResult, val(x.s, b+irpStatus))
	put(x.s, base+frameRegs+4*pInfo, val(x.s, b+irpInfo))
}

// stepP2 gives FALSE for a packet whose request was no success.
func (x *exec) stepP2() {
	status := x.reg(kResult)
	for _, o := range [...]struct{ to, size, v int }{{pBytes, 4, pInfo}, {pKey, 8, pKeys}, {pOver, 8, pOvers}} {
		if to := x.reg(o.to); to != 0 && !x.halted {
			x.apiStore(to, o.size, x.reg(o.v))
		}
	}
	if x.halted {
		return
	}
	if x.m.cfg.App == nil {
		x.kernelReturn(0)
		return
	}
	if x.severity(status) >= 2 {
		x.kernelReturn(x.apiFails(0))
		put(x.s, x.cb+ctxLast, x.m.winError(status))
		return
	}
	x.kernelReturn(num(1))
}

func postPacket(x *exec, in *inst) Value {
	p := x.port(x.arg(in, 0))
	if p == 0 {
		return x.apiFails(winInvalidHandle)
	}
	for k := range x.m.lay.posts.n {
		b := x.m.lay.posts.at(k)
		if x.s[b+pstUsed] != 0 {
			continue
		}
		x.s[b+pstUsed] = 1
		put(x.s, b+pstBytes, x.arg(in, 1))
		put(x.s, b+pstKey, x.arg(in, 2))
		put(x.s, b+pstOver, x.arg(in, 3))
		x.pushPacket(p, ref(ClassSystem, postedFirst+k, 0, 0))
		return num(1)
	}
	x.capacity(boundQueued)
	return 0
}

// closePort drops the packets that nobody dequeued: their status blocks are never
// written (19.11, 2.32). Requests that end later find no port.
func (x *exec) closePort(p int) {
	for x.s[p+prtCount] != 0 {
		if v := x.popPacket(p); v.Class() == ClassIrp {
			x.discard(v.Slot())
		} else {
			b := x.m.lay.posts.at(v.Slot() - postedFirst)
			clear(x.s[b : b+pstSize])
		}
	}
	if x.m.cfg.App != nil { // the client's next process has another port
		x.s[p+prtState] = portClosed
	}
}
