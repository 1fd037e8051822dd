package model

// Packets counts the packets that wait in completion ports.
func (v View) Packets() int {
	n := 0
	for i := range v.m.lay.ports.n {
		n += int(v.s[v.m.lay.ports.at(i)+prtCount])
	}
	return n
}

// Taken says whether the request is over but for the app, which has to take its
// user APC or its packet.
func (r Request) Taken() bool { return r.byte(irpPhase) == phaseTaken }

// Packet says whether the request is a packet that waits in a completion port.
func (r Request) Packet() bool {
	m, slot := r.v.m, (r.b-r.v.m.lay.irps.off)/r.v.m.lay.irps.size
	for i := range m.lay.ports.n {
		p := m.lay.ports.at(i)
		for k := range int(r.v.s[p+prtCount]) {
			if v := val(r.v.s, p+prtPackets+4*k); v.Class() == ClassIrp && v.Slot() == slot {
				return true
			}
		}
	}
	return false
}

// OutlivesProcess says whether the request's pages are locked for a process whose
// process object is gone.
func (r Request) OutlivesProcess() bool {
	k := r.byte(irpMdl) - 1
	return k >= 0 && r.v.s[r.v.m.lay.mdls.at(k)+mdlProcess] == processGone
}

// Agnostic says whether the request is on its file object's list rather than on
// its thread's (19.1).
func (r Request) Agnostic() bool { return r.byte(irpFlags)&flagFileList != 0 }

// Listed says whether the request is on a list: its thread's or its file object's.
func (r Request) Listed() bool {
	p := r.byte(irpPhase)
	return p >= phaseDriver && p != phaseTaken
}

// Thread is the issuing thread, counted from 0.
func (r Request) Thread() int { return r.byte(irpThread) - 1 }

// Synchronous says whether the request's issuer waits for it: its file object was
// opened for synchronous I/O.
func (r Request) Synchronous() bool {
	f := r.v.m.lay.files.at(max(r.byte(irpFile)-1, 0))
	return r.v.s[f+filFlags]&fileSync != 0
}
