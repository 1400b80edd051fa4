package metrics

import (
	"maps"
	"math"
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

// z95 is the 97.5 % point of the normal distribution.
const z95 = 1.959964

// stratified returns the mean of all samples and half its 95 % interval. How many
// samples each stratum has is given, so that only the deviations from a stratum's
// own mean make the mean uncertain (Cochran, Sampling Techniques, 1977, section 5.3).
// A stratum of one sample tells nothing of its deviation and adds none.
func stratified(strata map[int][]float64) (mean, halfWidth float64) {
	n, sum, variance := 0, 0.0, 0.0 // variance: of the sum
	for _, key := range slices.Sorted(maps.Keys(strata)) {
		samples := strata[key]
		own := 0.0
		for _, v := range samples {
			own += v
		}
		n, sum = n+len(samples), sum+own
		if len(samples) < 2 {
			continue
		}
		own /= float64(len(samples))
		squares := 0.0
		for _, v := range samples {
			squares += (v - own) * (v - own)
		}
		variance += float64(len(samples)) * squares / float64(len(samples)-1)
	}
	return sum / float64(n), z95 * math.Sqrt(variance) / float64(n)
}
