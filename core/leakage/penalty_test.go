package leakage

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// drawn returns n samples of so many normal numbers.
func drawn(rng *rand.Rand, n, dims int) [][]float32 {
	rows := make([][]float32, n)
	for i := range rows {
		for range dims {
			rows[i] = append(rows[i], float32(rng.NormFloat64()))
		}
	}
	return rows
}

// chosen returns the penalty that is chosen for samples, and the mean eigenvalue.
func chosen(t *testing.T, x, y [][]float32) (penalty, mean float64) {
	t.Helper()
	s, err := NewSamples(x, 1)
	require.NoError(t, err)
	of, err := NewSamples(y, 1)
	require.NoError(t, err)
	gram := s.among(indices(s.N))
	mean = mat.Trace(gram) / float64(s.N)
	var eigen mat.EigenSym
	require.True(t, eigen.Factorize(lifted(gram), true))
	var v mat.Dense
	eigen.VectorsTo(&v)
	return penaltyOf(eigen.Values(nil), &v, of.among(indices(of.N))), mean
}

func indices(n int) []int { return shuffled(n, 0) }

// leftOut is the squared error of samples that are left out one by one, each by a fit of its own.
func leftOut(t *testing.T, x, y [][]float32, penalty float64) float64 {
	t.Helper()
	s, err := NewSamples(x, 1)
	require.NoError(t, err)
	sum := 0.0
	for out := range x {
		var fit []int
		for i := range x {
			if i != out {
				fit = append(fit, i)
			}
		}
		gram := s.among(fit)
		for i := range fit {
			gram.SetSym(i, i, gram.At(i, i)+penalty)
		}
		var weights mat.Dense
		require.NoError(t, weights.Solve(gram, s.across([]int{out}, fit).T()))
		for k := range y[out] {
			mean, made := 0.0, 0.0
			for _, i := range fit {
				mean += float64(y[i][k]) / float64(len(fit))
			}
			for at, i := range fit {
				made += weights.At(at, 0) * (float64(y[i][k]) - mean)
			}
			d := made + mean - float64(y[out][k])
			sum += d * d
		}
	}
	return sum
}

// The penalty is that of the least error of fits without each sample, of tensors that say much,
// little and nothing, and in more and fewer dimensions than there are samples.
func TestPenalty(t *testing.T) {
	for seed := range uint64(6) {
		for _, dims := range []int{5, 300} {
			for _, share := range []float64{0, 0.3, 1} {
				rng := rand.New(rand.NewPCG(seed, 1))
				x := drawn(rng, 24, dims)
				y := drawn(rng, 24, 3)
				for i := range y {
					for k := range y[i] {
						y[i][k] = float32(share)*x[i][k] + float32(1-share)*y[i][k]
					}
				}
				penalty, mean := chosen(t, x, y)
				got, least := leftOut(t, x, y, penalty), math.Inf(1)
				for step := -18; step <= 6; step++ {
					least = min(least, leftOut(t, x, y, mean*math.Pow(10, float64(step)/2)))
				}
				assert.InEpsilon(t, least, got, 1e-6, "seed %d, %d dimensions, %g", seed, dims, share)
			}
		}
	}
}

// Of tensors that have nothing to do with the pictures little is taken, however numbers are rounded.
func TestPenaltyOfNoise(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(1, seed))
		n := 60 + 5*int(seed)
		penalty, mean := chosen(t, drawn(rng, n, 768), drawn(rng, n, 20))
		assert.GreaterOrEqual(t, penalty, mean, "seed %d", seed)
	}
}
