package comparecmd

import (
	"fmt"
	"math"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/compare"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
)

// page returns the report of a comparison, without its figure.
func page(c *compare.Comparison) *report.Page {
	p := &report.Page{Title: fmt.Sprintf("%s: what changed between %d runs", c.Runs[0].Name, len(c.Runs)), Lead: c.Lead()}
	var marks []string
	for i, r := range c.Runs {
		if len(r.Marks) > 0 {
			marks = append(marks, fmt.Sprintf("%s: %s.", compare.Letter(i), strings.Join(r.Marks, "; ")))
		}
		p.Facts = append(p.Facts, report.Fact{Name: "run " + compare.Letter(i), Value: r.Path})
	}
	p.Kicker = strings.Join(marks, " ")
	p.Tables = append(p.Tables, differs(c))
	for i := range c.Tables {
		p.Tables = append(p.Tables, table(c, &c.Tables[i]))
	}
	if len(c.Only) > 0 {
		p.Tables = append(p.Tables, only(c))
	}
	var same []string
	for _, f := range c.Same {
		same = append(same, f.What+": "+f.Value)
	}
	p.Method = []report.Section{{Title: "How to read it", Lines: c.Notes()}, {Title: "The same in all runs", Lines: same}}
	return p
}

// differs is the table of what differs of the runs' inputs.
func differs(c *compare.Comparison) report.Table {
	t := report.Table{Name: "what differs of the runs", Columns: []report.Column{{Name: "what"}}}
	for i := range c.Runs {
		t.Columns = append(t.Columns, report.Column{Name: compare.Letter(i)})
	}
	for _, d := range c.Differs {
		row := report.Row{Cells: []report.Cell{{Text: d.What}}}
		for _, v := range d.Values {
			row.Cells = append(row.Cells, report.Cell{Text: v})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// table is that of a metric.
func table(c *compare.Comparison, of *compare.Table) report.Table {
	u := of.Unit()
	t := report.Table{Name: of.Title(), Columns: []report.Column{{Name: "case"}}}
	for i := range c.Runs {
		letter := compare.Letter(i)
		t.Columns = append(t.Columns, report.Column{Name: letter, Unit: u.Name, Numeric: true})
		if i > 0 {
			t.Columns = append(t.Columns, report.Column{Name: letter + " against A", Numeric: true},
				report.Column{Name: "basis of " + letter})
		}
	}
	for i := range of.Lines {
		l := &of.Lines[i]
		row := report.Row{
			Cells:    []report.Cell{{Text: l.Case}, report.Number(l.Values[0].Text(u), l.Values[0].Value)},
			Measured: of.Found == compare.Measured,
		}
		for k := range l.Change {
			ch := &l.Change[k]
			change := report.Cell{Text: ch.Delta(of.Metric)}
			if ch.Ratio.N > 0 && !math.IsNaN(ch.Ratio.Value) {
				change = report.Number(change.Text, ch.Ratio.Value)
			}
			row.Cells = append(row.Cells, report.Number(l.Values[k+1].Text(u), l.Values[k+1].Value), change,
				report.Cell{Text: l.Basis(k)})
		}
		t.Rows = append(t.Rows, row)
	}
	var means []string
	for k, g := range of.Geomean {
		means = append(means, fmt.Sprintf("Geomean of %s: %s, %s.", compare.Letter(k+1), g.Delta(), g.Basis(len(of.Lines))))
	}
	t.About = strings.Join(means, " ")
	return t
}

// only is the table of what some runs alone have.
func only(c *compare.Comparison) report.Table {
	t := report.Table{
		Name: "not compared", About: "Not all runs have these cases.",
		Columns: []report.Column{{Name: "case"}, {Name: "found"}, {Name: "in"}},
	}
	for _, o := range c.Only {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{
			{Text: o.Case}, {Text: string(o.Found)}, {Text: o.Letters()},
		}})
	}
	return t
}
