package compile_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
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

// What reading and compiling allocate grows as the plan does, whatever its shape: four times the
// actors take four times as much, where a step for every pair would take sixteen.
func TestCompileIsLinear(t *testing.T) {
	for _, l := range plantest.LargePlans() {
		t.Run(l.Name, func(t *testing.T) {
			var bytes []float64
			for _, actors := range []int{500, 2000} {
				data := l.YAML(actors)
				bytes = append(bytes, allocated(func() {
					f, err := planfile.Parse("plan.yaml", data)
					require.NoError(t, err)
					p, err := compile.Compile(f, nil)
					require.NoError(t, err)
					assert.GreaterOrEqual(t, len(p.Graph.Actors), actors)
				}))
			}
			assert.Less(t, bytes[1]/bytes[0], 6.0, "%.0f bytes, then %.0f", bytes[0], bytes[1])
		})
	}
}

func BenchmarkCompilePlan(b *testing.B) {
	for _, l := range plantest.LargePlans() {
		for _, actors := range []int{300, 1000, 2500, 10000} {
			b.Run(fmt.Sprintf("%s/actors=%d", l.Name, actors), func(b *testing.B) {
				data := l.YAML(actors)
				b.ReportAllocs()
				for b.Loop() {
					f, err := planfile.Parse("plan.yaml", data)
					require.NoError(b, err)
					_, err = compile.Compile(f, nil)
					require.NoError(b, err)
				}
			})
		}
	}
}

// Errors of a large plan name some of what there is, so that they grow with the plan only.
func TestErrorsOfALargePlanAreShort(t *testing.T) {
	f, err := planfile.Parse("plan.yaml", plantest.Row(1000))
	require.NoError(t, err)
	for i := range f.Application.FIFOs {
		f.Application.FIFOs[i].To = "nobody.in"
	}
	_, err = compile.Compile(f, nil)
	require.ErrorIs(t, err, planfile.ErrActor)
	assert.ErrorContains(t, err, `no actor for "nobody.in"; expected actor.port with an actor of a0, a1, a2, `)
	assert.ErrorContains(t, err, "a31, ... (1000 in all)")
	assert.Less(t, len(err.Error()), 1000*300)
}
