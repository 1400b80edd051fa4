package metrics

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// byATR sorts the values of frames by the frames' atr.
func (in *instance) byATR(counted []*frame, values []float64) map[int][]float64 {
	sorted := map[int][]float64{}
	for i, f := range counted {
		atr := in.atr(f)
		sorted[atr] = append(sorted[atr], values[i])
	}
	return sorted
}

// modes describes the frames of every atr, in ascending order.
func modes(times map[int][]float64, stop string) []result.Mode {
	var all []result.Mode
	for _, atr := range slices.Sorted(maps.Keys(times)) {
		all = append(all, result.Mode{ATR: atr, EndpointTime: Describe(times[atr], stop)})
	}
	return all
}
