package fusion

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What depends on constants and shapes; deploy/ort compares with ONNX Runtime.
func TestFusionsByValue(t *testing.T) {
	quantized := func(zero byte, low, high float32) func(n onnxtest.Net) {
		return func(n onnxtest.Net) {
			n.Floats("scale", []float32{0.02})
			n.Raw("zero", onnx.Uint8, []byte{zero})
			n.Raw("w", onnx.Uint8, make([]byte, 16), 4, 4, 1, 1)
			n.Value("q", onnx.Uint8, 1, 4, 8, 8)
			n.Node("QuantizeLinear", []string{"x", "scale", "zero"}, []string{"q"})
			n.Op("DequantizeLinear", "d", 4, 8, "q", "scale", "zero")
			n.Node("DequantizeLinear", []string{"w", "scale", "zero"}, []string{"wd"})
			n.Op("Conv", "c", 4, 8, "d", "wd")
			n.Floats("low", []float32{low})
			n.Floats("high", []float32{high})
			n.Op("Clip", "a", 4, 8, "c", "low", "high")
			n.Value("p", onnx.Uint8, 1, 4, 8, 8)
			n.Node("QuantizeLinear", []string{"a", "scale", "zero"}, []string{"p"})
			n.Op("DequantizeLinear", "y", 4, 8, "p", "scale", "zero")
		}
	}
	const all = "DequantizeLinear+Conv+Clip+QuantizeLinear"
	for name, tt := range map[string]struct {
		net  func(n onnxtest.Net) // from "x", [1 4 8 8], to "y"
		want []string
	}{
		"scale of a channel": {func(n onnxtest.Net) {
			n.Conv("c", "x", 4, 4, 8)
			n.Floats("s", make([]float32, 4), 1, 4, 1, 1)
			n.Op("Mul", "y", 4, 8, "c", "s")
		}, []string{"Conv+Mul"}},
		"scale of a row": {func(n onnxtest.Net) {
			n.Conv("c", "x", 4, 4, 8)
			n.Floats("s", make([]float32, 8), 8, 1)
			n.Op("Mul", "y", 4, 8, "c", "s")
		}, nil},
		"padding of zeros": {func(n onnxtest.Net) {
			n.Ints("p", []int64{0, 0, 1, 1, 0, 0, 1, 1}, 8)
			n.Op("Pad", "p1", 4, 10, "x", "p")
			n.Conv("y", "p1", 4, 4, 8)
		}, []string{"Pad+Conv"}},
		"padding of ones": {func(n onnxtest.Net) {
			n.Ints("p", []int64{0, 0, 1, 1, 0, 0, 1, 1}, 8)
			n.Floats("one", []float32{1})
			n.Op("Pad", "p1", 4, 10, "x", "p", "one")
			n.Conv("y", "p1", 4, 4, 8)
		}, nil},
		"padding of channels": {func(n onnxtest.Net) {
			n.Ints("p", []int64{0, 0, 1, 1, 0, 1, 1, 1}, 8)
			n.Op("Pad", "p1", 5, 10, "x", "p")
			n.Conv("y", "p1", 5, 4, 8)
		}, nil},
		"a clip that quantization does too": {quantized(0, 0, 6), []string{"Conv+Clip", "Clip+QuantizeLinear", all}},
		"a clip above the least integer":    {quantized(128, 0, 6), []string{"Conv+Clip"}},
		"a clip below the greatest integer": {quantized(0, 0, 1), []string{"Conv+Clip"}},
		"a sum of convolutions": {func(n onnxtest.Net) {
			n.Conv("c", "x", 4, 4, 8)
			n.Conv("d", "x", 4, 4, 8)
			n.Op("Add", "y", 4, 8, "c", "d")
		}, []string{"Conv+Add"}},
		"a sum with what is no convolution": {func(n onnxtest.Net) {
			n.Conv("c", "x", 4, 4, 8)
			n.Op("Softmax", "d", 4, 8, "x")
			n.Op("Add", "y", 4, 8, "c", "d")
		}, nil},
		"a sum with the convolution's input": {func(n onnxtest.Net) {
			n.Op("Relu", "r", 4, 8, "x")
			n.Conv("c", "r", 4, 4, 8)
			n.Op("Add", "y", 4, 8, "c", "r")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := onnxtest.NewNet(t)
			n.Input("x", onnx.Float32, 1, 4, 8, 8)
			tt.net(n)
			n.Output("y", onnx.Float32, 1, 4, 8, 8)
			var got []string
			for _, f := range Find(n.Model()) {
				got = append(got, f.Name)
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			assert.Equal(t, tt.want, got)
		})
	}
}

// Only the addition itself is marked as a sum, also where it was listed before.
func TestSumMarksItsOwn(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1, 4, 8, 8)
	n.Conv("c", "x", 4, 4, 8)
	n.Conv("d", "x", 4, 4, 8)
	n.Op("Add", "s", 4, 8, "c", "d")
	n.Op("Relu", "y", 4, 8, "s")
	n.Output("y", onnx.Float32, 1, 4, 8, 8)
	m := n.Model()
	at := made(m, "s")
	fresh := func() *finder {
		f := newFinder(m)
		f.block(made(m, "c"))
		f.block(made(m, "d"))
		return f
	}
	f := fresh()
	for range 2 {
		f.sum(at)
	}
	got := map[string]bool{}
	for _, one := range f.list {
		got[one.Name] = one.Sum
	}
	require.Len(t, f.list, 2, "fusions, and which are sums")
	require.True(t, got["Conv+Add"], "fusions, and which are sums")
	assert.False(t, got["Add+Relu"], "fusions, and which are sums")
	f = fresh() // to which the addition is not new, with nothing listed
	f.seen[made(m, "d")] = [][]int{{made(m, "d"), at}}
	f.sum(at)
	for _, one := range f.list {
		assert.False(t, one.Sum, "%+v is no sum", one)
	}
}

func made(m *onnx.Model, tensor string) int {
	i, _ := m.MadeBy(tensor)
	return i
}
