package model

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// echo optimises nothing, and gives every output the same element.
type echo struct {
	Runtime
	given []byte
}

func (e *echo) Optimise(model []byte) ([]byte, error) { e.given = model; return model, nil }

func (e *echo) Load(model []byte, _ string, _ bool) (Session, error) {
	m, err := onnx.Parse(model)
	return &echoSession{m}, err
}

type echoSession struct{ m *onnx.Model }

func (s *echoSession) Run(_ []Tensor, _ map[string][]int64) (out []Tensor, err error) {
	for _, t := range s.m.Outputs() {
		out = append(out, Tensor{TensorInfo: t, Data: make([]byte, t.Bytes())})
	}
	return out, nil
}

func (*echoSession) Close() error { return nil }

func TestOptimise(t *testing.T) {
	rt := &echo{}
	m := open(t, onnxtest.Separable())
	o, err := m.Optimise(rt)
	require.NoError(t, err)
	assert.Equal(t, 0.0, o.Difference, "difference %g, %d nodes; a model that is one file was changed", o.Difference,
		len(o.Model.Nodes()))
	require.Len(t, o.Model.Nodes(), len(m.Nodes()), "difference %g, %d nodes; a model that is one file was changed",
		o.Difference, len(o.Model.Nodes()))
	assert.Same(t, &m.Data[0], &rt.given[0], "difference %g, %d nodes; a model that is one file was changed", o.Difference,
		len(o.Model.Nodes()))
	o, err = open(t, onnxtest.External()).Optimise(rt)
	// the model that comes back is one file
	require.NoError(t, err, "external data")
	assert.Len(t, o.Model.Nodes(), 5, "external data")
	path := filepath.Join(t.TempDir(), "open.onnx")
	b := build.New("open")
	b.Input("x", onnx.Float32, -1)
	b.Node("Relu", []string{"x"}, []string{"y"})
	b.Output("y", onnx.Float32, -1)
	data, err := b.Bytes()
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	require.NoError(t, err)
	m, err = Open(path, Options{Dims: map[string]int64{"n": 3}})
	require.NoError(t, err)
	o, err = m.Optimise(rt)
	require.NoError(t, err, "the size of an open dimension got lost")
	assert.EqualValues(t, 3, o.Model.Inputs()[0].Elements(), "the size of an open dimension got lost")
}

// A model that is too large for one file is refused before it is read.
func TestOptimiseLarge(t *testing.T) {
	b := build.New("large")
	b.Input("x", onnx.Float32, 1, 20000)
	b.External("w", onnx.Float32, "weights.bin", 0, 20000, 20000)
	b.Node("MatMul", []string{"x", "w"}, []string{"y"})
	b.Output("y", onnx.Float32, 1, 20000)
	data, err := b.Bytes()
	require.NoError(t, err)
	dir := t.TempDir()
	path, weights := filepath.Join(dir, "model.onnx"), filepath.Join(dir, "weights.bin")
	err = errors.Join(os.WriteFile(path, data, 0o644), os.WriteFile(weights, nil, 0o644),
		os.Truncate(weights, 4*20000*20000))
	require.NoError(t, err)
	m, err := Open(path, Options{Name: "large"})
	require.NoError(t, err)
	_, err = m.Optimise(&echo{})
	require.ErrorIs(t, err, onnx.ErrTooLarge, "%v, want ErrTooLarge", err)
	assert.Contains(t, err.Error(), "large: ", "%v, want ErrTooLarge", err)
}
