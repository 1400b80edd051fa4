package searched_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queued is the plan of a classifier under a workload, on a link that is no bottleneck.
func queued(t testing.TB, w plan.Workload) *fixture {
	t.Helper()
	f := plantest.Good(t)
	f.Workload = w
	f.Platform.Devices[0].Units[0].Slowdown = 40
	return newFixture(t, f, plantest.Models(t), space.Options{Codecs: []string{"none", "fp16", "int8"}})
}

// TestQueues finds under random arrivals what a simulation of every mapping finds.
func TestQueues(t *testing.T) {
	x := queued(t, plan.Workload{Kind: plan.SingleStream, Frames: 10})
	least, err := x.Search(t.Context(), parse(t, "latency").Search(x.Devices(), 0), space.SearchOptions{})
	require.NoError(t, err)
	// more than the mapping of least latency can take, and a little less
	for _, share := range []float64{0.6, 0.9, 1.1} {
		w := plan.Workload{Kind: plan.Poisson, Frames: 1, Rate: share * 1e9 / least.Candidates[0].Values.Period}
		q := queued(t, w)
		o := decide.Options{Workload: w, Frames: 400}
		cuts, err := decide.All(t.Context(), q.simulator, q.Space, &goal.Goal{}, o)
		require.NoError(t, err)
		for _, g := range []*goal.Goal{parse(t, "latency"), parse(t, "latency_p99")} {
			best := bestOf(g, cuts)
			found, err := q.Search(t.Context(), g.Search(q.Devices(), 0.02), space.SearchOptions{Keep: 4})
			require.NoError(t, err)
			all, err := decide.Run(t.Context(), q.simulator, q.Space, found.Candidates, g, o)
			require.NoError(t, err)
			m := g.Objectives[0]
			t.Logf("%g: %s: %s %s of %d, of all cuts %s %s", share, g, all[0].Name, m.Text(all[0].Values[m]), len(all),
				best.Name, m.Text(best.Values[m]))
			assert.LessOrEqual(t, all[0].Values[m], best.Values[m]*(1+1e-12), "%g: %s: %s", share, g, best.Name)
		}
	}
}

// TestNotMeasured keeps the mappings that can be simulated, and says why others can't.
func TestNotMeasured(t *testing.T) {
	f := plantest.Good(t)
	x := newFixture(t, f, plantest.Models(t), space.Options{Codecs: []string{"none"}})
	for key := range x.driver.Profile.Entries {
		if len(key) > 6 && key[:6] == "encode" {
			delete(x.driver.Profile.Entries, key)
		}
	}
	s, err := space.New(f, x.models, x.driver, x.o)
	require.NoError(t, err)
	found, err := s.Search(t.Context(), parse(t, "latency").Search(s.Devices(), 0), space.SearchOptions{Keep: 2})
	require.NoError(t, err)
	steps := 0
	all, err := decide.Run(t.Context(), x.simulator, s, found.Candidates, parse(t, "latency"), decide.Options{
		Progress: func(done, of int) {
			steps++
			assert.Equal(t, steps, done)
		},
	})
	require.NoError(t, err)
	assert.Equal(t, len(all), steps)
	last := all[len(all)-1]
	assert.Equal(t, "all on server, JPEG", last.Label)
	require.ErrorContains(t, last.Err, "not measured: encode of camera.frame")
	for _, m := range all[:len(all)-1] {
		require.NoError(t, m.Err)
	}
}
