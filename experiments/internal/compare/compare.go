// Package compare says what changed between runs: their medians with intervals, the ratios of
// these, and whether a change is more than the intervals leave open, in the manner of
// benchstat. It reads the folders that runs leave. It may not run anything, nor draw.
package compare

import (
	"fmt"
	"slices"
	"strings"
)

// Most is how many runs are compared at most: each has a letter.
const Most = 26

// Comparison is what changed between runs, of which the first is what the others are compared
// with. Its field names are part of the JSON that the command prints.
type Comparison struct {
	Runs    []*Run       `json:"runs"`
	Differs []Difference `json:"differs,omitempty"` // of machine, program, profile, command and seed
	Same    []Fact       `json:"same,omitempty"`
	Tables  []Table      `json:"tables"`
	// Only lists what stands in some of the runs alone, and is not compared.
	Only []Only `json:"only,omitempty"`
}

// Difference is a fact that differs between runs; "" where a run doesn't say it.
type Difference struct {
	What   string   `json:"what"`
	Values []string `json:"values"` // by run
}

// Table is a metric of all cases that the runs have in common, found in one way.
type Table struct {
	Metric Metric `json:"metric"`
	// Found is how: see Source.
	Found Source `json:"found"`
	Lines []Line `json:"lines"`
	// Geomean is, by run from the second on, the geometric mean of the ratios; nil of metrics that
	// have none, and where no line counts.
	Geomean []*Geomean `json:"geomean,omitempty"`
}

// Geomean is the geometric mean of ratios. Values that are not settled don't count.
type Geomean struct {
	Ratio float64 `json:"ratio"`
	Of    int     `json:"of"` // lines that count
}

// Line is a case.
type Line struct {
	Case   string   `json:"case"`
	Values []Value  `json:"values"`  // by run
	Change []Change `json:"changes"` // by run from the second on
}

// Only is what is found in some runs alone.
type Only struct {
	Found Source `json:"found"`
	Case  string `json:"case"`
	In    []int  `json:"in"` // indices of runs
}

// Letter names a run by its index.
func Letter(run int) string { return string(rune('A' + run)) }

// Of compares runs. Errors wrap ErrKinds or ErrNothing.
func Of(runs []*Run) (*Comparison, error) {
	if err := alike(runs); err != nil {
		return nil, err
	}
	c := &Comparison{Runs: runs}
	c.facts()
	for _, s := range sources(runs) {
		var cases []string
		for _, name := range casesOf(runs, s) {
			var in []int
			for i, r := range runs {
				if r.find(s, name) != nil {
					in = append(in, i)
				}
			}
			if len(in) == len(runs) {
				cases = append(cases, name)
			} else {
				c.Only = append(c.Only, Only{s, name, in})
			}
		}
		for _, m := range metricsOf(runs, s, cases) {
			if t := newTable(runs, s, m, cases); len(t.Lines) > 0 {
				c.Tables = append(c.Tables, t)
			}
		}
	}
	if len(c.Tables) == 0 {
		return nil, nothing(runs)
	}
	return c, nil
}

// alike reports whether runs can be compared: they are of one kind.
func alike(runs []*Run) error {
	switch {
	case len(runs) < 2:
		return fmt.Errorf("%w: give two runs or more", ErrNothing)
	case len(runs) > Most:
		return fmt.Errorf("%w: %d runs; give %d at most", ErrNothing, len(runs), Most)
	}
	for _, r := range runs[1:] {
		if r.Kind != runs[0].Kind {
			return fmt.Errorf("%w: %s is a run of %s, %s of %s; name runs of one kind", ErrKinds, runs[0].Path,
				runs[0].Kind.text(), r.Path, r.Kind.text())
		}
	}
	return nil
}

// nothing says why runs have nothing in common.
func nothing(runs []*Run) error {
	var all []string
	for _, r := range runs {
		var found []string
		for _, s := range sources([]*Run{r}) {
			found = append(found, string(s))
		}
		what := strings.Join(found, " and ")
		if what == "" {
			what = "no"
		}
		all = append(all, fmt.Sprintf("%s (%s) has %s values", r.Path, r.Name, what))
	}
	return fmt.Errorf("%w: %s. A prediction is never compared with a measurement as if they were alike: how far they are "+
		"apart stands in a run's own table", ErrNothing, strings.Join(all, "; "))
}

// sources lists how values of runs were found, what was measured first.
func sources(runs []*Run) []Source {
	var all []Source
	for _, s := range []Source{Measured, Mixed, Modelled, Simulated, Errors} {
		for _, r := range runs {
			if slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Found == s }) {
				all = append(all, s)
				break
			}
		}
	}
	return all
}

// casesOf lists the cases of runs that were found in one way.
func casesOf(runs []*Run, s Source) []string {
	var all []string
	known := map[string]bool{}
	for _, r := range runs {
		for i := range r.Rows {
			if row := &r.Rows[i]; row.Found == s && !known[row.Case] {
				known[row.Case] = true
				all = append(all, row.Case)
			}
		}
	}
	return all
}

// metricsOf lists the metrics of cases in their order.
func metricsOf(runs []*Run, s Source, cases []string) []Metric {
	var all []Metric
	for _, name := range cases {
		for _, r := range runs {
			for _, v := range r.find(s, name).Values {
				if !slices.Contains(all, v.Metric) {
					all = append(all, v.Metric)
				}
			}
		}
	}
	return all
}

// newTable compares a metric of cases that all runs have; those without it are left out.
func newTable(runs []*Run, s Source, m Metric, cases []string) Table {
	t := Table{Metric: m, Found: s}
	for _, name := range cases {
		line := Line{Case: name}
		for _, r := range runs {
			if v := r.find(s, name).value(m); v != nil {
				line.Values = append(line.Values, *v)
			}
		}
		if len(line.Values) < len(runs) {
			continue
		}
		for _, v := range line.Values[1:] {
			line.Change = append(line.Change, changeOf(m, line.Values[0], v))
		}
		t.Lines = append(t.Lines, line)
	}
	if !m.Points && len(t.Lines) > 0 {
		for k := range runs[1:] {
			t.Geomean = append(t.Geomean, geomean(t.Lines, k))
		}
	}
	return t
}
