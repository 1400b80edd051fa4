package ort

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func bytesOf(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, binary.Write(&b, binary.LittleEndian, v))
	out := AlignedBytes(b.Len())
	copy(out, b.Bytes())
	return out
}

func tensor(t testing.TB, e onnx.Elem, shape []int64, values any) *Tensor {
	t.Helper()
	x, err := NewTensor(e, shape, bytesOf(t, values))
	require.NoError(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

func session(t testing.TB, o Options, build func(*build.Builder)) *Session {
	t.Helper()
	loadLibrary(t)
	s, err := NewSession(modelBytes(t, build), o)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func modelBytes(t testing.TB, fill func(*build.Builder)) []byte {
	t.Helper()
	b := build.New("test")
	fill(b)
	m, err := b.Bytes()
	require.NoError(t, err)
	return m
}

func addModel(b *build.Builder) {
	b.Input("x", onnx.Float32, 1, 3)
	b.Floats("c", []float32{10, 20, 30}, 1, 3)
	b.Output("y", onnx.Float32, 1, 3)
	b.Node("Add", []string{"x", "c"}, []string{"y"})
}

func TestRunWritesIntoCallersMemory(t *testing.T) {
	s := session(t, Options{Threads: 2, Spin: true, Provider: plan.Named("cpu")}, addModel)
	x := tensor(t, onnx.Float32, []int64{1, 3}, []float32{1, 2, 3})
	y := tensor(t, onnx.Float32, []int64{1, 3}, make([]float32, 3))
	memory := y.Data()
	for range 2 {
		require.NoError(t, s.Run([]*Tensor{x}, []*Tensor{y}))
		require.Equal(t, bytesOf(t, []float32{11, 22, 33}), memory, "output")
		clear(memory)
	}
}

func TestInfo(t *testing.T) {
	s := session(t, Options{}, func(b *build.Builder) {
		b.Input("x", onnx.Float32, -1, 3)
		b.Output("q", onnx.Uint8, -1, 3)
		b.Output("s", onnx.Float32)
		b.Output("z", onnx.Uint8)
		b.Node("DynamicQuantizeLinear", []string{"x"}, []string{"q", "s", "z"})
	})
	got, want := s.Inputs(), []Info{{"x", onnx.Float32, []int64{-1, 3}, true}}
	assert.Equal(t, want, got, "Inputs")
	want = []Info{{"q", onnx.Uint8, []int64{-1, 3}, true}, {"s", onnx.Float32, nil, true}, {"z", onnx.Uint8, nil, true}}
	assert.Equal(t, want, s.Outputs(), "Outputs")
}

func TestScalars(t *testing.T) {
	quantize := session(t, Options{}, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 4)
		b.Output("q", onnx.Uint8, 4)
		b.Output("s", onnx.Float32)
		b.Output("z", onnx.Uint8)
		b.Node("DynamicQuantizeLinear", []string{"x"}, []string{"q", "s", "z"})
	})
	restore := session(t, Options{}, func(b *build.Builder) {
		b.Input("q", onnx.Uint8, 4)
		b.Input("s", onnx.Float32)
		b.Input("z", onnx.Uint8)
		b.Output("x", onnx.Float32, 4)
		b.Node("DequantizeLinear", []string{"q", "s", "z"}, []string{"x"})
	})
	q := tensor(t, onnx.Uint8, []int64{4}, make([]uint8, 4))
	s := tensor(t, onnx.Float32, nil, float32(0))
	z := tensor(t, onnx.Uint8, nil, uint8(0))
	back := tensor(t, onnx.Float32, []int64{4}, make([]float32, 4))
	// Two rounds: the scalars of the second must not be those of the first.
	for _, in := range [][]float32{{-51, 0, 102, 204}, {0, 51, 102, 255}} {
		x := tensor(t, onnx.Float32, []int64{4}, in)
		require.NoError(t, quantize.Run([]*Tensor{x}, []*Tensor{q, s, z}))
		require.NoError(t, restore.Run([]*Tensor{q, s, z}, []*Tensor{back}))
		want := bytesOf(t, in)
		assert.Equal(t, want, back.Data(), "%v came back as % x, want % x", in, back.Data(), want)
	}
	got := math.Float32frombits(binary.LittleEndian.Uint32(s.Data()))
	assert.Equal(t, float32(1), got, "scale %v, want 1", got)
}

func TestEveryElementType(t *testing.T) {
	half := []uint16{0x3c00, 0x4000, 0xc200} // 1, 2, -3
	for _, tc := range []struct {
		name   string
		elem   onnx.Elem
		values any
	}{
		{"float32", onnx.Float32, []float32{1, 2, -3}},
		{"float16", onnx.Float16, half},
		{"int8", onnx.Int8, []int8{1, 2, -3}},
		{"int32", onnx.Int32, []int32{1, 2, -3}},
		{"int64", onnx.Int64, []int64{1, 2, -3}},
		{"uint8", onnx.Uint8, []uint8{1, 2, 253}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := session(t, Options{}, func(b *build.Builder) {
				b.Input("x", tc.elem, 3)
				b.Output("y", onnx.Float32, 3)
				b.Output("same", tc.elem, 3)
				b.Node("Cast", []string{"x"}, []string{"y"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
				b.Node("Cast", []string{"y"}, []string{"same"}, build.Attr{Name: "to", Value: int(tc.elem)})
			})
			x := tensor(t, tc.elem, []int64{3}, tc.values)
			y := tensor(t, onnx.Float32, []int64{3}, make([]float32, 3))
			same, err := NewTensor(tc.elem, []int64{3}, AlignedBytes(len(x.Data())))
			require.NoError(t, err)
			defer same.Close()
			require.NoError(t, s.Run([]*Tensor{x}, []*Tensor{y, same}))
			want := []float32{1, 2, -3}
			if tc.elem == onnx.Uint8 {
				want[2] = 253
			}
			assert.Equal(t, bytesOf(t, want), y.Data(), "cast to % x and back to % x, want %v and % x", y.Data(), same.Data(),
				want, x.Data())
			assert.Equal(t, x.Data(), same.Data(), "cast to % x and back to % x, want %v and % x", y.Data(), same.Data(), want,
				x.Data())
		})
	}
}

func TestErrors(t *testing.T) {
	s := session(t, Options{}, addModel)
	x := tensor(t, onnx.Float32, []int64{1, 3}, make([]float32, 3))
	flat := tensor(t, onnx.Float32, []int64{3}, make([]float32, 3))
	err := s.Run([]*Tensor{x}, nil)
	require.Error(t, err, "missing output")
	assert.Contains(t, err.Error(), "1 and 1", "missing output")
	assert.Error(t, s.Run([]*Tensor{x}, []*Tensor{flat}), "an output of the wrong shape was accepted")
	flat.Close()
	err = s.Run([]*Tensor{x}, []*Tensor{flat})
	assert.ErrorIs(t, err, ErrTensor, "closed tensor: %v, want ErrTensor", err)
	s.Close()
	err = s.Run([]*Tensor{x}, []*Tensor{x})
	require.Error(t, err, "closed session")
	assert.Contains(t, err.Error(), "closed", "closed session")
	model := modelBytes(t, addModel)
	for _, p := range []string{"cuda", "tensorrt", "abacus"} {
		_, err := NewSession(model, Options{Provider: plan.Named(p)})
		require.ErrorIs(t, err, ErrProvider, "provider %s: %v, want ErrProvider that names it", p, err)
		assert.Contains(t, err.Error(), p, "provider %s: %v, want ErrProvider that names it", p, err)
	}
	_, err = NewSession(model, Options{Threads: -1})
	assert.Error(t, err, "negative threads were accepted")
	for name, bad := range map[string][]byte{
		"garbage": []byte("garbage"), "empty": nil, "cut short": model[:len(model)/2],
	} {
		_, err := NewSession(bad, Options{})
		assert.Error(t, err, "%s was accepted as a model", name)
	}
}

func TestBadTensors(t *testing.T) {
	loadLibrary(t)
	for _, tc := range []struct {
		name  string
		elem  onnx.Elem
		shape []int64
		data  []byte
	}{
		{"too little data", onnx.Float32, []int64{2}, AlignedBytes(4)},
		{"too much data", onnx.Float32, []int64{2}, AlignedBytes(12)},
		{"negative", onnx.Uint8, []int64{-2, -2}, AlignedBytes(4)},
		{"unaligned", onnx.Float32, []int64{1}, AlignedBytes(8)[1:5]},
		{"unknown type", onnx.Elem(99), []int64{1}, AlignedBytes(1)},
		{"float16 scalar", onnx.Float16, nil, AlignedBytes(2)},
	} {
		_, err := NewTensor(tc.elem, tc.shape, tc.data)
		assert.ErrorIs(t, err, ErrTensor, "%s: %v, want ErrTensor", tc.name, err)
	}
}

func TestConcurrentRuns(t *testing.T) {
	s := session(t, Options{}, addModel)
	var wg sync.WaitGroup
	for g := range 4 {
		x := tensor(t, onnx.Float32, []int64{1, 3}, []float32{float32(g), 0, 0})
		y := tensor(t, onnx.Float32, []int64{1, 3}, make([]float32, 3))
		want := bytesOf(t, []float32{float32(g) + 10, 20, 30})
		wg.Go(func() {
			for range 100 {
				if err := s.Run([]*Tensor{x}, []*Tensor{y}); err != nil || !bytes.Equal(y.Data(), want) {
					t.Errorf("run %d: % x, %v", g, y.Data(), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestRunAllocatesNoTensorMemory(t *testing.T) {
	const n = 1 << 20
	s := session(t, Options{}, func(b *build.Builder) {
		b.Input("x", onnx.Float32, n)
		b.Output("y", onnx.Float32, n)
		b.Node("Relu", []string{"x"}, []string{"y"})
	})
	x := tensor(t, onnx.Float32, []int64{n}, make([]float32, n))
	y := tensor(t, onnx.Float32, []int64{n}, make([]float32, n))
	const runs = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		require.NoError(t, s.Run([]*Tensor{x}, []*Tensor{y}))
	}
	runtime.ReadMemStats(&after)
	got := (after.TotalAlloc - before.TotalAlloc) / runs
	assert.LessOrEqual(t, got, uint64(1024), "a run allocates %d bytes of Go memory, want at most 1024", got)
}

func TestShow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "optimised.onnx")
	session(t, Options{Show: path}, addModel)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err, "the optimised model")
	assert.NotEmpty(t, m.Nodes(), "the optimised model")
}
