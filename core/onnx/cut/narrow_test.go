package cut_test

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parse returns what a builder has built.
func parse(t *testing.T, b *build.Builder) *onnx.Model {
	t.Helper()
	data, err := b.Bytes()
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	return m
}

// The cut of the graph outputs is among those of a model of many, for which the search gives
// up.
func TestManyOutputs(t *testing.T) {
	const outputs = 1100
	b := build.New("outputs")
	b.Input("x", onnx.Float32, 1, 4)
	for i := range outputs {
		inner, out := fmt.Sprintf("a%d", i), fmt.Sprintf("out_%d", i)
		b.Node("Relu", []string{"x"}, []string{inner})
		b.Value(inner, onnx.Float32, 1, 4)
		b.Node("Relu", []string{inner}, []string{out})
		b.Output(out, onnx.Float32, 1, 4)
	}
	m := parse(t, b)
	cuts, _, err := cut.All(m, cut.Limits{Heads: 1})
	require.NoError(t, err)
	last := cuts[len(cuts)-1]
	assert.Equal(t, 2*outputs, last.Nodes)
	assert.Equal(t, m.Outputs(), last.Tensors)
	assert.Equal(t, "x", cuts[0].Name)
}

// Cuts that send few tensors are listed whatever the file's order would send at their depth.
func TestNarrowCutsOfAWideOrder(t *testing.T) {
	const nodes = 1500
	b := build.New("late")
	b.Input("x", onnx.Float32, 1, 4)
	for i := range nodes {
		s := fmt.Sprintf("s%d", i)
		b.Node("Relu", []string{"x"}, []string{s})
		b.Value(s, onnx.Float32, 1, 4)
	}
	at := "x"
	for i := range nodes {
		c := fmt.Sprintf("c%d", i)
		b.Node("Max", []string{at, fmt.Sprintf("s%d", i)}, []string{c})
		b.Value(c, onnx.Float32, 1, 4)
		at = c
	}
	b.Output(at, onnx.Float32, 1, 4)
	cuts, _, err := cut.All(parse(t, b), cut.Limits{Heads: 1})
	require.NoError(t, err)
	narrow := map[int]bool{}
	for _, c := range cuts {
		if len(c.Tensors) == 2 {
			narrow[c.Nodes] = true
		}
	}
	for i := 1; i < nodes-1; i++ { // x and c of i
		require.True(t, narrow[2*i], "no cut of two tensors at depth %d", 2*i)
	}
}

// Where all cuts send equally many tensors, and too many together, an even share is listed.
func TestEquallyWideCuts(t *testing.T) {
	m, err := onnxtest.Rungs(8000).Parse()
	require.NoError(t, err)
	all, complete, err := cut.All(m, cut.Limits{Heads: 1})
	require.NoError(t, err)
	assert.False(t, complete)
	inOrder, err := cut.InOrder(m)
	require.NoError(t, err)
	assert.False(t, cut.AllInOrder(m))
	for name, list := range map[string][]cut.Cut{"all": all, "in order": inOrder} {
		tensors := 0
		for i, c := range list {
			tensors += len(c.Tensors)
			if i > 0 {
				assert.LessOrEqual(t, c.Nodes-list[i-1].Nodes, 4, "%s: none after %s", name, list[i-1].Name)
			}
		}
		assert.LessOrEqual(t, tensors, 1<<20, name) // those that break a fusion have neighbours
		assert.Greater(t, tensors, 1<<19-200, name)
	}
	few, err := onnxtest.Rungs(400).Parse()
	require.NoError(t, err)
	assert.True(t, cut.AllInOrder(few))
}

// Down-sets that differ in many nodes from the first in order are looked at as far as memory
// allows, and cuts along the order stay.
func TestInterleavedChains(t *testing.T) {
	m, err := onnxtest.Interleaved(8000).Parse()
	require.NoError(t, err)
	var cuts []cut.Cut
	took := allocated(func() {
		cuts, _, err = cut.All(m, cut.Limits{})
		require.NoError(t, err)
	})
	assert.Less(t, took, 800e6)
	depths := map[int]bool{}
	for _, c := range cuts {
		depths[c.Nodes] = true
	}
	assert.Len(t, depths, 8002)
}
