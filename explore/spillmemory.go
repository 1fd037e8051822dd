package explore

// memoryShare is what the sizes of buffers go by.
func (s *search) memoryShare() int64 {
	if s.config.MaxMemory > 0 {
		return s.config.MaxMemory
	}
	return 1 << 30
}

// blockBytes makes all blocks together a sixteenth of the memory at most.
func (s *search) blockBytes() int {
	return int(min(max(s.memoryShare()/int64(16*blocksEach*len(s.workers)), leastBlock), mostBlock))
}

// smallBytes is for small files: a 32nd.
func (s *search) smallBytes() int64 { return s.memoryShare() / 32 }

// historyBytes is how much a history may take: a 32nd.
func (s *search) historyBytes() int64 { return s.memoryShare() / 32 }

// loadStates makes a loaded part of a level another sixteenth.
func (s *search) loadStates() int {
	return int(min(max(s.memoryShare()/16/int64((s.keyBits+7)/8), leastLoad), mostLoad))
}

// listBytes returns the bytes of the lists of a loaded part.
func (s *search) listBytes() int64 {
	blocks := (s.loadStates()+blockKeys-1)/blockKeys + len(s.workers)
	return int64(blocks * (blockKeys*int((s.keyBits+7)/8) + 8))
}

// spillReserve returns what is to be kept free, beyond what is allocated by
// now, for a run on disk.
func (s *search) spillReserve() int64 {
	if s.config.Spill == "" {
		return 0
	}
	blocks := int64(blocksEach*s.blockBytes()+ascentBytes)*int64(len(s.workers)) + s.smallBytes()
	lists := s.listBytes()
	for _, w := range s.workers {
		lists -= w.blocks.total
	}
	return max(0, blocks-s.disk.memory()) + max(0, lists)
}

// memory returns the bytes of the buffers.
func (d *spill) memory() (n int64) {
	if d == nil {
		return 0
	}
	n = d.sorting + d.small
	for _, m := range d.mergers {
		n += m.made.Load()*int64(m.size) + ascentBytes
	}
	return n
}

// reusable returns the bytes of free pages of the table, as far as they make
// whole pages: the others stay allocated, and are of no use.
func (s *search) reusable() int64 {
	if s.disk == nil {
		return 0
	}
	tags, bytes := len(s.disk.depot.tags), len(s.disk.depot.bytes)
	for _, w := range s.workers {
		tags += len(w.pool.tags)
		bytes += len(w.pool.bytes)
	}
	planes := s.set.shards[0].planes
	return int64(min(tags, bytes/planes)) * int64(tagPageBytes+planes*bytePageBytes)
}
