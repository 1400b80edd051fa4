package ort

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mixed has a node in float64, which few accelerators have a kernel for.
func mixed(b *build.Builder) {
	b.Input("x", onnx.Float32, 1, 3)
	b.Node("Sin", []string{"x"}, []string{"a"})
	b.Node("Cast", []string{"a"}, []string{"b"}, build.Attr{Name: "to", Value: int64(onnx.Float64)})
	b.Node("Neg", []string{"b"}, []string{"y"})
	b.Output("y", onnx.Float64, 1, 3)
}

func TestPlacementOnCPU(t *testing.T) {
	loadLibrary(t)
	x := tensor(t, onnx.Float32, []int64{1, 3}, []float32{1, 2, 3})
	placed, err := Placement(modelBytes(t, mixed), Options{}, []*Tensor{x}, nil)
	require.NoError(t, err)
	assert.Equal(t, []Placed{{Provider: "cpu", Nodes: 3, Ops: []string{"Cast", "Neg", "Sin"}}}, placed)
}

func TestWebGPUPlacement(t *testing.T) {
	onWebGPU(t)
	x := tensor(t, onnx.Float32, []int64{1, 3}, []float32{1, 2, 3})
	o := Options{Provider: plan.Provider{Name: "webgpu", Fallback: plan.CPU}}
	placed, err := Placement(modelBytes(t, mixed), o, []*Tensor{x}, nil)
	require.NoError(t, err)
	require.Len(t, placed, 2, "%+v", placed)
	assert.Contains(t, placed[0].Ops, "Neg", "on %s", placed[0].Provider)
	assert.Equal(t, "webgpu", placed[1].Provider)
	assert.Contains(t, placed[1].Ops, "Sin")
}

func TestPlacementOfABadProfile(t *testing.T) {
	_, err := placedIn([]byte("[{"))
	assert.ErrorContains(t, err, "ort: placement: the runtime's profile: unexpected end of JSON input")
}
