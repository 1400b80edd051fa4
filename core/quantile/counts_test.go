package quantile_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The quantiles of counted samples are those of the samples.
func TestCountsAreTheSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(rapid.Int64Range(-20, 1_000_000), 1, 200).Draw(t, "samples")
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		var c quantile.Counts
		var floats []float64
		sum := 0.0
		for _, v := range samples {
			c.Add(v)
			floats = append(floats, float64(v))
			sum += float64(v)
		}
		r := c.Ranked()
		require.Equal(t, quantile.Of(p, floats), r.Of(p))
		slices.Sort(floats)
		for i, v := range floats {
			require.Equal(t, v, r.At(i))
		}
		require.Equal(t, len(samples), c.N())
		require.InDelta(t, sum/float64(len(samples)), c.Mean(), 1e-6)
		require.Zero(t, c.Error())
	})
}

// Beyond the bound values are rounded, by no more than is said.
func TestCountsOfManyValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var c quantile.Counts
	var samples []float64
	for range 300_000 {
		v := int64(math.Exp(rng.NormFloat64())*5e6) * (1 - 2*int64(rng.IntN(2)))
		c.Add(v)
		samples = append(samples, float64(v))
	}
	require.Positive(t, c.Error())
	require.Less(t, c.Error(), 1e-3)
	r := c.Ranked()
	for _, p := range []float64{0, 0.05, 0.4, 0.5, 0.6, 0.95, 0.99, 1} {
		assert.InEpsilon(t, quantile.Of(p, samples), r.Of(p), c.Error(), "quantile %v", p)
	}
}

func TestCountsAreBounded(t *testing.T) {
	var c quantile.Counts
	for i := range int64(200_000) {
		c.Add(i * i * i)
	}
	distinct := 0
	for r, last, i := c.Ranked(), math.NaN(), 0; i < c.N(); i++ {
		if v := r.At(i); v != last {
			distinct, last = distinct+1, v
		}
	}
	assert.LessOrEqual(t, distinct, 65_536)
	assert.Less(t, c.Error(), 1e-3)
}
