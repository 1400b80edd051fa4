// Package orttest tells tests what ONNX Runtime computes for a model. It does without
// package ort, whose own tests use it.
package orttest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// Operators counts the nodes of a model as it is run, by operator without its domain.
// show writes that model to a path, as a session does that is made with it as its
// ort.Options.Show.
func Operators(show func(path string) error) (count map[string]int, err error) {
	dir, err := os.MkdirTemp("", "edgeprune-operators-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "optimised.onnx")
	if err := show(path); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	count = map[string]int{}
	for _, op := range m.Ops() {
		count[op.Op[strings.LastIndex(op.Op, ".")+1:]] += op.Count
	}
	return count, nil
}

// Added lists what after has more of than before, by name, as in "2 Add, 1 Relu"; "" if
// it has more of nothing.
func Added(before, after map[string]int) string {
	var list []string
	for _, op := range slices.Sorted(maps.Keys(after)) {
		if n := after[op] - before[op]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, op))
		}
	}
	return strings.Join(list, ", ")
}

// Skipper is what WebGPU needs of a test.
type Skipper interface {
	Helper()
	Skipf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
}

// WebGPU leaves a test out where WebGPU can't be used, with what is missing as the reason.
// Where EDGEPRUNE_WEBGPU is set, as `just webgpu` does, it fails instead.
func WebGPU(t Skipper, missing error) {
	t.Helper()
	switch {
	case missing == nil:
	case os.Getenv("EDGEPRUNE_WEBGPU") != "":
		t.Errorf("WebGPU can't be used: %v", missing)
		t.FailNow()
	default:
		t.Skipf("WebGPU is not tested: %v; or run: just webgpu", missing)
	}
}
