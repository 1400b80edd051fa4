package onnx_test

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/stretchr/testify/require"
)

// deep builds a model of 1,000 nodes: blocks of ten with a skip, or all in one
// block by a skip from the first to the last node and one in between.
func deep(b *testing.B, skipAll bool) *onnx.Model {
	n := build.New("deep")
	n.Input("x", onnx.Float32, 1, 8, 16, 16)
	w := n.Floats("w", make([]float32, 8*8*9), 8, 8, 3, 3)
	x, from, half := "x", "x", ""
	for i := range 1000 {
		out := fmt.Sprintf("n%d", i)
		n.Value(out, onnx.Float32, 1, 8, 16, 16)
		switch {
		case i%10 == 9:
			n.Node("Add", []string{x, from}, []string{out})
			from = out
		case skipAll && i > 500 && i%50 == 1:
			n.Node("Add", []string{x, half}, []string{out})
		case i%2 == 0:
			n.Node("Conv", []string{x, w}, []string{out}, build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
		default:
			n.Node("Relu", []string{x}, []string{out})
		}
		if i == 500 {
			half = out
		}
		x = out
	}
	if skipAll {
		n.Node("Add", []string{x, "n0"}, []string{"y"})
	} else {
		n.Node("Neg", []string{x}, []string{"y"})
	}
	n.Output("y", onnx.Float32, 1, 8, 16, 16)
	data, err := n.Bytes()
	require.NoError(b, err)
	m, err := onnx.Parse(data)
	require.NoError(b, err)
	return m
}

// wide builds a model of 1,000 nodes in four chains side by side, which has
// billions of cuts.
func wide(b *testing.B) *onnx.Model {
	n := build.New("wide")
	n.Input("x", onnx.Float32, 1, 64)
	last := []string{"x", "x", "x", "x"}
	for i := range 996 {
		out := fmt.Sprintf("n%d", i)
		n.Value(out, onnx.Float32, 1, 64)
		last[i%4] = n.Node("Relu", []string{last[i%4]}, []string{out})
	}
	n.Node("Sum", last, []string{"y"})
	n.Output("y", onnx.Float32, 1, 64)
	data, err := n.Bytes()
	require.NoError(b, err)
	m, err := onnx.Parse(data)
	require.NoError(b, err)
	return m
}

// All cuts of a graph of 1,000 nodes, found and costed.
func BenchmarkAllCuts(b *testing.B) {
	for name, m := range map[string]*onnx.Model{
		"blocks of ten": deep(b, false), "one deep block": deep(b, true), "one wide block": wide(b),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cuts, _, err := cut.All(m, cut.Limits{})
				require.NoError(b, err)
				b.ReportMetric(float64(len(cuts)), "cuts")
			}
		})
	}
}

func BenchmarkSingleCuts(b *testing.B) {
	m := deep(b, false)
	for b.Loop() {
		_, err := cut.Single(m)
		require.NoError(b, err)
	}
}

// Reading and cutting a file of 25 MB.
func BenchmarkParse(b *testing.B) {
	n := build.New("large")
	n.Input("x", onnx.Float32, 1, 1024)
	x := "x"
	for i := range 6 {
		out := fmt.Sprintf("y%d", i)
		n.Value(out, onnx.Float32, 1, 1024)
		x = n.Node("MatMul", []string{x, n.Floats(out+".w", make([]float32, 1024*1024), 1024, 1024)}, []string{out})
	}
	n.Output(x, onnx.Float32, 1, 1024)
	data, err := n.Bytes()
	require.NoError(b, err)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := onnx.Parse(data)
		require.NoError(b, err)
	}
}
