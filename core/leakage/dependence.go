package leakage

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Estimate is a figure with its 95 % interval.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	N     int     `json:"n"` // samples
}

// Dependence returns the bias-corrected distance correlation of two sets of samples of the same
// inputs (Székely, Rizzo 2013, Journal of Multivariate Analysis 117; 2014, Annals of Statistics
// 42, where it is the inner product of U-centred distance matrices
//
//	A_ij = a_ij - Σ_l a_il / (n-2) - Σ_k a_kj / (n-2) + Σ_kl a_kl / ((n-1)(n-2)),  i ≠ j
//	R* = Σ A_ij B_ij / sqrt(Σ A_ij² · Σ B_ij²)
//
// ), which may be negative. Its interval is that of the jackknife. If all samples of a set are equal it is 0.
func Dependence(a, b *Samples) (Estimate, error) {
	if a.N != b.N {
		return Estimate{}, fmt.Errorf("%w: %d and %d samples", ErrSamples, a.N, b.N)
	}
	da, db := distances(a), distances(b)
	e := Estimate{Value: correlation(da, db, -1), N: a.N}
	mean, squares := 0.0, 0.0
	for i := range a.N {
		r := correlation(da, db, i)
		mean += r / float64(a.N)
		squares += r * r / float64(a.N)
	}
	n := float64(a.N)
	half := 1.96 * math.Sqrt((n-1)*max(squares-mean*mean, 0))
	e.Low, e.High = max(e.Value-half, -1), min(e.Value+half, 1)
	return e, nil
}

// Correlation is Dependence without the interval, which takes nearly all of its time.
func Correlation(a, b *Samples) (float64, error) {
	if a.N != b.N {
		return 0, fmt.Errorf("%w: %d and %d samples", ErrSamples, a.N, b.N)
	}
	return correlation(distances(a), distances(b), -1), nil
}

func distances(s *Samples) *mat.SymDense {
	d := mat.NewSymDense(s.N, nil)
	for i := range s.N {
		for j := i + 1; j < s.N; j++ {
			d.SetSym(i, j, math.Sqrt(s.square(i, j)))
		}
	}
	return d
}

// correlation returns that of two distance matrices without one sample, -1: with all.
func correlation(a, b *mat.SymDense, without int) float64 {
	ca, cb := centred(a, without), centred(b, without)
	ab, aa, bb := 0.0, 0.0, 0.0
	for i, x := range ca {
		y := cb[i]
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa <= 0 || bb <= 0 {
		return 0
	}
	return min(max(ab/math.Sqrt(aa*bb), -1), 1)
}

// centred returns the upper triangle of the U-centred matrix without one sample.
func centred(d *mat.SymDense, without int) []float64 {
	all := d.SymmetricDim()
	n := float64(all)
	if without >= 0 {
		n--
	}
	sums, total := make([]float64, all), 0.0
	for i := range all {
		for j := range all {
			if i != without && j != without {
				sums[i] += d.At(i, j)
			}
		}
		total += sums[i]
	}
	list := make([]float64, 0, all*all/2)
	for i := range all {
		for j := i + 1; j < all; j++ {
			if i != without && j != without {
				list = append(list, d.At(i, j)-(sums[i]+sums[j])/(n-2)+total/((n-1)*(n-2)))
			}
		}
	}
	return list
}
