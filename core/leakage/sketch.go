package leakage

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
	"gonum.org/v1/gonum/mat"
)

// exactDims is the most numbers of a sample that inner products are computed of exactly.
const exactDims = 1 << 16

// Projection is the random linear map of samples that are sketched (Charikar, Chen,
// Farach-Colton 2004, Theoretical Computer Science 312, as used for inner products by Weinberger
// et al. 2009, ICML). It is not safe for concurrent use.
type Projection struct {
	seed   uint64
	places []int32
}

// NewProjection returns the map of a seed.
func NewProjection(seed uint64) *Projection { return &Projection{seed: seed} }

// placesOf returns where each number of a sample is added; where it is subtracted, its complement.
func (p *Projection) placesOf(dims int) []int32 {
	for k := len(p.places); k < dims; k++ {
		h := draw.Mix(p.seed, uint64(k))
		at := int32(h >> 1 % exactDims)
		if h&1 == 0 {
			at = ^at
		}
		p.places = append(p.places, at)
	}
	return p.places[:dims]
}

// Sketch takes samples one after the other, of which it keeps SketchBytes.
type Sketch struct {
	n, dims, width int
	rows           []float32
	have           []bool
	places         []int32 // nil: samples are kept as they are
}

// SketchBytes returns how much memory the sketch of n samples of so many numbers takes.
func SketchBytes(n, dims int) int64 { return 4 * int64(n) * int64(min(dims, exactDims)) }

// Sketch returns a sketch of n samples of so many numbers each. Too few of either is an error
// that wraps ErrSamples.
func (p *Projection) Sketch(n, dims int) (*Sketch, error) {
	switch {
	case n < Least:
		return nil, fmt.Errorf("%w: %d samples; give at least %d", ErrSamples, n, Least)
	case dims == 0:
		return nil, fmt.Errorf("%w: they hold no numbers", ErrSamples)
	}
	s := &Sketch{n: n, dims: dims, width: min(dims, exactDims), have: make([]bool, n)}
	if dims > exactDims {
		s.places = p.placesOf(dims)
	}
	s.rows = make([]float32, n*s.width)
	return s, nil
}

// Add takes a sample, by its number from 0, which it does not keep. Another length, and numbers
// that are no numbers or infinite, are errors that wrap ErrSamples.
func (s *Sketch) Add(sample int, row []float32) error {
	if len(row) != s.dims {
		return fmt.Errorf("%w: sample %d has %d numbers; expected %d", ErrSamples, sample, len(row), s.dims)
	}
	to := s.rows[sample*s.width:][:s.width]
	s.have[sample] = true
	if s.places == nil {
		copy(to, row)
	} else {
		clear(to)
		for k, at := range s.places {
			if at >= 0 {
				to[at] += row[k]
			} else {
				to[^at] -= row[k]
			}
		}
	}
	for _, x := range to {
		if x-x != 0 { // as it is of what is infinite or no number
			return notFinite(sample, row)
		}
	}
	return nil
}

func notFinite(sample int, row []float32) error {
	for _, x := range row {
		if x-x != 0 {
			return fmt.Errorf("%w: sample %d holds %g", ErrSamples, sample, x)
		}
	}
	return fmt.Errorf("%w: sample %d holds numbers too large to add", ErrSamples, sample)
}

// blockDims is how many numbers of all samples are multiplied at a time: some that fit a
// processor's cache.
const blockDims = 1024

// Samples returns the inner products of the samples, less their mean. It wraps ErrSamples where
// one is missing.
func (s *Sketch) Samples() (*Samples, error) {
	for i, have := range s.have {
		if !have {
			return nil, fmt.Errorf("%w: sample %d is missing", ErrSamples, i)
		}
	}
	gram := mat.NewSymDense(s.n, nil)
	for at := 0; at < s.width; at += blockDims {
		gram.SymRankK(gram, 1, s.block(at, min(at+blockDims, s.width)))
	}
	for i := range s.n {
		if g := gram.At(i, i); math.IsInf(g, 0) || math.IsNaN(g) {
			return nil, fmt.Errorf("%w: sample %d holds numbers too large to multiply", ErrSamples, i)
		}
	}
	return &Samples{N: s.n, Dims: s.dims, Sketched: s.places != nil, gram: gram}, nil
}

// block returns some numbers of all samples, less their mean: distances stay as they are, and
// products are more exact.
func (s *Sketch) block(from, to int) *mat.Dense {
	m := mat.NewDense(s.n, to-from, nil)
	mean := make([]float64, to-from)
	for i := range s.n {
		row := m.RawRowView(i)
		for k, x := range s.rows[i*s.width+from : i*s.width+to] {
			row[k] = float64(x)
			mean[k] += float64(x)
		}
	}
	for i := range s.n {
		row := m.RawRowView(i)
		for k := range row {
			row[k] -= mean[k] / float64(s.n)
		}
	}
	return m
}
