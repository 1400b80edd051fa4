package cli

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/stretchr/testify/require"
)

// film is a source for onnxtest.Filtered: frame n has n modulo 6 boxes to be found, the
// first none.
type film struct{}

func (film) Fire(f *kernel.Firing) error {
	fill(f.Out[0][0].Float32(), f.Frame)
	return nil
}

func (film) Close() error { return nil }

func fill(x []float32, frame int64) {
	for i := range x {
		if x[i] = float32(i*i*7%23)/23*1.8 - 1; i/4 < int(frame)%6 && i%4 == 0 {
			x[i] = 1
		}
	}
}

// filteredModel opens onnxtest.Filtered, with bounds.
func filteredModel(t *testing.T, bounds map[string][]int64) *model.Model {
	t.Helper()
	loadLibrary(t)
	m, err := model.Open(sample(t, onnxtest.Filtered()), model.Options{Runtime: modelcmd.Runtime{}, Bounds: bounds})
	require.NoError(t, err)
	return m
}

// filmed returns the plan of a model split at cuts whose source is the film.
func filmed(t *testing.T, m *model.Model, cuts, codec string, change ...string) (*plan.Plan, compile.Models) {
	t.Helper()
	parts, err := m.SplitAt(cuts)
	require.NoError(t, err)
	yaml, models, err := m.Plan(parts, model.Testbed{Name: "filtered", Slowdown: 1, Latency: "0s", Frames: 12})
	require.NoError(t, err)
	text := strings.NewReplacer("kernel: tensor", "kernel: film", "params: {seed: 1}", "params: {}", "record: summary",
		"record: values",
		"  - mapping:", "  - codec: "+codec+"\n    mapping:").Replace(string(yaml))
	text = strings.NewReplacer(change...).Replace(text)
	f, err := planfile.Parse("filtered.yaml", []byte(text))
	require.NoError(t, err)
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	return p, models
}

func filmKernels(t *testing.T) *kernel.Registry {
	t.Helper()
	r := builtin.Registry()
	err := r.Register("film", func(kernel.Spec) (kernel.Kernel, error) { return film{}, nil })
	require.NoError(t, err)
	return r
}

// whole runs the model in one session; it returns the rows of refined and what a sink
// is to record of every frame.
func whole(t *testing.T, m *model.Model, frames int64) (rows []int64, records [][]float32) {
	t.Helper()
	s, err := modelcmd.Runtime{}.Load(m.Data, "", false)
	require.NoError(t, err)
	defer s.Close()
	for n := range frames {
		x := make([]float32, 48)
		fill(x, n)
		in := m.Input[0]
		in.Data = nil
		for _, v := range x {
			in.Data = binary.LittleEndian.AppendUint32(in.Data, math.Float32bits(v))
		}
		out, err := s.Run([]model.Tensor{in}, nil)
		require.NoError(t, err)
		record := []float32{}
		for i := 0; i < len(out[0].Data); i += 4 {
			record = append(record, math.Float32frombits(binary.LittleEndian.Uint32(out[0].Data[i:])))
		}
		for i := 0; i < len(out[1].Data); i += 8 {
			record = append(record, float32(binary.LittleEndian.Uint64(out[1].Data[i:])))
		}
		rows, records = append(rows, out[0].Shape[0]), append(records, record)
	}
	return rows, records
}

func testbedOf(t *testing.T, p *plan.Plan, models compile.Models) *coordinator.Driver {
	t.Helper()
	var devices []string
	for _, d := range p.Platform.Devices {
		devices = append(devices, d.Name)
	}
	tb, err := testbed.Start(t.Context(),
		testbed.Config{Devices: devices, InProcess: true, Agent: agent.Config{Kernels: filmKernels(t)}})
	require.NoError(t, err)
	t.Cleanup(tb.Close)
	d := tb.Driver()
	d.Models = models
	return d
}

// sent lists the bytes of a FIFO's tokens by frame, and whether as many came as left.
func sent(p *plan.Plan, tr *trace.Trace, port string) []int64 {
	var out, in []int64
	for _, e := range tr.Events {
		if e.FIFO < 0 || !strings.Contains(p.Graph.FIFOName(e.FIFO), port) {
			continue
		}
		switch e.Kind {
		case trace.Send:
			out = append(out, e.Bytes)
		case trace.Recv:
			in = append(in, e.Bytes)
		}
	}
	if !slices.Equal(out, in) {
		return nil
	}
	return out
}
