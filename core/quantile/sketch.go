package quantile

import (
	"fmt"
	"math"
	"time"

	"github.com/DataDog/sketches-go/ddsketch"
)

// Bounds of a Sketch.
const (
	// SketchError is by how much of its value a quantile of a Sketch is off at most.
	SketchError = 0.005
	// sketchBins bounds a Sketch's memory: times of 17 orders of magnitude. Were there more,
	// the shortest would be taken for equal.
	sketchBins = 4096
)

// Sketch holds the distribution of times in memory that does not grow with their number, as a
// DDSketch (Masson, Rim, Lee, VLDB 2019). Its quantiles are off by at most SketchError of their
// value; number, mean, least and longest are exact.
type Sketch struct {
	of  *ddsketch.DDSketch
	n   int64
	sum float64 // ns
	min time.Duration
	max time.Duration
}

// NewSketch returns a Sketch of no times.
func NewSketch() (*Sketch, error) {
	s, err := ddsketch.LogCollapsingLowestDenseDDSketch(SketchError, sketchBins)
	if err != nil {
		return nil, fmt.Errorf("sketch of times: %w", err)
	}
	return &Sketch{of: s, min: math.MaxInt64}, nil
}

// Add adds a time, which is not negative.
func (s *Sketch) Add(d time.Duration) {
	if s.of.Add(float64(d)) != nil {
		return // it refuses values beyond those of a Duration only
	}
	s.n++
	s.sum += float64(d)
	s.min, s.max = min(s.min, d), max(s.max, d)
}

// Merge adds all times of another Sketch.
func (s *Sketch) Merge(o *Sketch) error {
	if o.n == 0 {
		return nil
	}
	if err := s.of.MergeWith(o.of); err != nil {
		return fmt.Errorf("sketch of times: %w", err)
	}
	s.n += o.n
	s.sum += o.sum
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	return nil
}

// N returns the number of times.
func (s *Sketch) N() int64 { return s.n }

// Mean returns the mean; 0 of none.
func (s *Sketch) Mean() time.Duration { return time.Duration(s.sum/float64(max(s.n, 1)) + 0.5) }

// Sum returns the sum of all times, in ns.
func (s *Sketch) Sum() float64 { return s.sum }

// Min returns the shortest time; 0 of none.
func (s *Sketch) Min() time.Duration {
	if s.n == 0 {
		return 0
	}
	return s.min
}

// Max returns the longest time; 0 of none.
func (s *Sketch) Max() time.Duration { return s.max }

// Quantile returns the time that a fraction p of the times, from 0 to 1, does not exceed; 0 of
// none. It is off by at most SketchError of its value.
func (s *Sketch) Quantile(p float64) time.Duration {
	v, err := s.of.GetValueAtQuantile(p)
	if s.n == 0 || err != nil {
		return 0
	}
	return min(max(time.Duration(v+0.5), s.min), s.max)
}

// Ranked returns the times by rank, in ns, each off by at most SketchError of its value.
func (s *Sketch) Ranked() Ranks { return sketched{s} }

type sketched struct{ of *Sketch }

// At implements Ranks.
func (s sketched) At(rank int) float64 {
	return float64(s.of.Quantile(float64(rank) / float64(max(s.of.n-1, 1))))
}

// Of implements Ranks.
func (s sketched) Of(p float64) float64 { return s.At(max(int(math.Ceil(p*float64(s.of.n))), 1) - 1) }
