package model

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is tried is bounded, and so is the memory for it, however many inputs there are.
func TestAttemptsAreBounded(t *testing.T) {
	for inputs, want := range map[int]int{1: 5, 2: 25, 3: 125, 4: mostRuns, 200: mostRuns} {
		var in []Tensor
		var made []int
		for i := range inputs {
			in = append(in, Tensor{TensorInfo: onnx.TensorInfo{Name: fmt.Sprint("i", i), Elem: onnx.Int64, Shape: []int64{4}}})
			made = append(made, i)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		list := attempts(in, made)
		runtime.ReadMemStats(&after)
		assert.Len(t, list, want, inputs)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), inputs)
		seen := map[string]bool{}
		for _, fills := range list {
			seen[fmt.Sprint(fills)] = true
		}
		assert.Len(t, seen, want, inputs)
	}
}

// A stated size 0 is pointed out of every input that isn't given, also where others are.
func TestZeroSizesOfInputsNotGiven(t *testing.T) {
	b := build.New("zero")
	for _, name := range []string{"x", "z", "full"} {
		b.Input(name, onnx.Float32, map[string]int64{"full": 2}[name], 4)
	}
	b.Node("Sum", []string{"x", "z", "full"}, []string{"y"})
	b.Output("y", onnx.Float32, 0, 4)
	data, err := b.Bytes()
	require.NoError(t, err)
	sized := func(dims map[string]int64, given ...Tensor) (*Model, error) {
		m, err := onnx.Parse(data)
		require.NoError(t, err)
		at := &Model{Model: m, declared: m.Inputs()}
		return at, at.sizeZeros(dims, given)
	}
	of := func(name string, shape ...int64) Tensor {
		return Tensor{TensorInfo: onnx.TensorInfo{Name: name, Shape: shape}}
	}
	for _, given := range [][]Tensor{{of("full", 2, 4)}, {of("full", 7)}, {of("x", 2, 4)}, {of("x", 0, 4)}} {
		_, err := sized(nil, given...)
		require.ErrorIs(t, err, ErrDims, "%v", given)
		assert.Contains(t, err.Error(), "--dim z[0]=1", given)
		assert.Equal(t, given[0].Name != "x", strings.Contains(err.Error(), "--dim x[0]=1"), given)
	}
	m, err := sized(nil, of("x", 2, 4), of("z", 2, 4))
	require.NoError(t, err)
	assert.Equal(t, []int64{2, 4}, m.Inputs()[1].Shape)
	assert.True(t, m.zeroed)
	m, err = sized(nil, of("x", 0, 4), of("z", 0, 4))
	require.NoError(t, err)
	assert.False(t, m.zeroed)
	_, err = sized(map[string]int64{"z[0]": 0}, of("x", 2, 4))
	require.NoError(t, err)
}
