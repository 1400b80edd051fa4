package table

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// WriteText writes at most so many rows for people: the factors and the metrics that a row
// has, without intervals.
func WriteText(w io.Writer, factors []string, rows []runner.Row, most int) error {
	var shown []int
	for m := range study.Metrics() {
		for i := range rows {
			if _, ok := rows[i].Value(m); ok {
				shown = append(shown, m)
				break
			}
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := strings.Join(factors, "\t")
	for _, m := range shown {
		head += "\t" + study.Metrics()[m].Column()
	}
	fmt.Fprintln(tw, head)
	for i := range rows[:min(len(rows), most)] {
		r := &rows[i]
		line := strings.Join(r.Levels, "\t")
		for _, m := range shown {
			line += "\t"
			if v, ok := r.Value(m); ok {
				line += fmt.Sprintf("%.4g", v)
			}
		}
		if r.Failed != "" {
			line += "\tfailed: " + strings.ReplaceAll(r.Failed, "\n", "; ")
		}
		fmt.Fprintln(tw, line)
	}
	if left := len(rows) - most; left > 0 {
		fmt.Fprintf(tw, "and %d more, in cases.csv\n", left)
	}
	return tw.Flush()
}
