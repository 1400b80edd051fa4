package measure

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/trace"
)

// SameResults says whether a run, of which frames frames left, recorded the
// first so many of want, each exactly once and in order.
func SameResults(name string, got, want []trace.Result, frames int) error {
	for i, g := range got {
		if g.Frame != int64(i) || i >= len(want) {
			return fmt.Errorf("%w: %s: result %d is of frame %d; every frame must come once and in order", ErrWrong, name, i,
				g.Frame)
		}
		worst, err := compareResults(got[i:i+1], want[i:i+1])
		if err != nil {
			return fmt.Errorf("%w: %s: against a run in one process: %w", ErrWrong, name, err)
		}
		if worst > 0 {
			return fmt.Errorf("%w: %s: frame %d differs from a run in one process by %.3g; expected the same bits", ErrWrong,
				name, i, worst)
		}
	}
	if len(got) != frames || frames == 0 {
		return fmt.Errorf("%w: %s: %d results of %d frames", ErrWrong, name, len(got), frames)
	}
	return nil
}

// tolerance is the largest relative difference of a cut model's results from
// the whole model's; fused kernels may round differently. Values below smallest count
// as that: a sigmoid or a mean near 0 comes from numbers near 1 and is rounded as they are.
const (
	tolerance = 1e-3
	smallest  = 1e-3
)

// compareResults returns the largest relative difference of two runs' records,
// and an error if they differ in more than rounding.
func compareResults(got, want []trace.Result) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("%d results, want %d", len(got), len(want))
	}
	worst := 0.0
	for i := range got {
		g, w := got[i].Values, want[i].Values
		if len(g) != len(w) {
			return 0, fmt.Errorf("frame %d has %d values, want %d", got[i].Frame, len(g), len(w))
		}
		for j := range g {
			d := math.Abs(float64(g[j])-float64(w[j])) / math.Max(math.Abs(float64(w[j])), smallest)
			if d > tolerance || math.IsNaN(d) {
				return 0, fmt.Errorf("frame %d: value %d is %g, want %g", got[i].Frame, j, g[j], w[j])
			}
			worst = math.Max(worst, d)
		}
	}
	return worst, nil
}
