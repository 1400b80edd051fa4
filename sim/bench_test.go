package sim_test

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/require"
)

// benchmark reports the simulator's time per firing with some endpoints on a
// server: 5000 frames in all, but at least 20 each.
func benchmark(b *testing.B, endpoints int) {
	bld := enginetest.NewBuilder("endpoints", max(int64(5000/endpoints), 20), 1)
	pf := &bld.Plan().Platform
	for i := range endpoints { // a star: the builder would join all to all
		d, l := pf.Devices[0], plan.Link{Name: fmt.Sprint("l", i), Duplex: plan.Full}
		d.Name = fmt.Sprint("e", i)
		l.Between = []string{d.Name, pf.Devices[0].Name}
		pf.Devices, pf.Links = append(pf.Devices, d), append(pf.Links, l)
		bld.Chain(1, 2, i+1, i+1, i+1, 0, 0)
	}
	d := &sim.Driver{Profile: enginetest.Profile()}
	firings := 0
	b.ReportAllocs()
	for b.Loop() {
		tr, err := d.Run(b.Context(), bld.Plan())
		require.NoError(b, err)
		for i := range tr.Events {
			if tr.Events[i].Kind == trace.Firing {
				firings++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(firings), "ns/firing")
}

func BenchmarkEndpoints1(b *testing.B)     { benchmark(b, 1) }
func BenchmarkEndpoints100(b *testing.B)   { benchmark(b, 100) }
func BenchmarkEndpoints1000(b *testing.B)  { benchmark(b, 1000) }
func BenchmarkEndpoints10000(b *testing.B) { benchmark(b, 10000) }

// BenchmarkStart is the simulator's preparation of large plans, and two frames.
func BenchmarkStart(b *testing.B) {
	for _, l := range plantest.LargePlans()[:3] {
		for _, actors := range []int{300, 1000, 2500, 10000} {
			b.Run(fmt.Sprintf("%s/actors=%d", l.Name, actors), func(b *testing.B) {
				f, err := planfile.Parse("plan.yaml", l.YAML(actors))
				require.NoError(b, err)
				f.Instances[0].Codec, f.Workload.Frames = "", 2
				p, err := compile.Compile(f, nil)
				require.NoError(b, err)
				model, err := sim.NewCostModel("constant=1us")
				require.NoError(b, err)
				b.ReportAllocs()
				for b.Loop() {
					_, err := (&sim.Driver{Cost: model}).Run(b.Context(), p)
					require.NoError(b, err)
				}
			})
		}
	}
}
