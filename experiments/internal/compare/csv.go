package compare

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
)

// WriteCSV writes a line for each value: in the metric's unit, with what it is compared with.
func (c *Comparison) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"metric", "unit", "found", "case", "run", "path", "value", "low", "high", "n", "settled", "change",
		"change_low", "change_high", "p", "verdict"}}
	for _, t := range c.Tables {
		for _, l := range t.Lines {
			for i, v := range l.Values {
				row := []string{t.Metric.Name, t.Metric.Unit, string(t.Found), l.Case, Letter(i), c.Runs[i].Path,
					number(v.Value), number(v.Low), number(v.High), strconv.Itoa(v.N), strconv.FormatBool(v.Settled)}
				if i == 0 {
					row = append(row, "", "", "", "", "")
				} else {
					row = append(row, l.Change[i-1].cells()...)
				}
				rows = append(rows, row)
			}
		}
	}
	return out.WriteAll(rows)
}

// cells are those of a change: a ratio, or a difference of shares.
func (c *Change) cells() []string {
	p := ""
	if !math.IsNaN(float64(c.P)) {
		p = number(float64(c.P))
	}
	if c.Ratio.N == 0 {
		return []string{"", "", "", p, string(c.Verdict)}
	}
	return []string{number(c.Ratio.Value), number(c.Ratio.Low), number(c.Ratio.High), p, string(c.Verdict)}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }
