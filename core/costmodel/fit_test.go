package costmodel_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func normals(seed uint64, n int, median time.Duration, sigma float64, shift time.Duration) []time.Duration {
	rng := rand.New(rand.NewPCG(seed, 0))
	of := costmodel.LogNormal{Mu: math.Log(float64(median)), Sigma: sigma, Shift: shift}
	s := make([]time.Duration, n)
	for i := range s {
		s[i] = of.At(rng.NormFloat64())
	}
	return s
}

// The parameters come back within four of their standard errors, sigma/√n and sigma/√(2n), and the
// fit is called bad about once in a hundred times.
func TestLognormalComesBack(t *testing.T) {
	const n, sigma, seeds = 400, 0.3, 300
	bad := 0
	for seed := range uint64(seeds) {
		l, err := costmodel.FitLognormal(normals(seed, n, 5*time.Millisecond, sigma, 0), false)
		require.NoError(t, err)
		assert.InDelta(t, math.Log(5e6), l.Mu, 4*sigma/math.Sqrt(n))
		assert.InDelta(t, sigma, l.Sigma, 4*sigma/math.Sqrt(2*n))
		if l.Bad() {
			bad++
		}
	}
	assert.InDelta(t, seeds/100, bad, 4*math.Sqrt(seeds/100.), "fits called bad")
}

func TestShiftComesBack(t *testing.T) {
	samples := normals(1, 4000, time.Millisecond, 0.5, 20*time.Millisecond)
	l, err := costmodel.FitLognormal(samples, true)
	require.NoError(t, err)
	assert.InDelta(t, 20e6, float64(l.Shift), 0.15e6)
	assert.InDelta(t, 0.5, l.Sigma, 0.08)
	plain, err := costmodel.FitLognormal(samples, false)
	require.NoError(t, err)
	assert.True(t, plain.Bad(), "without a shift: %v", plain)
	assert.Less(t, l.Distance, plain.Distance/2)
	left, err := costmodel.FitLognormal([]time.Duration{1, 50, 90, 95, 96, 97, 98, 99, 99, 99}, true)
	require.NoError(t, err)
	assert.Zero(t, left.Shift, "samples whose logarithms lean to the left have none")
}

func TestBadFitIsSaid(t *testing.T) {
	samples := append(normals(1, 100, time.Millisecond, 0.05, 0), normals(2, 100, 9*time.Millisecond, 0.05, 0)...)
	l, err := costmodel.FitLognormal(samples, false)
	require.NoError(t, err)
	assert.True(t, l.Bad())
	assert.Equal(t, "log-normal with median 2.991ms and sigma 1.100: Kolmogorov-Smirnov distance 0.313, 200 samples; A "+
		"BAD FIT: samples of such a distribution have more than 0.073 once in a hundred times; choose empirical", l.String())
}

func TestFitsOfFewSamples(t *testing.T) {
	_, err := costmodel.FitLognormal(nil, false)
	require.EqualError(t, err, "the samples can't be fitted: there are 0, and a log-normal distribution takes 10; "+
		"profile more, or choose empirical")
	_, err = costmodel.FitLognormal([]time.Duration{1, 2}, false)
	require.ErrorIs(t, err, costmodel.ErrFit)
	l, err := costmodel.FitLognormal([]time.Duration{5e6, 5e6}, false)
	require.NoError(t, err)
	assert.Equal(t, 5*time.Millisecond, l.At(3), "equal samples are a constant")
	assert.Zero(t, l.Distance)
	_, err = costmodel.FitPhases(make([]time.Duration, 29))
	require.EqualError(t, err, "no slow phases: there are 29 samples, and phases take 30; profile more, or "+
		"choose empirical")
	_, err = costmodel.FitPhases(make([]time.Duration, 50))
	require.ErrorIs(t, err, costmodel.ErrNoPhases, "equal samples")
}

// phased draws samples from a chain that leaves the fast state with probability 1/100 and the slow
// one with 1/25.
func phased(seed uint64, n int) []time.Duration {
	rng := rand.New(rand.NewPCG(seed, 1))
	leave := [2]float64{0.01, 0.04}
	of := [2]costmodel.LogNormal{{Mu: math.Log(2e6), Sigma: 0.08}, {Mu: math.Log(3e6), Sigma: 0.12}}
	state, s := 0, make([]time.Duration, n)
	for i := range s {
		s[i] = of[state].At(rng.NormFloat64())
		if rng.Float64() < leave[state] {
			state = 1 - state
		}
	}
	return s
}

