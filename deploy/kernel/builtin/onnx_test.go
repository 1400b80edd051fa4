package builtin

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sums builds x[1,n] + y[1,3] = sum, and neg = -sum, and all = one value.
func sums(t testing.TB, n int64) []byte {
	t.Helper()
	b := build.New("sums")
	b.Input("x", onnx.Float32, 1, n)
	b.Input("y", onnx.Float32, 1, 3)
	b.Output("sum", onnx.Float32, 1, n)
	b.Output("neg", onnx.Float32, 1, n)
	b.Node("Add", []string{"x", "y"}, []string{"sum"})
	b.Node("Neg", []string{"sum"}, []string{"neg"})
	m, err := b.Bytes()
	require.NoError(t, err)
	return m
}

func TestSegment(t *testing.T) {
	loadLibrary(t)
	const v = "float32[1,3]"
	for _, tc := range []struct {
		name            string
		n               int64
		inputs, outputs []string
		want            [][]float32
	}{
		{"ports in the model's order", 3, []string{"x", "y"}, []string{"sum", "neg"},
			[][]float32{{11, 22, 33}, {-11, -22, -33}}},
		{"ports in another order", 3, []string{"y", "x"}, []string{"neg", "sum"}, [][]float32{{-11, -22, -33}, {11, 22, 33}}},
		{"an output that no port takes", 3, []string{"x", "y"}, []string{"neg"}, [][]float32{{-11, -22, -33}}},
		{"two ports of one tensor", 3, []string{"x", "y"}, []string{"sum", "neg", "sum"},
			[][]float32{{11, 22, 33}, {-11, -22, -33}, {11, 22, 33}}},
		{"a symbolic dimension", -1, []string{"x", "y"}, []string{"neg", "sum"}, [][]float32{{-11, -22, -33}, {11, 22, 33}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(
				t,
				"onnx",
				kernel.Spec{Model: sums(t, tc.n), Inputs: tc.inputs, Outputs: tc.outputs, In: ports(t, v, v),
					Out: ports(t, slices.Repeat([]string{v}, len(tc.want))...), Unit: plan.Unit{Threads: 1}},
			)
			// Two slots at every port, used in turn.
			other := kernel.Firing{}
			for p := range b.f.In {
				other.In = append(other.In, []*kernel.Token{kernel.NewToken(b.in(p).Type, 1)})
			}
			for p := range b.f.Out {
				other.Out = append(other.Out, []*kernel.Token{kernel.NewToken(b.out(p).Type, 1)})
			}
			for round := range 3 {
				for _, f := range []*kernel.Firing{&b.f, &other} {
					copy(f.In[0][0].Float32(), []float32{1, 2, 3})
					copy(f.In[1][0].Float32(), []float32{10, 20, 30})
					require.NoError(t, b.Fire(f))
					for p, want := range tc.want {
						assert.Equal(t, want, f.Out[p][0].Float32(), "round %d, out port %d", round, p)
						clear(f.Out[p][0].Data)
					}
				}
			}
		})
	}
}

func TestSegmentRefuses(t *testing.T) {
	loadLibrary(t)
	const v = "float32[1,3]"
	good := kernel.Spec{Model: sums(t, 3), Inputs: []string{"x", "y"}, Outputs: []string{"sum"}, In: ports(t, v, v),
		Out: ports(t, v)}
	for _, tc := range []struct {
		change func(*kernel.Spec)
		want   error
		says   string
	}{
		{func(s *kernel.Spec) { s.Model = nil }, kernel.ErrPort, "no sub-model given"},
		{func(s *kernel.Spec) { s.Inputs = s.Inputs[:1] }, kernel.ErrPort, "2 in and 1 out ports, tensor names for 1 and 1"},
		{func(s *kernel.Spec) { s.Inputs = []string{"x", "z"} }, kernel.ErrPort,
			`in port b wants tensor "z", which the model lacks; it has x, y`},
		{func(s *kernel.Spec) { s.Inputs, s.In = s.Inputs[:1], s.In[:1] }, kernel.ErrPort,
			"no in port brings the model's input y"},
		{func(s *kernel.Spec) { s.In = ports(t, v, "float32[1,4]") }, kernel.ErrPort,
			"in port b carries float32[1,4]; expected float32[1,3] (tensor y)"},
		{func(s *kernel.Spec) { s.Out = ports(t, "float16[1,3]") }, kernel.ErrPort,
			"out port a carries float16[1,3]; expected float32[1,3] (tensor sum)"},
		{func(s *kernel.Spec) { s.Model = sums(t, -1) }, kernel.ErrPort,
			"no port takes the model's output neg, and its shape [1 -1] is not fixed"},
		{func(s *kernel.Spec) { s.Unit.Provider = plan.Named("tpu") }, ort.ErrProvider, "tpu"},
	} {
		s := good
		tc.change(&s)
		refused(t, "onnx", s, tc.want, tc.says)
	}
}

func TestSegmentOfAShortToken(t *testing.T) {
	loadLibrary(t)
	const v = "float32[1,3]"
	b := newBench(t, "onnx", kernel.Spec{
		Model: sums(t, 3), Inputs: []string{"x", "y"}, Outputs: []string{"sum"}, In: ports(t, v, v), Out: ports(t, v),
	})
	b.f.In[1][0].Data = b.f.In[1][0].Data[:8]
	err := b.Fire(&b.f)
	assert.ErrorIs(t, err, kernel.ErrToken, "a token of 8 bytes: %v, want ErrToken", err)
}
