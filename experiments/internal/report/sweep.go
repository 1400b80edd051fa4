package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Write writes the page of an experiment to path, atomically: the answer, the figures, of which
// paths names the files, the tables, and how it came about. run is nil where it is not known.
func Write(path string, s *result.Sweep, run *record.Run, paths []string) error {
	p, err := OfSweep(s, run)
	if err != nil {
		return err
	}
	if p.Figures, err = FiguresOf(path, paths); err != nil {
		return err
	}
	return WritePage(path, p)
}

// OfSweep is the page of an experiment without its figures.
func OfSweep(s *result.Sweep, run *record.Run) (*Page, error) {
	sum, err := result.Summarise(s)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	p := &Page{
		Title: titled(s.Experiment, s.Emulated, s.Real()), Kicker: sweepKicker(s, &sum),
		Lead: sweepLead(s, &sum), Facts: sweepFacts(&sum), Notes: sweepNotes(s), Tables: s.Tables(),
	}
	if t := origins(s); len(t.Rows) > 0 {
		p.Tables = append(p.Tables, t)
	}
	how := Section{Title: "How to read the tables", Lines: []string{s.About()}}
	if clocks := s.Clocks(); clocks != "" {
		how.Lines = append(how.Lines, clocks)
	}
	if note := s.LeakageNote(); note != "" {
		how.Lines = append(how.Lines, strings.ToUpper(note[:1])+note[1:]+".")
	}
	errs := Section{Title: "Errors of the predictions", Lines: append(result.ErrorLines(sum.Errors),
		result.GroupErrorLines(sum.GroupErrors)...)}
	errs.Lines = append(errs.Lines, fmt.Sprintf("In %d of %d measured rows errors of parts cancel.", sum.RowsErrorsCancel,
		sum.RowsMeasured))
	p.Method = append([]Section{how, errs}, energySection(s)...)
	p.Method = append(p.Method, made(run, s.Machine, s.Date, s.Seed, s.Testbed))
	return p, nil
}

// titled is a title that says whether it is emulated or real.
func titled(name string, emulated, real bool) string {
	switch {
	case emulated:
		return name + " (emulated)"
	case real:
		return name + " (real)"
	}
	return name
}

func energySection(s *result.Sweep) []Section {
	notes := s.EnergyNotes()
	if len(notes) == 0 {
		return nil
	}
	return []Section{{Title: "Energy", Lines: notes}}
}

// sweepKicker says what is real, emulated, modelled and assumed.
func sweepKicker(s *result.Sweep, sum *result.Summary) string {
	text := s.Conditions()
	if sum.RowsMeasured == 0 {
		text = "Simulated: nothing was measured."
	}
	if slices.ContainsFunc(s.All(), func(r *result.Row) bool {
		return r.Measured != nil && r.Measured.Energy != nil && r.Measured.Energy.Means != result.ByMeter
	}) {
		text += " Modelled: energies, from measured busy times and power figures."
	}
	if n := len(s.Parameters); n > 0 {
		text += fmt.Sprintf(" Assumed: %s, fixed before the run.", counted(n, "parameter"))
	}
	if n := len(s.Unverified); n > 0 {
		text += fmt.Sprintf(" Unverified: the figures of %s.", counted(n, "link or device"))
	}
	if n := len(s.Assumed()); n > 0 {
		text += fmt.Sprintf(" Assumed by the simulation, as not measured: %s.", counted(n, "figure"))
	}
	return text
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if what == "link or device" {
		return fmt.Sprintf("%d links or devices", n)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// sweepNotes are what one must know about single results.
func sweepNotes(s *result.Sweep) []Note {
	var notes []Note
	for _, p := range s.Parameters {
		notes = append(notes, Note{"assumed", fmt.Sprintf("%s: %s; it stands for %s; %s.", p.Name, p.Value, p.For, p.Why)})
	}
	notes = append(notes, noted("unverified", s.Unverified)...)
	notes = append(notes, noted("disturbed", s.Waited())...)
	notes = append(notes, noted("throttled", s.Throttled())...)
	for _, r := range s.All() {
		if r.Failed != "" {
			notes = append(notes, Note{"failed", r.Title() + ": " + r.Failed})
		}
	}
	return append(notes, noted("assumed by the simulation, as not measured", s.Assumed())...)
}

func noted(kind string, texts []string) (notes []Note) {
	for _, t := range texts {
		notes = append(notes, Note{kind, t})
	}
	return notes
}

// origins lists whose figures the outcomes are computed from, in order of first appearance.
func origins(s *result.Sweep) Table {
	var all originTable
	for _, r := range s.All() {
		all.count("simulated", r.Stored)
		all.count("measured", r.Measured)
	}
	return all.table()
}

type originRow struct {
	what   string
	origin result.Origin
}

// originTable counts outcomes by their origin.
type originTable struct {
	order []originRow
	rows  map[originRow]int
}

func (t *originTable) count(what string, o *result.Outcome) {
	if o == nil || o.Origin == (result.Origin{}) {
		return
	}
	t.add(originRow{what, o.Origin})
}

func (t *originTable) add(r originRow) {
	if t.rows == nil {
		t.rows = map[originRow]int{}
	}
	if t.rows[r] == 0 {
		t.order = append(t.order, r)
	}
	t.rows[r]++
}

func (t *originTable) table() Table {
	table := Table{Name: "Whose figures", Columns: []Column{
		{Name: "outcomes"}, {Name: "firings of"}, {Name: "messages of"}, {Name: "conditions"}, {Name: "rows", Numeric: true},
	}}
	for _, r := range t.order {
		how := ""
		switch {
		case r.origin.Emulated:
			how = "emulated"
		case r.origin.Real:
			how = "real"
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: r.what}, {Text: r.origin.Profile}, {Text: r.origin.Link}, {Text: how},
			Number(fmt.Sprint(t.rows[r]), float64(t.rows[r])),
		}})
	}
	return table
}
