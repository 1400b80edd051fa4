package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

func count(n int) []float64 {
	samples := make([]float64, n)
	for i := range samples {
		samples[i] = float64(n - i)
	}
	return samples
}

func rate(gaps []float64) stat.Interval {
	g := stat.NewGaps(len(gaps))
	for _, v := range gaps {
		g.Add(v)
	}
	return g.Rate()
}

func stratified(strata map[int][]float64) stat.Interval {
	moments := map[int]*stat.Moments{}
	for key, samples := range strata {
		moments[key] = &stat.Moments{}
		for _, v := range samples {
			moments[key].Add(v)
		}
	}
	return stat.Stratified(moments)
}

// Batches are equal, and of the last gaps: the oldest fill none.
func TestBatches(t *testing.T) {
	gaps := make([]float64, 47) // batches of 3, of which 15 hold the last 45
	for i := range gaps {
		gaps[i] = 1
		if i < 2 {
			gaps[i] = 1000
		}
	}
	r := rate(gaps)
	assert.InEpsilon(t, 47/2045., r.Value, 1e-12)
	assert.InDelta(t, 0, r.Spread(), 1e-12, "what is in no batch makes the value no less certain")
	few := stat.NewGaps(3)
	few.Add(1)
	assert.Zero(t, few.Rate(), "not all have come")
}

