package stat

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// maxBatches bounds the batches of Rate: more than some 20 make the interval hardly
// narrower, and their means are correlated again (Schmeiser, Batch Size Effects in the
// Analysis of Simulation Output, Operations Research 30, 1982).
const maxBatches = 20

// Rate returns results per unit of time from the times between successive results, which
// may depend on each other: what one result is late, the next gap is short. The interval
// comes from the means of equal batches of successive gaps, which hardly do (batch means:
// Conway, Some Tactical Problems in Digital Simulation, Management Science 10, 1963), by
// Student's t. The oldest gaps that fill no batch count in the value only.
func Rate(gaps []float64) Interval {
	n := len(gaps)
	if n < MinSamples {
		return bounds(gaps).Inverse()
	}
	whole, size := stat.Mean(gaps, nil), batchSize(n)
	count := n / size
	means := make([]float64, count)
	for i := range means {
		from := n - (count-i)*size
		means[i] = stat.Mean(gaps[from:from+size], nil)
	}
	half := student(count-1) * stat.StdDev(means, nil) / math.Sqrt(float64(count))
	return Interval{Value: whole, Low: whole - half, High: whole + half, N: n}.Inverse()
}

// batchSize leaves six to twenty batches, of two gaps at least where there are twelve.
func batchSize(n int) int {
	if n < 2*MinSamples {
		return 1
	}
	return max(2, (n+maxBatches-1)/maxBatches)
}

// Inverse returns the interval of 1/x of a positive value. A lower bound that isn't
// positive gives no upper one, for which twice the inverse stands: that is never settled.
func (i Interval) Inverse() Interval {
	if i.Value <= 0 {
		return Interval{}
	}
	inverse := Interval{Value: 1 / i.Value, Low: 1 / i.High, High: 2 / i.Value, N: i.N}
	if i.Low > 0 {
		inverse.High = 1 / i.Low
	}
	return inverse
}

// Stratified returns the mean of all samples. How many samples each stratum has is given,
// so that only the deviations from a stratum's own mean make the mean uncertain (Cochran,
// Sampling Techniques, 1977, section 5.3). A stratum of one sample tells nothing of its
// deviation and adds none.
func Stratified(strata map[int][]float64) Interval {
	n, sum, variance, freedom := 0, 0.0, 0.0, 0 // variance: of the sum
	var all []float64
	for _, key := range slices.Sorted(maps.Keys(strata)) {
		samples := strata[key]
		all = append(all, samples...)
		own, v := stat.MeanVariance(samples, nil)
		n, sum = n+len(samples), sum+own*float64(len(samples))
		if len(samples) < 2 {
			continue
		}
		variance += float64(len(samples)) * v
		freedom += len(samples) - 1
	}
	if n < MinSamples || freedom == 0 {
		return bounds(all)
	}
	mean, half := sum/float64(n), student(freedom)*math.Sqrt(variance)/float64(n)
	return Interval{Value: mean, Low: mean - half, High: mean + half, N: n}
}

// Ratio returns a/b of two independent values, such as a speed-up of two medians. With
// da and db the distances of the logarithms to their bounds, log(a/b) lies between
// -sqrt(da.low² + db.high²) and +sqrt(da.high² + db.low²) of its value (MOVER: Zou and
// Donner, Construction of confidence limits about effect measures, Statistics in Medicine
// 27, 2008, on logarithms). Without positive bounds there is no ratio, and N is 0.
func Ratio(a, b Interval) Interval {
	if a.Low <= 0 || b.Low <= 0 {
		return Interval{}
	}
	value := a.Value / b.Value
	down := math.Hypot(math.Log(a.Value/a.Low), math.Log(b.High/b.Value))
	up := math.Hypot(math.Log(a.High/a.Value), math.Log(b.Value/b.Low))
	return Interval{Value: value, Low: value * math.Exp(-down), High: value * math.Exp(up), N: min(a.N, b.N)}
}
