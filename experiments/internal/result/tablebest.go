package result

import (
	"fmt"
	"io"
)

// writeBest returns what prints the best of a group; one is what is compared.
func writeBest(one string) func(w io.Writer, s *Sweep, sum *Summary, group int) {
	return func(w io.Writer, _ *Sweep, sum *Summary, group int) { writeBestOf(w, one, &sum.Groups[group].Figures) }
}

func writeBestOf(w io.Writer, one string, f *Figures) {
	fmt.Fprintf(w, "  best %s that sends no raw frame: measured %s", one, orMissing(f.BestCutMeasured))
	if i := f.SpeedupMeasured; i != nil {
		fmt.Fprintf(w, " (%.2f × over all on endpoint, 95 %% interval %.2f to %.2f)", i.Value, i.Low, i.High)
	}
	fmt.Fprintln(w)
	for _, p := range f.Predicted {
		fmt.Fprintf(w, "    %s prediction: %s (%s)", p.Prediction, p.Cut, times(p.Speedup))
		if p.Regret != nil {
			fmt.Fprintf(w, ", measured %s slower than the measured best", percent(*p.Regret))
		}
		fmt.Fprintln(w)
	}
	if f.RowsNotSettled > 0 {
		fmt.Fprintf(w, "    %d of %d measured rows are not settled and left out of this\n", f.RowsNotSettled, f.RowsMeasured)
	}
}
