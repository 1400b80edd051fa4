package onnx_test

import (
	"errors"
	"runtime/metrics"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
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
// most 64 MB beside the file.
func FuzzParse(f *testing.F) {
	onnxtest.Seed(f)
	f.Fuzz(func(t *testing.T, data []byte, _ byte) {
		before := allocated()
		m, err := onnx.ParseFiles(data, weights)
		if took := allocated() - before; took > 64<<20+uint64(len(data)) {
			t.Errorf("reading %d bytes took %d", len(data), took)
		}
		if err == nil {
			if in := m.Inputs(); m.SHA256() == "" || len(m.Outputs()) == 0 || len(in) > len(data) {
				t.Errorf("a model of %d inputs and %d outputs", len(in), len(m.Outputs()))
			}
			return
		}
		if !errors.Is(err, onnx.ErrNotONNX) && !errors.Is(err, onnx.ErrInvalidModel) && !errors.Is(err, onnx.ErrUnsupported) {
			t.Errorf("%v is of no known kind", err)
		}
	})
}
