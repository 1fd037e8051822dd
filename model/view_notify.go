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
