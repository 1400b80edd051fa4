// Package table writes the results of a study as CSV and as Parquet, and lists them for a page, one
// row a case. It may not compute them.
package table

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// ends are those of the names of a metric's columns.
var ends = [3]string{"", "_low", "_high"}

// WriteCSV writes rows with the columns case, the factors', simulations, settled, for each
// metric its value and the ends of its 95 % interval, and failed. What is missing is empty.
func WriteCSV(w io.Writer, factors []string, rows []runner.Row) error {
	out := csv.NewWriter(w)
	head := append([]string{"case"}, factors...)
	head = append(head, "simulations", "settled")
	for _, m := range study.Metrics() {
		for _, end := range ends {
			head = append(head, m.Column()+end)
		}
	}
	if err := out.Write(append(head, "failed")); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		line := append([]string{r.Case[:12]}, r.Levels...)
		settled := ""
		if r.Runs > 1 {
			settled = strconv.FormatBool(r.Settled)
		}
		line = append(line, strconv.Itoa(r.Runs), settled)
		for m := range study.Metrics() {
			cells := [3]string{}
			if m < len(r.Values) {
				for k, v := range r.Values[m] {
					cells[k] = strconv.FormatFloat(v, 'g', -1, 64)
				}
			}
			line = append(line, cells[:]...)
		}
		if err := out.Write(append(line, r.Failed)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
