// Package report writes what an experiment found as one self-contained page that leads
// with the answer. It may not compute a result, nor draw.
package report

import (
	"bytes"
	_ "embed" // of the page
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

//go:embed old.html
var oldText string

var oldPage = template.Must(template.New("page").Parse(oldText))

// picture is a figure within the page.
type picture struct {
	Name   string
	Source template.URL
}

// oldContent is what the page shows.
type oldContent struct {
	Name, Machine, Date string
	Seed                uint64
	Emulated, Real      bool
	Testbed             *result.Testbed // nil: none
	Notes               []string
	Answer              []string
	Errors              []string
	Parameters          []result.Parameter
	Unverified, Assumed []string
	Disturbed           []string
	Origins             []originOf
	Table               string
	Figures             []picture
}

// Write writes one self-contained HTML page to path, atomically: the answer, what is
// assumed, the tables, and the PNGs among the figures, in their order.
func Write(path string, s *result.Sweep, figures []string) error {
	c := oldContent{Name: s.Experiment, Machine: s.Machine, Date: s.Date, Seed: s.Seed, Emulated: s.Emulated,
		Real:       s.Real(),
		Testbed:    s.Testbed,
		Parameters: s.Parameters, Unverified: s.Unverified, Assumed: s.Assumed(),
		Disturbed: s.Waited(), Origins: origins(s)}
	sum, err := result.Summarise(s)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	c.Answer, c.Errors = answer(s, &sum), result.ErrorLines(sum.Errors)
	var table strings.Builder
	if err := result.WriteTable(&table, s); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	c.Table = table.String()
	return c.write(path, figures)
}

// WritePlan is Write for the runs of one plan, with their table.
func WritePlan(path string, p *result.PlanRuns, table string, figures []string) error {
	c := oldContent{Name: p.Plan, Machine: p.Machine, Date: p.Date, Seed: p.Seed, Emulated: p.Emulated(),
		Assumed: p.Assumed(), Disturbed: p.Waited(), Answer: p.Answer(), Table: table}
	for _, r := range p.Runs {
		at := slices.IndexFunc(c.Origins, func(o originOf) bool { return o.What == r.Name() && o.Origin == r.Origin })
		if at < 0 {
			at = len(c.Origins)
			c.Origins = append(c.Origins, originOf{What: r.Name(), Origin: r.Origin})
		}
		c.Origins[at].Rows++
	}
	return c.write(path, figures)
}

// Study is what the page of a study shows.
type Study struct {
	Name, Machine, Date string
	Seed                uint64
	Notes               []string // what it is about, and how its results came about
	Answer              []string
	Assumed             []string
	Table               string
}

// WriteStudy is Write for a study.
func WriteStudy(path string, s *Study, figures []string) error {
	c := oldContent{Name: s.Name, Machine: s.Machine, Date: s.Date, Seed: s.Seed, Notes: s.Notes, Assumed: s.Assumed,
		Answer: s.Answer, Table: s.Table}
	return c.write(path, figures)
}

// write writes the page with the PNGs among the figures.
func (c *oldContent) write(path string, figures []string) error {
	for _, f := range figures {
		if filepath.Ext(f) != ".png" {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		// base64 can't break out of the attribute
		source := template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b))
		c.Figures = append(c.Figures, picture{strings.TrimSuffix(filepath.Base(f), ".png"), source})
	}
	var b bytes.Buffer
	if err := oldPage.Execute(&b, c); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return result.WriteFile(path, b.Bytes())
}

// answer says in a line each what was found.
func answer(s *result.Sweep, sum *result.Summary) []string {
	var lines []string
	for i := range sum.Trades {
		t := &sum.Trades[i]
		lines = append(lines, result.Group{Endpoint: t.Endpoint, Link: t.Link}.Name()+": "+t.String())
	}
	for i := range sum.Groups {
		lines = append(lines, bestOf(&sum.Groups[i])...)
	}
	if sum.RowsNotSettled > 0 {
		lines = append(lines, fmt.Sprintf(
			"%d of %d measured rows are not settled: they stand in the table and in no headline", sum.RowsNotSettled,
			sum.RowsMeasured,
		))
	}
	if s.Search != nil {
		lines = append(lines, s.Search.String())
	}
	return lines
}

// bestOf says what is best on one endpoint and link; nothing of a swept parameter.
func bestOf(g *result.GroupSummary) []string {
	if len(g.Predicted) == 0 && g.BestCutMeasured == "" {
		return nil
	}
	line := result.Group{Endpoint: g.Endpoint, Link: g.Link}.Name() + ": best without raw frames is "
	if g.BestCutMeasured == "" {
		line += "not measured"
	} else {
		line += g.BestCutMeasured
	}
	if i := g.SpeedupMeasured; i != nil {
		line += fmt.Sprintf(", %.2f times faster than all on the endpoint (95 %% interval %.2f to %.2f)", i.Value, i.Low,
			i.High)
	}
	for _, p := range g.Predicted {
		line += fmt.Sprintf("; %s prediction: %s", p.Prediction, p.Cut)
		if p.Regret != nil {
			line += fmt.Sprintf(" (%.1f %% slower, measured)", 100**p.Regret)
		}
	}
	return []string{line}
}
