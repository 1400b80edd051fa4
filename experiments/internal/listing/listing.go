// Package listing is a table as plain data: texts with the values that they are sorted by. It may
// not compute any, nor write a file.
package listing

import "slices"

// Table is a table that can be sorted and filtered.
type Table struct {
	Name    string
	About   string // what one has to know to read it
	Columns []Column
	Rows    []Row
}

// Column is a column of a table. Unit is that of all its cells, empty where they have none.
type Column struct {
	Name, Unit string
	Numeric    bool   // sorted by Cell.Value, and aligned to the right
	About      string // what it means, where its name doesn't say it
}

// Row has a cell for each column. Rows that are not measured can be hidden where a table has
// both kinds.
type Row struct {
	Cells    []Cell
	Measured bool
}

// Cell shows a text. Value orders it in a numeric column; nil: it is missing, and comes last.
// Link is an address relative to the page that the text leads to; empty: it is no link.
type Cell struct {
	Text  string
	Value *float64
	Link  string
}

// Missing is the text of a cell that has nothing to show; so is an empty one.
const Missing = "-"

// Number is a cell with a value.
func Number(text string, value float64) Cell { return Cell{Text: text, Value: &value} }

// Compact returns the table without the columns in which no row has anything.
func (t Table) Compact() Table {
	kept := make([]bool, len(t.Columns))
	for _, r := range t.Rows {
		for i, c := range r.Cells {
			kept[i] = kept[i] || c.Text != "" && c.Text != Missing
		}
	}
	pick := func(i int) bool { return kept[i] }
	out := t
	out.Columns = picked(t.Columns, pick)
	out.Rows = make([]Row, len(t.Rows))
	for i, r := range t.Rows {
		out.Rows[i] = Row{Cells: picked(r.Cells, pick), Measured: r.Measured}
	}
	return out
}

func picked[T any](all []T, pick func(i int) bool) []T {
	var kept []T
	for i, v := range all {
		if pick(i) {
			kept = append(kept, v)
		}
	}
	return slices.Clip(kept)
}
