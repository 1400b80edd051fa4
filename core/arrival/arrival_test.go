package arrival_test

import (
	"math"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/stretchr/testify/assert"
)

func TestPeriodic(t *testing.T) {
	times := arrival.Of(arrival.Schedule{PeriodNs: 40})
	assert.True(t, times.Scheduled())
	assert.Equal(t, []int64{0, 40, 400, 80}, []int64{times.At(0), times.At(1), times.At(10), times.At(2)})
	var none arrival.Times
	assert.False(t, none.Scheduled())
	assert.Zero(t, none.At(7))
}

// Poisson arrivals are the same in whatever order they are asked for, and others for another seed.
func TestPoissonIsFixedAhead(t *testing.T) {
	s := arrival.Schedule{PeriodNs: 1e6, Poisson: true, Seed: 3}
	forward, other := arrival.Of(s), arrival.Of(arrival.Schedule{PeriodNs: 1e6, Poisson: true, Seed: 4})
	var want []int64
	differ := 0
	for n := range int64(100) {
		want = append(want, forward.At(n))
		if other.At(n) != want[n] {
			differ++
		}
	}
	assert.True(t, slices.IsSorted(want))
	assert.Positive(t, want[0], "the first frame comes after an exponential time, too")
	assert.Equal(t, 100, differ)
	for _, n := range []int64{50, 49, 99, 0, 7} {
		assert.Equal(t, want[n], forward.At(n), "frame %d", n)
	}
}

// The times between Poisson arrivals have the mean and the distribution of an exponential one
// (Kolmogorov-Smirnov, at 1 %), and neighbours are not correlated.
func TestPoissonIsExponential(t *testing.T) {
	const n, mean = 100_000, 1e6
	times := arrival.Of(arrival.Schedule{PeriodNs: mean, Poisson: true, Seed: 9})
	gaps := make([]float64, n)
	last, sum := int64(0), 0.0
	for i := range int64(n) {
		at := times.At(i)
		gaps[i] = float64(at-last) / mean
		sum += gaps[i]
		last = at
	}
	assert.InDelta(t, 1, sum/n, 2.58/math.Sqrt(n))
	product := 0.0
	for i := 1; i < n; i++ {
		product += (gaps[i] - 1) * (gaps[i-1] - 1)
	}
	assert.InDelta(t, 0, product/n, 2.58/math.Sqrt(n), "correlation of neighbours")
	slices.Sort(gaps)
	worst := 0.0
	for i, g := range gaps {
		worst = max(worst, math.Abs(1-math.Exp(-g)-float64(i)/n))
	}
	assert.Less(t, worst, 1.63/math.Sqrt(n))
}

func TestTimesAllocateNothing(t *testing.T) {
	times, n := arrival.Of(arrival.Schedule{PeriodNs: 10, Poisson: true}), int64(0)
	assert.Zero(t, testing.AllocsPerRun(100, func() { n++; times.At(n) }))
}
