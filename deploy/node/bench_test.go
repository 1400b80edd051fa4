package node

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/require"
)

// BenchmarkNodeFiring is what a firing costs beside its kernel, which does nothing.
func BenchmarkNodeFiring(b *testing.B) {
	for _, bm := range []struct {
		name     string
		actors   int
		capacity int
	}{{"count-pass-sink", 3, 2}, {"chain of 8", 8, 2}} {
		b.Run(bm.name, func(b *testing.B) {
			frames := int64(b.N/bm.actors + 1)
			build := enginetest.NewBuilder("bench", frames, 1)
			build.Chain(1, bm.capacity, make([]int, bm.actors)...)
			done := make(chan struct{})
			n, err := New(build.Plan(), 0, func(actor int, _ func(trace.Result)) (kernel.Kernel, error) {
				if actor < bm.actors-1 {
					return fire(func(*kernel.Firing) error { return nil }), nil
				}
				return fire(func(f *kernel.Firing) error {
					if f.Frame == frames-1 {
						close(done)
					}
					return nil
				}), nil
			}, nil, Options{})
			require.NoError(b, err)
			defer n.Close()
			n.batch.Records = make([]record, 0, frames*int64(bm.actors))
			b.ReportAllocs()
			b.ResetTimer()
			require.NoError(b, n.Start(clock.Now()))
			<-done
		})
	}
}
