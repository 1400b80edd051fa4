package sim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sampled is a profile of firings with key exp: n samples of a log-normal distribution with a
// median of 2 ms and sigma 0.4. Those with key const take service.
func sampled(n int) *profile.Profile {
	rng := rand.New(rand.NewPCG(1, 2))
	of := costmodel.LogNormal{Mu: math.Log(2e6), Sigma: 0.4}
	samples := make([]time.Duration, n)
	for i := range samples {
		samples[i] = of.At(rng.NormFloat64())
	}
	return &profile.Profile{Entries: map[string]profile.Entry{
		"exp": {Samples: samples}, "const": {Samples: []time.Duration{service}}, "none": {Samples: []time.Duration{0}},
	}}
}

// kernels returns what the firings of an actor took, in their order.
func kernels(t *testing.T, d *sim.Driver, p *plan.Plan, actor int) ([]time.Duration, []string) {
	t.Helper()
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	var took []time.Duration
	for _, e := range tr.Events {
		if e.Kind == trace.Firing && e.Actor == actor {
			took = append(took, time.Duration(e.Kernel))
		}
	}
	return took, tr.Fitted
}

// with returns a plan of one station whose unit has a cost model.
func with(t *testing.T, frames int64, model string, seed uint64) *plan.Plan {
	t.Helper()
	p := stations(1, 1, frames, 100, "exp")
	p.Seed = seed
	require.NoError(t, p.Platform.Devices[0].Units[1].Cost.Set(model))
	return p
}

// Draws of a fitted distribution are such draws: their Kolmogorov-Smirnov distance from it is at
// most what n draws exceed once in a thousand times, 1.95/√n. What was fitted is said.
func TestFittedCosts(t *testing.T) {
	prof := sampled(500)
	for _, kind := range []costmodel.Kind{costmodel.Lognormal, costmodel.Shifted, costmodel.Empirical} {
		cdf, err := costmodel.Model{Kind: kind}.CDF(prof.Entries["exp"].Samples)
		require.NoError(t, err)
		took, fitted := kernels(t, &sim.Driver{Profile: prof}, with(t, 10_000, string(kind), 1), 1)
		require.Len(t, took, 10_000)
		assert.Less(t, costmodel.Distance(took, cdf), 1.95/100, "%s", kind)
		if kind == costmodel.Empirical {
			assert.Empty(t, fitted)
			continue
		}
		require.Len(t, fitted, 1)
		assert.Regexp(t, `^the cost of a0\.1 on server: log-normal with median .*, 500 samples$`, fitted[0])
	}
}

// A model of a unit holds on that unit, one of an actor in its place, and the driver's elsewhere.
func TestModelsOfUnitsAndActors(t *testing.T) {
	p := stations(1, 1, 5, 100, "const", "const", "const")
	units := p.Platform.Devices[0].Units
	units[2].Cost = costmodel.Model{Kind: costmodel.Constant, Time: 7 * time.Millisecond}
	units[3].Cost = units[2].Cost
	units[3].Costs = map[string]costmodel.Model{"third": {Kind: costmodel.Constant, Time: 9 * time.Millisecond}}
	p.Work[3].Actor = "third"
	d := &sim.Driver{Profile: sampled(20), Cost: sim.Constant(3 * time.Millisecond)}
	for actor, want := range []time.Duration{3, 3, 7, 9, 3} {
		took, _ := kernels(t, d, p, actor)
		assert.Equal(t, slices.Repeat([]time.Duration{want * time.Millisecond}, 5), took, "actor %d", actor)
	}
}

// What a firing takes depends on the seed, the actor and its number: not on what else happens.
func TestCostsAreDrawnByNumber(t *testing.T) {
	d := &sim.Driver{Profile: sampled(500)}
	alone, _ := kernels(t, d, with(t, 50, "lognormal", 1), 1)
	again, _ := kernels(t, d, with(t, 50, "lognormal", 1), 1)
	assert.Equal(t, alone, again)
	other, _ := kernels(t, d, with(t, 50, "lognormal", 2), 1)
	assert.NotEqual(t, alone, other, "another seed")
	p := stations(3, 1, 50, 100, "exp")
	p.Seed = 1
	p.Platform.Devices[0].Units[1].Cost.Kind = costmodel.Lognormal
	beside, _ := kernels(t, d, p, 1)
	assert.Equal(t, alone, beside, "beside other instances")
	second, _ := kernels(t, d, p, 4)
	assert.NotEqual(t, alone, second, "of another instance")
}

