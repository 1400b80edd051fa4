package compile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Tensors of any name get ports of names that a graph may have, all different.
func TestPorts(t *testing.T) {
	b := build.New("net")
	last := "x y"
	b.Input(last, onnx.Float32, 4)
	for _, name := range []string{"x,y", "x_y", "x;y", "plain", "x_y-2"} {
		last = b.Node("Neg", []string{last}, []string{name})
	}
	b.Output(last, onnx.Float32, 4)
	data, err := b.Bytes()
	require.NoError(t, err)
	p := NewPorts(onnxtest.MustParse(t, data))
	assert.Equal(t, Ports{"x y": "x_y-3", "x,y": "x_y-4", "x;y": "x_y-5"}, p)
	assert.Equal(t, "plain", p.Of("plain"))
}

// A FIFO may name a model's tensor by its own name or by that of its port; the segment gets
// the tensor.
func TestFIFOsOfTensorsOfAnyName(t *testing.T) {
	m, err := onnxtest.OddNames().Parse()
	require.NoError(t, err)
	model, err := NewModel(m)
	require.NoError(t, err)
	in, out := m.Inputs()[0].Name, m.Outputs()[0].Name
	for _, names := range [][2]string{{in, out}, {model.Ports.Of(in), model.Ports.Of(out)}} {
		text := fmt.Sprintf(strings.TrimSpace(`
plan: names
application:
  name: names
  actors:
    - {name: source, kernel: tensor, out: [{port: out, type: "float32[1,4]"}]}
    - {name: net, model: net.onnx}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos:
    - {from: source.out, to: %q}
    - {from: %q, to: sink.in}
platform: {name: one, devices: [{name: d, role: endpoint, units: [{name: cpu}]}], links: []}
instances: [{mapping: [{unit: d.cpu}]}]
workload: {kind: single-stream, frames: 4, warmup: 1}
`), "net."+names[0], "net."+names[1])
		f, err := planfile.Parse("names.yaml", []byte(text))
		require.NoError(t, err)
		p, err := Compile(f, Models{"net.onnx": model})
		require.NoError(t, err)
		assert.Equal(t, []string{in}, p.Work[1].Inputs)
		assert.Equal(t, []string{out}, p.Work[1].Outputs)
		assert.Equal(t, "x_1", p.Graph.Actors[1].In[0].Name)
		assert.Equal(t, "y:__z_", p.Graph.Actors[1].Out[0].Name)
	}
}
