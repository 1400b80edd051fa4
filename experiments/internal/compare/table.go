package compare

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// mostOnly is how many cases that some runs alone have are written for people.
const mostOnly = 12

// WriteText writes the comparison for people: all cases, or only those that are not equal.
func (c *Comparison) WriteText(w io.Writer, all bool) error {
	b := &strings.Builder{}
	for i, r := range c.Runs {
		fmt.Fprintf(b, "%s  %s  %s %s", Letter(i), r.Path, r.Kind, r.Name)
		if len(r.Marks) > 0 {
			fmt.Fprintf(b, " (%s)", strings.Join(r.Marks, "; "))
		}
		fmt.Fprintln(b)
	}
	c.writeFacts(b)
	fmt.Fprintln(b)
	for _, text := range c.Lead() {
		fmt.Fprintln(b, text)
	}
	for i := range c.Tables {
		c.writeTable(b, &c.Tables[i], all)
	}
	fmt.Fprintln(b)
	for _, note := range c.Notes() {
		fmt.Fprintln(b, note)
	}
	c.writeOnly(b)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFacts writes what differs, and what does not.
func (c *Comparison) writeFacts(b *strings.Builder) {
	fmt.Fprintln(b, "\ndiffers:")
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, d := range c.Differs {
		for i, v := range d.Values {
			what := d.What
			if i > 0 {
				what = ""
			}
			if v == "" {
				v = "-"
			}
			fmt.Fprintf(tw, "  %s\t%s\t%s\n", what, Letter(i), v)
		}
	}
	_ = tw.Flush() // a builder takes all
	var same []string
	for _, f := range c.Same {
		same = append(same, f.What+" "+f.Value)
	}
	if len(same) > 0 {
		fmt.Fprintf(b, "the same in all: %s\n", strings.Join(same, "; "))
	}
}

func (c *Comparison) writeTable(b *strings.Builder, t *Table, all bool) {
	u := t.Unit()
	fmt.Fprintf(b, "\n%s\n", t.Title())
	equal := 0
	for i := range t.Lines {
		if t.Lines[i].Equal(t.Metric) {
			equal++
		}
	}
	if equal == len(t.Lines) && !all {
		fmt.Fprintf(b, "  equal: %s\n", cases(equal))
		return
	}
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "  CASE")
	for i := range c.Runs {
		fmt.Fprintf(tw, "\t%s", Letter(i))
		if i > 0 {
			fmt.Fprintf(tw, "\t%s vs A\t", Letter(i))
		}
	}
	fmt.Fprintln(tw)
	for i := range t.Lines {
		l := &t.Lines[i]
		if !all && l.Equal(t.Metric) {
			continue
		}
		fmt.Fprintf(tw, "  %s\t%s", l.Case, l.Values[0].Text(u))
		for k := range l.Change {
			fmt.Fprintf(tw, "\t%s\t%s\t(%s)", l.Values[k+1].Text(u), l.Change[k].Delta(t.Metric), l.Basis(k))
		}
		fmt.Fprintln(tw)
	}
	if len(t.Geomean) > 0 {
		fmt.Fprint(tw, "  geomean\t")
		for _, g := range t.Geomean {
			fmt.Fprintf(tw, "\t\t%s\t(%s)", g.Delta(), g.Basis(len(t.Lines)))
		}
		fmt.Fprintln(tw)
	}
	_ = tw.Flush()
	if equal > 0 && !all {
		fmt.Fprintf(b, "  equal: %s more\n", cases(equal))
	}
}

// Delta writes the geometric mean of ratios as a change.
func (g *Geomean) Delta() string {
	if g == nil {
		return "-"
	}
	return fmt.Sprintf("%+.2f %%", 100*(g.Ratio-1))
}

// Basis says how many of the lines count.
func (g *Geomean) Basis(lines int) string {
	of := 0
	if g != nil {
		of = g.Of
	}
	if of == lines {
		return fmt.Sprintf("of %d", lines)
	}
	return fmt.Sprintf("of %d of %d, the others are not settled or have no ratio", of, lines)
}

// writeOnly writes what some runs alone have.
func (c *Comparison) writeOnly(b *strings.Builder) {
	if len(c.Only) == 0 {
		return
	}
	fmt.Fprintln(b, "\nnot compared, as not all runs have them:")
	for i, o := range c.Only {
		if i == mostOnly {
			fmt.Fprintf(b, "  and %d more, see --json\n", len(c.Only)-i)
			break
		}
		fmt.Fprintf(b, "  %s, %s: in %s\n", o.Case, o.Found, o.Letters())
	}
}

// Letters lists the runs.
func (o *Only) Letters() string {
	var all []string
	for _, i := range o.In {
		all = append(all, Letter(i))
	}
	return strings.Join(all, ", ")
}
