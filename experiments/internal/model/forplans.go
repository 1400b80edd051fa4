package model

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// ForPlans parses a model file whose shapes are all stated.
func ForPlans(path string) (*compile.Model, error) {
	b, err := read(path)
	if err != nil {
		return nil, err
	}
	m, err := onnx.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return compile.NewModel(m)
}
