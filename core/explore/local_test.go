package explore_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLocalSearch prints how far what isn't proven is from the best, of problems that are larger, and
// checks what it says of that: with hardly any work, and with little.
func TestLocalSearch(t *testing.T) {
	for _, work := range []int64{1, 50_000} {
		var gaps []float64
		missed, none := 0, 0
		for seed := range uint64(150) {
			rng := rand.New(rand.NewPCG(seed, 4))
			p := random(rng, 10, 16)
			g := explore.Goal{Objectives: []explore.Objective{{
				Metric: []explore.Metric{explore.Latency, explore.Period, explore.Energy}[rng.IntN(3)], Device: -1,
			}}}
			if rng.IntN(2) == 0 {
				g.Limits = []explore.Limit{{Objective: explore.Objective{Metric: explore.Leakage}, Max: rng.Float64()}}
			}
			exact, err := explore.Find(t.Context(), p, g, explore.Options{})
			require.NoError(t, err)
			if !exact.Proven {
				continue
			}
			a, err := explore.Find(t.Context(), p, g, explore.Options{Work: work})
			require.NoError(t, err)
			switch {
			case len(exact.Front) == 0:
				require.Empty(t, a.Front)
				none++
				continue
			case len(a.Front) == 0:
				missed++
				require.False(t, a.Proven)
				continue
			}
			best, got := exact.Front[0].Values.Of(g.Objectives[0]), a.Front[0].Values.Of(g.Objectives[0])
			require.LessOrEqual(t, a.Bound, best*(1+1e-9), "seed %d", seed)
			if a.Proven {
				require.InEpsilon(t, best, got, 1e-9, "seed %d", seed)
			}
			gaps = append(gaps, got/best-1)
		}
		slices.Sort(gaps)
		t.Logf("work %d: of %d problems of 10 to 16 tasks the found is above the best by, median %.2g, 95th "+
			"percentile %.3g, worst %.3g; none was found for %d that have one, nor for %d that have none", work,
			len(gaps), gaps[len(gaps)/2], gaps[len(gaps)*95/100], gaps[len(gaps)-1], missed, none)
		assert.Less(t, gaps[len(gaps)/2], 0.01)
	}
}

// TestLocalSearchOfNetworks is TestLocalSearch for networks of 60 tasks on three devices.
func TestLocalSearchOfNetworks(t *testing.T) {
	var gaps []float64
	for seed := range uint64(8) {
		p := network(60, 3, seed)
		for _, m := range []explore.Metric{explore.Latency, explore.Period, explore.Energy} {
			g := explore.Goal{Objectives: []explore.Objective{{Metric: m, Device: -1}}}
			exact, err := explore.Find(t.Context(), p, g, explore.Options{})
			require.NoError(t, err)
			if !exact.Proven {
				continue
			}
			a, err := explore.Find(t.Context(), p, g, explore.Options{Work: 1})
			require.NoError(t, err)
			best, got := exact.Front[0].Values.Of(g.Objectives[0]), a.Front[0].Values.Of(g.Objectives[0])
			require.LessOrEqual(t, a.Bound, best*(1+1e-9), "seed %d", seed)
			gaps = append(gaps, got/best-1)
		}
	}
	slices.Sort(gaps)
	t.Logf("work 1: of %d problems of 60 tasks on 3 devices the found is above the best by, median %.2g, worst %.3g",
		len(gaps), gaps[len(gaps)/2], gaps[len(gaps)-1])
	assert.Less(t, gaps[len(gaps)/2], 0.05)
}
