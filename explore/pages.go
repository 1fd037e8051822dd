package explore

import "sync"

const (
	bucketSlots = 16 // slots of 32 bits: one cache line
	pageBuckets = 32
	pageSlots   = pageBuckets * bucketSlots
)

// A tagPage holds the first 32 bits of each slot of some buckets, two to a
// word; a bytePage one further byte of each. Neither holds pointers.
type (
	tagPage  [pageBuckets][bucketSlots / 2]uint64
	bytePage [pageSlots]byte
)

const (
	tagPageBytes  = pageBuckets * bucketSlots * 4
	bytePageBytes = pageSlots
	maxSlabPages  = 512
	servedPages   = 16 // that a pool takes from the depot at once
)

// A pool hands out zeroed pages to the shards that one worker owns at the
// moment, and takes them back. Tables are made of small pages so that a shard
// that grows gives its old pages to its own new ones: growth needs little more
// memory than its result, and leaves the garbage collector nothing to collect.
//
// A pool belongs to one worker. Pages may go back to another pool than the one
// that they came from.
type pool struct {
	tags  []*tagPage
	bytes []*bytePage
	total int64 // bytes allocated by this pool
	used  []uint8
	depot *depot
}

// A depot holds the pages of a table that was moved to disk, for the pools of
// all workers: whose they were does not tell who will need them.
type depot struct {
	mu    sync.Mutex
	tags  []*tagPage
	bytes []*bytePage
}

// collect takes the free pages of a pool.
func (d *depot) collect(p *pool) {
	d.tags = append(d.tags, p.tags...)
	d.bytes = append(d.bytes, p.bytes...)
	clear(p.tags)
	clear(p.bytes)
	p.tags, p.bytes = p.tags[:0], p.bytes[:0]
	p.depot = d
}

// serve moves up to n pages to a pool's list from that of the depot.
func serve[T any](d *depot, from, to *[]*T, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rest := len(*from) - min(n, len(*from))
	*to = append(*to, (*from)[rest:]...)
	clear((*from)[rest:])
	*from = (*from)[:rest]
}

// counters returns n zeroes, which are valid until the next call.
func (p *pool) counters(n int) []uint8 {
	if cap(p.used) < n {
		p.total += int64(n + n/4 - cap(p.used))
		p.used = make([]uint8, n+n/4)
	}
	p.used = p.used[:n]
	clear(p.used)
	return p.used
}

func (p *pool) tagPage() *tagPage {
	if len(p.tags) == 0 && p.depot != nil {
		serve(p.depot, &p.depot.tags, &p.tags, servedPages)
	}
	if len(p.tags) == 0 {
		slab := make([]tagPage, p.nextSlab())
		for i := range slab {
			p.tags = append(p.tags, &slab[i])
		}
		p.total += int64(len(slab)) * tagPageBytes
	}
	last := len(p.tags) - 1
	page := p.tags[last]
	p.tags = p.tags[:last]
	// To write first spares a fault: memory that is read before it is written
	// is mapped twice, and the second time the other processors are told.
	page[0][0] = 0
	return page
}

func (p *pool) bytePage() *bytePage {
	if len(p.bytes) == 0 && p.depot != nil {
		serve(p.depot, &p.depot.bytes, &p.bytes, 2*servedPages)
	}
	if len(p.bytes) == 0 {
		slab := make([]bytePage, 2*p.nextSlab())
		for i := range slab {
			p.bytes = append(p.bytes, &slab[i])
		}
		p.total += int64(len(slab)) * bytePageBytes
	}
	last := len(p.bytes) - 1
	page := p.bytes[last]
	p.bytes = p.bytes[:last]
	return page
}

func (p *pool) putTags(page *tagPage) {
	clear(page[:])
	p.tags = append(p.tags, page)
}

func (p *pool) putBytes(page *bytePage) {
	clear(page[:])
	p.bytes = append(p.bytes, page)
}

// nextSlab returns the pages to allocate at once: small runs take little.
func (p *pool) nextSlab() int {
	return max(2, min(int(p.total/16/tagPageBytes), maxSlabPages))
}
