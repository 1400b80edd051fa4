// Package confirm measures whether the mapping that was predicted best is the best: rounds of
// runs, until their order is settled or there were enough. It is given what runs a mapping, and
// may not know how.
package confirm

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Equal is the share below which two mappings count as equally good.
const Equal = 0.02

// looks are the numbers of rounds after which it is asked whether the order is settled.
var looks = [...]int{stat.MinSamples, 8, 11, 15, 20}

// coverage is that of an interval, by Student's t, of which each look has its own: who looks often
// sees a chance difference sooner or later, so that the looks share out what is left of 95 %
// (Bonferroni; Pocock, Group sequential methods in the design and analysis of clinical trials,
// Biometrika 64, 1977).
const coverage = 1 - (1-stat.Confidence)/float64(len(looks))

// Verdict is what became of the mapping that was predicted best.
type Verdict string

// The verdicts.
const (
	Best    Verdict = "measured best"
	Within  Verdict = "within 2 % of the measured best"
	Beaten  Verdict = "not best"
	Open    Verdict = "not settled"
	Unknown Verdict = "not measured"
)

// Difference is by how much another mapping is worse than the measured best.
type Difference struct {
	Name string `json:"name"`
	// Share is of the best's value, above 0 where the other one is worse: the mean over rounds,
	// each compared with the best in the same round, where a round counts as 1 at most, so that one that
	// the machine disturbed does not decide. The intervals of all looks at it hold together with 95 %: see
	// coverage.
	Share stat.Interval `json:"share"`
}

// settled reports whether it is clear which of two is better, or that they are equally good.
func (d Difference) settled() bool {
	i := d.Share
	if i.N < stat.MinSamples {
		return false
	}
	return i.Low > 0 || i.High < 0 || i.Low >= -Equal && i.High <= Equal
}

// far reports whether it is clear that the other one is much worse.
func (d Difference) far() bool { return d.Share.N >= stat.MinSamples && d.Share.Low > 5*Equal }

// series are the values of a mapping in the rounds from the first on; NaN where a run has none.
type series []float64

// against compares two mappings round by round. A share is at most 1.
func (s series) against(best series, m goal.Metric) stat.Interval {
	var shares []float64
	for i := range min(len(s), len(best)) {
		share := 0.0
		if s[i] != best[i] { // which may both be 0
			share = max(-1, min(1, (s[i]-best[i])/math.Abs(best[i])))
		}
		if m.More() {
			share = -share
		}
		if !math.IsNaN(share) {
			shares = append(shares, share)
		}
	}
	return stat.MeanWith(shares, coverage)
}

// decision is what the rounds so far say.
type decision struct {
	best        int // -1: nothing was measured
	differences []Difference
	settled     bool
	verdict     Verdict
	behind      stat.Interval // of the predicted best behind the measured one
}

// decide compares the mappings of which all[i] has values and may[i] says that they may be best.
// The mean of a mapping that stopped early is compared with the best of the same rounds.
func decide(names []string, all []series, may []bool, predicted int, m goal.Metric) decision {
	d := decision{best: -1, verdict: Unknown}
	for i := range all {
		if !may[i] || len(all[i]) == 0 {
			continue
		}
		if d.best < 0 || all[i].against(all[d.best], m).Value < 0 {
			d.best = i
		}
	}
	if d.best < 0 || !may[predicted] || len(all[predicted]) == 0 {
		return d
	}
	d.settled = true
	for i := range all {
		if i == d.best || len(all[i]) == 0 {
			continue
		}
		diff := Difference{names[i], all[i].against(all[d.best], m)}
		d.differences = append(d.differences, diff)
		d.settled = d.settled && (!may[i] || diff.settled())
		if i == predicted {
			d.behind = diff.Share
		}
	}
	slices.SortStableFunc(d.differences, func(a, b Difference) int {
		return cmp.Compare(a.Share.Value, b.Share.Value)
	})
	switch {
	case predicted == d.best && d.settled:
		d.verdict = Best
	case predicted != d.best && d.behind.N >= stat.MinSamples && d.behind.High <= Equal,
		predicted != d.best && d.settled && d.behind.Value <= Equal:
		d.verdict = Within
	case predicted != d.best && d.behind.N >= stat.MinSamples && d.behind.Low > 0:
		d.verdict = Beaten
	default:
		d.verdict = Open
	}
	return d
}

// percent writes a share with its interval.
func percent(i stat.Interval) string {
	if i.Low >= 1 { // as much as counts
		return "100 % or more in every round"
	}
	return fmt.Sprintf("%.1f %% (%.1f to %.1f %%)", 100*i.Value, 100*i.Low, 100*i.High)
}
