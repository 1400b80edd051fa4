package searched_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var byLatency = goal.Metric{Name: goal.Latency}

// sample is the plan of tests, whose chain has six actors: a segment of its model takes 10 ms, all else
// 1 ms.
func sample(t *testing.T) *fixture {
	t.Helper()
	x := newFixture(t, plantest.Good(t), plantest.Models(t), space.Options{})
	plans, err := x.Plans()
	require.NoError(t, err)
	for _, p := range plans {
		for a := range p.Work {
			w := &p.Work[a]
			e := x.driver.Profile.Entries[w.CostKey]
			e.Samples = []time.Duration{time.Millisecond}
			if w.Model != "" {
				e.Samples[0] = time.Duration(w.To-w.From) * 10 * time.Millisecond
			}
			x.driver.Profile.Entries[w.CostKey] = e
		}
	}
	x.Space, err = space.New(x.file, x.models, x.driver, x.o) // which has asked for no costs so far
	require.NoError(t, err)
	return x
}

// through is the mapping of so many actors to the camera's device and the rest to the server.
func (x *fixture) through(t *testing.T, n int) space.Candidate {
	t.Helper()
	units := slices.Repeat([]string{"camera-box.cpu"}, 6)
	for k := n; k < len(units); k++ {
		units[k] = "server.cpu"
	}
	c, err := x.Mapping(0, "none", units)
	require.NoError(t, err)
	return c
}

// withoutRaw is a goal under which no raw frame crosses.
func withoutRaw(t *testing.T, objective string) *goal.Goal {
	t.Helper()
	g := parse(t, objective)
	g.NoRaw = true
	return g
}

// Those that keep the limits come first, the best before the others; baselines are among them.
func TestDecided(t *testing.T) {
	x := sample(t)
	g := withoutRaw(t, "latency")
	var told []int
	all, err := decide.Run(t.Context(), x.simulator, x.Space, []space.Candidate{x.through(t, 5), x.through(t, 3)}, g,
		decide.Options{Frames: 5, Progress: func(done, of int) { told = append(told, done, of) }})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 5, 2, 5, 3, 5, 4, 5, 5, 5}, told)
	labels := map[string]bool{}
	for i := range all {
		require.NoError(t, all[i].Err, all[i].Name)
		labels[all[i].Label] = true
		raw := all[i].Label == "all on server, raw" || all[i].Label == "all on server, JPEG"
		assert.Equal(t, raw, all[i].Raw, all[i].Name)
		assert.Equal(t, !all[i].Raw, all[i].Keeps(g), all[i].Name)
		if i == 0 {
			continue
		}
		assert.False(t, all[i].Keeps(g) && !all[i-1].Keeps(g), all[i].Name)
		if all[i].Keeps(g) {
			assert.LessOrEqual(t, all[i-1].Values[byLatency], all[i].Values[byLatency], all[i].Name)
		}
	}
	assert.Len(t, labels, 4, "three baselines, and others")
	at := slices.IndexFunc(all, func(s decide.Simulated) bool { return s.Label == "all on endpoint" })
	assert.Zero(t, all[at].Values[goal.Metric{Name: goal.Traffic}], "nothing crosses")
	analytic := all[at].Candidate.Values.Latency * 1e-9
	assert.InEpsilon(t, analytic, all[at].Values[byLatency], 0.01, "in s, as the analytic model says")
}

// Limits are kept by what is simulated.
func TestDecidedLimits(t *testing.T) {
	x := sample(t)
	one := []space.Candidate{x.through(t, 3)}
	all, err := decide.Run(t.Context(), x.simulator, x.Space, one, parse(t, "traffic"), decide.Options{Frames: 5})
	require.NoError(t, err)
	least := slices.MinFunc(all, func(a, b decide.Simulated) int {
		return int(1e9 * (a.Values[byLatency] - b.Values[byLatency]))
	})
	above, below := least.Values[byLatency]*1.0001, least.Values[byLatency]*0.9999
	for bound, kept := range map[float64]bool{above: true, below: false} {
		g := parse(t, "traffic")
		g.Limits = []goal.Limit{{Metric: byLatency, Bound: bound}}
		all, err := decide.Run(t.Context(), x.simulator, x.Space, one, g, decide.Options{Frames: 5})
		require.NoError(t, err)
		assert.Equal(t, kept, all[0].Keeps(g))
		assert.Equal(t, !kept, len(all[0].Broken) == 1)
	}
}

// What differs a little from the best is simulated, too, as long as that gets better.
func TestDecidedNeighbours(t *testing.T) {
	x := sample(t)
	g := withoutRaw(t, "latency")
	best := func(found ...space.Candidate) decide.Simulated {
		all, err := decide.Run(t.Context(), x.simulator, x.Space, found, g, decide.Options{Frames: 5})
		require.NoError(t, err)
		at := slices.IndexFunc(all, func(s decide.Simulated) bool { return s.Label == "" && s.Keeps(g) })
		require.GreaterOrEqual(t, at, 0)
		return all[at]
	}
	cuts, err := x.Cuts()
	require.NoError(t, err)
	far := x.through(t, 5)
	assert.LessOrEqual(t, best(far).Values[byLatency], best(cuts...).Values[byLatency])
	assert.NotEqual(t, far.Name, best(far).Name)
}

// What can't be simulated says why, and keeps no limits; the others are simulated.
func TestDecidedWithoutCosts(t *testing.T) {
	x := sample(t)
	c := x.through(t, 3)
	lacking := &profile.Profile{Machine: "made up", Entries: map[string]profile.Entry{}}
	alone := x.through(t, 6)
	whole, err := x.Plan(&alone, plan.Workload{Kind: plan.Offline, Frames: 1})
	require.NoError(t, err)
	for a := range whole.Work {
		lacking.Entries[whole.Work[a].CostKey] = x.driver.Profile.Entries[whole.Work[a].CostKey]
	}
	g := parse(t, "latency")
	simulator := func(profile.Costs) driver.Summarizer { return &sim.Driver{Profile: lacking} }
	all, err := decide.Run(t.Context(), simulator, x.Space, []space.Candidate{c}, g, decide.Options{Frames: 5})
	require.NoError(t, err)
	require.NoError(t, all[0].Err)
	assert.Equal(t, "all on endpoint", all[0].Label)
	at := slices.IndexFunc(all, func(s decide.Simulated) bool { return s.Name == c.Name })
	require.ErrorIs(t, all[at].Err, profile.ErrMissing)
	assert.False(t, all[at].Keeps(g))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = decide.Run(ctx, x.simulator, x.Space, nil, g, decide.Options{})
	require.ErrorIs(t, err, context.Canceled)
}
