package result

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

const missing = "-"

const legend = `  ± is half the 95 % interval of the median over frames; error is (simulated - measured) / measured endpoint time.
  ~ the error is below that spread (within noise)   ! a part is further off than the whole, see below   - not measured
`

// WriteTable writes the sweep as text: a table per endpoint and link, each with
// its best cuts and speed-up, then the rows whose parts are further off than the
// whole, then the errors of all rows, the worst case named.
func WriteTable(w io.Writer, s *Sweep) error {
	sum, err := Summarise(s)
	if err != nil {
		return err
	}
	out := &stickyWriter{w: w}
	fmt.Fprintf(out, "%s on %s, %s%s\n", s.Experiment, s.Machine, s.Date, emulated(s))
	for _, u := range s.Unverified {
		fmt.Fprintf(out, "unverified: %s\n", u)
	}
	for _, a := range s.Assumed() {
		fmt.Fprintf(out, "assumed by the simulation, as not measured: %s\n", a)
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
	writeNotes(out, s)
	writeErrors(out, sum.Errors)
	fmt.Fprintf(out, "in %d of %d measured rows errors of parts cancel\n", sum.RowsErrorsCancel, sum.RowsMeasured)
	writeGroupErrors(out, sum.GroupErrors)
	return out.err
}

// tableForm is what a table's columns hold: the first, the others, a row's cells, and
// the legend.
type tableForm struct {
	first   string
	columns []string
	cells   func(*Row) []string
	legend  string
	// best says what is best of the group with an index in the summary.
	best func(w io.Writer, s *Sweep, sum *Summary, group int)
}

// formOf returns the form of the table for what the experiment compares.
func formOf(s *Sweep) tableForm {
	switch s.Kind {
	case OfParameter:
		return tableForm{s.Swept.Param + " or baseline", sweptColumns, (*Row).sweptCells, sweptLegend, writeTrades}
	case OfMappings:
		return tableForm{"mapping or baseline", mappedColumns, (*Row).mappedCells, mappedLegend, writeBest("mapping")}
	}
	return tableForm{"cut or baseline", cutColumns, (*Row).cells, legend, writeBest("cut")}
}

var cutColumns = []string{" codec", " bytes", " endpoint sim ms", " measured ± ms", " error", " ",
	" latency sim", " meas ms", " fps sim", " meas", " quality"}

func writeRows(w io.Writer, rows []*Row, form tableForm, named bool) {
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	first := form.first
	if named {
		first = "endpoint, link: " + first
	}
	lines := make([][]string, len(rows))
	width := utf8.RuneCountInString(first)
	for i, r := range rows {
		lines[i] = form.cells(r)
		if named {
			lines[i][0] = Group{Endpoint: r.Endpoint, Link: r.Link}.Name() + ": " + lines[i][0]
		}
		width = max(width, utf8.RuneCountInString(lines[i][0]))
	}
	fmt.Fprintln(t, strings.Join(append([]string{fmt.Sprintf("  %-*s", width, first)}, form.columns...), "\t"))
	for _, cells := range lines {
		cells[0] = fmt.Sprintf(" %-*s", width, cells[0])
		for i := range cells {
			cells[i] = " " + cells[i]
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	_ = t.Flush() // w keeps its first error
}

// cells returns the row as text, in the order of the table's columns.
func (r *Row) cells() []string {
	c := []string{r.Label, orMissing(r.Codec), missing, missing, missing, missing, r.marks(), missing, missing, missing, missing, r.qualityText()}
	if o := r.Stored; o != nil {
		c[2], c[3], c[7], c[9] = fmt.Sprint(o.BoundaryBytes), milliseconds(o.EndpointTime.Median), milliseconds(o.Latency.Median), fps(o.Throughput.Value)
	}
	if o := r.Measured; o != nil {
		c[2], c[8], c[10] = fmt.Sprint(o.BoundaryBytes), milliseconds(o.Latency.Median), fps(o.Throughput.Value)
		c[4] = milliseconds(o.EndpointTime.Median) + " ± " + milliseconds(o.EndpointTime.Spread())
	}
	if r.Failed != "" {
		c[4] = "failed"
	}
	if e, ok := r.Error(); ok {
		c[5] = signedPercent(e)
	}
	return c
}

func (r *Row) marks() string {
	m := ""
	if r.WithinNoise() {
		m += "~"
	}
	if _, ok := r.Cancels(); ok {
		m += "!"
	}
	return m
}

func (r *Row) qualityText() string {
	var parts []string
	for _, k := range r.qualityKeys() {
		parts = append(parts, fmt.Sprintf("%s %.3f", k, r.Quality[k]))
	}
	return orMissing(strings.Join(parts, " "))
}

func (r *Row) qualityKeys() []string {
	keys := make([]string, 0, len(r.Quality))
	for k := range r.Quality {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// writeBest returns what prints the best of a group; one is what is compared.
func writeBest(one string) func(w io.Writer, s *Sweep, sum *Summary, group int) {
	return func(w io.Writer, _ *Sweep, sum *Summary, group int) { writeBestOf(w, one, &sum.Groups[group].Figures) }
}

func writeBestOf(w io.Writer, one string, f *Figures) {
	fmt.Fprintf(w, "  best %s that sends no raw frame: simulated %s (%s over all on endpoint), measured %s (%s)",
		one, orMissing(f.BestCutSimulated), times(f.SpeedupSimulated), orMissing(f.BestCutMeasured), times(f.SpeedupMeasured))
	if f.BestCutRegret != nil {
		fmt.Fprintf(w, "; the predicted best is %s slower than the measured best", percent(*f.BestCutRegret))
	}
	fmt.Fprintln(w)
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
				fmt.Fprintf(w, "  ! %s: %s %s is off by %s of the %s\n", r.name(), p.Part.Kind, p.Part.Name, signedPercent(p.OfWhole), whole)
			}
			if r.Failed != "" {
				fmt.Fprintf(w, "  failed: %s: %s\n", r.name(), r.Failed)
			}
		}
	}
}

func emulated(s *Sweep) string {
	if s.Emulated {
		return ", emulated"
	}
	return ""
}

func orMissing(s string) string {
	if s == "" {
		return missing
	}
	return s
}

// milliseconds gives three significant digits, and no more decimals than that
// takes.
func milliseconds(s float64) string {
	ms := s * 1e3
	decimals := 3
	if a := math.Abs(ms); a > 0 {
		decimals = min(3, max(0, 2-int(math.Floor(math.Log10(a)))))
	}
	return fmt.Sprintf("%.*f", decimals, ms)
}

func fps(f float64) string           { return fmt.Sprintf("%.2f", f) }
func percent(f float64) string       { return fmt.Sprintf("%.1f %%", 100*f) }
func signedPercent(f float64) string { return fmt.Sprintf("%+.1f %%", 100*f) }

func times(f *float64) string {
	if f == nil {
		return missing
	}
	return fmt.Sprintf("%.2f ×", *f)
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
