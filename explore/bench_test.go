package explore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkSmallRun(b *testing.B) {
	for _, width := range []int{4, 400} {
		for _, nodes := range []int{1, 100, 1000} {
			b.Run(fmt.Sprintf("width=%d/states=%d", width, nodes), func(b *testing.B) {
				g := ladder(max(nodes/25, 1), min(nodes, 25), width)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Run(context.Background(), Config{System: g}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, keyBits := range []uint{40, 64} {
		b.Run(fmt.Sprintf("bits=%d", keyBits), func(b *testing.B) {
			keys := make([]uint64, 1<<18)
			r := rand.New(rand.NewPCG(1, 2))
			for i := range keys {
				keys[i] = r.Uint64() & ones(keyBits)
			}
			for b.Loop() {
				p := &pool{}
				s := newSet(keyBits, 4, 1, p)
				for _, k := range keys {
					s.add(k, 0, p)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(keys)), "ns/key")
		})
	}
}
