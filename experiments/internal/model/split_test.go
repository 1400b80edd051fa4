package model

import (
	"context"
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
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// open writes a generated model to a file and opens it.
func open(t *testing.T, g onnxtest.Model) *Model {
	t.Helper()
	dir := t.TempDir()
	for name, data := range g.Files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	path := filepath.Join(dir, "model.onnx")
	require.NoError(t, os.WriteFile(path, g.Data, 0o644))
	m, err := Open(path, Options{Name: g.Name})
	require.NoError(t, err)
	return m
}

var testbed = Testbed{Slowdown: 4, BandwidthBytesPerSec: 1e6, Latency: "1ms", Frames: 10, Name: "try"}

// Whatever passes a cut, be it the input itself or an early output, the plan of the
// parts compiles.
func TestPlans(t *testing.T) {
	for _, g := range []onnxtest.Model{
		onnxtest.Residual(), onnxtest.Dense(), onnxtest.Inception(), onnxtest.EncoderDecoder(), onnxtest.LSTM(),
		onnxtest.External(), onnxtest.Unsorted(), onnxtest.Repeated(), onnxtest.Sparse(), onnxtest.Constants(),
		onnxtest.OddNames(),
	} {
		m := open(t, g)
		cuts, _, err := cut.All(m.Model, cut.Limits{Heads: 16})
		require.NoError(t, err)
		for _, c := range cuts[1 : len(cuts)-1] {
			ends, _, err := m.Sequence(strings.ReplaceAll(c.Name, ",", `\,`))
			if err != nil {
				t.Errorf("%s at %s: %v", g.Name, c.Name, err)
				continue
			}
			parts, err := m.Split(ends)
			if err != nil {
				t.Errorf("%s at %s: %v", g.Name, c.Name, err)
				continue
			}
			text, _, err := m.Plan(parts, testbed)
			assert.NoError(t, err, "%s at %s: %v\n%s", g.Name, c.Name, err, text)
		}
	}
}

func TestSplitInThree(t *testing.T) {
	m := open(t, onnxtest.EncoderDecoder())
	chain, err := cut.Chain(m.Model)
	require.NoError(t, err)
	ends, _, err := m.Sequence("1," + chain[len(chain)-2].Name)
	require.NoError(t, err)
	parts, err := m.Split(ends)
	require.NoError(t, err)
	text, models, err := m.Plan(parts, testbed)
	require.NoError(t, err)
	f, err := planfile.Parse("plan.yaml", text)
	require.NoError(t, err)
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	got := len(p.Slices())
	assert.Equal(t, 3, got, "%d devices, want 3:\n%s", got, text)
	dir := filepath.Join(t.TempDir(), "a", "parts")
	require.NoError(t, WriteParts(t.Context(), dir, parts, map[string][]byte{"plan.yaml": text}))
	for _, p := range parts {
		part, err := Open(filepath.Join(dir, p.Name+".onnx"), Options{})
		require.NoError(t, err, p.Name)
		assert.Len(t, part.Inputs(), len(p.Sub.Inputs), p.Name)
	}
	list, _ := os.ReadDir(filepath.Dir(dir))
	assert.Len(t, list, 1, "left behind")
	err = WriteParts(t.Context(), dir, parts, nil)
	require.ErrorIs(t, err, output.ErrFull, "into a full folder")
	assert.Contains(t, err.Error(), "not empty", "into a full folder")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, WriteParts(ended, dir+"2", parts, nil), context.Canceled)
	list, _ = os.ReadDir(filepath.Dir(dir))
	assert.Len(t, list, 1, "left behind when interrupted")
}

func TestSequenceErrors(t *testing.T) {
	m := open(t, onnxtest.Residual())
	for _, at := range []string{"nobody", "0", "99", "2,1", "1,1", "pp99", "ppx", "", "1,"} {
		_, _, err := m.Sequence(at)
		assert.ErrorIs(t, err, ErrCut, "%v: %v, want ErrCut", at, err)
	}
}

