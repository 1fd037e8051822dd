package explore

import "math/bits"

// A mixer is a bijection on the integers of a given number of bits. It spreads
// keys evenly over shards and buckets; because it can be undone, a key's place
// in the table tells most of its bits, which then need not be stored.
type mixer struct {
	bits       uint
	shift      uint // at least half of bits, which makes x ^= x>>shift its own inverse
	mask       uint64
	mul1, inv1 uint64
	mul2, inv2 uint64
}

func newMixer(width uint) mixer {
	const mul1, mul2 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	return mixer{
		bits:  width,
		shift: (width + 1) / 2,
		mask:  ones(width),
		mul1:  mul1, inv1: inverse(mul1),
		mul2: mul2, inv2: inverse(mul2),
	}
}

func (m *mixer) mix(x uint64) uint64 {
	x ^= x >> m.shift
	x = x * m.mul1 & m.mask
	x ^= x >> m.shift
	x = x * m.mul2 & m.mask
	return x ^ x>>m.shift
}

func (m *mixer) unmix(x uint64) uint64 {
	x ^= x >> m.shift
	x = x * m.inv2 & m.mask
	x ^= x >> m.shift
	x = x * m.inv1 & m.mask
	return x ^ x>>m.shift
}

// inverse returns the inverse of the odd number a modulo 2^64 by Newton's
// iteration: each round doubles the number of correct low bits, from 3.
func inverse(a uint64) uint64 {
	x := a
	for range 5 {
		x *= 2 - a*x
	}
	return x
}

// ones returns a mask of the n low bits, 0 <= n <= 64.
func ones(n uint) uint64 { return 1<<n - 1 }

// bitsFor returns the number of bits that tell n values apart, n >= 1.
func bitsFor(n uint64) uint { return uint(bits.Len64(n - 1)) }
