package result

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

const missing = "-"

// WriteTable writes the sweep as text: a table per endpoint and link, each with
// its best cuts and speed-up, then the rows whose parts are further off than the
// whole, then the errors of all rows, the worst case named.
func WriteTable(w io.Writer, s *Sweep) error {
	sum, err := Summarise(s)
	if err != nil {
		return err
	}
	out := &stickyWriter{w: w}
	fmt.Fprintf(out, "%s on %s, %s%s\n", s.Experiment, s.Machine, s.Date, conditions(s))
	if s.Testbed != nil {
		fmt.Fprintf(out, "testbed: %s\n", s.Testbed)
	}
	for _, u := range s.Unverified {
		fmt.Fprintf(out, "unverified: %s\n", u)
	}
	for _, p := range s.Parameters {
		fmt.Fprintf(out, "assumed: %s: %s; it stands for: %s; %s\n", p.Name, p.Value, p.For, p.Why)
	}
	for _, a := range s.Assumed() {
		fmt.Fprintf(out, "assumed by the simulation, as not measured: %s\n", a)
	}
	for _, text := range s.Waited() {
		fmt.Fprintf(out, "disturbed: %s\n", text)
	}
	for _, text := range s.Throttled() {
		fmt.Fprintf(out, "throttled: %s\n", text)
	}
	form := formOf(s)
	for i, g := range Groups(s.Rows) {
		fmt.Fprintf(out, "\n%s (slowed by %g)", g.Name(), g.Rows[0].Slowdown)
		for _, d := range s.Gateways {
			fmt.Fprintf(out, ", %s (by %g)", d.Device, d.Slowdown)
		}
		fmt.Fprintln(out)
		writeRows(out, g.Rows, form, false)
		form.best(out, s, &sum, i)
	}
	if len(s.TwoEndpoints) > 0 {
		fmt.Fprintf(out, "\nendpoints at once on one server\n")
		rows := make([]*Row, len(s.TwoEndpoints))
		for i := range rows {
			rows[i] = &s.TwoEndpoints[i]
		}
		writeRows(out, rows, form, true)
	}
	fmt.Fprintf(out, "\n%s", form.legend)
	if clocks := s.Clocks(); clocks != "" {
		fmt.Fprintf(out, "  %s\n", clocks)
	}
	writeEnergyNotes(out, s)
	writeLeakageNote(out, s)
	writeNotes(out, s)
	if s.Search != nil {
		fmt.Fprintln(out, s.Search)
	}
	writeErrors(out, sum.Errors)
	fmt.Fprintf(out, "in %d of %d measured rows errors of parts cancel\n", sum.RowsErrorsCancel, sum.RowsMeasured)
	writeGroupErrors(out, sum.GroupErrors)
	return out.err
}

// tableColumn is one column of a table behind the first: its head and what it holds of a
// row. The rest is of listings.
type tableColumn struct {
	head string
	text func(r *Row) string

	name, unit, about string              // name is empty where the head says it
	words             func(r *Row) string // in place of text; nil: the same
	value             func(r *Row) (float64, bool)
	listed            []tableColumn // of a listing in its place
}

// tableForm is what the tables of a kind of experiment hold.
type tableForm struct {
	first   string              // the head of the first column
	name    func(r *Row) string // its text
	columns func(rows []*Row) []tableColumn
	legend  string
	// best says what is best of the group with an index in the summary.
	best func(w io.Writer, s *Sweep, sum *Summary, group int)
}

// formOf returns the form of the table for what the experiment compares.
func formOf(s *Sweep) tableForm {
	switch s.Kind {
	case OfParameter:
		return tableForm{s.Swept.Param + " or baseline", label, sweptColumns, sweptLegend, writeTrades}
	case OfMappings:
		return tableForm{"mapping or baseline", groupLabel, mappedColumns, legend, writeBest("mapping")}
	}
	return tableForm{"cut or baseline", label, cutColumns, legend, writeBest("cut")}
}

func label(r *Row) string { return r.Label }

// groupLabel is the label with the group of mappings before it.
func groupLabel(r *Row) string {
	if r.Group == "" {
		return r.Label
	}
	return r.Group + ": " + r.Label
}

func writeRows(w io.Writer, rows []*Row, form tableForm, named bool) {
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	first := form.first
	if named {
		first = "endpoint, link: " + first
	}
	names := make([]string, len(rows))
	width := utf8.RuneCountInString(first)
	for i, r := range rows {
		names[i] = form.name(r)
		if named {
			names[i] = Group{Endpoint: r.Endpoint, Link: r.Link}.Name() + ": " + names[i]
		}
		width = max(width, utf8.RuneCountInString(names[i]))
	}
	columns := form.columns(rows)
	line := []string{fmt.Sprintf("  %-*s", width, first)}
	for _, c := range columns {
		line = append(line, " "+c.head)
	}
	fmt.Fprintln(t, strings.Join(line, "\t"))
	for i, r := range rows {
		line = []string{fmt.Sprintf("  %-*s", width, names[i])}
		for _, c := range columns {
			line = append(line, " "+c.text(r))
		}
		fmt.Fprintln(t, strings.Join(line, "\t"))
	}
	_ = t.Flush() // w keeps its first error
}

func writeNotes(w io.Writer, s *Sweep) {
	for _, rows := range [][]Row{s.Rows, s.TwoEndpoints} {
		for i := range rows {
			r := &rows[i]
			if p, ok := r.Cancels(); ok {
				whole := "latency"
				if p.Part.OnEndpoint {
					whole = "endpoint time"
				}
				fmt.Fprintf(w, "  ! %s: %s %s is off by %s of the %s\n", r.name(), p.Part.Kind, p.Part.Name,
					signedPercent(p.OfWhole), whole)
			}
			if r.Failed != "" {
				fmt.Fprintf(w, "  failed: %s: %s\n", r.name(), r.Failed)
			}
		}
	}
}

func conditions(s *Sweep) string {
	switch {
	case s.Emulated:
		return ", emulated"
	case s.Real():
		return ", real"
	}
	return ""
}

// stickyWriter keeps the first error of its writer and writes nothing after it.
type stickyWriter struct {
	w   io.Writer
	err error
}

func (s *stickyWriter) Write(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(b)
	if err != nil {
		s.err = errors.Join(errors.New("result: the table could not be written"), err)
	}
	return n, s.err
}
