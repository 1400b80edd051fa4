package ort

import (
	"bytes"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A tensor without elements goes in and comes out.
func TestEmptyTensors(t *testing.T) {
	for _, e := range []onnx.Elem{onnx.Float32, onnx.Float64, onnx.Float16, onnx.Int32, onnx.Int64} {
		s := session(t, Options{}, func(b *build.Builder) {
			b.Input("x", e, 2, -1)
			b.Output("stated", e, 2, 0)
			b.Output("open", e, 2, -1)
			b.Node("Neg", []string{"x"}, []string{"stated"})
			b.Node("Abs", []string{"x"}, []string{"open"})
		})
		known := map[string][]int64{}
		if e == onnx.Float16 { // the binding can't take over memory of halves
			known["open"] = []int64{2, 0}
		}
		out, err := s.RunAlloc([]*Tensor{tensor(t, e, []int64{2, 0}, []byte{})}, known)
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		for i, o := range out {
			assert.Equal(t, []int64{2, 0}, o.Shape(), "%s, output %d: %v % x", e, i, o.Shape(), o.Data())
			assert.Empty(t, o.Data(), "%s, output %d: %v % x", e, i, o.Shape(), o.Data())
			o.Close()
		}
	}
	loadLibrary(t)
	for _, e := range []onnx.Elem{onnx.Bool, onnx.Uint8, onnx.Int8, onnx.Uint16} {
		x, err := NewTensor(e, []int64{0}, nil)
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		x.Close()
	}
}

// Outputs whose memory is given and others may stand together.
func TestRunOpen(t *testing.T) {
	s := session(t, Options{}, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 3)
		b.Output("sum", onnx.Float32)
		b.Output("places", onnx.Int64, 1, -1)
		b.Node("ReduceSum", []string{"x"}, []string{"sum"}, build.Attr{Name: "keepdims", Value: 0})
		b.Node("NonZero", []string{"x"}, []string{"places"})
	})
	for _, tc := range []struct {
		x      []float32
		sum    float32
		places []int64
	}{{[]float32{1, 0, 2}, 3, []int64{0, 2}}, {[]float32{0, 0, 0}, 0, []int64{}}} {
		sum := tensor(t, onnx.Float32, nil, bytesOf(t, float32(9)))
		out := []*Tensor{sum, nil}
		err := s.RunOpen([]*Tensor{tensor(t, onnx.Float32, []int64{3}, bytesOf(t, tc.x))}, out)
		require.NoError(t, err)
		assert.Same(t, sum, out[0], "%v: % x and %v % x", tc.x, out[0].Data(), out[1].Shape(), out[1].Data())
		assert.Equal(t, bytesOf(t, tc.sum), sum.Data(), "%v: % x and %v % x", tc.x, out[0].Data(), out[1].Shape(),
			out[1].Data())
		assert.Equal(t, []int64{1, int64(len(tc.places))}, out[1].Shape(), "%v: % x and %v % x", tc.x, out[0].Data(),
			out[1].Shape(), out[1].Data())
		assert.True(t, bytes.Equal(bytesOf(t, tc.places), out[1].Data()), "%v: % x", tc.x, out[1].Data())
		out[1].Close()
	}
	closed := tensor(t, onnx.Float32, nil, bytesOf(t, float32(9)))
	closed.Close()
	assert.Error(t, s.RunOpen([]*Tensor{closed}, []*Tensor{nil}), "too few outputs are taken")
	err := s.RunOpen([]*Tensor{tensor(t, onnx.Float32, []int64{3}, bytesOf(t, []float32{1, 2, 3}))},
		[]*Tensor{closed, nil})
	assert.ErrorIs(t, err, ErrTensor, "a closed output")
}

// Where runs are on given inputs, others show what depends on the data, as far as the
// model takes them.
func TestProbesOnOtherInputs(t *testing.T) {
	for name, tc := range map[string]struct {
		others bool
		build  func(b *build.Builder)
		varies bool
	}{
		"given ones": {false, func(b *build.Builder) { b.Node("NonZero", []string{"x"}, []string{"places"}) }, false},
		"others":     {true, func(b *build.Builder) { b.Node("NonZero", []string{"x"}, []string{"places"}) }, true},
		"others that the model refuses": {true, func(b *build.Builder) { // only 7 elements go into a row of 7
			kept := b.Node("Compress", []string{
				"x", b.Node("Cast", []string{"x"}, []string{"which"}, build.Attr{Name: "to", Value: int(onnx.Bool)}),
			}, []string{"kept"})
			b.Node("Reshape", []string{kept, b.Ints("seven", []int64{1, 7}, 2)}, []string{"row"})
			b.Node("NonZero", []string{"row"}, []string{"places"})
		}, false},
	} {
		loadLibrary(t)
		b := build.New("probed")
		b.Input("x", onnx.Int64, 9)
		tc.build(b)
		b.Node("Neg", []string{"places"}, []string{"y"})
		b.Output("y", onnx.Int64, -1, -1)
		data, err := b.Bytes()
		require.NoError(t, err)
		m, err := onnx.Parse(data)
		require.NoError(t, err)
		p := &Prober{Inputs: []*Tensor{tensor(t, onnx.Int64, []int64{9}, bytesOf(t, []int64{1, 1, 1, 1, 1, 1, 1, 0, 0}))},
			Others: tc.others}
		known, err := shape.Probe(m, p, 0)
		require.NoError(t, err, name)
		s, ok := known.Span("y") // NonZero is known to vary even where it did not
		varies := ok && s.Min[1] != s.Max[1]
		assert.Equal(t, tc.varies, varies, "%s: y %+v", name, s)
		assert.True(t, ok, "%s: y %+v", name, s)
		assert.NoError(t, p.Close())
	}
}

func TestModelWithoutInputs(t *testing.T) {
	s := session(t, Options{}, func(b *build.Builder) {
		b.Floats("a", []float32{1, 2}, 2)
		b.Node("Neg", []string{"a"}, []string{"y"})
		b.Node("ReduceSum", []string{"a"}, []string{"sum"}, build.Attr{Name: "keepdims", Value: 0})
		b.Output("y", onnx.Float32, 2)
		b.Output("sum", onnx.Float32)
	})
	out, err := s.RunAlloc(nil, nil)
	require.NoError(t, err)
	assert.Equal(t, bytesOf(t, []float32{-1, -2}), out[0].Data(), "got % x and % x", out[0].Data(), out[1].Data())
	assert.Equal(t, bytesOf(t, float32(3)), out[1].Data(), "got % x and % x", out[0].Data(), out[1].Data())
	for _, o := range out {
		o.Close()
	}
	y, sum := tensor(t, onnx.Float32, []int64{2}, make([]byte, 8)), tensor(t, onnx.Float32, nil, make([]byte, 4))
	require.NoError(t, s.Run(nil, []*Tensor{y, sum}))
	assert.Equal(t, bytesOf(t, []float32{-1, -2}), y.Data())
	open := session(t, Options{}, func(b *build.Builder) {
		b.Floats("a", []float32{1, 2}, 2)
		b.Node("Neg", []string{"a"}, []string{"y"})
		b.Output("y", onnx.Float32, -1)
	})
	require.Empty(t, open.Inputs())
	out, err = open.RunAlloc(nil, nil)
	require.NoError(t, err)
	assert.Equal(t, []int64{2}, out[0].Shape())
	assert.NoError(t, out[0].Close())
}
