package cut_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// divide gives each node a part by its first output.
func divide(m *onnx.Model, part func(output string) int) []int {
	var of []int
	for _, n := range m.Nodes() {
		of = append(of, part(n.Output(0)))
	}
	return of
}

func tensorNames(list []onnx.TensorInfo) string {
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

func TestPartsOfABranchingModel(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	require.NoError(t, err)
	// The stem and the first module's pooled branch here, its other branches
	// there, the rest on a third device.
	parts, err := cut.Parts(m, divide(m, func(o string) int {
		switch {
		case strings.HasPrefix(o, "stem") || strings.HasPrefix(o, "mixed0.p"):
			return 0
		case strings.HasPrefix(o, "mixed0."):
			return 1
		}
		return 2
	}))
	require.NoError(t, err)
	for i, want := range []struct {
		in, out string
		needs   []int
	}{
		{"image", "stem mixed0.proj", nil},
		{"stem", "mixed0.1x1 mixed0.3x3 mixed0.5x5", []int{0}},
		{"mixed0.1x1 mixed0.3x3 mixed0.5x5 mixed0.proj", "scores", []int{0, 1}},
	} {
		in, out := tensorNames(parts[i].Inputs), tensorNames(parts[i].Outputs)
		assert.Equal(t, want.in, in, "part %d: %q -> %q, needs", i, in, out)
		assert.Equal(t, want.out, out, "part %d: %q -> %q, needs", i, in, out)
		assert.Equal(t, want.needs, parts[i].Needs, "part %d: %q -> %q, needs", i, in, out)
		s, err := cut.ExtractPart(m, parts[i], "")
		require.NoError(t, err, "part %d was extracted as", i)
		assert.Equal(t, want.in, tensorNames(s.Inputs), "part %d was extracted as", i)
		assert.Equal(t, want.out, tensorNames(s.Outputs), "part %d was extracted as", i)
	}
}

func TestPartsThatWaitForEachOther(t *testing.T) {
	m, err := onnxtest.Residual().Parse()
	require.NoError(t, err)
	_, err = cut.Parts(m, divide(m, func(o string) int {
		if strings.HasPrefix(o, "block0.a") { // between stem and block0.sum
			return 1
		}
		return 0
	}))
	require.ErrorIs(t, err, cut.ErrParts, "error %v, want ErrParts that names the tensors", err)
	assert.Contains(t, err.Error(), `part 0 needs "block0.a" of part 1`, "error %v, want ErrParts that names the tensors",
		err)
	assert.Contains(t, err.Error(), `part 1 needs "stem" of part 0`, "error %v, want ErrParts that names the tensors", err)
}

func TestPartsRefuse(t *testing.T) {
	m, err := onnxtest.Residual().Parse()
	require.NoError(t, err)
	for name, of := range map[string][]int{
		"too few":       {0},
		"in no part":    divide(m, func(string) int { return -1 }),
		"an empty part": divide(m, func(o string) int { return 2 * map[bool]int{o == "logits": 1}[true] }),
		"far too many":  divide(m, func(string) int { return 1 << 40 }),
	} {
		_, err := cut.Parts(m, of)
		assert.ErrorIs(t, err, cut.ErrNoCut, "%s: error %v, want ErrNoCut", name, err)
	}
}

func TestThreeDevicesInARow(t *testing.T) {
	m, err := onnxtest.Transformer().Parse()
	require.NoError(t, err)
	cuts, complete, err := cut.All(m, cut.Limits{})
	require.NoError(t, err)
	require.True(t, complete)
	at := func(tensors string) cut.Cut {
		i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return tensorNames(c.Tensors) == tensors })
		require.GreaterOrEqual(t, i, 0, "no cut sends %q", tensors)
		return cuts[i]
	}
	a, b := at("tokens norm0"), at("tokens value attention")
	s, err := cut.Between(m, a, b, "")
	require.NoError(t, err, "the gateway gets %v and makes", s.Inputs)
	assert.Equal(t, "norm0", tensorNames(s.Inputs), "the gateway gets %v and makes", s.Inputs)
	assert.Equal(t, "value attention", tensorNames(s.Outputs), "the gateway gets %v and makes", s.Inputs)
	by := tensorNames(cut.PassThrough(a, b))
	assert.Equal(t, "tokens", by, "%q passes through", by)
}
