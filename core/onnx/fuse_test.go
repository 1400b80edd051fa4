package onnx

import (
	"slices"
	"testing"
)

// What depends on constants and shapes; deploy/ort compares with ONNX Runtime.
func TestFusionsByValue(t *testing.T) {
	quantized := func(zero byte, low, high float32) func(n net) {
		return func(n net) {
			n.Floats("scale", []float32{0.02})
			n.Raw("zero", Uint8, []byte{zero})
			n.Raw("w", Uint8, make([]byte, 16), 4, 4, 1, 1)
			n.Value("q", Uint8, 1, 4, 8, 8)
			n.Node("QuantizeLinear", []string{"x", "scale", "zero"}, []string{"q"})
			n.op("DequantizeLinear", "d", 4, 8, "q", "scale", "zero")
			n.Node("DequantizeLinear", []string{"w", "scale", "zero"}, []string{"wd"})
			n.op("Conv", "c", 4, 8, "d", "wd")
			n.Floats("low", []float32{low})
			n.Floats("high", []float32{high})
			n.op("Clip", "a", 4, 8, "c", "low", "high")
			n.Value("p", Uint8, 1, 4, 8, 8)
			n.Node("QuantizeLinear", []string{"a", "scale", "zero"}, []string{"p"})
			n.op("DequantizeLinear", "y", 4, 8, "p", "scale", "zero")
		}
	}
	const all = "DequantizeLinear+Conv+Clip+QuantizeLinear"
	for name, tt := range map[string]struct {
		net  func(n net) // from "x", [1 4 8 8], to "y"
		want []string
	}{
		"scale of a channel": {func(n net) {
			n.conv("c", "x", 4, 4, 8)
			n.Floats("s", make([]float32, 4), 1, 4, 1, 1)
			n.op("Mul", "y", 4, 8, "c", "s")
		}, []string{"Conv+Mul"}},
		"scale of a row": {func(n net) {
			n.conv("c", "x", 4, 4, 8)
			n.Floats("s", make([]float32, 8), 8, 1)
			n.op("Mul", "y", 4, 8, "c", "s")
		}, nil},
		"padding of zeros": {func(n net) {
			n.Ints("p", []int64{0, 0, 1, 1, 0, 0, 1, 1}, 8)
			n.op("Pad", "p1", 4, 10, "x", "p")
			n.conv("y", "p1", 4, 4, 8)
		}, []string{"Pad+Conv"}},
		"padding of ones": {func(n net) {
			n.Ints("p", []int64{0, 0, 1, 1, 0, 0, 1, 1}, 8)
			n.Floats("one", []float32{1})
			n.op("Pad", "p1", 4, 10, "x", "p", "one")
			n.conv("y", "p1", 4, 4, 8)
		}, nil},
		"padding of channels": {func(n net) {
			n.Ints("p", []int64{0, 0, 1, 1, 0, 1, 1, 1}, 8)
			n.op("Pad", "p1", 5, 10, "x", "p")
			n.conv("y", "p1", 5, 4, 8)
		}, nil},
		"a clip that quantization does too": {quantized(0, 0, 6), []string{"Conv+Clip", "Clip+QuantizeLinear", all}},
		"a clip above the least integer":    {quantized(128, 0, 6), []string{"Conv+Clip"}},
		"a clip below the greatest integer": {quantized(0, 0, 1), []string{"Conv+Clip"}},
		"a sum of convolutions":             {func(n net) { n.conv("c", "x", 4, 4, 8); n.conv("d", "x", 4, 4, 8); n.op("Add", "y", 4, 8, "c", "d") }, []string{"Conv+Add"}},
		"a sum with what is no convolution": {func(n net) {
			n.conv("c", "x", 4, 4, 8)
			n.op("Softmax", "d", 4, 8, "x")
			n.op("Add", "y", 4, 8, "c", "d")
		}, nil},
		"a sum with the convolution's input": {func(n net) { n.op("Relu", "r", 4, 8, "x"); n.conv("c", "r", 4, 4, 8); n.op("Add", "y", 4, 8, "c", "r") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNet(t)
			n.Input("x", Float32, 1, 4, 8, 8)
			tt.net(n)
			n.Output("y", Float32, 1, 4, 8, 8)
			var got []string
			for _, f := range n.model().fusions() {
				got = append(got, f.name)
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Only the addition itself is marked as a sum, also where it was listed before.
func TestSumMarksItsOwn(t *testing.T) {
	n := newNet(t)
	n.Input("x", Float32, 1, 4, 8, 8)
	n.conv("c", "x", 4, 4, 8)
	n.conv("d", "x", 4, 4, 8)
	n.op("Add", "s", 4, 8, "c", "d")
	n.op("Relu", "y", 4, 8, "s")
	n.Output("y", Float32, 1, 4, 8, 8)
	m := n.model()
	at := m.made["s"]
	fuser := func() *fuser {
		f := m.newFuser()
		f.block(m.made["c"])
		f.block(m.made["d"])
		return f
	}
	f := fuser()
	for range 2 {
		f.sum(at)
	}
	got := map[string]bool{}
	for _, one := range f.list {
		got[one.name] = one.sum
	}
	if len(f.list) != 2 || !got["Conv+Add"] || got["Add+Relu"] {
		t.Errorf("fusions, and which are sums: %v", got)
	}
	f = fuser() // to which the addition is not new, with nothing listed
	f.seen[m.made["d"]] = [][]int{{m.made["d"], at}}
	f.sum(at)
	for _, one := range f.list {
		if one.sum {
			t.Errorf("%+v is no sum", one)
		}
	}
}

// Graphs that make no sense to ONNX Runtime have no fusions, and do no harm.
func TestFusionsOfNonsense(t *testing.T) {
	n := newNet(t)
	n.Input("x", Float32, 4, 4)
	n.Node("Transpose", []string{"x"}, []string{"a"}, Attr{"perm", []int64{7, -3}})
	n.Node("Transpose", []string{"a"}, []string{"b"}, Attr{"perm", []int64{9, 0}})
	n.Node("Pad", []string{"b"}, []string{"c"})
	n.Node("Conv", []string{"c"}, []string{"d"})
	n.Node("Add", []string{"d"}, []string{"e"})
	n.Node("QuantizeLinear", []string{"e"}, []string{"f"})
	n.Node("DequantizeLinear", []string{"f"}, []string{"g"})
	n.Node("MatMul", []string{"g"}, []string{"h"})
	n.Node("Gather", []string{"h"}, []string{"i"}, Attr{"axis", -9})
	n.Node("Gemm", []string{"i"}, []string{"j"})
	n.Node("ReduceMean", []string{"j"}, []string{"y"})
	n.Output("y", Float32, 4, 4)
	if _, _, err := n.model().AllCuts(Limits{}); err != nil {
		t.Error(err)
	}
}
