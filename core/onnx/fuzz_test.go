package onnx_test

import (
	"bytes"
	"errors"
	"runtime/metrics"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// weights are the files beside a fuzzed model.
var weights = onnxtest.External().Files

func seed(f *testing.F) {
	for _, m := range onnxtest.All() {
		f.Add(m.Data, byte(0))
		f.Add(m.Data[:len(m.Data)-len(m.Data)/3], byte(1))
	}
	m := probed(f, 3, 0, 1) // a part of it says what varies
	cuts, err := m.ChainCuts()
	if err != nil {
		f.Fatal(err)
	}
	data, err := m.Extract(cuts[0], cuts[len(cuts)-1])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, byte(2))
	f.Add([]byte{}, byte(0))
	f.Add([]byte("\x08\x08\x3a\x00"), byte(0))
}

// allocated returns the bytes that were ever allocated, cheaply.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// FuzzParse reads anything: it is a model or one of the errors, and takes at
// most 64 MB beside the file.
func FuzzParse(f *testing.F) {
	seed(f)
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

// FuzzSplit cuts whatever can be read at one place: both sides can be read
// again.
func FuzzSplit(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte, at byte) {
		m, err := onnx.ParseFiles(data, weights)
		if err != nil || len(m.Nodes()) > 200 {
			return
		}
		cuts, _, err := m.AllCuts(onnx.Limits{Heads: 64})
		if err != nil {
			if !errors.Is(err, onnx.ErrNoCut) {
				t.Fatal(err)
			}
			return
		}
		if _, err := m.ChainCuts(); err != nil && !errors.Is(err, onnx.ErrNoShape) && !errors.Is(err, onnx.ErrNoCut) {
			t.Fatal(err)
		}
		c := cuts[int(at)%len(cuts)]
		for _, ends := range [][2]onnx.Cut{{cuts[0], c}, {c, cuts[len(cuts)-1]}} {
			s, err := m.Between(ends[0], ends[1], "")
			if errors.Is(err, onnx.ErrNoCut) || errors.Is(err, onnx.ErrNoType) {
				continue
			}
			if err != nil {
				t.Fatalf("from %q to %q: %v", key(ends[0]), key(ends[1]), err)
			}
			var b bytes.Buffer
			if err := s.WriteModel(&b); err != nil {
				t.Fatalf("from %q to %q: %v", key(ends[0]), key(ends[1]), err)
			}
			if _, err := onnx.Parse(b.Bytes()); err != nil {
				t.Fatalf("from %q to %q: the part does not parse: %v", key(ends[0]), key(ends[1]), err)
			}
		}
	})
}
