package ort

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chainModel multiplies n numbers by a factor and adds 1, four times, so that it needs memory for
// what lies between.
func chainModel(t testing.TB, n int64, factor float32) []byte {
	return modelBytes(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, n)
		b.Output("y", onnx.Float32, -1)
		b.Floats("one", []float32{1}, 1)
		factors := make([]float32, n)
		for i := range factors {
			factors[i] = factor
		}
		b.Floats("factors", factors, n)
		at := "x"
		for i := range 4 {
			b.Node("Mul", []string{at, "factors"}, []string{fmt.Sprint("m", i)})
			at = fmt.Sprint("a", i)
			if i == 3 {
				at = "y"
			}
			b.Node("Add", []string{fmt.Sprint("m", i), "one"}, []string{at})
		}
	})
}

// chainWant is the result of chainModel of ones.
func chainWant(n int64, factor float32) []float32 {
	list := make([]float32, n)
	for i := range list {
		x := float32(1)
		for range 4 {
			x = x*factor + 1
		}
		list[i] = x
	}
	return list
}

// Sessions of one arena compute what they should, at the same time and while others
// come and go, whichever is closed first.
func TestSharedArena(t *testing.T) {
	loadLibrary(t)
	const sessions, runs = 6, 20
	var wg sync.WaitGroup
	var open [sessions]*Session
	for i := range open {
		n, factor := int64(1000<<i), float32(i+1)
		model := chainModel(t, n, factor)
		ones := chainWant(n, 0)
		x := tensor(t, onnx.Float32, []int64{n}, ones)
		y := tensor(t, onnx.Float32, []int64{n}, make([]float32, n))
		want := bytesOf(t, chainWant(n, factor))
		wg.Go(func() {
			for r := range runs {
				if r%5 == 0 {
					s, err := NewSession(model, Options{Shared: i != 2}) // one has memory of its own
					if err != nil {
						t.Error(err)
						return
					}
					if open[i] != nil {
						assert.NoError(t, open[i].Close(), "a session was not closed")
					}
					open[i] = s
				}
				clear(y.Data())
				if err := open[i].Run([]*Tensor{x}, []*Tensor{y}); err != nil || !bytes.Equal(y.Data(), want) {
					t.Errorf("session %d, run %d: not what was expected, %v", i, r, err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, i := range []int{0, 5, 3, 1, 4, 2} {
		assert.NoError(t, open[i].Close(), "session %d", i)
	}
}

// An output that a run allocated in the arena outlives its session.
func TestSharedArenaOutlivesSessions(t *testing.T) {
	loadLibrary(t)
	const n = 1000
	s, err := NewSession(chainModel(t, n, 2), Options{Shared: true})
	require.NoError(t, err)
	out, err := s.RunAlloc([]*Tensor{tensor(t, onnx.Float32, []int64{n}, chainWant(n, 0))}, nil)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.Equal(t, bytesOf(t, chainWant(n, 2)), out[0].Data(), "the output is gone with its session")
	assert.NoError(t, out[0].Close())
}
