package benchmarks

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/require"
)

const (
	boundaryRounds = 4
	boundaryFrames = 300
	boundaryWarmup = 20
	boundaryTarget = 1.30
	classes        = 4 // values of a result
)

// BenchmarkBoundaryRatio is the latency, from an input on the endpoint to the result
// on the server, over NATS between two agents in processes of their own, against a TCP
// connection between two processes with the same sessions.
func BenchmarkBoundaryRatio(b *testing.B) {
	m := model(b, classifier)
	app := planfile.Application{
		Name: "boundary",
		Actors: []planfile.ActorSpec{
			{Name: "source", Kernel: sourceKernel, Params: map[string]any{},
				Out: []planfile.PortSpec{{Port: "image", Type: "float32[1,3,96,96]"}}},
			{Name: "classifier", Model: classifier},
			{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "result"}}},
		},
		FIFOs: []planfile.FIFOSpec{
			{From: "source.image", To: "classifier.image"},
			{From: "classifier.logits", To: "sink.result"},
		},
	}
	p, models := compiled(b, app, m, cutAt(b, "classifier", m, cutBytes), boundaryWarmup+boundaryFrames)
	dir := b.TempDir()
	var files []string
	for i, s := range segments(b, p, models) {
		files = append(files, filepath.Join(dir, fmt.Sprintf("segment%d.onnx", i)))
		require.NoError(b, os.WriteFile(files[i], s, 0o600))
	}
	params := p.Graph.Actors[p.Graph.Actor("source")].Params
	params["model"], params["address"] = files[0], startTCP(b, files[1])
	d := children(b, endpoint, server).Driver()
	d.Models = models
	var all []float64
	for b.Loop() {
		for round := range boundaryRounds {
			tr, err := d.Run(b.Context(), p)
			require.NoError(b, err)
			c, err := compare(p, tr)
			require.NoError(b, err)
			r := ratios(c.ours, c.theirs)
			all = append(all, r...)
			b.Logf("round %d: %.3f; NATS %.0f µs, of which from hand-over to arrival %.0f µs; TCP %.0f µs, of which %.0f µs",
				round, quantile.Median(r), quantile.Median(c.ours), quantile.Median(c.ourWay), quantile.Median(c.theirs),
				quantile.Median(c.theirWay))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile.Median(all), "nats/tcp")
	fmt.Printf("nats/tcp = %.3f (target <= %.2f), one boundary of %d bytes\n", quantile.Median(all), boundaryTarget,
		cutBytes)
}

// comparison holds µs per frame.
type comparison struct {
	ours, theirs     []float64 // latencies
	ourWay, theirWay []float64 // of the tensor, from the end of one session to its arrival
}

// compare takes the latencies of a run of the plan, and of the rival, whose source
// recorded them.
func compare(p *plan.Plan, tr *trace.Trace) (*comparison, error) {
	frames := p.Workload.Frames
	type times struct{ start, cut, arrived, end int64 }
	t := make([]times, frames)
	sink, second := p.Graph.Actor("sink"), 0
	for a, w := range p.Work {
		if w.Model != "" {
			second = a
		}
	}
	boundary := slices.IndexFunc(p.Routes, func(r int) bool { return r >= 0 })
	first := p.Graph.FIFOs[boundary].From
	if p.Graph.FIFOs[boundary].To != second {
		return nil, fmt.Errorf("FIFO %s is not the boundary", p.Graph.FIFOName(boundary))
	}
	for _, e := range tr.Events {
		switch {
		case e.Kind == trace.Firing && e.Actor == p.Graph.Actor("source"):
			t[e.Frame].start = e.End
		case e.Kind == trace.Firing && e.Actor == first:
			t[e.Frame].cut = e.End
		case e.Kind == trace.Recv && e.FIFO == boundary:
			t[e.Frame].arrived = e.End
		case e.Kind == trace.Firing && e.Actor == sink:
			t[e.Frame].end = e.End
		}
	}
	c := &comparison{}
	results := make(map[int64][]float32)
	for _, r := range tr.Results {
		if len(r.Values) == classes {
			results[r.Frame] = r.Values
		}
	}
	for _, r := range tr.Results {
		if len(r.Values) != 2+classes || r.Frame < boundaryWarmup {
			continue
		}
		if !slices.Equal(results[r.Frame], r.Values[2:]) {
			return nil, fmt.Errorf("frame %d: the plan's result is %v, the TCP pair's %v", r.Frame, results[r.Frame],
				r.Values[2:])
		}
		f := t[r.Frame]
		c.ours = append(c.ours, micros(f.end-f.start))
		c.ourWay = append(c.ourWay, micros(f.arrived-f.cut))
		c.theirs = append(c.theirs, float64(r.Values[0]))
		c.theirWay = append(c.theirWay, float64(r.Values[1]))
	}
	if len(c.ours) != boundaryFrames {
		return nil, fmt.Errorf("%d frames compared, want %d", len(c.ours), boundaryFrames)
	}
	return c, nil
}

// floats decodes little-endian values.
func floats(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
