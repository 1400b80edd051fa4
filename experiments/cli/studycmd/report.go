package studycmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/chart"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/table"
)

// report draws the figures and writes the report; it returns their paths.
func (l *loaded) report(out string, f *found, run *record.Run) ([]string, error) {
	file, err := l.base.Plan()
	if err != nil {
		return nil, err
	}
	date := run.Started.Format("2006-01-02")
	data := chart.Data{
		Design: l.design, Points: f.points, Rows: f.Rows, Answers: f.Answers,
		Caption: fmt.Sprintf("Simulated; nothing was measured in this study. Date: %s. Seed: %d.", date, file.Seed),
	}
	var paths []string
	for i := range l.spec.Figures {
		drawing, name := data.New(i)
		p, err := drawing.Write(filepath.Join(out, "figures", result.FileName(name)))
		if errors.Is(err, figure.ErrNothing) {
			f.Notes = append(f.Notes, fmt.Sprintf("figure %q shows nothing: no case has what it needs", name))
			continue
		}
		if err != nil {
			return nil, err
		}
		paths = append(paths, p...)
	}
	f.Notes = append(f.Notes, fitted(f)...)
	page := report.Study{
		Name: l.spec.Study, Machine: run.Inputs.Machine, Date: date, Seed: file.Seed, Run: run, Assumed: l.assumed(file),
		About: l.spec.About, Notes: f.Notes,
		Kicker: "Simulated: nothing was measured. Every level of a factor is an assumption.",
		Facts:  []report.Fact{{Name: "Cases", Value: fmt.Sprintf("%d simulated, %d failed", f.Cases-f.Failed, f.Failed)}},
		Tables: []report.Table{table.Listing(l.shown(f))},
	}
	for _, a := range f.Answers {
		page.Answer = append(page.Answer, a.Question+": "+a.Text)
	}
	path := filepath.Join(out, "report.html")
	return append(paths, path), report.WriteStudy(path, &page, paths)
}

// fitted lists what simulations fitted to measured samples, each once.
func fitted(f *found) []string {
	var all []string
	for i := range f.Rows {
		for _, what := range f.Rows[i].Fitted {
			all = append(all, "fitted: "+what)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// shown returns the rows with the baselines first, and their factors and points.
func (l *loaded) shown(f *found) ([]*factor.Factor, [][]factor.Level, []runner.Row) {
	var order []int
	for i := range f.Rows {
		if l.design.Baseline(f.points[i]) != "" {
			order = append(order, i)
		}
	}
	points, rows := make([][]factor.Level, 0, len(f.Rows)), make([]runner.Row, 0, len(f.Rows))
	for _, i := range append(order, l.design.Regular(f.points)...) {
		points, rows = append(points, f.points[i]), append(rows, f.Rows[i])
	}
	return l.design.Factors, points, rows
}

// assumed lists what the results rest on and nobody measured.
func (l *loaded) assumed(f *planfile.File) []string {
	var all []string
	for name, d := range l.spec.Assumed {
		all = append(all, fmt.Sprintf("a firing of %s costs %v, where no profile has it", name, d))
	}
	for i := range f.Platform.Devices {
		d := &f.Platform.Devices[i]
		if d.Power != nil && d.Power.Basis == energy.Assumed {
			all = append(all, fmt.Sprintf("power figures of device %s: %s", d.Name, d.Power.From))
		}
	}
	for i := range f.Platform.Links {
		if k := &f.Platform.Links[i]; k.Unverified != "" {
			all = append(all, fmt.Sprintf("figures of link %s: %s", k.Name, k.Unverified))
		}
	}
	if slices.ContainsFunc(l.spec.Vary, func(v study.Vary) bool { return v.Key == factor.Count }) {
		all = append(all, "endpoints that are counted all start their frames at the same time, and share nothing but the "+
			"devices that they reach: no wireless cell")
	}
	for name, p := range l.base.Profiles {
		if p.Transport.PerMessage == 0 {
			all = append(all, strings.TrimSpace("profile "+name)+": tokens cross links by their latency and bandwidth, and the "+
				"transport itself costs nothing where a link has no profile")
		}
	}
	slices.Sort(all)
	return append(all, l.notes...)
}
