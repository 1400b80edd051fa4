package leakage

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
	"gonum.org/v1/gonum/mat"
)

const (
	// Least is the fewest samples that anything is said of.
	Least = 20
	// exactDims is the most numbers of a sample that inner products are computed of exactly.
	exactDims = 1 << 16
)

// Samples holds the inner products of samples. Sketched samples have those of a random linear
// map to 65,536 numbers, whose relative error is about 0.6 % of the samples' lengths.
type Samples struct {
	N, Dims  int
	Sketched bool
	gram     *mat.SymDense
}

// NewSamples takes samples of equal length; it keeps none of them. Numbers that are no numbers or
// infinite, and fewer than Least samples, are errors that wrap ErrSamples. The seed is of the map
// of samples that are sketched (Charikar, Chen, Farach-Colton 2004, Theoretical Computer Science
// 312, as used for inner products by Weinberger et al. 2009, ICML).
func NewSamples(rows [][]float32, seed uint64) (*Samples, error) {
	if len(rows) < Least {
		return nil, fmt.Errorf("%w: %d samples; give at least %d", ErrSamples, len(rows), Least)
	}
	s := &Samples{N: len(rows), Dims: len(rows[0])}
	for i, row := range rows {
		if len(row) != s.Dims || s.Dims == 0 {
			return nil, fmt.Errorf("%w: sample %d has %d numbers, the first has %d", ErrSamples, i, len(row), s.Dims)
		}
		for _, x := range row {
			if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
				return nil, fmt.Errorf("%w: sample %d holds %g", ErrSamples, i, f)
			}
		}
	}
	dims := s.Dims
	if s.Sketched = dims > exactDims; s.Sketched {
		dims = exactDims
	}
	m := mat.NewDense(s.N, dims, nil)
	places := placesOf(s.Dims, s.Sketched, seed)
	for i, row := range rows {
		to := m.RawRowView(i)
		for k, x := range row {
			if at := places[k]; at >= 0 {
				to[at] += float64(x)
			} else {
				to[^at] -= float64(x)
			}
		}
	}
	center(m)
	s.gram = mat.NewSymDense(s.N, nil)
	s.gram.SymOuterK(1, m)
	return s, nil
}

// placesOf returns where each number of a sample is added; where it is subtracted, its complement.
func placesOf(dims int, sketched bool, seed uint64) []int32 {
	places := make([]int32, dims)
	for k := range places {
		places[k] = int32(k)
		if sketched {
			h := draw.Mix(seed, uint64(k))
			if places[k] = int32(h >> 1 % exactDims); h&1 == 0 {
				places[k] = ^places[k]
			}
		}
	}
	return places
}

// center takes the mean row off every row; distances stay as they are, and products are more exact.
func center(m *mat.Dense) {
	rows, dims := m.Dims()
	mean := make([]float64, dims)
	for i := range rows {
		for k, x := range m.RawRowView(i) {
			mean[k] += x / float64(rows)
		}
	}
	for i := range rows {
		row := m.RawRowView(i)
		for k := range row {
			row[k] -= mean[k]
		}
	}
}

// distance returns the Euclidean distance of two samples.
func (s *Samples) distance(i, j int) float64 {
	return math.Sqrt(max(s.gram.At(i, i)+s.gram.At(j, j)-2*s.gram.At(i, j), 0))
}
