package metrics

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// timesByATR returns the endpoint times, in s, by the frames' atr.
func (in *instance) timesByATR(counted []*frame) map[int][]float64 {
	times := map[int][]float64{}
	for _, f := range counted {
		atr := in.atr(f)
		times[atr] = append(times[atr], f.endpointTime())
	}
	return times
}

// modes describes the frames of every atr, in ascending order.
func modes(times map[int][]float64, stop string) []result.Mode {
	var all []result.Mode
	for _, atr := range slices.Sorted(maps.Keys(times)) {
		all = append(all, result.Mode{ATR: atr, EndpointTime: Describe(times[atr], stop)})
	}
	return all
}
