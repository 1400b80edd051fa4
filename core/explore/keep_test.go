package explore_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKeep compares the best mappings of a single objective with all, of random problems, and checks
// that those of several objectives are there that none is better than.
func TestKeep(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 5))
		p := random(rng, 2, 7)
		list := all(t, p)
		g, keep := randomGoal(rng, p, list), 2+rng.IntN(5)
		a, err := explore.Find(t.Context(), p, g, explore.Options{Keep: keep})
		require.NoError(t, err, "seed %d", seed)
		require.True(t, a.Proven, "seed %d", seed)
		var got [][]float64
		for i, c := range a.Front {
			require.False(t, slices.ContainsFunc(a.Front[:i], func(o explore.Candidate) bool {
				return slices.Equal(o.Units, c.Units)
			}), "seed %d: twice", seed)
			var row []float64
			for _, o := range g.Objectives {
				row = append(row, c.Values.Of(o))
			}
			got = append(got, plus(row))
		}
		if len(g.Objectives) > 1 {
			for _, want := range paretoFront(&g, list) {
				require.True(t, slices.ContainsFunc(got, func(row []float64) bool {
					return assert.InEpsilonSlice(&quiet{}, plus(want), row, 1e-9)
				}), "seed %d: %v", seed, want)
			}
			continue
		}
		var want []float64
		for i := range list {
			if within(&g, &list[i]) {
				want = append(want, 1+list[i].Of(g.Objectives[0]))
			}
		}
		slices.Sort(want)
		want = want[:min(len(want), keep)]
		require.Len(t, got, len(want), "seed %d", seed)
		for i := range want {
			require.InEpsilon(t, want[i], got[i][0], 1e-9, "seed %d", seed)
		}
	}
}

// quiet takes what an assertion that may fail says.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}
