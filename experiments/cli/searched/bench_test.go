package searched_test

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/require"
)

// BenchmarkEveryCut simulates every cut of SSD-MobileNet under three codecs, one frame at a time and as
// fast as frames can enter.
func BenchmarkEveryCut(b *testing.B) {
	x := cutExperiment(b, "ssd-tracking", "slow", "wireless")
	cuts := 0
	defer processor(b)()
	for b.Loop() {
		all, err := decide.All(b.Context(), x.simulator, x.Space, parse(b, "latency"), decide.Options{})
		require.NoError(b, err)
		cuts = len(all)
	}
	b.ReportMetric(float64(cuts), "mappings")
}

// processor returns what reports the processor time of a benchmark per operation, beside that of the clock,
// which counts what else runs on the machine.
func processor(b *testing.B) (report func()) {
	used := func() float64 {
		var r syscall.Rusage
		require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
		return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
	}
	from := used()
	return func() { b.ReportMetric((used()-from)/float64(b.N), "cpu-s/op") }
}

// benchmarkSearch makes a space over a profile, searches it and simulates what was found.
func benchmarkSearch(b *testing.B, x *fixture, goals ...*goal.Goal) {
	for _, g := range goals {
		b.Run(g.String(), func(b *testing.B) {
			proven, gap, last := 1.0, 0.0, ""
			defer processor(b)()
			for b.Loop() {
				s, err := space.New(x.file, x.models, x.driver, x.o)
				require.NoError(b, err)
				of := g.Search(s.Devices(), 0.02)
				found, err := s.Search(b.Context(), of, space.SearchOptions{Keep: kept, Gap: 0.001})
				require.NoError(b, err)
				if gap = found.Candidates[0].Values.Of(of.Objectives[0])/found.Bound - 1; !found.Proven {
					proven = 0
				}
				all, err := decide.Run(b.Context(), x.simulator, s, found.Candidates, g, decide.Options{})
				require.NoError(b, err)
				require.True(b, all[0].Keeps(g))
				last = fmt.Sprintf("%s: %s: %s", found.Method, all[0].Name, g.Objectives[0].Text(all[0].Values[g.Objectives[0]]))
			}
			b.Log(last)
			b.ReportMetric(proven, "proven")
			b.ReportMetric(100*gap, "%above-bound")
		})
	}
}

func searched(b *testing.B) []*goal.Goal {
	return []*goal.Goal{
		parse(b, "latency"), parse(b, "endpoint_time"), most(b, "throughput"),
		parse(b, "latency", "memory(endpoint)<=20MB"),
	}
}

// BenchmarkThreeDevices finds the best of all chain and branch mappings of NanoDet to three devices under
// two codecs. The model is the data set where it was fetched, or else one in its shape.
func BenchmarkThreeDevices(b *testing.B) {
	name := "NanoDet"
	m, err := loadModel("nanodet")
	if err != nil {
		name, m = "in the shape of NanoDet", nanoDetLike(b)
	}
	b.Run(name, func(b *testing.B) {
		benchmarkSearch(b, threeDevices(b, m, nil, nil, "none", "fp16"), searched(b)...)
	})
}

// BenchmarkThousandNodes finds the best mapping of a network of 1,000 nodes, in residual blocks, to two
// devices.
func BenchmarkThousandNodes(b *testing.B) {
	m := residual(b, 200)
	require.Len(b, m.Nodes(), 1000)
	f := &planfile.File{
		Plan: "thousand", Workload: plan.Workload{Kind: plan.SingleStream, Frames: 20},
		Application: planfile.Application{
			Name: "thousand",
			Actors: []planfile.ActorSpec{
				{Name: "camera", Kernel: "count", Out: []planfile.PortSpec{{Port: "image", Type: "float32[1,16,32,32]"}}},
				{Name: "net", Model: "thousand"},
				{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "result"}}},
			},
			FIFOs: []planfile.FIFOSpec{{From: "camera.image", To: "net.image"}, {From: "net.result", To: "sink.result"}},
		},
		Platform: plan.Platform{
			Devices: []plan.Device{
				{Name: "endpoint", Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu", Slowdown: 8}}},
				{Name: "server", Role: plan.Server, Units: []plan.Unit{{Name: "cpu"}}},
			},
			Links: []plan.Link{{Name: "wired", Between: []string{"endpoint", "server"}, BandwidthBytesPerSec: 12.5e6}},
		},
		Instances: []planfile.Instance{{Mapping: []planfile.Assign{{Unit: "endpoint.cpu"}}}},
	}
	x := newFixture(b, f, compile.Models{"thousand": m}, space.Options{Codecs: []string{"none"}})
	chain, err := x.Chain(0)
	require.NoError(b, err)
	b.Logf("%d actors", len(chain))
	goals := searched(b)
	for _, g := range goals {
		g.NoRaw = true
	}
	benchmarkSearch(b, x, goals...)
}

// residual is a network of blocks of five nodes: two convolutions, each with its activation, and the
// addition of what the block takes.
func residual(t testing.TB, blocks int) *compile.Model {
	t.Helper()
	n := network{build.New("thousand")}
	n.Input("image", onnx.Float32, 1, 16, 32, 32)
	from := "image"
	shape := []int64{1, 16, 32, 32}
	for block := range blocks {
		name := fmt.Sprintf("block%d", block)
		n.conv(name+".a", from, 16, 16, 32, 1, 3)
		n.Floats("w:"+name, make([]float32, 16*16), 16, 16, 1, 1)
		n.Value(name+".b", onnx.Float32, shape...)
		n.Node("Conv", []string{name + ".a", "w:" + name}, []string{name + ".b"})
		n.Value(name+".sum", onnx.Float32, shape...)
		n.Node("Add", []string{name + ".b", from}, []string{name + ".sum"})
		if from = name; block == blocks-1 {
			from = "result"
		} else {
			n.Value(from, onnx.Float32, shape...)
		}
		n.Node("Relu", []string{name + ".sum"}, []string{from})
	}
	n.Output("result", onnx.Float32, shape...)
	data, err := n.Bytes()
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	c, err := compile.NewModel(m)
	require.NoError(t, err)
	return c
}
