package failure_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Draws are of their distribution: the Kolmogorov-Smirnov distance is at most what n draws exceed
// once in a thousand times, and the mean is the one that is said.
func TestDraws(t *testing.T) {
	const n = 20_000
	second := float64(time.Second)
	for _, c := range []struct {
		times failure.Times
		cdf   func(ns float64) float64
	}{
		{failure.Times{Kind: failure.Exponential, Mean: time.Second}, func(x float64) float64 {
			return 1 - math.Exp(-x/second)
		}},
		{failure.Times{Kind: failure.Weibull, Scale: time.Second, Shape: 0.7}, func(x float64) float64 {
			return 1 - math.Exp(-math.Pow(max(x, 0)/second, 0.7))
		}},
		{failure.Times{Kind: failure.Weibull, Mean: time.Second, Shape: 3}, func(x float64) float64 {
			return 1 - math.Exp(-math.Pow(max(x, 0)/second*math.Gamma(4./3), 3))
		}},
		{failure.Times{Kind: failure.Lognormal, Mean: time.Second, Sigma: 0.5},
			costmodel.LogNormal{Mu: math.Log(second) - 0.125, Sigma: 0.5}.CDF},
	} {
		require.NoError(t, c.times.Check())
		var draws []time.Duration
		mean := 0.
		for i := range uint64(n) {
			draws = append(draws, c.times.Of(5, i))
			mean += float64(draws[i]) / n
		}
		assert.Less(t, costmodel.Distance(draws, c.cdf), 1.95/math.Sqrt(n), "%+v", c.times)
		assert.InEpsilon(t, c.times.Expected(), mean, 0.05, "%+v", c.times)
	}
	assert.Equal(t, time.Minute, failure.Times{Kind: failure.Constant, Mean: time.Minute}.Of(1, 2))
}

func TestBadTimes(t *testing.T) {
	for _, c := range []struct {
		times failure.Times
		says  string
	}{
		{failure.Times{}, `kind ""; expected constant, exponential, weibull or lognormal`},
		{failure.Times{Kind: "normal"}, `kind "normal"; expected constant, exponential, weibull or lognormal`},
		{failure.Times{Kind: failure.Exponential}, "mean 0s of exponential; expected 1µs to 100 years, such as mean: 90s"},
		{failure.Times{Kind: failure.Constant, Mean: -1},
			"mean -1ns of constant; expected 1µs to 100 years, such as mean: 90s"},
		{failure.Times{Kind: failure.Constant, Mean: math.MaxInt64},
			"mean 2562047h47m16.854775807s of constant; expected 1µs to 100 years, such as mean: 90s"},
		{failure.Times{Kind: failure.Exponential, Mean: 1e9, Shape: 2},
			"only weibull has a scale and a shape; exponential has a mean"},
		{failure.Times{Kind: failure.Exponential, Mean: 1e9, Sigma: 2}, "only lognormal has a sigma"},
		{failure.Times{Kind: failure.Weibull, Shape: 1}, "weibull has a scale or a mean; give one of both"},
		{failure.Times{Kind: failure.Weibull, Shape: 1, Scale: 1e9, Mean: 1e9},
			"weibull has a scale or a mean; give one of both"},
		{failure.Times{Kind: failure.Weibull, Scale: 1e9},
			"shape 0 of weibull; expected 0.1 to 100, where 1 is exponential"},
		{failure.Times{Kind: failure.Weibull, Scale: 1e9, Shape: math.NaN()},
			"shape NaN of weibull; expected 0.1 to 100, where 1 is exponential"},
		{failure.Times{Kind: failure.Weibull, Scale: -1e9, Shape: 1},
			"scale -1s of weibull; expected 1µs to 100 years, such as scale: 90s"},
		{failure.Times{Kind: failure.Lognormal, Mean: 1e9}, "sigma 0 of lognormal; expected more than 0, up to 5"},
		{failure.Times{Kind: failure.Lognormal, Mean: 1e9, Sigma: math.Inf(1)},
			"sigma +Inf of lognormal; expected more than 0, up to 5"},
	} {
		assert.EqualError(t, c.times.Check(), "bad distribution of times: "+c.says)
	}
}

// Up for MTBF / (MTBF + MTTR) of the time, one after the other, and no more after the end.
func TestOutages(t *testing.T) {
	p := failure.Process{
		Crash:  failure.Times{Kind: failure.Weibull, Shape: 1.5, Scale: time.Minute},
		Repair: failure.Times{Kind: failure.Lognormal, Mean: 10 * time.Second, Sigma: 1},
	}
	o := failure.Random(p, 7)
	down, last := time.Duration(0), time.Duration(0)
	const n = 20_000
	for range n {
		from, to, ok := o.Next()
		require.True(t, ok)
		require.Greater(t, from, last)
		require.Greater(t, to, from)
		down += to - from
		last = to
	}
	up := 1 - float64(down)/float64(last)
	assert.InDelta(t, p.Crash.Expected()/(p.Crash.Expected()+p.Repair.Expected()), up, 0.005)
	again, other := failure.Random(p, 7), failure.Random(p, 8)
	first, _, _ := again.Next()
	second, _, _ := other.Next()
	assert.NotEqual(t, first, second, "another seed")
	p.Until = 10 * time.Minute
	bounded := failure.Random(p, 7)
	count := 0
	for from, _, ok := bounded.Next(); ok; from, _, ok = bounded.Next() {
		assert.Less(t, from, p.Until)
		count++
	}
	assert.Positive(t, count)
	_, _, ok := bounded.Next()
	assert.False(t, ok)
	var none failure.Outages
	_, _, ok = none.Next()
	assert.False(t, ok)
	rare := failure.Random(failure.Process{
		Crash:  failure.Times{Kind: failure.Constant, Mean: 60 * 365 * 24 * time.Hour},
		Repair: failure.Times{Kind: failure.Constant, Mean: time.Second},
	}, 1)
	_, _, ok = rare.Next()
	assert.True(t, ok)
	_, _, ok = rare.Next()
	assert.False(t, ok, "beyond a hundred years")
}

func ExampleOutages() {
	o := failure.Once(2*time.Second, 500*time.Millisecond)
	fmt.Println(o.Next())
	fmt.Println(o.Next())
	// Output:
	// 2s 2.5s true
	// 0s 0s false
}

func TestObserve(t *testing.T) {
	second := int64(time.Second)
	down := func(from, to int64) failure.Down { return failure.Down{FromNs: from * second, ToNs: to * second} }
	all := []failure.Down{down(60, 70), down(10, 20), down(15, 30), down(90, 200), down(300, 400)}
	o := failure.Observe(all, 100*second)
	assert.InDelta(t, 0.6, o.Availability, 1e-12)
	assert.Equal(t, 3, o.Crashes)
	assert.Equal(t, 20*time.Second, *o.MTBF)
	assert.Equal(t, 40*time.Second/3, *o.MTTR)
	assert.Equal(t, failure.Observed{Availability: 1}, failure.Observe(nil, second))
	at := failure.Observe([]failure.Down{down(0, 10)}, 100*second)
	assert.InDelta(t, 0.9, at.Availability, 1e-12)
	assert.Equal(t, 1, at.Crashes)
}
