package table

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/listing"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// Listing lists rows for a page: the factors, the metrics that a row has with their 95 % intervals,
// and why a case failed. points are the levels of the rows.
func Listing(factors []*factor.Factor, points [][]factor.Level, rows []runner.Row) listing.Table {
	t := listing.Table{Name: "Cases",
		About: "Behind a value stands its 95 % interval, where a case was simulated repeatedly."}
	for _, f := range factors {
		t.Columns = append(t.Columns, listing.Column{Name: f.Name, Numeric: f.Ordered()})
	}
	for _, m := range study.Metrics() {
		t.Columns = append(t.Columns, listing.Column{
			Name: strings.ReplaceAll(m.Name, "_", " "), Unit: m.Unit, About: m.What, Numeric: true,
		})
	}
	t.Columns = append(t.Columns, listing.Column{Name: "simulations", Numeric: true}, listing.Column{Name: "settled"},
		listing.Column{Name: "failed"})
	for i := range rows {
		r := &rows[i]
		var cells []listing.Cell
		for k, f := range factors {
			cell := listing.Cell{Text: f.Words(points[i][k])}
			if f.Ordered() {
				cell.Value = &points[i][k].Number
			}
			cells = append(cells, cell)
		}
		for m := range study.Metrics() {
			cells = append(cells, metricCell(r, m))
		}
		runs, settled := listing.Cell{}, ""
		if r.Runs > 1 {
			runs, settled = listing.Number(strconv.Itoa(r.Runs), float64(r.Runs)), "no"
			if r.Settled {
				settled = "yes"
			}
		}
		t.Rows = append(t.Rows, listing.Row{Cells: append(cells, runs, listing.Cell{Text: settled},
			listing.Cell{Text: r.Failed})})
	}
	return t.Compact()
}

func metricCell(r *runner.Row, m int) listing.Cell {
	v, ok := r.Value(m)
	if !ok {
		return listing.Cell{}
	}
	text := fmt.Sprintf("%.4g", v)
	if of := r.Values[m]; len(of) == len(ends) {
		if low, high := fmt.Sprintf("%.4g", of[1]), fmt.Sprintf("%.4g", of[2]); low != high {
			text += fmt.Sprintf(" (%s to %s)", low, high)
		}
	}
	return listing.Number(text, v)
}
