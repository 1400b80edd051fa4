package cut_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

func allCuts(t *testing.T, model onnxtest.Model) (*onnx.Model, []cut.Cut) {
	t.Helper()
	m, err := model.Parse()
	if err != nil {
		t.Fatal(err)
	}
	cuts, complete, err := cut.All(m, cut.Limits{})
	if err != nil || !complete {
		t.Fatalf("complete: %v, %v", complete, err)
	}
	return m, cuts
}

func sent(cuts []cut.Cut) []string {
	var list []string
	for _, c := range cuts {
		list = append(list, tensorNames(c.Tensors))
	}
	return list
}

func TestSequencesAreNotSent(t *testing.T) {
	m, cuts := allCuts(t, onnxtest.Sequence())
	if want := []string{"x", "a", "a b", "second", "c", "surely", "y"}; !slices.Equal(sent(cuts), want) {
		t.Errorf("cuts %q, want %q", sent(cuts), want)
	}
	least, err := cut.Least(m)
	if err != nil || slices.ContainsFunc(least, func(c cut.Cut) bool { return strings.Contains(tensorNames(c.Tensors), "pair") }) {
		t.Errorf("cheapest cuts %q, %v", sent(least), err)
	}
	chain, err := cut.InOrder(m)
	if want := []string{"x", "a", "a b", "second", "c", "surely", "y"}; err != nil || !slices.Equal(sent(chain), want) {
		t.Errorf("cuts along the order %q, %v, want %q", sent(chain), err, want)
	}
	first := cut.Cut{Tensors: m.Inputs()}
	if _, err := cut.Between(m, first, cut.Cut{Name: "pair", Tensors: []onnx.TensorInfo{{Name: "pair"}}}, ""); !errors.Is(err, onnx.ErrNoType) {
		t.Errorf("a sequence at the end: %v", err)
	}
}

func TestBodiesCountAsReaders(t *testing.T) {
	_, cuts := allCuts(t, onnxtest.Loop())
	if want := []string{"x", "x start", "x captured", "x active", "captured start", "captured active", "looped", "y"}; !slices.Equal(sorted(sent(cuts)), sorted(want)) {
		t.Errorf("cuts %q, want %q", sent(cuts), want)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// In a quantized model the cuts that break nothing are those of 8 bits.
func TestQuantizedModelsAreCutWhereTheyAreSmall(t *testing.T) {
	_, cuts := allCuts(t, onnxtest.QDQ())
	small := 0
	for _, c := range cuts[1 : len(cuts)-1] {
		if c.Quantized() {
			small++
			if c.BreaksFusion {
				t.Errorf("cut %s breaks %v", c.Name, c.Broken)
			}
			continue
		}
		if c.Instead == "" || !c.BreaksFusion {
			if c.Name != "sum.dq" { // nothing is fused with the last pooling
				t.Errorf("cut %s of %v breaks %v, instead %q", c.Name, c.Tensors, c.Broken, c.Instead)
			}
			continue
		}
		i := slices.IndexFunc(cuts, func(o cut.Cut) bool { return o.Name == c.Instead })
		if !cuts[i].Quantized() && c.Instead != "sum.dq" {
			t.Errorf("cut %s is to be replaced by %s", c.Name, c.Instead)
		}
	}
	if small != 3 { // image.q, conv0.q and sum.q
		t.Errorf("%d cuts are of 8 bits: %q", small, sent(cuts))
	}
}

func TestWrittenOutOperatorsAreFusions(t *testing.T) {
	_, cuts := allCuts(t, onnxtest.Transformer())
	broken := map[string]bool{}
	for _, c := range cuts {
		for _, b := range c.Broken {
			broken[b] = true
		}
	}
	for _, want := range []string{
		"ReduceMean+Sub+Pow+ReduceMean+Add+Sqrt+Div+Mul+Add", "Div+Erf+Add+Mul+Mul", "MatMul+Add", "Transpose+MatMul", "MatMul+Mul",
	} {
		if !broken[want] {
			t.Errorf("%s is not known as one", want)
		}
	}
	for _, whole := range []string{"tokens norm0", "residual0"} {
		if i := slices.Index(sent(cuts), whole); i < 0 || cuts[i].BreaksFusion {
			t.Errorf("the cut at %s breaks something or is not there", whole)
		}
	}
}

func TestLimits(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	if err != nil {
		t.Fatal(err)
	}
	cuts, complete, err := cut.All(m, cut.Limits{Heads: 1, Tensors: 2})
	if err != nil || complete {
		t.Fatalf("complete: %v, %v", complete, err)
	}
	single, err := cut.Single(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range single {
		if !slices.Contains(sent(cuts), tensorNames(s.Tensors)) {
			t.Errorf("the single-tensor cut %s is not among %q", s.Name, sent(cuts))
		}
	}
	for i, c := range cuts {
		if len(c.Tensors) > 2 || c.Index != i {
			t.Errorf("cut %d is %d of %v", i, c.Index, c.Tensors)
		}
	}
}

// Graphs that ONNX Runtime refuses have no fusions, and cause no panic.
func TestFusionsOfRefusedGraphs(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 4, 4)
	n.Node("Transpose", []string{"x"}, []string{"a"}, build.Attr{Name: "perm", Value: []int64{7, -3}})
	n.Node("Transpose", []string{"a"}, []string{"b"}, build.Attr{Name: "perm", Value: []int64{9, 0}})
	n.Node("Pad", []string{"b"}, []string{"c"})
	n.Node("Conv", []string{"c"}, []string{"d"})
	n.Node("Add", []string{"d"}, []string{"e"})
	n.Node("QuantizeLinear", []string{"e"}, []string{"f"})
	n.Node("DequantizeLinear", []string{"f"}, []string{"g"})
	n.Node("MatMul", []string{"g"}, []string{"h"})
	n.Node("Gather", []string{"h"}, []string{"i"}, build.Attr{Name: "axis", Value: -9})
	n.Node("Gemm", []string{"i"}, []string{"j"})
	n.Node("ReduceMean", []string{"j"}, []string{"y"})
	n.Output("y", onnx.Float32, 4, 4)
	if _, _, err := cut.All(n.Model(), cut.Limits{}); err != nil {
		t.Error(err)
	}
}
