package model

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// open writes a generated model to a file and opens it.
func open(t *testing.T, g onnxtest.Model) *Model {
	t.Helper()
	dir := t.TempDir()
	for name, data := range g.Files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, g.Data, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path, Options{Name: g.Name})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var testbed = Testbed{Slowdown: 4, BandwidthBytesPerSec: 1e6, Latency: "1ms", Frames: 10, Name: "try"}

// Whatever passes a cut, be it the input itself or an early output, the plan of the
// parts compiles.
func TestPlans(t *testing.T) {
	for _, g := range []onnxtest.Model{
		onnxtest.Residual(), onnxtest.Dense(), onnxtest.Inception(), onnxtest.EncoderDecoder(), onnxtest.LSTM(), onnxtest.External(),
	} {
		m := open(t, g)
		cuts, _, err := cut.All(m.Model, cut.Limits{Heads: 16})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cuts[1 : len(cuts)-1] {
			ends, err := m.Sequence([]string{c.Name})
			if err != nil {
				t.Errorf("%s at %s: %v", g.Name, c.Name, err)
				continue
			}
			parts, err := m.Split(ends)
			if err != nil {
				t.Errorf("%s at %s: %v", g.Name, c.Name, err)
				continue
			}
			if text, _, err := m.Plan(parts, testbed); err != nil {
				t.Errorf("%s at %s: %v\n%s", g.Name, c.Name, err, text)
			}
		}
	}
}

func TestSplitInThree(t *testing.T) {
	m := open(t, onnxtest.EncoderDecoder())
	chain, err := cut.Chain(m.Model)
	if err != nil {
		t.Fatal(err)
	}
	ends, err := m.Sequence([]string{"1", chain[len(chain)-2].Name})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := m.Split(ends)
	if err != nil {
		t.Fatal(err)
	}
	text, models, err := m.Plan(parts, testbed)
	if err != nil {
		t.Fatal(err)
	}
	f, err := planfile.Parse("plan.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := compile.Compile(f, models)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(p.Slices()); got != 3 {
		t.Errorf("%d devices, want 3:\n%s", got, text)
	}
	dir := filepath.Join(t.TempDir(), "a", "parts")
	if err := WriteParts(dir, parts, map[string][]byte{"plan.yaml": text}); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		part, err := Open(filepath.Join(dir, p.Name+".onnx"), Options{})
		if err != nil || len(part.Inputs()) != len(p.Sub.Inputs) {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if list, _ := os.ReadDir(filepath.Dir(dir)); len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
	if err := WriteParts(dir, parts, nil); !errors.Is(err, ErrOutput) || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("into a full folder: %v", err)
	}
}

func TestSequenceErrors(t *testing.T) {
	m := open(t, onnxtest.Residual())
	for _, at := range [][]string{{"nobody"}, {"0"}, {"99"}, {"2", "1"}, {"1", "1"}} {
		if _, err := m.Sequence(at); !errors.Is(err, ErrCut) {
			t.Errorf("%v: %v, want ErrCut", at, err)
		}
	}
}

// Large weights stay in a file of their own beside each part, also those that don't fit
// into a model file; there is no plan then.
func TestSplitLargeModel(t *testing.T) {
	const width = 1 << 14 // 1 GiB a layer
	b, x := build.New("large"), "x"
	b.Input(x, onnx.Float32, 1, width)
	b.Output("y2", onnx.Float32, 1, width)
	for i, y := range []string{"y0", "y1", "y2"} {
		w := b.External("w"+y, onnx.Float32, "weights.bin", int64(i)*4*width*width, width, width)
		if y != "y2" {
			b.Value(y, onnx.Float32, 1, width)
		}
		x = b.Node("MatMul", []string{x, w}, []string{y})
	}
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, "weights.bin")
	if err := os.WriteFile(weights, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(weights, 3*4*width*width); err != nil { // takes no room on the disk
		t.Fatal(err)
	}
	m, err := Open(path, Options{Name: "large"})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := m.SplitAt([]string{"y1"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{2 << 30, 1 << 30} {
		if size, outside := parts[i].Sub.Size(); outside != want || size > 1000 {
			t.Errorf("part %d has %d bytes and %d outside, want less than 1000 and %d", i+1, size, outside, want)
		}
	}
	if _, _, err := m.Plan(parts, testbed); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("the plan of parts that are no single files: %v", err)
	}
}
