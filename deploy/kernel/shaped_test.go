package kernel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
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
	if err != nil {
		t.Fatal(err)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Segments make tensors of any shape, empty ones and scalars too, and take them.
func TestShapedSegments(t *testing.T) {
	loadLibrary(t)
	head := newBench(t, "onnx", Spec{Model: filter(t), Inputs: []string{"x"}, Outputs: []string{"kept", "which", "total", "kept"},
		In: ports(t, "float32[4]"), Out: ports(t, "float32[<=4]", "bool[4]", "float32[]", "float32[<=4]"), Unit: plan.Unit{Threads: 1}})
	tail := newBench(t, "onnx", Spec{Model: scaled(t), Inputs: []string{"kept", "total"}, Outputs: []string{"y", "size"},
		In: ports(t, "float32[<=4]", "float32[]"), Out: ports(t, "float32[<=4]", "int64[1]"), Unit: plan.Unit{Threads: 1}})
	tail.f.In = [][]*Token{head.f.Out[0], head.f.Out[2]}
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
			token *Token
			want  []float32
		}{{head.out(0), tc.kept}, {head.out(3), tc.kept}, {head.out(1), tc.which}, {tail.out(0), tc.y}} {
			shape, data, err := got.token.Tensor()
			if err != nil || len(shape) != 1 || shape[0] != int64(len(got.want)) || !slices.Equal(floats(got.token.Type.Of.Elem, data), got.want) {
				t.Errorf("of %v: shape %v, %v, %v; want %v", tc.x, shape, floats(got.token.Type.Of.Elem, data), err, got.want)
			}
		}
		if size := View[int64](tail.out(1))[0]; size != int64(len(tc.kept)) {
			t.Errorf("of %v: %d elements counted", tc.x, size)
		}
	}
}

// An output that no port takes has memory, of conditions too.
func TestShapedScratch(t *testing.T) {
	loadLibrary(t)
	b := newBench(t, "onnx", Spec{Model: filter(t), Inputs: []string{"x"}, Outputs: []string{"kept", "total"},
		In: ports(t, "float32[4]"), Out: ports(t, "float32[<=4]", "float32[]"), Unit: plan.Unit{Threads: 1}})
	copy(b.in(0).Float32(), []float32{1, -2, 3, -4})
	b.fire(t)
	if _, data, err := b.out(1).Tensor(); err != nil || !slices.Equal(floats("float32", data), []float32{4}) {
		t.Errorf("total: %v, %v", floats("float32", data), err)
	}
}

func TestShapedSegmentsFail(t *testing.T) {
	loadLibrary(t)
	spec := func(kept string) Spec {
		return Spec{Model: filter(t), Inputs: []string{"x"}, Outputs: []string{"kept", "which", "total"},
			In: ports(t, "float32[4]"), Out: ports(t, kept, "bool[4]", "float32[]")}
	}
	b := newBench(t, "onnx", spec("float32[<=2]"))
	copy(b.in(0).Float32(), []float32{1, 1, 1, -1})
	if err := b.Fire(&b.f); !errors.Is(err, ErrBound) || !strings.Contains(err.Error(), "tensor kept: ") || !strings.Contains(err.Error(), "float32[3] came, the token is float32[<=2]") || !strings.Contains(err.Error(), "--bound kept=3 ") {
		t.Errorf("beyond the bound: %v", err)
	}
	refused(t, "onnx", spec("float32[<=2,3]"), ErrPort, "tensor kept")
	refused(t, "onnx", spec("int64[<=2]"), ErrPort, "tensor kept")
	refused(t, "onnx", spec("float16[<=4]"), ErrPort, "carries tensor kept as float16[<=4]; the runtime has float16 only")
	tail := newBench(t, "onnx", Spec{Model: scaled(t), Inputs: []string{"kept", "total"}, Outputs: []string{"y", "size"},
		In: ports(t, "float32[<=4]", "float32[]"), Out: ports(t, "float32[<=4]", "int64[1]")})
	tail.in(0).Len = 7
	if err := tail.Fire(&tail.f); !errors.Is(err, ErrToken) || !strings.Contains(err.Error(), "tensor kept") {
		t.Errorf("bytes that are no tensor: %v", err)
	}
	fixed := NewToken(ports(t, "float32[4]")[0].Type, 0)
	if err := fixed.SetTensor([]int64{4}, nil); !errors.Is(err, ErrToken) {
		t.Errorf("a token of a fixed shape: %v", err)
	}
	if _, err := fixed.SetShape([]int64{4}); !errors.Is(err, ErrToken) {
		t.Errorf("a token of a fixed shape: %v", err)
	}
	if _, err := b.out(0).SetShape([]int64{3}); !errors.Is(err, ErrBound) {
		t.Errorf("a shape beyond the bound: %v", err)
	}
	if _, _, err := fixed.Tensor(); !errors.Is(err, ErrToken) {
		t.Errorf("a token of a fixed shape: %v", err)
	}
}

// A source draws shapes up to the bound; a sink records all elements there are.
func TestShapedEnds(t *testing.T) {
	loadLibrary(t)
	for _, tc := range []struct {
		of      string
		least   int // different shapes
		summary bool
	}{
		{"float32[<=9,2]", 2, false}, {"int64[<=9]", 2, false}, {"bool[2,3]", 1, false}, {"float32[]", 1, true}, {"float64[<=9]", 2, true},
		{"uint16[<=9]", 2, false}, {"uint8[<=0]", 1, true}, {"float16[<=5]", 2, false}, {"int8[<=9]", 2, false}, {"int32[<=9]", 2, false},
	} {
		source := newBench(t, "tensor", Spec{Out: ports(t, tc.of)})
		var got []float32
		params := map[string]any{}
		if tc.summary {
			params["record"] = "summary"
		}
		sink := newBench(t, "sink", Spec{In: ports(t, tc.of), Params: params, Record: func(r trace.Result) { got = r.Values }})
		sink.f.In = source.f.Out
		shapes := map[string]bool{}
		for range 2 * tensorSets {
			source.fire(t)
			sink.fire(t)
			shape, data, err := source.out(0).Tensor()
			if err != nil {
				t.Fatal(err)
			}
			want := floats(source.out(0).Type.Of.Elem, data)
			if tc.summary {
				want = append([]float32{float32(len(want))}, summary(want)...)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: recorded %v, want %v", tc.of, got, want)
			}
			shapes[fmt.Sprint(shape)] = true
		}
		if len(shapes) < tc.least {
			t.Errorf("%s: one shape only", tc.of)
		}
		sink.in(0).Len = 3
		if err := sink.Fire(&sink.f); !errors.Is(err, ErrToken) {
			t.Errorf("%s: 3 bytes: %v", tc.of, err)
		}
	}
}
