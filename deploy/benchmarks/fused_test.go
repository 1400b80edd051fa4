package benchmarks

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/stretchr/testify/require"
)

// Every round loads both sessions again, as the places of their memory matter.
const (
	fusedRounds = 4
	fusedBlocks = 20
	fusedBlock  = 3 // frames
	fusedTarget = 1.02
)

// outputs is a sink that keeps the last frame's tokens.
type outputs struct{ last [][]byte }

// Fire copies what comes in.
func (o *outputs) Fire(f *kernel.Firing) error {
	o.last = o.last[:0]
	for _, port := range f.In {
		o.last = append(o.last, port[0].Data)
	}
	return nil
}

// Close does nothing.
func (o *outputs) Close() error { return nil }

// BenchmarkFusedRatio is the time per frame of the whole detector as one actor of a
// plan, run by agent and coordinator on one device, against ONNX Runtime in a loop.
func BenchmarkFusedRatio(b *testing.B) {
	require.NoError(b, loadLibrary())
	m := model(b, detector)
	app := planfile.Application{
		Name: "fused",
		Actors: []planfile.ActorSpec{
			{Name: "source", Kernel: sourceKernel, Out: []planfile.PortSpec{{Port: "image", Type: "float32[1,3,300,300]"}}},
			{Name: "detector", Model: detector},
			{Name: "sink", Kernel: "outputs", In: []planfile.PortSpec{{Port: "boxes"}, {Port: "classes"}}},
		},
		FIFOs: []planfile.FIFOSpec{
			{From: "source.image", To: "detector.image"},
			{From: "detector.boxes", To: "sink.boxes"},
			{From: "detector.classes", To: "sink.classes"},
		},
	}
	p, models := compiled(b, app, m, "", fusedBlocks*fusedBlock+1)
	segment := segments(b, p, models)[0]
	var all []float64
	for b.Loop() {
		for round := range fusedRounds {
			src, err := fusedRound(b, p, models, segment)
			require.NoError(b, err)
			r := ratios(src.ours, src.theirs[:len(src.ours)])
			all = append(all, r...)
			b.Logf("round %d: %.4f; %.2f ms a frame, in a loop %.2f ms", round, quantile.Median(r),
				quantile.Median(src.ours)/fusedBlock/1e6, quantile.Median(src.theirs)/fusedBlock/1e6)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile.Median(all), "fused/loop")
	fmt.Printf("fused/loop = %.4f (target <= %.2f)\n", quantile.Median(all), fusedTarget)
}

func fusedRound(b *testing.B, p *plan.Plan, models compile.Models, segment []byte) (*source, error) {
	s, err := newSession(segment)
	if err != nil {
		return nil, err
	}
	picture := noise(int64(len(s.in[0].Data()) / 4))
	src := &source{block: fusedBlock, picture: picture, close: s.Close, rival: func(int64) error {
		for range fusedBlock {
			copy(s.in[0].Data(), picture)
			if err := s.run(); err != nil {
				return err
			}
		}
		return nil
	}}
	sink := &outputs{}
	kernels := builtin.Registry()
	for name, k := range map[string]kernel.Kernel{sourceKernel: src, "outputs": sink} {
		if err := kernels.Register(name, func(kernel.Spec) (kernel.Kernel, error) { return k, nil }); err != nil {
			return nil, err
		}
	}
	tb, err := testbed.Start(b.Context(), testbed.Config{
		Devices: []string{endpoint}, InProcess: true, Agent: agent.Config{Kernels: kernels},
	})
	if err != nil {
		return nil, err
	}
	defer tb.Close()
	d := tb.Driver()
	d.Models = models
	if _, err := d.Run(b.Context(), p); err != nil {
		return nil, err
	}
	for i, name := range []string{"boxes", "classes"} {
		if want := s.out[i].Data(); s.Outputs()[i].Name != name || !bytes.Equal(sink.last[i], want) {
			return nil, fmt.Errorf("%s: the plan's %d bytes differ from those of the loop's %s", name, len(sink.last[i]),
				s.Outputs()[i].Name)
		}
	}
	return src, nil
}
