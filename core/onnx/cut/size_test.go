package cut_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allocated returns the bytes that do allocates in all.
func allocated(do func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

// What enumerating and reading allocate grows as the model does, whatever its shape: four
// times the nodes take four times as much, where a step for every pair would take sixteen.
// In a model of branches side by side so do the tensors that cuts send, up to a bound.
func TestEnumerationIsLinear(t *testing.T) {
	const few, many = 2000, 8000
	steps := map[string]func(m *onnx.Model) error{
		"parse": func(*onnx.Model) error { return nil },
		"all": func(m *onnx.Model) error {
			_, _, err := cut.All(m, cut.Limits{Heads: 1})
			return err
		},
		"single": func(m *onnx.Model) error {
			_, err := cut.Single(m)
			return err
		},
		"chain": func(m *onnx.Model) error {
			_, err := cut.Chain(m)
			return err
		},
	}
	for i, small := range onnxtest.Large(few) {
		large := onnxtest.Large(many)[i]
		for name, step := range steps {
			t.Run(small.Name+"/"+name, func(t *testing.T) {
				var bytes []float64
				for _, model := range []onnxtest.Model{small, large} {
					bytes = append(bytes, allocated(func() {
						m, err := model.Parse()
						require.NoError(t, err)
						if err := step(m); model.Name != "deep" || name != "chain" { // it states no types
							require.NoError(t, err)
						}
					}))
				}
				assert.Less(t, bytes[1]/bytes[0], 6.0, "%.0f bytes, then %.0f", bytes[0], bytes[1])
			})
		}
	}
}

// Of cuts that send many tensors those that send the fewest are listed, and the ends.
func TestWideCutsAreLeftOut(t *testing.T) {
	m, err := onnxtest.Wide(2000).Parse()
	require.NoError(t, err)
	cuts, complete, err := cut.All(m, cut.Limits{Heads: 1})
	require.NoError(t, err)
	assert.False(t, complete)
	inOrder, err := cut.InOrder(m)
	require.NoError(t, err)
	for name, list := range map[string][]cut.Cut{"all": cuts, "in order": inOrder} {
		tensors := 0
		for i, c := range list {
			tensors += len(c.Tensors)
			if i > 0 && i < len(list)-1 {
				assert.Less(t, len(c.Tensors), 1200, "%s: cut %s", name, c.Name)
			}
		}
		assert.LessOrEqual(t, tensors, 1<<20, "%s: %d cuts", name, len(list))
		assert.Greater(t, len(list), 900, name)
		assert.Equal(t, "x", list[0].Name, name)
		assert.Equal(t, "y", list[len(list)-1].Name, name)
	}
}

func BenchmarkSingleCuts(b *testing.B) { enumerate(b, func(m *onnx.Model) { _, _ = cut.Single(m) }) }
func BenchmarkAllCuts(b *testing.B) {
	enumerate(b, func(m *onnx.Model) { _, _, _ = cut.All(m, cut.Limits{}) })
}
func BenchmarkCutsInOrder(b *testing.B) { enumerate(b, func(m *onnx.Model) { _, _ = cut.Chain(m) }) }

func enumerate(b *testing.B, list func(m *onnx.Model)) {
	for _, nodes := range []int{5000, 20000, 80000} {
		for _, model := range onnxtest.Large(nodes) {
			b.Run(fmt.Sprintf("%s/nodes=%d", model.Name, nodes), func(b *testing.B) {
				m, err := model.Parse()
				require.NoError(b, err)
				b.ReportAllocs()
				for b.Loop() {
					list(m)
				}
			})
		}
	}
}
