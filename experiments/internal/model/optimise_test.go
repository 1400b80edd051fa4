package model

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
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

func (s *echoSession) Run([]Tensor) (out []Tensor, err error) {
	for _, t := range s.m.Outputs() {
		out = append(out, Tensor{t, make([]byte, t.Bytes())})
	}
	return out, nil
}

func (*echoSession) Close() error { return nil }

func TestOptimise(t *testing.T) {
	rt := &echo{}
	m := open(t, onnxtest.Separable())
	o, err := m.Optimise(rt)
	if err != nil {
		t.Fatal(err)
	}
	if o.Difference != 0 || len(o.Model.Nodes()) != len(m.Nodes()) || &rt.given[0] != &m.Data[0] {
		t.Errorf("difference %g, %d nodes; a model that is one file was changed", o.Difference, len(o.Model.Nodes()))
	}
	if o, err = open(t, onnxtest.External()).Optimise(rt); err != nil || len(o.Model.Nodes()) != 5 {
		t.Errorf("external data: %v", err) // the model that comes back is one file
	}
	path := filepath.Join(t.TempDir(), "open.onnx")
	b := build.New("open")
	b.Input("x", onnx.Float32, -1)
	b.Node("Relu", []string{"x"}, []string{"y"})
	b.Output("y", onnx.Float32, -1)
	data, err := b.Bytes()
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if m, err = Open(path, Options{Dims: map[string]int64{"n": 3}}); err != nil {
		t.Fatal(err)
	}
	if o, err = m.Optimise(rt); err != nil || o.Model.Inputs()[0].Elements() != 3 {
		t.Errorf("the size of an open dimension got lost: %v, %v", o, err)
	}
}

// A model that is too large for one file is refused before it is read.
func TestOptimiseLarge(t *testing.T) {
	b := build.New("large")
	b.Input("x", onnx.Float32, 1, 20000)
	b.External("w", onnx.Float32, "weights.bin", 0, 20000, 20000)
	b.Node("MatMul", []string{"x", "w"}, []string{"y"})
	b.Output("y", onnx.Float32, 1, 20000)
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, weights := filepath.Join(dir, "model.onnx"), filepath.Join(dir, "weights.bin")
	if err := errors.Join(os.WriteFile(path, data, 0o644), os.WriteFile(weights, nil, 0o644), os.Truncate(weights, 4*20000*20000)); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path, Options{Name: "large"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Optimise(&echo{}); !errors.Is(err, onnx.ErrTooLarge) || !strings.Contains(err.Error(), "large: ") {
		t.Errorf("%v, want ErrTooLarge", err)
	}
}
