package sim_test

import (
	"flag"
	"fmt"
	"syscall"
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

// star returns a plan of chains from some endpoints to a server.
func star(endpoints int, frames int64) *plan.Plan {
	bld := enginetest.NewBuilder("endpoints", frames, 1)
	pf := &bld.Plan().Platform
	for i := range endpoints { // the builder would join all to all
		d, l := pf.Devices[0], plan.Link{Name: fmt.Sprint("l", i), Duplex: plan.Full}
		d.Name = fmt.Sprint("e", i)
		l.Between = []string{d.Name, pf.Devices[0].Name}
		pf.Devices, pf.Links = append(pf.Devices, d), append(pf.Links, l)
		bld.Chain(1, 2, i+1, i+1, i+1, 0, 0)
	}
	return bld.Plan()
}

// benchmark reports the simulator's time per firing with some endpoints on a
// server: 5000 frames in all, but at least 20 each.
func benchmark(b *testing.B, endpoints int) {
	p := star(endpoints, max(int64(5000/endpoints), 20))
	d := &sim.Driver{Profile: enginetest.Profile()}
	firings := 0
	b.ReportAllocs()
	for b.Loop() {
		tr, err := d.Run(b.Context(), p)
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

var memoryFrames = flag.Int64("sim.frames", 20, "frames of each endpoint in BenchmarkMemory")

// BenchmarkMemory reports the most memory that the process had, after a run of 10,000 endpoints
// whose events are given to a reader and not kept. It is meant to be the only one of its process.
func BenchmarkMemory(b *testing.B) {
	p, firings := star(10_000, *memoryFrames), 0
	d := &sim.Driver{Profile: enginetest.Profile()}
	for b.Loop() {
		_, err := d.Stream(b.Context(), p, func(*trace.Trace) error { return nil }, func(e *trace.Event) error {
			if e.Kind == trace.Firing {
				firings++
			}
			return nil
		})
		require.NoError(b, err)
	}
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	b.ReportMetric(float64(u.Maxrss)/1024, "peak-MiB")
	b.ReportMetric(float64(*memoryFrames), "frames")
	b.ReportMetric(float64(u.Utime.Nano()+u.Stime.Nano())/float64(firings), "processor-ns/firing")
}
