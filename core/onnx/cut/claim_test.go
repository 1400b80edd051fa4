package cut_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The branches of a module go to parts of their own, by what they make.
func TestClaim(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	require.NoError(t, err)
	var of []int
	for i, makes := range [][]string{{"mixed0.1x1", "mixed0.proj"}, {"mixed0.3x3", "mixed0.5x5"}, nil} {
		if i == 2 {
			assert.Equal(t, "scores", cut.Unclaimed(m, of), "unclaimed %q, want scores", cut.Unclaimed(m, of))
		}
		of, err = cut.Claim(m, of, i, makes...)
		require.NoError(t, err)
	}
	left := cut.Unclaimed(m, of)
	assert.Empty(t, left, "unclaimed %q, want none", left)
	parts, err := cut.Parts(m, of)
	require.NoError(t, err)
	for i, want := range []string{
		"image -> stem mixed0.1x1 mixed0.proj", "stem -> mixed0.3x3 mixed0.5x5",
		"mixed0.1x1 mixed0.3x3 mixed0.5x5 mixed0.proj -> scores",
	} {
		assert.Equal(t, want, tensorNames(parts[i].Inputs)+" -> "+tensorNames(parts[i].Outputs), "part %d", i)
	}
	for _, c := range []struct {
		tensor, says string
	}{
		{"nothing", `computes "nothing"`}, {"image", `computes "image"`}, {"stem", "earlier parts hold all"},
	} {
		_, err := cut.Claim(m, of, 3, c.tensor)
		require.ErrorIs(t, err, cut.ErrNoCut, c.tensor)
		assert.Contains(t, err.Error(), c.says, c.tensor)
	}
}

// Whatever is claimed in whatever order, no part waits for a later one.
func TestClaimOfRandomModels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := onnxtest.Random(t, 20).Parse()
		require.NoError(t, err)
		var tensors []string
		for _, n := range m.Nodes() {
			if n.PerFrame() {
				tensors = append(tensors, n.Output(0))
			}
		}
		if len(tensors) == 0 {
			return // all is computed from initializers
		}
		var of []int
		count := 0
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(tensors), 0, 5).Draw(t, "makes") {
			if next, err := cut.Claim(m, of, count, name); err == nil {
				of, count = next, count+1
			}
		}
		if next, err := cut.Claim(m, of, count); err == nil {
			of = next
		}
		parts, err := cut.Parts(m, of)
		require.NoError(t, err, "%v, unclaimed", err)
		require.Empty(t, cut.Unclaimed(m, of), "%v, unclaimed", err)
		for p := range parts {
			for _, q := range parts[p].Needs {
				require.Less(t, q, p, "part %d needs part", p)
			}
		}
	})
}
