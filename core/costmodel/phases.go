package costmodel

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/quantile"
)

// LeastOfPhases is how many samples phases are fitted to.
const LeastOfPhases = 30

// TwoPhases is a model of two states, fast and slow, that follow on each other as a Markov chain.
// In a state, samples are independent and log-normal.
type TwoPhases struct {
	Fast, Slow LogNormal // their Quality is that of the whole, in the long run
	Quality
	// FastNs and SlowNs are how long the samples of a state took together, and FastEnds and SlowEnds
	// how often the state was left, each expected from the fit. FastNs / FastEnds is the mean length
	// of a fast phase where firings were measured one right after the other; what lay between them
	// isn't known and doesn't count.
	FastNs, SlowNs     float64
	FastEnds, SlowEnds float64
	// Runs is by how many standard deviations the samples have fewer runs of one state than as
	// many in any order would have; see FitPhases.
	Runs float64
}

// FitPhases fits phases to samples in order of time.
//
// First the logarithms are parted in two, each nearer to the mean of its part (2-means). Samples
// without phases would follow on each other in any order: the test of A. Wald and J. Wolfowitz
// (On a Test Whether Two Samples are from the Same Population, 1940) counts the runs of one part,
// and if that many or fewer come more than once in a hundred times, the samples show no phases, and
// the error wraps ErrNoPhases. From that start, Baum's and Welch's algorithm (L. R. Rabiner, A
// Tutorial on Hidden Markov Models, Proc. IEEE 77, 1989, section III.C) fits the two means, standard
// deviations and the chain. A fit whose states don't last is no phases, either.
func FitPhases(samples []time.Duration) (TwoPhases, error) {
	if len(samples) < LeastOfPhases {
		return TwoPhases{}, fmt.Errorf("%w: there are %d samples, and phases take %d; profile more, or choose empirical",
			ErrNoPhases, len(samples), LeastOfPhases)
	}
	logs := logarithms(samples, 0)
	slow := parted(logs)
	p := TwoPhases{Runs: runs(slow)}
	const once = 2.326 // in a hundred times is a standard normal larger
	if !(p.Runs > once) {
		return TwoPhases{}, fmt.Errorf("%w: the %d samples have as many runs of slow ones as if they came in any order "+
			"(%.1f standard deviations fewer, expected %.1f)", ErrNoPhases, len(samples), p.Runs, once)
	}
	c := newChain(logs, slow)
	c.fit()
	const few, last = 3, 0.1
	if min(c.weight[0], c.weight[1]) < few || c.stay[0]+c.stay[1]-1 < last {
		return TwoPhases{}, fmt.Errorf("%w: in the fit to the %d samples the states don't last", ErrNoPhases, len(samples))
	}
	if c.mean[0] > c.mean[1] {
		c.swap()
	}
	for t, s := range samples {
		p.FastNs += (1 - c.slow[t]) * float64(s)
		p.SlowNs += c.slow[t] * float64(s)
	}
	p.FastEnds, p.SlowEnds = max(c.ends[0], 0.5), max(c.ends[1], 0.5) // the last one of a kind has not ended
	p.Fast, p.Slow = LogNormal{Mu: c.mean[0], Sigma: c.sd[0]}, LogNormal{Mu: c.mean[1], Sigma: c.sd[1]}
	p.Quality = Quality{N: len(samples), Distance: Distance(samples, p.CDF)}
	p.Fast.Quality, p.Slow.Quality = p.Quality, p.Quality
	return p, nil
}

// SlowShare is the share of firings in slow phases in the long run.
func (p TwoPhases) SlowShare() float64 {
	fast, slow := p.FastNs/p.FastEnds, p.SlowNs/p.SlowEnds
	perFast, perSlow := fast/p.Fast.mean(), slow/p.Slow.mean() // firings of a phase
	return perSlow / (perFast + perSlow)
}

func (l LogNormal) mean() float64 { return float64(l.Shift) + math.Exp(l.Mu+l.Sigma*l.Sigma/2) }

// CDF returns the probability of at most so many ns in the long run.
func (p TwoPhases) CDF(ns float64) float64 {
	share := p.SlowShare()
	return (1-share)*p.Fast.CDF(ns) + share*p.Slow.CDF(ns)
}

// String says it for people.
func (p TwoPhases) String() string {
	return fmt.Sprintf("slow phases: %v, for %v of its time on average; else %v, for %v: %v",
		short(p.Slow.At(0)), short(time.Duration(p.SlowNs/p.SlowEnds)),
		short(p.Fast.At(0)), short(time.Duration(p.FastNs/p.FastEnds)), p.Quality)
}

// parted returns which logarithms belong to the upper one of two parts. Those that lie far out
// count as if they lay nearer, so that a part isn't made of them alone.
func parted(logs []float64) []bool {
	low, high := quantile.Of(0.25, logs), quantile.Of(0.75, logs)
	reach := 3 * (high - low)
	x := slices.Clone(logs)
	if reach > 0 {
		for i := range x {
			x[i] = min(max(x[i], low-reach), high+reach)
		}
	}
	at := (slices.Min(x) + slices.Max(x)) / 2
	for range 100 {
		var sum, n [2]float64
		for _, v := range x {
			part := 0
			if v > at {
				part = 1
			}
			sum[part] += v
			n[part]++
		}
		if n[0] == 0 || n[1] == 0 {
			break
		}
		next := (sum[0]/n[0] + sum[1]/n[1]) / 2
		if next == at {
			break
		}
		at = next
	}
	upper := make([]bool, len(x))
	for i, v := range x {
		upper[i] = v > at
	}
	return upper
}

// runs returns by how many standard deviations there are fewer runs than in any order.
func runs(x []bool) float64 {
	var n [2]float64
	count := 0.0
	for i, v := range x {
		part := 0
		if v {
			part = 1
		}
		n[part]++
		if i == 0 || x[i-1] != v {
			count++
		}
	}
	all, both := n[0]+n[1], 2*n[0]*n[1]
	variance := both * (both - all) / (all * all * (all - 1))
	if !(variance > 0) {
		return 0
	}
	return (both/all + 1 - count) / math.Sqrt(variance)
}
