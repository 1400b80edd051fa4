package benchmarks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/require"
)

const (
	secureRounds = 24
	secureFrames = 160
	secureWarmup = 20
	secureTarget = 1.15
	idleTarget   = 1000 // bytes/s
	idleTime     = 20 * time.Second
)

// testbeds are what BenchmarkTLS compares: the first one with each of the others.
var testbeds = []bedConfig{
	{name: "plain"},
	{name: "plain again"}, // differs by chance only
	{name: "permissions+probes", keys: true, probes: true},
	{name: "TLS", tls: true},
	{name: "TLS+permissions+probes", tls: true, keys: true, probes: true},
	{name: "sealed", seal: true},
}

// BenchmarkTLS is the time that a token of 295 kB takes from one agent to another, each in a
// process of its own, with what makes a testbed safe against the plain one: one run of each
// in turn. Then it counts what idle agents send and are sent.
func BenchmarkTLS(b *testing.B) {
	var beds []*bed
	plans := map[bool]*plan.Plan{false: securePlan(b, false), true: securePlan(b, true)}
	for _, c := range testbeds {
		beds = append(beds, newBed(b, c))
	}
	ratio, times := make([][]float64, len(beds)), make([][]float64, len(beds))
	for b.Loop() {
		for round := range secureRounds {
			median := make([]float64, len(beds))
			for n := range beds {
				i := (round + n) % len(beds) // none is always behind the same other one
				p := plans[beds[i].seal]
				tr, err := beds[i].driver.Run(b.Context(), p)
				require.NoError(b, err, beds[i].name)
				require.Equal(b, beds[i].probes, tr.Clocks != nil && len(tr.Clocks.Probes) > 0, beds[i].name)
				median[i] = quantile.Median(transportTimes(b, p, tr))
			}
			for i, m := range median {
				ratio[i], times[i] = append(ratio[i], m/median[0]), append(times[i], m)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	fmt.Printf("a token of %d bytes, medians of %d rounds of %d tokens; quartiles of the ratio\n", cutBytes, secureRounds,
		secureFrames-secureWarmup)
	for i, c := range beds {
		target := ""
		if c.keys && !c.tls {
			target = fmt.Sprintf(" (target <= %.2f)", secureTarget)
		}
		if i > 0 {
			b.ReportMetric(quantile.Median(ratio[i]), strings.ReplaceAll(c.name, " ", "-")+"/plain")
		}
		fmt.Printf("%-24s %6.0f µs, of plain %.3f (%.3f to %.3f)%s\n", c.name, quantile.Median(times[i]),
			quantile.Median(ratio[i]), quantile.Of(0.25, ratio[i]), quantile.Of(0.75, ratio[i]), target)
	}
	idle(b, beds)
}

// idle prints what the agents of testbeds send and are sent while they do nothing.
func idle(b *testing.B, beds []*bed) {
	count := func() (all []map[string]int64) {
		for _, bed := range beds {
			all = append(all, bed.carried(b))
		}
		return all
	}
	before, begin := count(), time.Now()
	time.Sleep(idleTime)
	seconds, after := time.Since(begin).Seconds(), count()
	for i, bed := range beds {
		most := 0.0
		for device, n := range after[i] {
			most = max(most, float64(n-before[i][device])/seconds)
		}
		b.ReportMetric(most, "bytes/s-idle-"+strings.ReplaceAll(bed.name, " ", "-"))
		fmt.Printf("%-24s %6.0f bytes/s, at most, from and to an idle agent, without subjects (target <= %d)\n", bed.name,
			most, idleTarget)
	}
}

// securePlan sends tokens of cutBytes from the endpoint to the server, sealed or not.
func securePlan(b *testing.B, seal bool) *plan.Plan {
	b.Helper()
	app := planfile.Application{
		Name: "secure",
		Actors: []planfile.ActorSpec{
			{Name: "source", Kernel: noiseKernel, Params: map[string]any{},
				Out: []planfile.PortSpec{{Port: "tensor", Type: fmt.Sprintf("float32[%d]", cutBytes/4)}}},
			{Name: "sink", Kernel: "sink", Params: map[string]any{"record": "summary"},
				In: []planfile.PortSpec{{Port: "tensor"}}},
		},
		FIFOs: []planfile.FIFOSpec{{From: "source.tensor", To: "sink.tensor"}},
	}
	p, _ := compiled(b, app, nil, "source", secureFrames)
	p.Platform.Links[0].Seal = seal
	return p
}

// noiseKernel is the name of a source of always the same tensor in a registry.
const noiseKernel = "bench-noise"

type noiseSource struct{ tensor []byte }

func newNoise(kernel.Spec) (kernel.Kernel, error) { return &noiseSource{noise(cutBytes / 4)}, nil }

// Fire puts out the tensor.
func (s *noiseSource) Fire(f *kernel.Firing) error {
	copy(f.Out[0][0].Data, s.tensor)
	return nil
}

// Close has nothing to free.
func (*noiseSource) Close() error { return nil }

// transportTimes returns, per frame after the warm-up, the µs from the end of the firing that
// made the token of securePlan to its whole arrival. Agents here read one clock, even where
// it has two names.
func transportTimes(b *testing.B, p *plan.Plan, tr *trace.Trace) []float64 {
	b.Helper()
	zero := map[string]int64{}
	if tr.Clocks != nil {
		for _, c := range tr.Clocks.List {
			for _, d := range c.Devices {
				zero[d] = c.Began
			}
		}
	}
	data := slices.IndexFunc(p.Routes, func(r int) bool { return r >= 0 })
	made, arrived := map[int64]int64{}, map[int64]int64{}
	for _, e := range tr.Events {
		switch {
		case e.Kind == trace.Firing && e.Actor == p.Graph.FIFOs[data].From:
			made[e.Frame] = e.End + zero[e.Device]
		case e.Kind == trace.Recv && e.FIFO == data:
			arrived[e.Frame] = e.End + zero[e.Device]
		}
	}
	var all []float64
	for frame := int64(secureWarmup); frame < secureFrames; frame++ {
		require.Contains(b, made, frame)
		require.Contains(b, arrived, frame)
		all = append(all, micros(arrived[frame]-made[frame]))
	}
	return all
}
