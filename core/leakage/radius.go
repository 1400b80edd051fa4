package leakage

import (
	"fmt"
	"math"
)

// Radius returns how far samples of one class lie from the middle of their class, as a share of
// how far samples lie from the middle of all, by the root of the mean square: 0 where a class is
// one point, about 1 where classes say nothing. Classes of one sample don't count. Labels say the
// class of every sample.
func Radius(s *Samples, labels []int) (float64, error) {
	if len(labels) != s.N {
		return 0, fmt.Errorf("%w: %d labels of %d samples", ErrSamples, len(labels), s.N)
	}
	classes := map[int][]int{}
	for i, l := range labels {
		classes[l] = append(classes[l], i)
	}
	all := make([]int, 0, s.N)
	inside := 0.0
	for _, l := range labels {
		of := classes[l]
		delete(classes, l)
		if len(of) < 2 {
			continue
		}
		all = append(all, of...)
		inside += s.spread(of) * float64(len(of))
	}
	if len(all) < 2 || s.spread(all) == 0 {
		return 0, fmt.Errorf("%w: no class has two samples that differ from those of others", ErrSamples)
	}
	return math.Sqrt(inside / float64(len(all)) / s.spread(all)), nil
}

// spread returns the mean square distance of samples from their middle, with n-1 in place of n.
func (s *Samples) spread(of []int) float64 {
	sum := 0.0
	for i, a := range of {
		for _, b := range of[:i] {
			sum += s.square(a, b)
		}
	}
	n := float64(len(of))
	return sum / n / (n - 1)
}