// With some 8,000 slow and 32,000 fast samples in 320 phases each, means come back within 1 %, and
// lengths within four of their standard errors, length/√320.
func TestPhasesComeBack(t *testing.T) {
	p, err := costmodel.FitPhases(phased(1, 40_000))
	require.NoError(t, err)
	assert.InDelta(t, 2e6, float64(p.Fast.At(0)), 0.02e6)
	assert.InDelta(t, 3e6, float64(p.Slow.At(0)), 0.03e6)
	assert.InDelta(t, 0.08, p.Fast.Sigma, 0.01)
	assert.InDelta(t, 0.12, p.Slow.Sigma, 0.01)
	assert.InEpsilon(t, 100*2e6, p.FastNs/p.FastEnds, 4/math.Sqrt(320))
	assert.InEpsilon(t, 25*3e6, p.SlowNs/p.SlowEnds, 4/math.Sqrt(320))
	assert.InDelta(t, 0.2, p.SlowShare(), 0.05)
	assert.False(t, p.Bad(), p.String())
}

func TestFewSamplesShowPhases(t *testing.T) {
	found := 0
	for seed := range uint64(50) {
		p, err := costmodel.FitPhases(phased(seed, 400))
		if err == nil {
			found++
			assert.Greater(t, p.Slow.Mu, p.Fast.Mu)
		}
	}
	assert.Greater(t, found, 40)
}

// Samples in any order are called phases about once in a hundred times: of one log-normal
// distribution, of two, and with single ones far out.
func TestNoPhases(t *testing.T) {
	const seeds = 400
	for name, draw := range map[string]func(seed uint64) []time.Duration{
		"one": func(seed uint64) []time.Duration { return normals(seed, 200, time.Millisecond, 0.2, 0) },
		"two": func(seed uint64) []time.Duration {
			s := append(normals(seed, 120, time.Millisecond, 0.05, 0), normals(seed+1e6, 60, 2*time.Millisecond, 0.05, 0)...)
			rand.New(rand.NewPCG(seed, 5)).Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
			return s
		},
		"far out": func(seed uint64) []time.Duration {
			s := normals(seed, 200, time.Millisecond, 0.02, 0)
			for i := range 5 {
				s[rand.New(rand.NewPCG(seed, uint64(i))).IntN(len(s))] *= 40
			}
			return s
		},
	} {
		found := 0
		for seed := range uint64(seeds) {
			if _, err := costmodel.FitPhases(draw(seed)); err == nil {
				found++
			}
		}
		assert.LessOrEqual(t, found, 12, "%s: of %d", name, seeds)
	}
}

// Of the models, the distances from other samples of the same kind are in the order that one
// expects.
func TestDistanceOfModels(t *testing.T) {
	train, held := normals(1, 300, time.Millisecond, 0.3, 0), normals(2, 300, time.Millisecond, 0.3, 0)
	distance := func(kind costmodel.Kind) float64 {
		cdf, err := costmodel.Model{Kind: kind, Time: time.Millisecond}.CDF(train)
		require.NoError(t, err)
		return costmodel.Distance(held, cdf)
	}
	for _, kind := range []costmodel.Kind{costmodel.Median, costmodel.Mean, costmodel.Constant} {
		assert.InDelta(t, 0.55, distance(kind), 0.1, "%s", kind)
	}
	for _, kind := range []costmodel.Kind{costmodel.Empirical, costmodel.Lognormal, costmodel.Shifted} {
		assert.Less(t, distance(kind), 0.12, "%s", kind)
	}
	cdf, err := costmodel.Model{Kind: costmodel.Empirical}.CDF(train)
	require.NoError(t, err)
	assert.Zero(t, costmodel.Distance(train, cdf))
	assert.True(t, math.IsNaN(costmodel.Distance(nil, cdf)))
	assert.InDelta(t, 0.5, costmodel.Distance([]time.Duration{1, 2}, func(float64) float64 { return 0.5 }), 1e-12)
}
