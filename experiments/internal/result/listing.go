package result

import (
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/listing"
)

// About explains the rows of a sweep's tables.
func (s *Sweep) About() string {
	var lines []string
	for line := range strings.SplitSeq(formOf(s).legend, "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "~") && !strings.HasPrefix(line, "!") { // marks, which listings write as words
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, " "))
}

// Tables returns the tables of a sweep: all cases, then those of several endpoints at once.
func (s *Sweep) Tables() []listing.Table {
	rows := s.All()
	all := []listing.Table{s.table("Cases", rows[:len(s.Rows)])}
	if len(s.TwoEndpoints) > 0 {
		all = append(all, s.table("Endpoints at once on one server", rows[len(s.Rows):]))
	}
	return all
}

// table lists rows of all groups: what tells these apart, then the columns of the tables for
// people.
func (s *Sweep) table(name string, rows []*Row) listing.Table {
	form := formOf(s)
	columns := []tableColumn{
		{head: form.first, text: form.name},
		{head: "endpoint", text: func(r *Row) string { return r.Endpoint }},
		{head: "link", text: func(r *Row) string { return r.Link }},
	}
	for _, c := range form.columns(rows) {
		if c.listed != nil {
			columns = append(columns, c.listed...)
			continue
		}
		columns = append(columns, c)
	}
	columns = append(columns, tableColumn{head: "failed", text: func(r *Row) string { return r.Failed }})
	t := listing.Table{Name: name, Rows: make([]listing.Row, len(rows))}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.column())
		for i, r := range rows {
			t.Rows[i].Cells = append(t.Rows[i].Cells, c.cell(r))
			t.Rows[i].Measured = r.Measured != nil
		}
	}
	return t.Compact()
}

func (c *tableColumn) column() listing.Column {
	name := c.name
	if name == "" {
		name = strings.TrimSpace(c.head)
	}
	return listing.Column{Name: name, Unit: c.unit, About: c.about, Numeric: c.value != nil}
}

func (c *tableColumn) cell(r *Row) listing.Cell {
	text := c.text
	if c.words != nil {
		text = c.words
	}
	cell := listing.Cell{Text: text(r)}
	if c.value != nil {
		if v, ok := c.value(r); ok {
			cell.Value = &v
		}
	}
	return cell
}

// markWords says in words what marks does.
func (r *Row) markWords(q Quantity) string {
	words := map[rune]string{'~': "within noise", '?': "not settled", '!': "errors of parts cancel"}
	var all []string
	for _, m := range r.marks(q) {
		all = append(all, words[m])
	}
	return strings.Join(all, ", ")
}
