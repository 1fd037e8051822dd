package model

// KeFlushQueuedDpcs (14.7): it waits for every DPC that was queued before the
// call and for every instance that runs. What is queued later is not waited for.
// A mark on the entry of the queue, later on the processor that runs it, says
// which are meant.
const markFlush Value = 1 << 16

const (
	flushG1 = iota
	flushG2
)

func flushSteps() []step {
	return []step{
		flushG1: {name: "G1", fact: "14.7", text: "note which DPCs are queued or run", run: (*exec).stepG1},
		flushG2: {name: "G2", fact: "14.7", text: "all of them have run to their end", ready: (*exec).flushed, run: func(x *exec) { x.kernelReturn(0) }},
	}
}

func (x *exec) stepG1() {
	for i := range maxQueued {
		if v := val(x.s, hdrDPCs+4*i); v != 0 {
			put(x.s, hdrDPCs+4*i, v|markFlush)
		}
	}
	for c := x.m.threads; c < x.m.lay.ctxs.firstWorker(); c++ {
		if cb := x.m.lay.ctxs.at(c); x.s[cb+ctxAlive] != aliveNot {
			x.s[cb+ctxMark] = 1
		}
	}
}

func (x *exec) flushed() bool {
	for i := range maxQueued {
		if val(x.s, hdrDPCs+4*i)&markFlush != 0 {
			return false
		}
	}
	for c := x.m.threads; c < x.m.lay.ctxs.firstWorker(); c++ {
		if x.s[x.m.lay.ctxs.at(c)+ctxMark] != 0 {
			return false
		}
	}
	return true
}
