package leakage

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Rule stands wherever leakage stands.
const Rule = "it proves leakage, never safety"

// Least is the fewest samples that anything is said of.
const Least = 20

// Most is how many samples callers should ask for at most: memory grows with the square of their
// number, and the time of intervals with its cube.
const Most = 2000

// Samples holds the inner products of samples, less their mean. Sketched samples have those of
// a random linear map to 65,536 numbers, whose relative error is about 0.6 % of the samples'
// lengths.
type Samples struct {
	N, Dims  int
	Sketched bool
	gram     *mat.SymDense
}

// NewSamples takes samples of equal length; it keeps none of them. Numbers that are no numbers or
// infinite, and fewer than Least samples, are errors that wrap ErrSamples. The seed is that of
// NewProjection.
func NewSamples(rows [][]float32, seed uint64) (*Samples, error) {
	dims := 0
	if len(rows) > 0 {
		dims = len(rows[0])
	}
	s, err := NewProjection(seed).Sketch(len(rows), dims)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if err := s.Add(i, row); err != nil {
			return nil, err
		}
	}
	return s.Samples()
}

// Join returns the samples of which each is one of every set, one behind the other: what
// several tensors that cross a cut give away together. It wraps ErrSamples where the sets are not of
// the same number of samples, or there is none.
func Join(sets ...*Samples) (*Samples, error) {
	if len(sets) == 0 {
		return nil, fmt.Errorf("%w: there is no tensor", ErrSamples)
	}
	all := &Samples{N: sets[0].N, gram: mat.NewSymDense(sets[0].N, nil)}
	for _, s := range sets {
		if s.N != all.N {
			return nil, fmt.Errorf("%w: %d and %d samples", ErrSamples, all.N, s.N)
		}
		all.Dims, all.Sketched = all.Dims+s.Dims, all.Sketched || s.Sketched
		all.gram.AddSym(all.gram, s.gram)
	}
	return all, nil
}

// square returns the squared Euclidean distance of two samples.
func (s *Samples) square(i, j int) float64 {
	return max(s.gram.At(i, i)+s.gram.At(j, j)-2*s.gram.At(i, j), 0)
}
