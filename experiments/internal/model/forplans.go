package model

import (
	"fmt"
	"os"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// ForPlans parses a model file whose shapes are all stated.
func ForPlans(path string) (*compile.Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := onnx.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return compile.NewModel(m)
}
