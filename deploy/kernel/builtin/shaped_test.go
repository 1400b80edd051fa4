package builtin

import (
	"fmt"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filter keeps what is positive of x: kept, of a size that depends on the data; which,
// conditions; total, a scalar.
func filter(t testing.TB) []byte {
	t.Helper()
	b := build.New("filter")
	b.Input("x", onnx.Float32, 4)
	b.Output("kept", onnx.Float32, -1)
	b.Output("which", onnx.Bool, 4)
	b.Output("total", onnx.Float32)
	b.Node("Greater", []string{"x", b.Floats("zero", []float32{0})}, []string{"which"})
	b.Node("Compress", []string{"x", "which"}, []string{"kept"})
	b.Node("ReduceSum", []string{"kept"}, []string{"total"}, build.Attr{Name: "keepdims", Value: 0})
	m, err := b.Bytes()
	require.NoError(t, err)
	return m
}

// scaled multiplies what was kept by a scalar, and counts it.
func scaled(t testing.TB) []byte {
	t.Helper()
	b := build.New("scaled")
	b.Input("kept", onnx.Float32, -1)
	b.Input("total", onnx.Float32)
	b.Output("y", onnx.Float32, -1)
	b.Output("size", onnx.Int64, 1)
	b.Node("Mul", []string{"kept", "total"}, []string{"y"})
	b.Node("Shape", []string{"kept"}, []string{"size"})
	m, err := b.Bytes()
	require.NoError(t, err)
	return m
}

// Segments make tensors of any shape, empty ones and scalars too, and take them.
func TestShapedSegments(t *testing.T) {
	loadLibrary(t)
	head := newBench(t, "onnx", kernel.Spec{
		Model: filter(t), Inputs: []string{"x"}, Outputs: []string{"kept", "which", "total", "kept"},
		In: ports(t, "float32[4]"), Out: ports(t, "float32[<=4]", "bool[4]", "float32[]", "float32[<=4]"),
		Unit: plan.Unit{Threads: 1}})
	tail := newBench(
		t,
		"onnx",
		kernel.Spec{Model: scaled(t), Inputs: []string{"kept", "total"}, Outputs: []string{"y", "size"},
			In: ports(t, "float32[<=4]", "float32[]"), Out: ports(t, "float32[<=4]", "int64[1]"), Unit: plan.Unit{Threads: 1}},
	)
	tail.f.In = [][]*kernel.Token{head.f.Out[0], head.f.Out[2]}
	for _, tc := range []struct{ x, kept, which, y []float32 }{
		{[]float32{1, -2, 3, -4}, []float32{1, 3}, []float32{1, 0, 1, 0}, []float32{4, 12}},
		{[]float32{-1, -2, -3, -4}, nil, []float32{0, 0, 0, 0}, nil},
		{[]float32{1, 2, 3, 4}, []float32{1, 2, 3, 4}, []float32{1, 1, 1, 1}, []float32{10, 20, 30, 40}},
		{[]float32{-1, -2, 5, -4}, []float32{5}, []float32{0, 0, 1, 0}, []float32{25}},
	} {
		copy(head.in(0).Float32(), tc.x)
		head.fire(t)
		tail.fire(t)
		for _, got := range []struct {
			token *kernel.Token
			want  []float32
		}{{head.out(0), tc.kept}, {head.out(3), tc.kept}, {head.out(1), tc.which}, {tail.out(0), tc.y}} {
			shape, data, err := got.token.Tensor()
			require.NoError(t, err, "of %v: shape", tc.x)
			require.Len(t, shape, 1, "of %v: shape", tc.x)
			assert.Equal(t, int64(len(got.want)), shape[0], "of %v: shape", tc.x)
			assert.True(t, slices.Equal(got.want, floats(got.token.Type.Of.Elem, data)), "of %v: %v", tc.x, got.want)
		}
		size := kernel.View[int64](tail.out(1))[0]
		assert.Equal(t, int64(len(tc.kept)), size, "of %v: %d elements counted", tc.x, size)
	}
}

// An output that no port takes has memory, of conditions too.
func TestShapedScratch(t *testing.T) {
	loadLibrary(t)
	b := newBench(t, "onnx", kernel.Spec{Model: filter(t), Inputs: []string{"x"}, Outputs: []string{"kept", "total"},
		In: ports(t, "float32[4]"), Out: ports(t, "float32[<=4]", "float32[]"), Unit: plan.Unit{Threads: 1}})
	copy(b.in(0).Float32(), []float32{1, -2, 3, -4})
	b.fire(t)
	_, data, err := b.out(1).Tensor()
	require.NoError(t, err, "total")
	assert.Equal(t, []float32{4}, floats("float32", data), "total")
}

func TestShapedSegmentsFail(t *testing.T) {
	loadLibrary(t)
	spec := func(kept string) kernel.Spec {
		return kernel.Spec{Model: filter(t), Inputs: []string{"x"}, Outputs: []string{"kept", "which", "total"},
			In: ports(t, "float32[4]"), Out: ports(t, kept, "bool[4]", "float32[]")}
	}
	b := newBench(t, "onnx", spec("float32[<=2]"))
	copy(b.in(0).Float32(), []float32{1, 1, 1, -1})
	err := b.Fire(&b.f)
	require.ErrorIs(t, err, kernel.ErrBound, "beyond the bound")
	assert.Contains(t, err.Error(), "tensor kept: ", "beyond the bound")
	assert.Contains(t, err.Error(), "float32[3] came, the token is float32[<=2]", "beyond the bound")
	assert.Contains(t, err.Error(), "--bound kept=3 ", "beyond the bound")
	refused(t, "onnx", spec("float32[<=2,3]"), kernel.ErrPort, "tensor kept")
	refused(t, "onnx", spec("int64[<=2]"), kernel.ErrPort, "tensor kept")
	refused(
		t,
		"onnx",
		spec("float16[<=4]"),
		kernel.ErrPort,
		"carries tensor kept as float16[<=4]; the runtime has float16 only",
	)
	tail := newBench(
		t,
		"onnx",
		kernel.Spec{Model: scaled(t), Inputs: []string{"kept", "total"}, Outputs: []string{"y", "size"},
			In: ports(t, "float32[<=4]", "float32[]"), Out: ports(t, "float32[<=4]", "int64[1]")},
	)
	tail.in(0).Len = 7
	err = tail.Fire(&tail.f)
	require.ErrorIs(t, err, kernel.ErrToken, "bytes that are no tensor")
	assert.Contains(t, err.Error(), "tensor kept", "bytes that are no tensor")
	fixed := kernel.NewToken(ports(t, "float32[4]")[0].Type, 0)
	assert.ErrorIs(t, fixed.SetTensor([]int64{4}, nil), kernel.ErrToken, "a token of a fixed shape")
	_, err = fixed.SetShape([]int64{4})
	assert.ErrorIs(t, err, kernel.ErrToken, "a token of a fixed shape")
	_, err = b.out(0).SetShape([]int64{3})
	assert.ErrorIs(t, err, kernel.ErrBound, "a shape beyond the bound")
	_, _, err = fixed.Tensor()
	assert.ErrorIs(t, err, kernel.ErrToken, "a token of a fixed shape")
}

// A source draws shapes up to the bound; a sink records all elements there are.
func TestShapedEnds(t *testing.T) {
	loadLibrary(t)
	for _, tc := range []struct {
		of      string
		least   int // different shapes
		summary bool
	}{
		{"float32[<=9,2]", 2, false}, {"int64[<=9]", 2, false}, {"bool[2,3]", 1, false}, {"float32[]", 1, true},
		{"float64[<=9]", 2, true},
		{"uint16[<=9]", 2, false}, {"uint8[<=0]", 1, true}, {"float16[<=5]", 2, false}, {"int8[<=9]", 2, false},
		{"int32[<=9]", 2, false},
	} {
		source := newBench(t, "tensor", kernel.Spec{Out: ports(t, tc.of)})
		var got []float32
		params := map[string]any{}
		if tc.summary {
			params["record"] = "summary"
		}
		sink := newBench(t, "sink", kernel.Spec{
			In: ports(t, tc.of), Params: params, Record: func(r trace.Result) { got = r.Values },
		})
		sink.f.In = source.f.Out
		shapes := map[string]bool{}
		for range 8 {
			source.fire(t)
			sink.fire(t)
			shape, data, err := source.out(0).Tensor()
			require.NoError(t, err)
			want := floats(source.out(0).Type.Of.Elem, data)
			if tc.summary {
				want = append([]float32{float32(len(want))}, summary(want)...)
			}
			assert.Equal(t, want, got, "%s: recorded", tc.of)
			shapes[fmt.Sprint(shape)] = true
		}
		assert.GreaterOrEqual(t, len(shapes), tc.least, "%s: one shape only", tc.of)
		sink.in(0).Len = 3
		assert.ErrorIs(t, sink.Fire(&sink.f), kernel.ErrToken, "%s: 3 bytes", tc.of)
	}
}
