package result

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// compared reports whether a row may be the best cut or mapping: it is no baseline, sends
// no raw frame and is no value of a parameter.
func (r *Row) compared() bool { return r.Baseline == "" && !r.RawFrame && r.Param == "" }

// PredictedBest returns the row with the smallest endpoint time by a prediction, of those
// that may be best; nil if there is none. Only measured rows have a prediction of their
// own beside the stored one: the others count with the stored one, times the median ratio
// of the two over the rows that have both.
func PredictedBest(rows []*Row, p Prediction) *Row {
	scale := predictionScale(rows, p)
	value := func(r *Row) float64 {
		if o := r.Predicted(p); o != nil {
			return o.EndpointTime.Median
		}
		return scale * r.Stored.EndpointTime.Median
	}
	var of []*Row
	for _, r := range rows {
		if r.compared() && (r.Stored != nil || r.Predicted(p) != nil) {
			of = append(of, r)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return slices.MinFunc(of, func(a, b *Row) int { return cmp.Compare(value(a), value(b)) })
}

// predictionScale is the median ratio of a prediction to the stored one; 1 without a row
// that has both.
func predictionScale(rows []*Row, p Prediction) float64 {
	var ratios []float64
	for _, r := range rows {
		if o := r.Predicted(p); r.compared() && o != nil && r.Stored != nil && r.Stored.EndpointTime.Median > 0 {
			ratios = append(ratios, o.EndpointTime.Median/r.Stored.EndpointTime.Median)
		}
	}
	if len(ratios) == 0 {
		return 1
	}
	return quantile.Median(ratios)
}

// MeasuredBest returns the row with the smallest measured endpoint time, of those that may
// be best and whose interval is settled; nil if there is none.
func MeasuredBest(rows []*Row) *Row {
	var best *Row
	for _, r := range rows {
		if !r.compared() || !r.Settled(EndpointTime) {
			continue
		}
		if best == nil || r.Measured.EndpointTime.Median < best.Measured.EndpointTime.Median {
			best = r
		}
	}
	return best
}

// Whole returns the baseline that runs all on the endpoint; nil if there is none.
func Whole(rows []*Row) *Row {
	i := slices.IndexFunc(rows, func(r *Row) bool { return r.Baseline == AllOnEndpoint })
	if i < 0 {
		return nil
	}
	return rows[i]
}

// MeasuredSpeedup returns how many times faster a row is than all on the endpoint, by
// measured endpoint times; nil if one of them is missing or not settled.
func MeasuredSpeedup(whole, row *Row) *stat.Interval {
	if whole == nil || row == nil || !whole.Settled(EndpointTime) || !row.Settled(EndpointTime) {
		return nil
	}
	ratio := stat.Ratio(whole.Measured.Interval(EndpointTime), row.Measured.Interval(EndpointTime))
	return &ratio
}

// PredictedCut is what one prediction says is best.
type PredictedCut struct {
	Prediction Prediction `json:"prediction"`
	Cut        string     `json:"cut"`
	Speedup    *float64   `json:"speedup"` // over all on the endpoint, by the same prediction
	// Regret is how much slower it is, measured, than the measured best; nil if one of the
	// two is not measured or not settled.
	Regret *float64 `json:"regret"`
}

// findBest finds the best case of a group by every prediction, and as measured.
func (f *Figures) findBest(rows []*Row) {
	whole, found := Whole(rows), MeasuredBest(rows)
	if found != nil {
		f.BestCutMeasured = found.FullLabel()
		f.SpeedupMeasured = MeasuredSpeedup(whole, found)
	}
	for _, p := range Predictions() {
		made := slices.ContainsFunc(rows, func(r *Row) bool { return r.compared() && r.Predicted(p) != nil })
		if best := PredictedBest(rows, p); made && best != nil {
			f.Predicted = append(f.Predicted, predictedCut(p, whole, best, found))
		}
	}
	if len(f.Predicted) > 0 && f.Predicted[0].Prediction == Stored {
		stored := f.Predicted[0]
		f.BestCutSimulated, f.SpeedupSimulated, f.BestCutRegret = stored.Cut, stored.Speedup, stored.Regret
	}
}

func predictedCut(p Prediction, whole, best, found *Row) PredictedCut {
	c := PredictedCut{Prediction: p, Cut: best.FullLabel()}
	if whole != nil && whole.Predicted(p) != nil && best.Predicted(p) != nil {
		s := whole.Predicted(p).EndpointTime.Median / best.Predicted(p).EndpointTime.Median
		c.Speedup = &s
	}
	if found != nil && best.Settled(EndpointTime) {
		r := best.Measured.EndpointTime.Median/found.Measured.EndpointTime.Median - 1
		c.Regret = &r
	}
	return c
}

// Search says how the best case was looked for: the predicted best of every prediction is
// measured, and again whoever is predicted best after that.
type Search struct {
	Rounds   int  `json:"rounds"`
	Most     int  `json:"most_rounds"`
	Complete bool `json:"complete"` // every predicted best, and all that it is compared with, was measured
}

// String says in one line whether every predicted best was measured.
func (s *Search) String() string {
	if s.Complete {
		return fmt.Sprintf("every predicted best was measured, after %d of at most %d rounds", s.Rounds, s.Most)
	}
	return fmt.Sprintf("a predicted best was not measured within %d rounds, or failed", s.Most)
}
