package share_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/share"
)

// BenchmarkPool reports the time per flow that ends while another of its sender begins, with so
// many flows at a time that share the capacity.
func BenchmarkPool(b *testing.B) {
	for _, kind := range []struct {
		name   string
		limits int     // 0: as many as flows
		whole  float64 // capacity, of the sum of the limits
		jumps  bool    // at every end the capacity jumps, so that half of the limits are reached or no longer
	}{
		{"one limit", 1, 0.5, false},
		{"5 limits", 5, 0.5, false},
		{"all limits differ", 0, 0.5, false},
		{"all limits differ, and the capacity jumps", 0, 0.5, true},
	} {
		for _, flows := range []int{10, 1000, 100_000} {
			b.Run(fmt.Sprintf("%s/flows=%d", kind.name, flows), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				n := kind.limits
				if n == 0 {
					n = flows
				}
				limits := make([]float64, n)
				sum := 0.0
				for i := range limits {
					limits[i] = 1e6 * (1 + 9*rng.Float64())
					sum += limits[i]
				}
				whole := sum * kind.whole * float64(flows/n)
				p := share.New(whole)
				of := make([]share.Class, flows)
				for _, l := range limits {
					p.Class(l)
				}
				for i := range of {
					of[i] = p.Class(limits[i%n])
					p.Add(0, of[i], 1e5*rng.Float64(), int32(i))
				}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					at, _ := p.Next()
					if kind.jumps {
						p.SetCapacity(at, whole*(0.6+0.8*float64(i%2)))
					}
					if _, tag, ok := p.Take(at); ok {
						p.Add(at, of[tag], 1e5*rng.Float64(), tag)
					}
				}
			})
		}
	}
}
