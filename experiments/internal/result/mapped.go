package result

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Baselines is the group of cases that stand beside those of all groups of mappings.
const Baselines = "baselines"

// GroupError is the error of the simulation in one quantity over the measured cases of
// a group of mappings. Errors are fractions; nil is not measured, never 0.
type GroupError struct {
	Group       string   `json:"group"`
	Quantity    Quantity `json:"quantity"`
	MedianError *float64 `json:"median_error"`
	MaxError    *float64 `json:"max_error"`
	WorstCase   string   `json:"worst_case"`
	Cases       int      `json:"cases"` // that both drivers ran
	WithinNoise int      `json:"within_noise"`
}

// MappedRows returns the rows by group of mappings, in order of first appearance, the
// baselines last.
func MappedRows(rows []Row) (names []string, groups map[string][]*Row) {
	groups = map[string][]*Row{}
	for i := range rows {
		name := rows[i].Group
		if name == "" {
			name = Baselines
		} else if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], &rows[i])
	}
	if groups[Baselines] != nil {
		names = append(names, Baselines)
	}
	return names, groups
}

// GroupErrors returns the errors of every quantity in every group of mappings; none of
// other sweeps.
func GroupErrors(s *Sweep) []GroupError {
	if s.Kind != OfMappings {
		return nil
	}
	var all []GroupError
	names, groups := MappedRows(s.Rows)
	for _, name := range names {
		for _, q := range Quantities() {
			all = append(all, groupError(name, q, groups[name]))
		}
	}
	return all
}

func groupError(name string, q Quantity, rows []*Row) GroupError {
	e := errorsOf(rows, q)
	g := GroupError{Group: name, Quantity: q, MedianError: e.median, MaxError: e.most, Cases: e.rows, WithinNoise: e.withinNoise}
	if e.worst != nil {
		g.WorstCase = e.worst.FullLabel()
	}
	return g
}

// spreadOfErrors sums up the magnitudes of the errors of rows in one quantity.
type spreadOfErrors struct {
	median, most *float64 // nil if no row has an error
	worst        *Row     // with the greatest
	rows         int      // with an error
	withinNoise  int
}

func errorsOf(rows []*Row, q Quantity) spreadOfErrors {
	var s spreadOfErrors
	var errs []float64
	for _, r := range rows {
		e, noise, ok := r.ErrorOf(q)
		if !ok {
			continue
		}
		e = math.Abs(e)
		if errs = append(errs, e); noise {
			s.withinNoise++
		}
		if s.most == nil || e > *s.most {
			s.most, s.worst = &e, r
		}
	}
	s.rows, s.median = len(errs), medianOf(errs)
	return s
}

// medianOf returns the median, nil of nothing. It sorts x.
func medianOf(x []float64) *float64 {
	if len(x) == 0 {
		return nil
	}
	slices.Sort(x)
	m := (x[(len(x)-1)/2] + x[len(x)/2]) / 2
	return &m
}

// GroupErrorLines says in one line per group how far the simulation was off.
func GroupErrorLines(errs []GroupError) []string {
	var lines []string
	for i, g := range errs {
		if i == 0 || g.Group != errs[i-1].Group {
			lines = append(lines, g.Group+": ")
		} else {
			lines[len(lines)-1] += "; "
		}
		lines[len(lines)-1] += g.String()
	}
	return lines
}

// String says how far the simulation was off, without the group.
func (g *GroupError) String() string {
	if g.MedianError == nil {
		return fmt.Sprintf("%s not measured", g.Quantity)
	}
	return fmt.Sprintf("%s median %s, worst %s (%s), %d of %d within noise",
		g.Quantity, percent(*g.MedianError), percent(*g.MaxError), g.WorstCase, g.WithinNoise, g.Cases)
}

const mappedLegend = `  ± is half the 95 % interval: of the median over frames, or for throughput of the mean time between results. Error is
  (simulated - measured) / measured. Endpoint time and latency are with one frame under way, throughput with all of them.
  ~ the error is below that spread (within noise)   ! a part is further off than the whole, see below   - not measured
`

// mappedColumns are those of a table of mappings, behind the first.
var mappedColumns = []string{" codec", " bytes", " endpoint sim ms", " measured ± ms", " error", " ",
	" latency sim ms", " measured ± ms", " error", " ", " fps sim", " measured ±", " error", " ", " against the whole"}

// mappedCells returns the row as text, in the order of the columns.
func (r *Row) mappedCells() []string {
	label := r.Label
	if r.Group != "" {
		label = r.Group + ": " + label
	}
	c := []string{label, orMissing(r.Codec), missing}
	if o := r.any(); o != nil {
		c[2] = fmt.Sprint(o.BoundaryBytes)
	}
	for _, q := range Quantities() {
		write := milliseconds
		if q == Throughput {
			write = fps
		}
		cells := []string{missing, missing, missing, ""}
		if r.Stored != nil {
			v, _ := q.Of(r.Stored)
			cells[0] = write(v)
		}
		if r.Measured != nil {
			v, spread := q.Of(r.Measured)
			cells[1] = write(v) + " ± " + write(spread)
		}
		if e, noise, ok := r.ErrorOf(q); ok {
			cells[2] = signedPercent(e)
			if noise {
				cells[3] = "~"
			}
		}
		if q == EndpointTime {
			cells[3] = r.marks()
			if r.Failed != "" {
				cells[1] = "failed"
			}
		}
		c = append(c, cells...)
	}
	return append(c, orMissing(r.Equal))
}

// writeGroupErrors prints the errors of every group of mappings.
func writeGroupErrors(w io.Writer, errs []GroupError) {
	for _, line := range GroupErrorLines(errs) {
		fmt.Fprintf(w, "  error, %s\n", strings.ReplaceAll(line, "; ", ";\n    "))
	}
}
