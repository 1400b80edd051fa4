package report

import (
	"fmt"
	"math"
	"slices"
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
		Title: titled(runs.Plan, runs.Emulated(), false), Kicker: planKicker(runs),
		Lead: append(planLead(runs), runs.Answer()...), Facts: planFacts(runs), Tables: runs.Tables(),
	}
	p.Notes = append(p.Notes, noted("disturbed", runs.Waited())...)
	p.Notes = append(p.Notes, noted("throttled", runs.Throttled())...)
	p.Notes = append(p.Notes, noted("fitted", runs.Fitted())...)
	p.Notes = append(p.Notes, noted("assumed by the simulation, as not measured", runs.Assumed())...)
	var whose originTable
	for i := range runs.Runs {
		r := &runs.Runs[i]
		whose.add(originRow{r.Name(), r.Origin})
	}
	p.Tables = append(p.Tables, whose.table())
	p.Method = []Section{made(run, runs.Machine, runs.Date, runs.Seed, nil)}
	return p
}

// worst returns how far the simulation of a quantity is off at worst, over how many instances.
func worst(runs *result.PlanRuns, q result.Quantity) (most float64, instances int) {
	for _, e := range runs.Errors() {
		if e.Quantity == q {
			instances++
			if math.Abs(e.Error) > math.Abs(most) {
				most = e.Error
			}
		}
	}
	return most, instances
}

// planLead says how far simulation and measurement are apart, where there are both.
func planLead(runs *result.PlanRuns) []string {
	var parts []string
	of := 0
	for _, q := range result.Quantities() {
		if most, n := worst(runs, q); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %+.1f %%", q, 100*most))
			of = max(of, n)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	text := "The simulation is off by: " + strings.Join(parts, ", ")
	if of > 1 {
		text += fmt.Sprintf("; the worst of %d instances", of)
	}
	return []string{text + "."}
}

// planFacts are the figures of a single instance, or the errors of several.
func planFacts(runs *result.PlanRuns) []Fact {
	var facts []Fact
	for _, q := range result.Quantities() {
		if most, n := worst(runs, q); n > 0 {
			facts = append(facts, Fact{"Error of the simulation, " + string(q), fmt.Sprintf("%+.1f %%", 100*most)})
		}
	}
	return append(facts, Fact{"Runs",
		counted(len(runs.Runs), "instance") + ": " + strings.Join(drivers(runs), ", ")})
}

// drivers names those of the runs, each once.
func drivers(runs *result.PlanRuns) (names []string) {
	for i := range runs.Runs {
		if name := runs.Runs[i].Name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
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
