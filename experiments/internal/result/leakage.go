package result

import (
	"fmt"
	"io"
	"slices"

	"github.com/edgeprune/edgeprune/core/leakage"
)

// hasLeakage reports whether it was computed of any row.
func hasLeakage(rows []*Row) bool {
	return slices.ContainsFunc(rows, func(r *Row) bool { return r.Leakage != nil })
}

// leakageColumn holds what rows give away of the frames.
func leakageColumn(rows []*Row) []tableColumn {
	if !hasLeakage(rows) {
		return nil
	}
	return []tableColumn{{head: "leakage ±", text: func(r *Row) string {
		if r.Leakage == nil {
			return missing
		}
		return fmt.Sprintf("%.2f ± %.2f", r.Leakage.Value, r.Leakage.Spread())
	}, name: "leakage", about: "Bias-corrected distance correlation of what crosses with the frames: " +
		leakage.Rule + ".", value: func(r *Row) (float64, bool) {
		if r.Leakage == nil {
			return 0, false
		}
		return r.Leakage.Value, true
	}}}
}

// LeakageNote says what the leakage of the sweep is; "" where it was not computed.
func (s *Sweep) LeakageNote() string {
	all := s.All()
	at := slices.IndexFunc(all, func(r *Row) bool { return r.Leakage != nil })
	if at < 0 {
		return ""
	}
	return fmt.Sprintf("leakage: bias-corrected distance correlation of what crosses with the frames, of %d samples; %s",
		all[at].Leakage.N, leakage.Rule)
}

func writeLeakageNote(w io.Writer, s *Sweep) {
	if note := s.LeakageNote(); note != "" {
		fmt.Fprintf(w, "  %s\n", note)
	}
}

// leakageColumnsCSV follow where it was computed.
var leakageColumnsCSV = []column{
	{"leakage", leakageCell(func(r *Row) float64 { return r.Leakage.Value })},
	{"leakage_low", leakageCell(func(r *Row) float64 { return r.Leakage.Low })},
	{"leakage_high", leakageCell(func(r *Row) float64 { return r.Leakage.High })},
	{"leakage_samples", leakageCell(func(r *Row) float64 { return float64(r.Leakage.N) })},
}

func leakageCell(of func(r *Row) float64) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string {
		if r.Leakage == nil {
			return ""
		}
		return number(of(r))
	})
}
