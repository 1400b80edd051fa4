package report

import (
	"fmt"
	"math"
	"slices"
)

// Rows and cells of a page are bounded, as it has to open fast: so many rows are written as
// such, further ones as data that the page shows on demand, and so many cells in all.
const (
	mostRows  = 200
	mostCells = 200_000
)

// listed is a table within the page.
type listed struct {
	Table
	ID      string
	Written []Row
	// Rest is further rows: of each whether it was measured, then its cells.
	Rest    [][]any
	LeftOut int  // rows that the page has no room for
	Both    bool // it has measured and other rows
	Abouts  []Column
}

// listings makes tables ready for the page.
func listings(tables []Table) ([]listed, error) {
	all := make([]listed, 0, len(tables))
	room := mostCells
	for i, t := range tables {
		var err error
		if t.Rows, err = checked(&t); err != nil {
			return nil, err
		}
		l := listed{Table: t, ID: fmt.Sprintf("table-%d", i+1)}
		kept := min(len(t.Rows), room/max(len(t.Columns), 1))
		room -= kept * len(t.Columns)
		l.LeftOut = len(t.Rows) - kept
		l.Written = t.Rows[:min(kept, mostRows)]
		for _, r := range t.Rows[len(l.Written):kept] {
			l.Rest = append(l.Rest, dataOf(r))
		}
		measured := func(r Row) bool { return r.Measured }
		l.Both = slices.ContainsFunc(t.Rows, measured) &&
			slices.ContainsFunc(t.Rows, func(r Row) bool { return !r.Measured })
		for _, c := range t.Columns {
			if c.About != "" {
				l.Abouts = append(l.Abouts, c)
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// checked returns a table's rows, with values that no number can be as missing ones.
func checked(t *Table) ([]Row, error) {
	rows := make([]Row, len(t.Rows))
	for i, r := range t.Rows {
		if len(r.Cells) != len(t.Columns) {
			return nil, fmt.Errorf("report: table %s: row %d has %d cells for %d columns: %w", t.Name, i+1, len(r.Cells),
				len(t.Columns), ErrTable)
		}
		r.Cells = slices.Clone(r.Cells)
		for k := range r.Cells {
			if v := r.Cells[k].Value; v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				r.Cells[k].Value = nil
			}
		}
		rows[i] = r
	}
	return rows, nil
}

// dataOf is a row for the page's script: of a cell its text, or its text, value and link. A text that is
// the value, or its first four digits, has none beside it.
func dataOf(r Row) []any {
	data := []any{r.Measured}
	for _, c := range r.Cells {
		switch {
		case c.Link != "":
			data = append(data, []any{c.Text, c.Value, c.Link})
		case c.Value != nil && c.Text != fmt.Sprintf("%.4g", *c.Value) && c.Text != fmt.Sprint(*c.Value):
			data = append(data, []any{c.Text, c.Value})
		default:
			data = append(data, c.Text)
		}
	}
	return data
}
