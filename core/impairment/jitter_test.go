package impairment_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// late returns how late n tokens of a link with jitter are, in ns.
func late(j plan.Jitter, p impairment.Path, n uint64) []float64 {
	t := impairment.New(&plan.Link{Jitter: j}, p)
	list := make([]float64, n)
	for i := range n {
		list[i] = float64(t.Of(i).LateNs)
	}
	return list
}

// distance is the statistic of Kolmogorov and Smirnov: the largest difference of an empirical
// distribution from another.
func distance(list []float64, cdf func(float64) float64) float64 {
	list = slices.Sorted(slices.Values(list))
	d, n := 0.0, float64(len(list))
	for i, x := range list {
		f := cdf(x)
		d = max(d, math.Abs(f-float64(i)/n), math.Abs(float64(i+1)/n-f))
	}
	return d
}

// Draws are distributed as they should be: the statistic is below its 99.9 % quantile, 1.95/√n.
func TestJitterIsDistributed(t *testing.T) {
	const n = 20_000
	gamma := func(mean, stddev float64) func(float64) float64 {
		return distuv.Gamma{Alpha: mean / stddev * mean / stddev, Beta: mean / stddev / stddev}.CDF
	}
	for _, tt := range []struct {
		jitter plan.Jitter
		cdf    func(float64) float64
	}{
		{plan.Jitter{Kind: plan.NormalJitter, Mean: 3 * time.Millisecond, Stddev: time.Millisecond},
			distuv.Normal{Mu: 3e6, Sigma: 1e6}.CDF},
		{plan.Jitter{Kind: plan.NormalJitter, Stddev: 7 * time.Microsecond}, distuv.Normal{Sigma: 7e3}.CDF},
		{plan.Jitter{Kind: plan.GammaJitter, Mean: 3 * time.Millisecond, Stddev: 2 * time.Millisecond}, gamma(3e6, 2e6)},
		{plan.Jitter{Kind: plan.GammaJitter, Mean: time.Millisecond, Stddev: time.Millisecond}, gamma(1e6, 1e6)},
		{plan.Jitter{Kind: plan.GammaJitter, Mean: time.Millisecond, Stddev: 1500 * time.Microsecond}, gamma(1e6, 1.5e6)},
	} {
		for seed := range uint64(3) {
			d := distance(late(tt.jitter, impairment.Path{Seed: seed, FIFO: "a->b", FlightNs: 1e9}, n), tt.cdf)
			assert.Less(t, d, 1.95/math.Sqrt(n), "%+v, seed %d", tt.jitter, seed)
		}
	}
}

// Tokens never fly for less than no time, and a normal draw below counts as that.
func TestJitterTakesNoMoreThanTheFlight(t *testing.T) {
	list := late(plan.Jitter{Kind: plan.NormalJitter, Stddev: time.Millisecond}, impairment.Path{FlightNs: 1e6}, 10_000)
	assert.InDelta(t, -1e6, slices.Min(list), 0)
	least := 0
	for _, x := range list {
		if x == -1e6 {
			least++
		}
	}
	assert.InDelta(t, 1587, least, 183, "a sixth lies below one standard deviation, within five of its own")
}

func TestConstantJitter(t *testing.T) {
	for _, j := range []plan.Jitter{
		{Kind: plan.ConstantJitter, Mean: 5}, {Kind: plan.NormalJitter, Mean: 5}, {Kind: plan.GammaJitter, Mean: 5},
	} {
		assert.Equal(t, []float64{5, 5, 5}, late(j, impairment.Path{}, 3), j.Kind)
	}
}

func TestEmpiricalJitter(t *testing.T) {
	p := impairment.Path{Measured: []time.Duration{-2, 0, 7}}
	counts := map[float64]int{}
	for _, x := range late(plan.Jitter{Kind: plan.Empirical}, p, 30_000) {
		counts[x]++
	}
	require.Len(t, counts, 3)
	for _, x := range []float64{-2, 0, 7} {
		assert.InDelta(t, 10_000, counts[x], 410, "a third, within five standard deviations")
	}
}

// A draw depends on the plan's seed, the FIFO's name and the token's number, and on nothing else.
func TestDrawsAreByNumber(t *testing.T) {
	l := &plan.Link{
		Jitter: plan.Jitter{Kind: plan.GammaJitter, Mean: time.Millisecond, Stddev: time.Millisecond},
		Loss:   plan.Loss{Rate: 0.3, Timeout: time.Second},
	}
	path := impairment.Path{Seed: 1, FIFO: "a/camera.frame->a/detect.frame", Bytes: 300_000, PerByteNs: 80, FlightNs: 1e6}
	there, back := impairment.New(l, path), impairment.New(l, path)
	forth := make([]impairment.Effect, 100)
	for i := range forth {
		forth[i] = there.Of(uint64(i))
	}
	for i := len(forth) - 1; i >= 0; i-- {
		assert.Equal(t, forth[i], back.Of(uint64(i)))
	}
	assert.Equal(t, there.Lost(), back.Lost())
	for name, other := range map[string]func(*impairment.Path){
		"seed": func(p *impairment.Path) { p.Seed++ },
		"FIFO": func(p *impairment.Path) { p.FIFO = "b/camera.frame->b/detect.frame" },
	} {
		changed := path
		other(&changed)
		tokens, same := impairment.New(l, changed), 0
		for i := range forth {
			if tokens.Of(uint64(i)) == forth[i] {
				same++
			}
		}
		assert.Zero(t, same, name)
	}
}

func TestDrawsDoNotAllocate(t *testing.T) {
	for _, model := range []plan.LossModel{plan.MessageLoss, plan.TCPLoss} {
		tokens := impairment.New(&plan.Link{
			Jitter: plan.Jitter{Kind: plan.GammaJitter, Mean: time.Millisecond, Stddev: time.Millisecond},
			Loss:   plan.Loss{Rate: 0.1, Model: model, Timeout: time.Second, Window: 128 << 10},
		}, impairment.Path{Bytes: 1 << 20, PerByteNs: 80, RoundTripNs: 1e6})
		seq := uint64(0)
		for ; seq < 1000; seq++ {
			tokens.Of(seq)
		}
		assert.Zero(t, testing.AllocsPerRun(1000, func() { seq++; tokens.Of(seq) }), model)
	}
}

func TestNothingHappens(t *testing.T) {
	assert.Nil(t, impairment.New(&plan.Link{}, impairment.Path{}))
	assert.Nil(t, impairment.New(&plan.Link{
		Jitter: plan.Jitter{Kind: plan.NoJitter}, Loss: plan.Loss{Timeout: time.Second},
	}, impairment.Path{}))
}
