package result

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/edgeprune/edgeprune/core/quantile"
)

// ErrorSummary is how far a prediction of a quantity was off over measured rows. Errors
// are magnitudes, as fractions of what was measured; nil is of no row, never 0.
type ErrorSummary struct {
	Group      string     `json:"group,omitempty"` // of mappings; empty: all rows
	Quantity   Quantity   `json:"quantity"`
	Prediction Prediction `json:"prediction"`
	Median     *float64   `json:"median"`
	P95        *float64   `json:"p95"`
	Max        *float64   `json:"max"`
	Worst      string     `json:"worst,omitempty"`   // the row of Max
	Rows       int        `json:"rows"`              // that count: measured, predicted and settled
	NotSettled int        `json:"rows_not_settled"`  // measured and predicted, but left out
	Noise      int        `json:"rows_within_noise"` // of Rows
}

// Errors sums up every quantity by every prediction over rows, quantities first. Rows
// whose interval of a quantity is not settled are counted and left out of that quantity.
// name names a row.
func Errors(rows []*Row, name func(*Row) string) []ErrorSummary {
	var all []ErrorSummary
	for _, q := range Quantities() {
		for _, p := range Predictions() {
			all = append(all, errorsOf(rows, q, p, name))
		}
	}
	return all
}

func errorsOf(rows []*Row, q Quantity, p Prediction, name func(*Row) string) ErrorSummary {
	s := ErrorSummary{Quantity: q, Prediction: p}
	var errs []float64
	for _, r := range rows {
		e, noise, ok := r.ErrorOf(q, p)
		if !ok {
			continue
		}
		if !r.Settled(q) {
			s.NotSettled++
			continue
		}
		e = math.Abs(e)
		errs = append(errs, e)
		if noise {
			s.Noise++
		}
		if s.Max == nil || e > *s.Max {
			s.Max, s.Worst = &e, name(r)
		}
	}
	if s.Rows = len(errs); s.Rows > 0 {
		median, p95 := quantile.Median(errs), quantile.Of(0.95, errs)
		s.Median, s.P95 = &median, &p95
	}
	return s
}

// Find returns the summary of a quantity and a prediction over all rows, without errors
// if there is none.
func Find(all []ErrorSummary, q Quantity, p Prediction) ErrorSummary {
	for _, s := range all {
		if s.Group == "" && s.Quantity == q && s.Prediction == p {
			return s
		}
	}
	return ErrorSummary{Quantity: q, Prediction: p}
}

// Best returns the prediction of a quantity with the smallest median error over all rows
// of a run, of equal ones the first; false if nothing was measured.
func Best(all []ErrorSummary, q Quantity) (Prediction, bool) {
	var best *ErrorSummary
	for _, p := range Predictions() {
		if s := Find(all, q, p); s.Median != nil && (best == nil || *s.Median < *best.Median) {
			best = &s
		}
	}
	if best == nil {
		return "", false
	}
	return best.Prediction, true
}

// String says in one line how far the prediction was off.
func (s ErrorSummary) String() string {
	line := fmt.Sprintf("%s, %s: ", s.Quantity, s.Prediction)
	if s.Median == nil {
		line += "not measured"
	} else {
		line += fmt.Sprintf("median %s, 95th percentile %s, worst %s (%s); %d of %d rows within noise",
			percent(*s.Median), percent(*s.P95), percent(*s.Max), s.Worst, s.Noise, s.Rows)
	}
	if s.NotSettled > 0 {
		line += fmt.Sprintf("; %d rows not settled", s.NotSettled)
	}
	return line
}

// ErrorLines says how far the predictions were off, headline first, and which of them was
// best over the run. Predictions that were not made are left out.
func ErrorLines(errs []ErrorSummary) []string {
	var lines, best []string
	for _, e := range errs {
		if e.Rows > 0 || e.NotSettled > 0 {
			lines = append(lines, e.String())
		}
	}
	if len(lines) == 0 {
		return []string{"not measured"}
	}
	for _, q := range Quantities() {
		if p, ok := Best(errs, q); ok {
			best = append(best, fmt.Sprintf("%s %s", q, p))
		}
	}
	if len(best) > 0 {
		lines = append(lines, "smallest median over all rows: "+strings.Join(best, ", "))
	}
	return lines
}

func writeErrors(w io.Writer, errs []ErrorSummary) {
	fmt.Fprintf(w, "error of the simulation (the headline is the stored prediction):\n")
	for _, line := range ErrorLines(errs) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
