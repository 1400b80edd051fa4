package model

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/experiments/internal/tensorfile"
)

// Tensor is a tensor with its elements, or a value that is none.
type Tensor = tensorfile.Tensor

// Runtime runs models.
type Runtime interface {
	// Draw returns the elements of a tensor that is made up, the same for a seed.
	Draw(t onnx.TensorInfo, seed uint64) ([]byte, error)
	// Probe finds the types that a model doesn't state by running it on in, or
	// on inputs that it makes up if that is nil; external data lies in dir.
	Probe(m *onnx.Model, dir string, in []Tensor) (*onnx.Model, error)
	// Load prepares a model, whose external data lies in dir; plain, without
	// optimising it.
	Load(model []byte, dir string, plain bool) (Session, error)
}

// Session is a loaded model.
type Session interface {
	// Run computes the model's outputs from its inputs, each in the model's order. known
	// holds shapes of outputs that the model itself leaves open, by name.
	Run(in []Tensor, known map[string][]int64) ([]Tensor, error)
	Close() error
}

// Optimiser makes models for the machine that it is on.
type Optimiser interface {
	Runtime
	// Optimise returns a model, which has no external data, as the runtime would run it,
	// marked with what it is optimised for.
	Optimise(model []byte) ([]byte, error)
}
