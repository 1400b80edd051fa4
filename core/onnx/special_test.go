package onnx_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

func allCuts(t *testing.T, model onnxtest.Model) (*onnx.Model, []onnx.Cut) {
	t.Helper()
	m, err := model.Parse()
	if err != nil {
		t.Fatal(err)
	}
	cuts, complete, err := m.AllCuts(onnx.Limits{})
	if err != nil || !complete {
		t.Fatalf("complete: %v, %v", complete, err)
	}
	return m, cuts
}

func sent(cuts []onnx.Cut) []string {
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
	least, err := m.LeastCuts()
	if err != nil || slices.ContainsFunc(least, func(c onnx.Cut) bool { return strings.Contains(tensorNames(c.Tensors), "pair") }) {
		t.Errorf("cheapest cuts %q, %v", sent(least), err)
	}
	chain, err := m.Cuts()
	if want := []string{"x", "a", "a b", "second", "c", "surely", "y"}; err != nil || !slices.Equal(sent(chain), want) {
		t.Errorf("cuts along the order %q, %v, want %q", sent(chain), err, want)
	}
	first := onnx.Cut{Tensors: m.Inputs()}
	if _, err := m.Between(first, onnx.Cut{Name: "pair", Tensors: []onnx.TensorInfo{{Name: "pair"}}}, ""); !errors.Is(err, onnx.ErrNoType) {
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
		i := slices.IndexFunc(cuts, func(o onnx.Cut) bool { return o.Name == c.Instead })
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
	cuts, complete, err := m.AllCuts(onnx.Limits{Heads: 1, Tensors: 2})
	if err != nil || complete {
		t.Fatalf("complete: %v, %v", complete, err)
	}
	single, err := m.SingleCuts()
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
