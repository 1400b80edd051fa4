package report

import (
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// WritePlan is Write for the runs of one plan.
func WritePlan(path string, runs *result.PlanRuns, run *record.Run, paths []string) error {
	p := OfPlan(runs, run)
	var err error
	if p.Figures, err = FiguresOf(path, paths); err != nil {
		return err
	}
	return WritePage(path, p)
}

// OfPlan is the page of a plan's runs without its figures.
func OfPlan(runs *result.PlanRuns, run *record.Run) *Page {
	p := &Page{
		Title: titled(runs.Plan, runs.Emulated(), false), Kicker: planKicker(runs), Lead: runs.Answer(),
		Tables: runs.Tables(),
	}
	p.Notes = append(p.Notes, noted("Disturbed:", runs.Waited())...)
	p.Notes = append(p.Notes, noted("Throttled:", runs.Throttled())...)
	p.Notes = append(p.Notes, noted("Fitted:", runs.Fitted())...)
	p.Notes = append(p.Notes, noted("Assumed by the simulation, as not measured:", runs.Assumed())...)
	var whose originTable
	for i := range runs.Runs {
		r := &runs.Runs[i]
		whose.add(originRow{r.Name(), r.Origin})
	}
	p.Tables = append(p.Tables, whose.table())
	p.Method = []Section{made(run, runs.Machine, runs.Date, runs.Seed, nil)}
	return p
}

// planKicker says what of the runs is real, emulated or simulated.
func planKicker(runs *result.PlanRuns) string {
	var measured, emulated, real, simulated bool
	for i := range runs.Runs {
		r := &runs.Runs[i]
		if r.Driver == "sim" {
			simulated = true
			continue
		}
		measured, emulated, real = true, emulated || r.Emulated, real || r.Origin.Real
	}
	var texts []string
	switch {
	case emulated:
		texts = append(texts, "Emulated: slowed devices or shaped links.")
	case real:
		texts = append(texts, "Real: measured on devices of a testbed; none was slowed and no link shaped.")
	case measured:
		texts = append(texts, "Measured.")
	case simulated:
		texts = append(texts, "Simulated: nothing was measured.")
	}
	if n := len(runs.Assumed()); n > 0 {
		texts = append(texts, "Assumed by the simulation, as not measured: "+counted(n, "figure")+".")
	}
	return strings.Join(texts, " ")
}
