package searched_test

import (
	"context"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kept is how many of the best by the analytic model are simulated in these tests.
const kept = 8

// decided searches and simulates what was found.
func (x *fixture) decided(ctx context.Context, t testing.TB, g *goal.Goal) ([]decide.Simulated, *space.Found) {
	t.Helper()
	found, err := x.Search(ctx, g.Search(x.Devices(), 0.02), space.SearchOptions{Keep: kept})
	require.NoError(t, err)
	all, err := decide.Run(ctx, x.simulator, x.Space, found.Candidates, g, decide.Options{})
	require.NoError(t, err)
	for i := range all {
		require.NoError(t, all[i].Err, all[i].Name)
	}
	return all, found
}

// goals are objectives with and without limits that cuts can keep.
func goals(t testing.TB, energy bool) (list []*goal.Goal) {
	t.Helper()
	objectives := []string{"latency", "endpoint_time", "throughput", "traffic"}
	if energy {
		objectives = append(objectives, "energy(slow)", "energy")
	}
	for _, objective := range objectives {
		for _, c := range []struct {
			limits []string
			raw    bool
		}{{nil, true}, {[]string{"latency_p99<=300ms"}, false}, {[]string{"memory(slow)<=3MB"}, true}} {
			least, most := []string{objective}, []string(nil)
			if objective == "throughput" {
				least, most = nil, least
			}
			g, err := goal.Parse(least, most, c.limits, c.raw)
			require.NoError(t, err)
			list = append(list, g)
		}
	}
	return list
}

// TestBestOfAllCuts compares what is found with all cuts under all codecs, each simulated.
func TestBestOfAllCuts(t *testing.T) {
	for name, link := range map[string]string{"ssd-tracking": "wireless", "vehicle-classification": "wired"} {
		x := cutExperiment(t, name, "slow", link)
		all, err := decide.All(t.Context(), x.simulator, x.Space, &goal.Goal{}, decide.Options{})
		require.NoError(t, err)
		for _, g := range goals(t, name == "ssd-tracking") {
			m := g.Objectives[0]
			best := bestOf(g, all)
			ranked, found := x.decided(t.Context(), t, g)
			assert.True(t, found.Proven, "%s: %s", name, g)
			ranked = slices.DeleteFunc(ranked, func(s decide.Simulated) bool { return s.Codec == "jpeg" }) // no cut has it
			got := bestOf(g, ranked)
			if best == nil {
				assert.Nil(t, got, "%s: %s: keeps what no cut does", name, g)
				continue
			}
			if !assert.NotNil(t, got, "%s: %s: %s was not found", name, g, best.Name) {
				continue
			}
			cut := slices.ContainsFunc(all, func(s decide.Simulated) bool { return s.Name == got.Name })
			if cut || !m.Better(got.Values[m], best.Values[m]) {
				assert.InEpsilon(t, 1+best.Values[m], 1+got.Values[m], 1e-12, "%s: %s: found %s, and best is %s", name, g, got.Name,
					best.Name)
			}
			t.Logf("%s: %s: %s with %s; of all cuts %s with %s", name, g, got.Name, m.Text(got.Values[m]), best.Name,
				m.Text(best.Values[m]))
		}
	}
}

// bestOf returns the mapping that keeps the limits and is best by the first objective; nil if none
// does.
func bestOf(g *goal.Goal, all []decide.Simulated) (best *decide.Simulated) {
	m := g.Objectives[0]
	for i := range all {
		s := all[i]
		s.Broken = g.Broken(s.Values)
		if s.Keeps(g) && (best == nil || m.Better(s.Values[m], best.Values[m])) {
			best = &s
		}
	}
	return best
}

func parse(t testing.TB, objective string, limits ...string) *goal.Goal {
	t.Helper()
	g, err := goal.Parse([]string{objective}, nil, limits, false)
	require.NoError(t, err)
	return g
}

func most(t testing.TB, objective string, limits ...string) *goal.Goal {
	t.Helper()
	g, err := goal.Parse(nil, []string{objective}, limits, false)
	require.NoError(t, err)
	return g
}
