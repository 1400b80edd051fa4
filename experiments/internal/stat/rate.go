package stat

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// maxBatches bounds the batches of Gaps: more than some 20 make the interval hardly
// narrower, and their means are correlated again (Schmeiser, Batch Size Effects in the
// Analysis of Simulation Output, Operations Research 30, 1982).
const maxBatches = 20

// Gaps are the times between successive results, which may depend on each other: what one
// result is late, the next gap is short. It keeps sums of them only.
type Gaps struct {
	all     Moments
	n, size int       // gaps that will come, and of a batch
	batches []float64 // sums
}

// NewGaps returns the Gaps for n times, none of which has come.
func NewGaps(n int) *Gaps {
	size := batchSize(n)
	return &Gaps{n: n, size: size, batches: make([]float64, n/size)}
}

// Add adds the next time; more than n are an error of the caller's and left out.
func (g *Gaps) Add(gap float64) {
	if g.all.N == g.n {
		return
	}
	if i := len(g.batches) - (g.n-g.all.N+g.size-1)/g.size; i >= 0 {
		g.batches[i] += gap
	}
	g.all.Add(gap)
}

// Rate returns results per unit of time, when all gaps have come; before that, of none.
// The interval comes from the means of equal batches of successive gaps, which hardly depend
// on each other (batch means: Conway, Some Tactical Problems in Digital Simulation,
// Management Science 10, 1963), by Student's t. The oldest gaps that fill no batch count in
// the value only.
func (g *Gaps) Rate() Interval {
	switch {
	case g.all.N < g.n:
		return Interval{}
	case g.n < MinSamples:
		return g.all.bounds().Inverse()
	}
	means := make([]float64, len(g.batches))
	for i, sum := range g.batches {
		means[i] = sum / float64(g.size)
	}
	half := student(len(means)-1) * stat.StdDev(means, nil) / math.Sqrt(float64(len(means)))
	return Interval{Value: g.all.Mean, Low: g.all.Mean - half, High: g.all.Mean + half, N: g.n}.Inverse()
}

// Moments are the mean and the variance of samples that are not kept (Welford, Note on a
// Method for Calculating Corrected Sums of Squares and Products, Technometrics 4, 1962).
type Moments struct {
	N              int
	Mean, Min, Max float64
	squares        float64 // of the deviations from the mean
}

// Add adds a sample.
func (m *Moments) Add(v float64) {
	if m.N == 0 {
		m.Min, m.Max = v, v
	}
	m.N++
	d := v - m.Mean
	m.Mean += d / float64(m.N)
	m.squares += d * (v - m.Mean)
	m.Min, m.Max = min(m.Min, v), max(m.Max, v)
}

// bounds returns the mean between the smallest and the largest sample.
func (m *Moments) bounds() Interval {
	return Interval{Value: m.Mean, Low: m.Min, High: m.Max, N: m.N}
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
func Stratified(strata map[int]*Moments) Interval {
	var all Moments
	sum, variance, freedom := 0.0, 0.0, 0 // variance: of the sum
	for _, key := range slices.Sorted(maps.Keys(strata)) {
		m := strata[key]
		if m.N == 0 {
			continue
		}
		if all.N == 0 {
			all.Min, all.Max = m.Min, m.Max
		}
		all.N += m.N
		all.Min, all.Max = min(all.Min, m.Min), max(all.Max, m.Max)
		sum += m.Mean * float64(m.N)
		if m.N >= 2 {
			variance += float64(m.N) * m.squares / float64(m.N-1)
			freedom += m.N - 1
		}
	}
	all.Mean = sum / float64(max(all.N, 1))
	if all.N < MinSamples || freedom == 0 {
		return all.bounds()
	}
	half := student(freedom) * math.Sqrt(variance) / float64(all.N)
	return Interval{Value: all.Mean, Low: all.Mean - half, High: all.Mean + half, N: all.N}
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
