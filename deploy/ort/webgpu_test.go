package ort

import (
	"encoding/binary"
	"math"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/ort/loader"
	"github.com/edgeprune/edgeprune/deploy/ort/orttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onWebGPU loads the library, and leaves the test out where WebGPU can't be used.
func onWebGPU(t *testing.T) {
	t.Helper()
	loadLibrary(t)
	orttest.WebGPU(t, Missing("webgpu"))
}

const side = 16

// convolutions adds nodes from..to of a net of three convolutions with activations.
func convolutions(from, to int) func(*build.Builder) {
	return func(b *build.Builder) {
		name := func(i int) string { return string(rune('a' + i)) }
		b.Input(name(from), onnx.Float32, 1, 4, side, side)
		for i := from; i < to; i++ {
			weights := make([]float32, 4*4*3*3)
			for j := range weights {
				weights[j] = float32(math.Sin(float64(i+1) * float64(j)))
			}
			b.Floats("w"+name(i), weights, 4, 4, 3, 3)
			b.Node("Conv", []string{name(i), "w" + name(i)}, []string{"c" + name(i)},
				build.Attr{Name: "auto_pad", Value: "SAME_UPPER"})
			b.Node("Sigmoid", []string{"c" + name(i)}, []string{name(i + 1)})
		}
		b.Output(name(to), onnx.Float32, 1, 4, side, side)
	}
}

// image is an input of the net.
func image(t *testing.T, seed uint64) *Tensor {
	t.Helper()
	data, err := Random(onnx.Float32, 4*side*side, seed)
	require.NoError(t, err)
	x, err := NewTensor(onnx.Float32, []int64{1, 4, side, side}, data)
	require.NoError(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

func ran(t *testing.T, s *Session, in *Tensor) *Tensor {
	t.Helper()
	out := image(t, 0)
	require.NoError(t, s.Run([]*Tensor{in}, []*Tensor{out}))
	return out
}

// within asserts that no element differs by more than 1e-3 and that they are not all alike.
func within(t *testing.T, want, got *Tensor, what string) {
	t.Helper()
	worst, spread := 0.0, map[uint32]bool{}
	for i := 0; i < len(want.Data()); i += 4 {
		w, g := binary.LittleEndian.Uint32(want.Data()[i:]), binary.LittleEndian.Uint32(got.Data()[i:])
		worst = max(worst, math.Abs(float64(math.Float32frombits(w))-float64(math.Float32frombits(g))))
		spread[w] = true
	}
	assert.LessOrEqual(t, worst, 1e-3, "%s: largest difference", what)
	assert.Greater(t, len(spread), 100, "%s: values", what)
	t.Logf("%s: largest difference %.3g", what, worst)
}

// A model gives on WebGPU what it gives on the CPU, alone and as the tail of a cut of which
// the CPU runs the head, or the other way round.
func TestWebGPUAgainstCPU(t *testing.T) {
	onWebGPU(t)
	devices, err := loader.Vulkan()
	require.NoError(t, err)
	require.NotEmpty(t, devices)
	require.NotEmpty(t, devices[0].Name)
	t.Logf("adapters: %+v", devices)
	gpu, cpu := Options{Provider: plan.Named("webgpu")}, Options{}
	x := image(t, 1)
	whole := ran(t, session(t, cpu, convolutions(0, 3)), x)
	within(t, whole, ran(t, session(t, gpu, convolutions(0, 3)), x), "whole on WebGPU")
	within(t, whole, ran(t, session(t, gpu, convolutions(1, 3)), ran(t, session(t, cpu, convolutions(0, 1)), x)),
		"head on the CPU, tail on WebGPU")
	within(t, whole, ran(t, session(t, cpu, convolutions(2, 3)), ran(t, session(t, gpu, convolutions(0, 2)), x)),
		"head on WebGPU, tail on the CPU")
	options := Options{Provider: plan.Provider{Name: "webgpu", Options: map[string]string{"preferredLayout": "NCHW"}}}
	within(t, whole, ran(t, session(t, options, convolutions(0, 3)), x), "with an option")
}

// Sessions on WebGPU that goroutines make, run and close at the same time take turns.
func TestWebGPUSessionsTakeTurns(t *testing.T) {
	onWebGPU(t)
	model := modelBytes(t, convolutions(0, 3))
	want := ran(t, session(t, Options{}, convolutions(0, 3)), image(t, 1))
	outs := make([]*Tensor, 2)
	ins := make([]*Tensor, len(outs))
	for i := range outs {
		ins[i], outs[i] = image(t, 1), image(t, 0)
	}
	var all sync.WaitGroup
	errs := make([]error, len(outs))
	for i := range outs {
		all.Go(func() {
			s, err := NewSession(model, Options{Provider: plan.Named("webgpu")})
			if err != nil {
				errs[i] = err
				return
			}
			for range 5 {
				if err := s.Run(ins[i:i+1], outs[i:i+1]); err != nil {
					errs[i] = err
				}
			}
			if err := s.Close(); err != nil {
				errs[i] = err
			}
		})
	}
	all.Wait()
	for i := range outs {
		require.NoError(t, errs[i])
		within(t, want, outs[i], "a session beside others")
	}
}

// A model with an operator that WebGPU lacks is refused, unless the CPU may run it.
func TestWebGPUFallback(t *testing.T) {
	onWebGPU(t)
	model := modelBytes(t, func(b *build.Builder) {
		b.Input("x", onnx.Float64, 1, 3)
		b.Node("Neg", []string{"x"}, []string{"y"})
		b.Output("y", onnx.Float64, 1, 3)
	})
	_, err := NewSession(model, Options{Provider: plan.Named("webgpu")})
	require.ErrorIs(t, err, ErrFallback)
	assert.EqualError(t, err, "ort: new session: ort: the provider can not run the whole model: webgpu has no kernel for "+
		"some of its nodes; cut the model so that they run on a unit of the CPU, or give the unit provider: "+
		"{name: webgpu, fallback: cpu}; edgeprune model providers --fallback says which they are")
	s, err := NewSession(model, Options{Provider: plan.Provider{Name: "webgpu", Fallback: plan.CPU}})
	require.NoError(t, err)
	x := tensor(t, onnx.Float64, []int64{1, 3}, []float64{1, 2, 3})
	y := tensor(t, onnx.Float64, []int64{1, 3}, make([]float64, 3))
	require.NoError(t, s.Run([]*Tensor{x}, []*Tensor{y}))
	assert.Equal(t, bytesOf(t, []float64{-1, -2, -3}), y.Data())
	require.NoError(t, s.Close())
}

func TestWebGPUOptions(t *testing.T) {
	onWebGPU(t)
	model := modelBytes(t, addModel)
	for _, c := range []struct{ key, value, want string }{
		{"prefferedLayout", "NCHW", "ort: session options: ort: bad option of an execution provider: webgpu has no option " +
			`"prefferedLayout"; it has dawnBackendType, defaultBufferCacheMode, deviceId, enableGraphCapture, enableInt64, ` +
			"enablePIXCapture, forceCpuNodeNames, maxStorageBufferBindingSize, multiRotaryCacheConcatOffset, " +
			"powerPreference, preferredLayout, preserveDevice, queryResolveBufferCacheMode, storageBufferCacheMode, " +
			"uniformBufferCacheMode, validationMode"},
		{"validationMode", "strict", "Invalid validation mode: strict"},
	} {
		p := plan.Provider{Name: "webgpu", Options: map[string]string{c.key: c.value}}
		_, err := NewSession(model, Options{Provider: p})
		require.ErrorIs(t, err, ErrOption, c.key)
		assert.Contains(t, err.Error(), c.want)
	}
}