// Names with commas, and numbers that are names, can be said.
func TestNamesOfCuts(t *testing.T) {
	m := open(t, onnxtest.OddNames())
	names := func(at string) (list []string, took map[string]string) {
		ends, took, err := m.Sequence(at)
		require.NoError(t, err, at)
		for _, c := range ends[1 : len(ends)-1] {
			list = append(list, c.Name)
		}
		return list, took
	}
	for at, want := range map[string][]string{
		"a,b":                            {"a,b"},
		`a\,b`:                           {"a,b"},
		`入力 1,a\,b,x=1`:                  {"入力 1", "a,b", "x=1"},
		"入力 1, a,b ,x=1":                 {"入力 1", "a,b", "x=1"},
		"a/Relu;b/Bn;c/Conv,C:\\x \"y\"": {"a/Relu;b/Bn;c/Conv", `C:\x "y"`},
		"é~2+1":                          {"é~2+1"},
	} {
		got, took := names(at)
		assert.Equal(t, want, got, at)
		assert.Empty(t, took, at)
	}
	got, took := names("3")
	assert.Equal(t, []string{"3"}, got)
	assert.Contains(t, took["3"], `3 is taken as the cut at tensor "3"; partition points are pp0 to pp`)

	plain := open(t, onnxtest.Residual())
	chain, err := cut.Chain(plain.Model)
	require.NoError(t, err)
	for at, says := range map[string]string{"1": "1 is taken as partition point 1, the cut at " + chain[1].Name, "pp1": "",
		"PP1": ""} {
		parts, err := plain.SplitAt(at)
		require.NoError(t, err)
		assert.Equal(t, chain[1].Name, parts[1].From)
		assert.Equal(t, says, parts[1].Took)
	}
}

// An output that is declared twice is delivered at two ports, and sent once.
func TestOutputDeliveredTwice(t *testing.T) {
	m := open(t, onnxtest.Repeated())
	parts, err := m.SplitAt("b")
	require.NoError(t, err)
	text, models, err := m.Plan(parts, testbed)
	require.NoError(t, err)
	f, err := planfile.Parse("plan.yaml", text)
	require.NoError(t, err)
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	var ports []string
	for i, a := range p.Graph.Actors {
		if p.Work[i].Sink {
			for _, in := range a.In {
				ports = append(ports, in.Name)
			}
		}
	}
	assert.Equal(t, []string{"b", "c", "b#2"}, ports)
	crossing := 0
	for _, q := range p.Graph.FIFOs {
		if p.Work[q.From].Device < p.Work[q.To].Device {
			crossing++
		}
	}
	assert.Equal(t, 1, crossing)
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
	require.NoError(t, err)
	dir := t.TempDir()
	path := filepath.Join(dir, "model.onnx")
	require.NoError(t, os.WriteFile(path, data, 0o644))
	weights := filepath.Join(dir, "weights.bin")
	require.NoError(t, os.WriteFile(weights, nil, 0o644))
	// takes no room on the disk
	require.NoError(t, os.Truncate(weights, 3*4*width*width))
	m, err := Open(path, Options{Name: "large"})
	require.NoError(t, err)
	parts, err := m.SplitAt("y1")
	require.NoError(t, err)
	for i, want := range []int64{2 << 30, 1 << 30} {
		size, outside := parts[i].Sub.Size()
		assert.Equal(t, want, outside, "part %d has %d bytes and %d outside, want less than 1000", i+1, size, outside)
		assert.LessOrEqual(t, size, int64(1000), "part %d has %d bytes and %d outside, want less than 1000", i+1, size,
			outside)
	}
	_, _, err = m.Plan(parts, testbed)
	require.Error(t, err, "the plan of parts that are no single files")
	assert.Contains(t, err.Error(), "too large", "the plan of parts that are no single files")
}