func TestMedian(t *testing.T) {
	// Ranks from the table of the sign test.
	for _, c := range []struct{ n, low, high int }{
		{1, 1, 1}, {5, 1, 5}, {6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {20, 6, 15}, {40, 14, 27}, {100, 40, 61}, {2000, 956, 1045},
	} {
		want := stat.Interval{Value: float64(c.n+1) / 2, Low: float64(c.low), High: float64(c.high), N: c.n}
		assert.Equal(t, want, stat.Median(count(c.n)), "n = %d", c.n)
	}
	assert.Zero(t, stat.Median(nil))
}

func TestSettled(t *testing.T) {
	assert.True(t, stat.Median([]float64{95, 100, 100, 100, 100, 105}).Settled())
	assert.False(t, stat.Median([]float64{94, 100, 100, 100, 100, 105}).Settled(), "eleven per cent wide")
	assert.False(t, stat.Median([]float64{100, 100, 100, 100, 100}).Settled(), "five samples have no interval")
	assert.False(t, stat.Interval{}.Settled())
	assert.True(t, stat.Interval{Value: 100, Low: 98, High: 102, N: 6}.Within(0.02))
	assert.False(t, stat.Interval{Value: 100, Low: 97, High: 103, N: 6}.Within(0.02))
}

func TestMean(t *testing.T) {
	// NIST/SEMATECH e-Handbook of Statistical Methods: t(0.975; 7) = 2.365.
	m := stat.Mean([]float64{2, 4, 4, 4, 5, 5, 7, 9})
	deviation := math.Sqrt(32.0 / 7)
	assert.InDelta(t, 5, m.Value, 1e-12)
	assert.InDelta(t, 2.365*deviation/math.Sqrt(8), m.Spread(), 1e-3)
	assert.Equal(t, stat.Interval{Value: 2, Low: 1, High: 3, N: 2}, stat.Mean([]float64{1, 3}))
}

func TestStratified(t *testing.T) {
	// Only the deviations within a stratum count: 40 ms apart, and yet certain.
	same := stratified(map[int][]float64{0: {10, 10, 10}, 1: {50, 50, 50}})
	assert.Equal(t, stat.Interval{Value: 30, Low: 30, High: 30, N: 6}, same)
	// One stratum is a plain mean.
	samples := []float64{2, 4, 4, 4, 5, 5, 7, 9}
	one, plain := stratified(map[int][]float64{0: samples}), stat.Mean(samples)
	assert.InDelta(t, plain.Low, one.Low, 1e-12)
	assert.InDelta(t, plain.High, one.High, 1e-12)
}

func TestRateOfFewGapsIsNotSettled(t *testing.T) {
	assert.Equal(t, stat.Interval{Value: 0.5, Low: 0.25, High: 1, N: 3}, rate([]float64{4, 1, 1}))
	assert.Zero(t, rate(nil))
	five := rate([]float64{1, 1, 1, 1, 1})
	assert.False(t, five.Settled(), "five frames can't be settled")
	wild := rate([]float64{0.001, 0.001, 0.001, 0.001, 0.001, 100})
	assert.False(t, wild.Settled())
	assert.Greater(t, wild.High, wild.Value)
}

// coverage is the fraction of intervals that hold truth.
func coverage(draw func(*rand.Rand) stat.Interval, truth float64) float64 {
	const runs = 2000
	held, random := 0, rand.New(rand.NewPCG(1, 2))
	for range runs {
		if i := draw(random); i.Low <= truth && truth <= i.High {
			held++
		}
	}
	return float64(held) / runs
}

// Gaps of which neighbours resemble each other make an interval that takes them for
// independent far too narrow.
func TestRateOfDependentGaps(t *testing.T) {
	gaps := func(random *rand.Rand) []float64 {
		x, all := random.NormFloat64(), make([]float64, 200)
		for i := range all {
			x = 0.5*x + math.Sqrt(1-0.25)*random.NormFloat64()
			all[i] = 1 + 0.1*x
		}
		return all
	}
	held := coverage(func(r *rand.Rand) stat.Interval { return rate(gaps(r)) }, 1)
	assert.Greater(t, held, 0.92)
	naive := coverage(func(r *rand.Rand) stat.Interval { return stat.Mean(gaps(r)) }, 1)
	assert.Less(t, naive, 0.80)
}

// A result that is late leaves the next gap short: the sum hardly varies, and neither
// does the rate.
func TestRateOfJitteringResults(t *testing.T) {
	gaps := func(random *rand.Rand) []float64 {
		late, all := random.Float64(), make([]float64, 40)
		for i := range all {
			next := random.Float64()
			all[i], late = 1+0.2*(next-late), next
		}
		return all
	}
	held := coverage(func(r *rand.Rand) stat.Interval { return rate(gaps(r)) }, 1)
	assert.Greater(t, held, 0.95)
	random := rand.New(rand.NewPCG(3, 4))
	sample := gaps(random)
	assert.Less(t, rate(sample).Spread(), stat.Mean(sample).Spread())
}

func TestRatio(t *testing.T) {
	exact := stat.Interval{Value: 2, Low: 2, High: 2, N: 9}
	assert.Equal(t, stat.Interval{Value: 2, Low: 2, High: 2, N: 8}, stat.Ratio(
		stat.Interval{Value: 4, Low: 4, High: 4, N: 8}, exact))
	up := stat.Ratio(stat.Interval{Value: 4, Low: 2, High: 16, N: 8}, exact)
	assert.InDelta(t, 1, up.Low, 1e-12)
	assert.InDelta(t, 8, up.High, 1e-12)
	assert.Zero(t, stat.Ratio(exact, stat.Interval{}), "of nothing")
	held := coverage(func(r *rand.Rand) stat.Interval {
		a, b := make([]float64, 15), make([]float64, 12)
		for i := range a {
			a[i] = 6 + r.NormFloat64()
		}
		for i := range b {
			b[i] = 3 + 0.3*r.NormFloat64()
		}
		return stat.Ratio(stat.Median(a), stat.Median(b))
	}, 2)
	assert.Greater(t, held, 0.95)
	assert.Less(t, held, 0.999, "the interval is far too wide")
}

func TestInverse(t *testing.T) {
	assert.Equal(t, stat.Interval{Value: 0.5, Low: 0.25, High: 1, N: 7},
		stat.Interval{Value: 2, Low: 1, High: 4, N: 7}.Inverse())
	assert.Equal(t, stat.Interval{Value: 0.5, Low: 0.25, High: 1, N: 7},
		stat.Interval{Value: 2, Low: -1, High: 4, N: 7}.Inverse())
	assert.Zero(t, stat.Interval{}.Inverse())
}

// A mean that is looked at several times needs wider intervals.
func TestMeanWith(t *testing.T) {
	s := count(9)
	assert.Equal(t, stat.Mean(s), stat.MeanWith(s, stat.Confidence))
	assert.Equal(t, stat.Mean(s).Value, stat.MeanWith(s, 0.99).Value)
	// 3.355387 is the 99.5 % point of Student's distribution of 8 degrees (Abramowitz and Stegun, table 26.10).
	assert.InDelta(t, 3.355387*math.Sqrt(7.5)/3, stat.MeanWith(s, 0.99).Spread(), 1e-5)
	held := coverage(func(r *rand.Rand) stat.Interval {
		a := make([]float64, 8)
		for i := range a {
			a[i] = 5 + r.NormFloat64()
		}
		return stat.MeanWith(a, 0.8)
	}, 5)
	assert.InDelta(t, 0.8, held, 0.03)
}
