package model

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scripted is a runtime that makes of every tensor what a test says.
type scripted struct {
	rounding
	tensor func(name string, plain, part bool) Tensor
}

func (r *scripted) Load(data []byte, _ string, plain bool) (Session, error) {
	m, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	return &script{r.tensor, m.Outputs(), plain, len(m.Nodes()) < r.nodes}, nil
}

type script struct {
	tensor      func(name string, plain, part bool) Tensor
	outputs     []onnx.TensorInfo
	plain, part bool
}

func (s *script) Run([]Tensor, map[string][]int64) ([]Tensor, error) {
	var out []Tensor
	for _, o := range s.outputs {
		t := s.tensor(o.Name, s.plain, s.part)
		t.Name = o.Name
		out = append(out, t)
	}
	return out, nil
}

func (s *script) Close() error { return nil }

// partly is a model with output z, made first, and y, and further outputs.
func partly(t *testing.T, rt *scripted, outputs ...string) *Verdict {
	t.Helper()
	b := build.New("partly")
	b.Input("x", onnx.Float32, 2)
	b.Floats("w", []float32{1, 1}, 2)
	for i, name := range []string{"z", "a", "b", "y"} {
		b.Node("Relu", []string{[]string{"x", "z", "a", "b"}[i]}, []string{name})
		b.Value(name, onnx.Float32, 2)
	}
	for _, name := range outputs {
		b.Output(name, onnx.Float32, 2)
	}
	data, err := b.Bytes()
	require.NoError(t, err)
	parsed, err := onnx.Parse(data)
	require.NoError(t, err)
	rt.nodes = len(parsed.Nodes())
	m, in := &Model{Model: parsed, Data: data}, []Tensor{floats(1, 2)}
	in[0].Name = "x"
	v, err := Verify(t.Context(), m, in, rt, 0, true, func(int, int) {})
	require.NoError(t, err)
	require.Empty(t, v.Refused)
	require.Equal(t, 3, v.Cuts)
	return v
}

// An output that the head makes, an input or a constant says nothing of the tail: where all
// that the tail makes can't be compared, what the cut sends is.
func TestVerifyWhatTheTailMakes(t *testing.T) {
	nan := float32(math.NaN())
	for _, outputs := range [][]string{{"z", "y"}, {"y", "w"}, {"y", "x"}, {"y"}} {
		rt := &scripted{tensor: func(name string, _, part bool) Tensor {
			switch {
			case name == "y":
				return floats(nan, nan)
			case name == "b" && part:
				return floats(1, 3)
			}
			return floats(1, 2)
		}}
		v := partly(t, rt, outputs...)
		assert.Equal(t, 2, v.Verified, outputs)
		assert.Equal(t, 2, v.Heads, outputs)
		assert.Equal(t, 1, v.Differ, "%v: only the head that sends b differs", outputs)
		assert.Equal(t, map[bool]int64{true: 2}[outputs[0] == "z"], v.Compared, outputs)
	}
}

// An output that the head makes is compared also where the tail's can't be.
func TestVerifyOutputsOfTheHead(t *testing.T) {
	rt := &scripted{tensor: func(name string, _, part bool) Tensor {
		switch {
		case name == "y":
			return floats(float32(math.NaN()), float32(math.NaN()))
		case name == "z" && part:
			return floats(1, 3)
		}
		return floats(1, 2)
	}}
	assert.Equal(t, 3, partly(t, rt, "z", "y").Differ)
}

// Parts that make another shape or type than the whole differ from it.
func TestVerifyAnotherShape(t *testing.T) {
	for name, other := range map[string]Tensor{
		"shape": floats(1, 2, 3),
		"type":  {TensorInfo: onnx.TensorInfo{Elem: onnx.Int32, Shape: []int64{2}}, Data: make([]byte, 8)},
	} {
		rt := &scripted{tensor: func(_ string, _, part bool) Tensor {
			if part {
				return other
			}
			return floats(1, 2)
		}}
		v := partly(t, rt, "y")
		assert.Equal(t, 3, v.Differ, name)
		assert.True(t, math.IsInf(float64(v.Worst), 1), name)
		text, err := json.Marshal(v)
		require.NoError(t, err, name)
		assert.Contains(t, string(text), `"worst":1.7976931348623157e+308`, name)
	}
}

// An output that has another shape without optimisations isn't compared; the others are.
func TestVerifyAnotherShapeNotOptimised(t *testing.T) {
	rt := &scripted{tensor: func(name string, plain, _ bool) Tensor {
		if name == "z" && plain {
			return floats(1)
		}
		return floats(1, 2)
	}}
	v := partly(t, rt, "z", "y")
	assert.Equal(t, 3, v.Verified)
	assert.Zero(t, v.Heads)
	assert.Equal(t, []NotComparable{{"z", "another shape without the runtime's optimisations", 2, 2}}, v.NotComparable)
	assert.Equal(t, int64(2), v.Compared)
}

// Only elements that could have been compared count as other ones without optimisations.
func TestVerifyNaNOnlyOptimised(t *testing.T) {
	nan := float32(math.NaN())
	rt := &scripted{tensor: func(_ string, plain, _ bool) Tensor {
		if plain {
			return floats(1, 2)
		}
		return floats(nan, 2)
	}}
	v := partly(t, rt, "y")
	assert.Equal(t, []NotComparable{{"y", "NaN", 1, 2}}, v.NotComparable)
	assert.Equal(t, int64(1), v.Compared)
	assert.Equal(t, 3, v.BitEqual)
}
