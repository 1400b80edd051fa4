package onnx_test

import (
	"errors"
	"runtime/metrics"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// weights are the files beside a fuzzed model.
var weights = onnxtest.External().Files

// allocated returns the bytes that were ever allocated, cheaply.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// FuzzParse reads anything: it is a model or one of the errors, and takes at
// most 256 MB beside the file.
func FuzzParse(f *testing.F) {
	onnxtest.Seed(f)
	f.Fuzz(func(t *testing.T, data []byte, _ byte) {
		before := allocated()
		m, err := onnx.ParseFiles(data, weights)
		took := allocated() - before
		assert.LessOrEqual(t, took, 256<<20+uint64(len(data)), "reading %d bytes took", len(data))
		if err == nil {
			in := m.Inputs()
			assert.NotEmpty(t, m.SHA256(), "a model of %d inputs and %d outputs", len(in), len(m.Outputs()))
			require.NotEmpty(t, m.Outputs(), "a model of %d inputs and %d outputs", len(in), len(m.Outputs()))
			assert.LessOrEqual(t, len(in), len(data), "a model of %d inputs and %d outputs", len(in), len(m.Outputs()))
			return
		}
		if !errors.Is(err, onnx.ErrNotONNX) && !errors.Is(err, onnx.ErrInvalidModel) {
			assert.ErrorIs(t, err, onnx.ErrUnsupported, "%v is of no known kind", err)
		}
	})
}
