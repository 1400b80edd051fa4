package analysis_test

import (
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/stretchr/testify/require"
)

// large is a graph of n actors over eight devices, with branches that join again
// and a feedback FIFO.
func large(n, delay int) *builder {
	rng := rand.New(rand.NewPCG(1, 1))
	b := newBuilder(8)
	for a := range n {
		b.actor(a*8/n, int64(1e4+rng.IntN(1e6)))
	}
	add := func(from, to, rate, delay int) {
		f := b.fifo(from, to, rate, rate, delay, delay+rate*(1+rng.IntN(3)))
		if at := b.device(to); at != b.device(from) {
			b.m.Cross[f] = analysis.Crossing{Channel: from*8 + at, Occupancy: int64(rng.IntN(1e5)), Flight: 1e6, Ack: 1e6}
		}
	}
	for a := 1; a < n; a++ {
		add(a-1, a, 1, 0)
		if a > 10 && a%2 == 0 {
			add(a-2-rng.IntN(8), a, 1+rng.IntN(3), 0)
		}
	}
	add(n-1, 0, 1, delay)
	return b
}

func BenchmarkAnalyze1000(b *testing.B) {
	for _, c := range []struct {
		name  string
		delay int
	}{{"latency", 5}, {"stage", 5000}} { // what limits the throughput
		b.Run(c.name, func(b *testing.B) {
			l := large(1000, c.delay)
			require.NoError(b, graph.Validate(l.g))
			for b.Loop() {
				r := analyze(b, l)
				f := r.Flows[0]
				require.False(b, f.Cut)
				require.True(b, f.Worst.Exact)
			}
		})
	}
}
