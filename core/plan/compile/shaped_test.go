package compile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filter keeps what is positive of a vector of 9; its tensors have types that tokens of
// a fixed shape can't have: kept varies, mask is of conditions, total is a scalar.
func filter() (*compile.Model, error) {
	n := plantest.NewNet("filter")
	n.Metadata("edgeprune.shape:kept", "0 5 10")
	n.Metadata("edgeprune.shape:y", "0 5 10")
	n.Input("x", onnx.Float32, 9)
	n.Value("a", onnx.Float32, 9)
	n.Node("Tanh", []string{"x"}, []string{"a"})
	n.Value("mask", onnx.Bool, 9)
	n.Node("Greater", []string{"a", n.Floats("zero", []float32{0})}, []string{"mask"})
	n.Value("kept", onnx.Float32, -1)
	n.Node("Compress", []string{"a", "mask"}, []string{"kept"})
	n.Node("Neg", []string{"kept"}, []string{"y"})
	n.Node("ReduceSum", []string{"y"}, []string{"total"}, build.Attr{Name: "keepdims", Value: 0})
	n.Output("y", onnx.Float32, -1)
	n.Output("total", onnx.Float32)
	return n.Model()
}

const filterPlan = `plan: filter
application:
  name: filter
  actors:
    - {name: source, kernel: tensor, out: [{port: x, type: "float32[9]"}]}
    - name: net
      model: filter
      parts: [{name: mask, makes: [mask]}, {name: kept, makes: [kept]}, {name: rest}]
    - {name: last, kernel: sink, in: [{port: y, type: "TYPE"}, {port: total}]}
  fifos:
    - {from: source.x, to: net.x}
    - {from: net.y, to: last.y DELAY}
    - {from: net.total, to: last.total}
platform:
  name: two
  devices:
    - {name: d0, role: endpoint, units: [{name: cpu}]}
    - {name: d1, role: server, units: [{name: cpu}]}
  links: [{name: lan, between: [d0, d1]}]
instances:
  - {mapping: [{unit: d0.cpu, through: net/kept}, {unit: d1.cpu}], codec: CODEC}
workload: {kind: offline, frames: 4}
`

func compileFilter(t *testing.T, change ...string) (*plan.Plan, error) {
	t.Helper()
	m, err := filter()
	require.NoError(t, err)
	text := strings.NewReplacer(append(change, "TYPE", "float32[<=10]", "CODEC", "none", " DELAY", "")...).Replace(
		filterPlan,
	)
	f, err := planfile.Parse("filter.yaml", []byte(text))
	require.NoError(t, err)
	return compile.Compile(f, compile.Models{"filter": m})
}

// Tensors that tokens of a fixed shape can't hold travel with their shape; the room for
// what varies is the model's.
func TestShapedPorts(t *testing.T) {
	p, err := compileFilter(t)
	require.NoError(t, err)
	types := map[string]string{}
	for f := range p.Graph.FIFOs {
		types[p.Graph.FIFOName(f)] = p.Graph.Type(f).String()
	}
	for name, want := range map[string]string{
		"source.x->net[mask:kept].x": "float32[9]", "net[mask:kept].kept->net[rest].kept": "float32[<=10]",
		"net[rest].y->last.y": "float32[<=10]", "net[rest].total->last.total": "float32[]",
	} {
		assert.Equal(t, want, types[name], "%s carries %q, want %q; all", name, types[name], want)
	}
	p, err = compileFilter(t, "through: net/kept", "through: net/mask")
	require.NoError(t, err)
	f := p.Graph.FIFOs
	require.NotEmpty(t, f, "carried")
	assert.Contains(t, typesOf(p), "bool[9]", "carried")
}

func typesOf(p *plan.Plan) string {
	var list []string
	for f := range p.Graph.FIFOs {
		list = append(list, p.Graph.Type(f).String())
	}
	return strings.Join(list, " ")
}

// Codecs that take no tensors with their shape are refused, but for those that have one
// shape only, which go as they are.
func TestShapedCodecs(t *testing.T) {
	for codec, want := range map[string]string{"fp16": "float16[<=10]", "zstd": "bytes[105]", "fp16+lz4": "bytes[85]"} {
		p, err := compileFilter(t, "CODEC", codec)
		require.NoError(t, err, codec)
		assert.Contains(t, typesOf(p), want, codec)
	}
	for _, codec := range []string{"int8", "sparse", "sparse+fp16", "int8+zstd"} {
		_, err := compileFilter(t, "CODEC", codec)
		require.ErrorIs(t, err, planfile.ErrCodec)
		assert.Contains(t, err.Error(), "filter.yaml:21:3: bad codec: net.kept: ")
		assert.Contains(t, err.Error(), "use fp16, lz4, zstd")
	}
	_, err := compileFilter(t, "CODEC", "int8", "through: net/kept", "through: net/rest")
	assert.ErrorIs(t, err, planfile.ErrCodec, "behind the model")
}

// Of half precision, models have tensors of a fixed shape only.
func TestShapedHalves(t *testing.T) {
	for _, tc := range []struct {
		name     string
		in, kept onnx.Elem
		says     string // "" compiles
	}{
		{"between parts", onnx.Float32, onnx.Float16, "tensor kept of actor net[mask:kept] is float16[<=10]"},
		{"an input", onnx.Float16, onnx.Float32, "tensor x of actor net[mask:kept] is float16[<=10]"},
		{"neither", onnx.Float32, onnx.Float32, ""},
	} {
		n := plantest.NewNet("filter")
		n.Metadata("edgeprune.shape:x", "0 5 10")
		n.Metadata("edgeprune.shape:kept", "0 5 10")
		n.Input("x", tc.in, -1)
		n.Node("Greater", []string{"x", n.Floats("zero", []float32{0})}, []string{"mask"})
		n.Value("mask", onnx.Bool, -1)
		n.Metadata("edgeprune.shape:mask", "0 5 10")
		n.Value("kept", tc.kept, -1)
		n.Node("Compress", []string{"x", "mask"}, []string{"kept"})
		n.Node("Shape", []string{"kept"}, []string{"y"})
		n.Node("ReduceSum", []string{"kept"}, []string{"total"}, build.Attr{Name: "keepdims", Value: 0})
		n.Output("y", onnx.Int64, 1)
		n.Output("total", onnx.Float32)
		m, err := n.Model()
		require.NoError(t, err)
		text := strings.NewReplacer("float32[9]", tc.in.String()+"[<=10]", "TYPE", "int64[1]", "CODEC", "none", " DELAY",
			"").Replace(filterPlan)
		f, err := planfile.Parse("filter.yaml", []byte(text))
		require.NoError(t, err)
		_, err = compile.Compile(f, compile.Models{"filter": m})
		if tc.says == "" {
			require.NoError(t, err, tc.name)
		}
		if tc.says != "" {
			assert.False(t, !errors.Is(err, planfile.ErrActor) || !strings.Contains(err.Error(), tc.says) ||
				strings.Count(err.Error(), "float16") != 2, tc.name)
		}
	}
}

func TestShapedRefused(t *testing.T) {
	_, err := compileFilter(t, "TYPE", "float32[<=11]")
	assert.ErrorIs(t, err, graph.ErrType, "another bound")
	_, err = compileFilter(t, " DELAY", ", delay: 1")
	require.ErrorIs(t, err, planfile.ErrActor, "delay tokens")
	assert.Contains(t, err.Error(), "zeros", "delay tokens")
}
