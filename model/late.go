package model

// What a request asked for (its code, its lengths, the shape of its system
// buffer) tells two states apart as long as it is pending. Most drivers look at
// none of it once dispatch has returned STATUS_PENDING. Whether one does is learned
// (movers.go); where none does, the most general client's request forgets it then.

// forget drops what the request at b asked for.
func (x *exec) forget(b int) {
	if x.m.cfg.App != nil || !x.m.cfg.Reduce.Late || x.m.assume.looks&lookLate != 0 || x.s[b+irpPhase] != phaseDriver {
		return
	}
	put16(x.s, b+irpInLen, 0)
	put16(x.s, b+irpOutLen, 0)
	put(x.s, b+irpCode, 0)
	if blk := int(x.s[b+irpBlock]) - 1; blk >= 0 {
		at := x.m.lay.sysbufs.at(blk)
		clear(x.s[at+blkSize : at+blkBytes])
	}
}

// late is told of each look at what forget drops. A look at what is gone ends the
// path: the exploration is made again without forgetting.
func (x *exec) late(b int) bool {
	if x.m.cfg.App != nil || !x.m.cfg.Reduce.Late || x.s[b+irpReturned] == returnedNot {
		return true
	}
	x.looksAt(lookLate)
	if x.m.assume.looks&lookLate == 0 {
		x.capacity(boundLate)
		return false
	}
	return true
}