// phasedProfile has samples of phases: 2 ms and 4 ms, of 100 and 25 firings on average.
func phasedProfile(n int) *profile.Profile {
	rng := rand.New(rand.NewPCG(3, 4))
	leave := [2]float64{0.01, 0.04}
	of := [2]costmodel.LogNormal{{Mu: math.Log(2e6), Sigma: 0.05}, {Mu: math.Log(4e6), Sigma: 0.05}}
	state, samples := 0, make([]time.Duration, n)
	for i := range samples {
		samples[i] = of[state].At(rng.NormFloat64())
		if rng.Float64() < leave[state] {
			state = 1 - state
		}
	}
	return &profile.Profile{Entries: map[string]profile.Entry{
		"exp": {Samples: samples}, "const": {Samples: []time.Duration{service}}, "none": {Samples: []time.Duration{0}},
	}}
}

// Slow phases last: from one firing to the next, times are correlated as in the samples, and far
// apart they are not. Two actors of a unit are slow together, those of another unit are not.
func TestSlowPhases(t *testing.T) {
	const frames = 30_000
	p := stations(1, 1, frames, 1e6, "exp", "exp", "exp") // all frames are there from the beginning
	units := p.Platform.Devices[0].Units
	for u := 1; u <= 3; u++ {
		units[u].Cost.Kind = costmodel.Phases
	}
	units[1].Lanes = 2
	p.Work[2].Unit = 1 // beside the first
	d := &sim.Driver{Profile: phasedProfile(5000)}
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	require.NotEmpty(t, tr.Fitted)
	assert.Contains(t, tr.Fitted[0], "slow phases: ")
	took, begun := make([][]float64, 4), make([][]int64, 4)
	slow := make([]float64, 4)
	for _, e := range tr.Events {
		if e.Kind == trace.Firing && e.Actor >= 1 && e.Actor <= 3 {
			took[e.Actor] = append(took[e.Actor], float64(e.Kernel))
			begun[e.Actor] = append(begun[e.Actor], e.Start)
			if e.Kernel > 3e6 {
				slow[e.Actor] += 1. / frames
			}
		}
	}
	assert.InDelta(t, 0.2, slow[1], 0.05)
	// The correlation of the samples' chain, as of a firing and the next: 1 - 0.01 - 0.04.
	assert.InDelta(t, 0.95, correlation(took[1], 1), 0.03)
	assert.InDelta(t, 0, correlation(took[1], 2000), 0.15)
	same := func(a, b int) float64 {
		alike, j := 0., 0
		for i, at := range begun[a] {
			for j+1 < len(begun[b]) && begun[b][j+1] <= at {
				j++
			}
			if (took[a][i] > 3e6) == (took[b][j] > 3e6) {
				alike++
			}
		}
		return alike / float64(len(begun[a]))
	}
	assert.Greater(t, same(1, 2), 0.97, "on one unit")
	assert.InDelta(t, slow[1]*slow[3]+(1-slow[1])*(1-slow[3]), same(1, 3), 0.1, "on two units")
}

// correlation of values with those that come so many later.
func correlation(x []float64, lag int) float64 {
	mean, square, product := 0., 0., 0.
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for i, v := range x {
		square += (v - mean) * (v - mean)
		if i >= lag {
			product += (v - mean) * (x[i-lag] - mean)
		}
	}
	return product / square
}

// Where the samples show no phases, a firing takes one of them, and the run says so. What can't be
// fitted is an error.
func TestCostsThatCanNotBeFitted(t *testing.T) {
	d := &sim.Driver{Profile: sampled(200)}
	took, fitted := kernels(t, d, with(t, 300, "phases", 1), 1)
	drawn, _ := kernels(t, d, with(t, 300, "empirical", 1), 1)
	assert.Equal(t, drawn, took)
	require.Len(t, fitted, 1)
	assert.Regexp(t, `^the cost of a0\.1 on server: drawn from the samples in any order: no slow phases: the 200 samples `+
		`have as many runs of slow ones as if they came in any order \(-?[0-9.]+ standard deviations fewer, expected 2\.3\)$`,
		fitted[0])
	_, err := (&sim.Driver{Profile: sampled(9)}).Run(t.Context(), with(t, 5, "lognormal", 1))
	assert.EqualError(t, err, "simulate plan stations: cost of actor a0.1: the samples can't be fitted: there are 9, and "+
		"a log-normal distribution takes 10; profile more, or choose empirical")
	assert.ErrorIs(t, err, costmodel.ErrFit)
	_, err = sim.NewCostModel("lognormall")
	assert.EqualError(t, err, `no such model: no cost model "lognormall"; expected median, mean, empirical, `+
		`constant=DURATION, lognormal, shifted-lognormal or phases; did you mean "lognormal"?`)
}
