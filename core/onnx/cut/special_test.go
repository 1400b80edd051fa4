package cut_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func allCuts(t *testing.T, model onnxtest.Model) (*onnx.Model, []cut.Cut) {
	t.Helper()
	m, err := model.Parse()
	require.NoError(t, err)
	cuts, complete, err := cut.All(m, cut.Limits{})
	require.NoError(t, err, "complete")
	require.True(t, complete, "complete")
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
	assert.Equal(t, []string{"x", "a", "a b", "second", "c", "surely", "y"}, sent(cuts), "cuts")
	least, err := cut.Least(m)
	require.NoError(t, err, "cheapest cuts %q", sent(least))
	assert.False(t, slices.ContainsFunc(
		least, func(c cut.Cut) bool { return strings.Contains(tensorNames(c.Tensors), "pair") },
	), "cheapest cuts %q", sent(least))
	chain, err := cut.InOrder(m)
	want := []string{"x", "a", "a b", "second", "c", "surely", "y"}
	require.NoError(t, err, "cuts along the order")
	assert.Equal(t, want, sent(chain), "cuts along the order")
	first := cut.Cut{Tensors: m.Inputs()}
	_, err = cut.Between(m, first, cut.Cut{Name: "pair", Tensors: []onnx.TensorInfo{{Name: "pair"}}}, "")
	assert.ErrorIs(t, err, onnx.ErrNoType, "a sequence at the end")
}

func TestBodiesCountAsReaders(t *testing.T) {
	_, cuts := allCuts(t, onnxtest.Loop())
	want := []string{"x", "x start", "x captured", "x active", "captured start", "captured active", "looped", "y"}
	assert.Equal(t, sorted(want), sorted(sent(cuts)), "cuts")
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// In a quantized model the cuts that break nothing are those of 8 bits.
func TestQuantizedModelsAreCutWhereTheyAreSmall(t *testing.T) {
	_, cuts := allCuts(t, onnxtest.QDQ())
	small := 0
	for _, c := range cuts[1 : len(cuts)-1] {
		if c.Quantized() {
			small++
			assert.False(t, c.BreaksFusion, "cut %s breaks %v", c.Name, c.Broken)
			continue
		}
		if c.Instead == "" || !c.BreaksFusion {
			// nothing is fused with the last pooling
			assert.Equal(t, "sum.dq", c.Name, "cut %s of %v breaks %v, instead %q", c.Name, c.Tensors, c.Broken, c.Instead)
			continue
		}
		i := slices.IndexFunc(cuts, func(o cut.Cut) bool { return o.Name == c.Instead })
		if !cuts[i].Quantized() {
			assert.Equal(t, "sum.dq", c.Instead, "cut %s is to be replaced by", c.Name)
		}
	}
	// image.q, conv0.q and sum.q
	assert.Equal(t, 3, small, "%d cuts are of 8 bits: %q", small, sent(cuts))
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
		"ReduceMean+Sub+Pow+ReduceMean+Add+Sqrt+Div+Mul+Add", "Div+Erf+Add+Mul+Mul", "MatMul+Add", "Transpose+MatMul",
		"MatMul+Mul",
	} {
		assert.True(t, broken[want], "%s is not known as one", want)
	}
	for _, whole := range []string{"tokens norm0", "residual0"} {
		i := slices.Index(sent(cuts), whole)
		assert.GreaterOrEqual(t, i, 0, "the cut at %s breaks something or is not there", whole)
		assert.False(t, cuts[i].BreaksFusion, "the cut at %s breaks something or is not there", whole)
	}
}

func TestLimits(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	require.NoError(t, err)
	cuts, complete, err := cut.All(m, cut.Limits{Heads: 1, Tensors: 2})
	require.NoError(t, err, "complete")
	require.False(t, complete, "complete")
	single, err := cut.Single(m)
	require.NoError(t, err)
	for _, s := range single {
		assert.Contains(t, sent(cuts), tensorNames(s.Tensors), "the single-tensor cut %s is not among", s.Name)
	}
	for i, c := range cuts {
		require.LessOrEqual(t, len(c.Tensors), 2, "cut %d is %d", i, c.Index)
		assert.Equal(t, i, c.Index, "cut %d is %d", i, c.Index)
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
	_, _, err := cut.All(n.Model(), cut.Limits{})
	assert.NoError(t, err)
}
