package model

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rounding is a runtime of models whose results are all ones, but for what is added to
// those of the whole without optimisations, of parts, and of every further run.
type rounding struct {
	whole             []float32 // what the whole gives
	plain, part, more float32
	nodes             int // of the whole
}

func (r *rounding) Draw(onnx.TensorInfo, uint64) ([]byte, error)             { return nil, nil }
func (r *rounding) Probe(*onnx.Model, string, []Tensor) (*onnx.Model, error) { return nil, nil }

func (r *rounding) Load(data []byte, _ string, plain bool) (Session, error) {
	m, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	var add float32
	switch {
	case plain:
		add = r.plain
	case len(m.Nodes()) < r.nodes:
		add = r.part
	}
	return &rounded{r, m.Outputs(), add}, nil
}

type rounded struct {
	*rounding
	outputs []onnx.TensorInfo
	add     float32
}

func (s *rounded) Run([]Tensor, map[string][]int64) ([]Tensor, error) {
	var out []Tensor
	for _, o := range s.outputs {
		var values []float32
		for _, v := range s.whole {
			values = append(values, v+s.add)
		}
		t := floats(values...)
		t.Name = o.Name
		out = append(out, t)
	}
	for i := range s.whole {
		s.whole[i] += s.more
	}
	return out, nil
}

func (s *rounded) Close() error { return nil }

// What parts compute is verified where it is bit-equal, within 1e-5, or within twice
// what the whole differs from itself without optimisations, whichever is larger.
func TestVerifyTolerance(t *testing.T) {
	data := onnxtest.Residual().Data
	parsed, err := onnx.Parse(data)
	require.NoError(t, err)
	m, in := &Model{Model: parsed, Data: data}, []Tensor{{TensorInfo: parsed.Inputs()[0]}}
	ones := func() []float32 { return []float32{1, 1} }
	for _, c := range []struct {
		name             string
		rt               rounding
		tolerance        float64
		verified, differ bool
		equal            bool
	}{
		{"bit-equal", rounding{whole: ones()}, 1e-5, true, false, true},
		{"within 1e-5", rounding{whole: ones(), part: 0.9e-5}, 1e-5, true, false, false},
		{"beyond 1e-5", rounding{whole: ones(), part: 1.1e-5}, 1e-5, false, true, false},
		{"beyond 1e-5, as the whole", rounding{whole: ones(), plain: 1e-3, part: 1.9e-3}, 2e-3, true, false, false},
		{"beyond twice the whole's", rounding{whole: ones(), plain: 1e-3, part: 2.1e-3}, 2e-3, false, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rt.nodes = len(parsed.Nodes())
			v, err := Verify(t.Context(), m, in, &c.rt, 1, false, func(int, int) {})
			require.NoError(t, err)
			require.Empty(t, v.Refused)
			require.Positive(t, v.Cuts)
			assert.InDelta(t, c.tolerance, v.Tolerance, 1e-6)
			assert.Equal(t, c.verified, v.Verified == v.Cuts)
			assert.Equal(t, c.differ, v.Differ == v.Cuts)
			assert.Equal(t, c.equal, v.BitEqual == v.Cuts)
		})
	}
}

// Elements that can't be compared are counted with the reason, and verify nothing; the
// others do.
func TestVerifyNotComparable(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	data := onnxtest.Residual().Data
	parsed, err := onnx.Parse(data)
	require.NoError(t, err)
	m, in := &Model{Model: parsed, Data: data}, []Tensor{{TensorInfo: parsed.Inputs()[0]}}
	for _, c := range []struct {
		name, says string
		rt         rounding
		compared   int64
		elements   int64 // that are not compared, by the first reason
	}{
		{"random", "random, as it is another one in another run",
			rounding{whole: []float32{1}, more: 1}, 0, 1},
		{"NaN everywhere", "NaN", rounding{whole: []float32{nan, nan}}, 0, 2},
		{"infinite everywhere", "infinite", rounding{whole: []float32{inf, -inf}}, 0, 2},
		{"no elements", "no elements", rounding{}, 0, 0},
		{"some NaN", "NaN", rounding{whole: []float32{nan, 1, nan}}, 1, 2},
		{"some infinite", "infinite", rounding{whole: []float32{inf, 1}}, 1, 1},
		{"not finite without optimisations", "another one without the runtime's optimisations",
			rounding{whole: []float32{1, 2}, plain: nan}, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rt.nodes = len(parsed.Nodes())
			v, err := Verify(t.Context(), m, in, &c.rt, 1, false, func(int, int) {})
			require.NoError(t, err)
			require.NotEmpty(t, v.NotComparable)
			assert.Equal(t, c.says, v.NotComparable[0].Reason)
			assert.Equal(t, c.elements, v.NotComparable[0].Elements)
			assert.Equal(t, c.compared, v.Compared)
			assert.Empty(t, v.Refused)
			if c.compared > 0 {
				assert.Equal(t, v.Cuts, v.Verified)
				assert.Empty(t, v.Nothing())
				return
			}
			assert.Zero(t, v.Verified)
			assert.Zero(t, v.BitEqual)
			assert.Equal(t, v.Cuts, v.Incomparable)
			assert.Contains(t, v.Nothing(), "not comparable: ")
			assert.Contains(t, v.Nothing(), c.says)
		})
	}
}

// An element that the parts make finite and the whole doesn't is a difference.
func TestVerifyPartsThatAreFinite(t *testing.T) {
	nan := float32(math.NaN())
	data := onnxtest.Residual().Data
	parsed, err := onnx.Parse(data)
	require.NoError(t, err)
	m, in := &Model{Model: parsed, Data: data}, []Tensor{{TensorInfo: parsed.Inputs()[0]}}
	rt := &rounding{whole: []float32{1, 2}, part: nan, nodes: len(parsed.Nodes())}
	v, err := Verify(t.Context(), m, in, rt, 1, false, func(int, int) {})
	require.NoError(t, err)
	assert.Equal(t, v.Cuts, v.Differ)
	assert.True(t, math.IsInf(float64(v.Worst), 1))
}
