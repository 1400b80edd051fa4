package cut_test

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where a border breaks a fusion, the tensors that are named instead belong to a cut
// that breaks none; elsewhere there is no border.
func TestBordersAreCuts(t *testing.T) {
	for _, model := range []onnxtest.Model{
		onnxtest.Residual(), onnxtest.Transformer(), onnxtest.QDQ(), onnxtest.EncoderDecoder(),
	} {
		m, cuts := someCuts(t, model)
		first, last := cuts[0], cuts[len(cuts)-1]
		for _, c := range cuts[1 : len(cuts)-1] {
			borders, err := cut.Borders(m, []cut.Section{{From: first, To: c}, {From: c, To: last}})
			if err != nil || len(borders) > 0 != c.BreaksFusion {
				t.Errorf("%s at %s: borders %+v, %v; the cut breaks %v", model.Name, c.Name, borders, err, c.Broken)
				continue
			}
			for _, b := range borders {
				for _, name := range b.Tensors {
					assert.Contains(t, names(c), name, "%s at %s: border %+v, the cut sends", model.Name, c.Name, b)
				}
				if i := slices.IndexFunc(cuts, func(o cut.Cut) bool { return o.Name == c.Instead }); i >= 0 {
					for _, name := range b.Instead {
						assert.Contains(t, names(cuts[i]), name, "%s at %s: %v instead, the cut %s sends", model.Name, c.Name, b.Instead,
							c.Instead)
					}
				}
			}
		}
	}
}

func someCuts(t *testing.T, model onnxtest.Model) (*onnx.Model, []cut.Cut) {
	t.Helper()
	m, err := model.Parse()
	require.NoError(t, err)
	cuts, _, err := cut.All(m, cut.Limits{Heads: 64})
	require.NoError(t, err)
	return m, cuts
}

func names(c cut.Cut) (list []string) {
	for _, t := range c.Tensors {
		list = append(list, t.Name)
	}
	return list
}

// Of three sections, the one that is passed by is not named.
func TestBordersBetweenBranches(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	require.NoError(t, err)
	at := func(names ...string) (c cut.Cut) {
		for _, name := range names {
			c.Tensors = append(c.Tensors, onnx.TensorInfo{Name: name})
		}
		return c
	}
	sections := []cut.Section{
		{From: at("image"), To: at("stem", "mixed0.1x1.conv")},
		{From: at("stem"), To: at("mixed0.3x3", "mixed0.5x5", "mixed0.proj")},
		{From: at("mixed0.1x1.conv", "mixed0.3x3", "mixed0.5x5", "mixed0.proj"), To: at("scores")},
	}
	want := []cut.Border{{From: 0, To: 2, Tensors: []string{"mixed0.1x1.conv"}, Broken: []string{"Conv+Relu"},
		Instead: []string{"mixed0.1x1"}}}
	got, err := cut.Borders(m, sections)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = cut.Borders(m, []cut.Section{{From: at("stem"), To: at("nothing")}})
	assert.ErrorIs(t, err, cut.ErrNoCut, "a section that isn't there: %v, want ErrNoCut", err)
}
