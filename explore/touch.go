package explore

import "math/bits"

// touch reads the home bucket of each key so that the loads overlap: the
// inserts that follow find their buckets in the cache. The processor waits for
// one missing line at a time when each insert depends on what it loads; that
// cost a third of a whole run.
func touch(sh *shard, rests []uint64) {
	var sum uint64
	for _, rest := range rests {
		home, _ := bits.Mul64(rest<<sh.up, sh.homes)
		sum |= sh.tags[home/pageBuckets][home%pageBuckets][0]
	}
	sh.sink = sum
}
