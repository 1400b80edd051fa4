package comparecmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/compare"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// user reports whether an error is one that the user has to correct.
func user(err error) bool {
	for _, e := range []error{compare.ErrNoRun, compare.ErrUnfinished, compare.ErrKinds, compare.ErrNothing} {
		if errors.Is(err, e) {
			return true
		}
	}
	return output.User(err)
}

// write writes a comparison into a folder.
func write(dir string, c *compare.Comparison) error {
	var csv, text strings.Builder
	if err := errors.Join(c.WriteCSV(&csv), c.WriteText(&text, true)); err != nil {
		return err
	}
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(
		result.WriteFile(filepath.Join(dir, "compare.csv"), []byte(csv.String())),
		result.WriteFile(filepath.Join(dir, "table.txt"), []byte(text.String())),
		result.WriteFile(filepath.Join(dir, "compare.json"), append(b, '\n')),
	); err != nil {
		return err
	}
	p := page(c)
	f := forest(c)
	paths, err := figure.WriteForest(filepath.Join(dir, "compare"), f)
	if err != nil && !errors.Is(err, figure.ErrNothing) {
		return err
	}
	for _, path := range paths {
		if filepath.Ext(path) != ".svg" {
			continue
		}
		svg, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		p.Figures = append(p.Figures, report.Figure{
			Name: f.Title, Caption: f.Caption, File: filepath.Base(path), SVG: svg,
		})
	}
	return report.WritePage(filepath.Join(dir, "report.html"), p)
}

// mostRows is how many cases the figure shows.
const mostRows = 60

// forest returns the ratios of what was measured, or else predicted.
func forest(c *compare.Comparison) *figure.Forest {
	f := &figure.Forest{
		Title:   fmt.Sprintf("%s: ratios to A, %s", c.Runs[0].Name, c.Tables[0].Found),
		Caption: "Ratios of medians with their 95 % intervals, cut off where they are far longer than the ratios differ.",
	}
	for i := range c.Runs[1:] {
		f.Series = append(f.Series, compare.Letter(i+1))
	}
	rows := map[string]int{}
	left := map[string]bool{}
	for i := range c.Tables {
		t := &c.Tables[i]
		if t.Found != c.Tables[0].Found || t.Metric.Points || t.Metric.Unit == "bytes" {
			continue
		}
		panel := figure.ForestPanel{Name: t.Metric.Name}
		for _, l := range t.Lines {
			at, known := rows[l.Case]
			if !known {
				if len(f.Rows) == mostRows {
					left[l.Case] = true
					continue
				}
				at = len(f.Rows)
				rows[l.Case] = at
				f.Rows = append(f.Rows, l.Case)
			}
			for k, ch := range l.Change {
				if ch.Ratio.N > 0 {
					panel.Points = append(panel.Points, figure.ForestPoint{
						Row: at, Series: k, Ratio: ch.Ratio.Value, Low: ch.Ratio.Low, High: ch.Ratio.High,
						Changed: ch.Verdict == compare.Changed, Settled: ch.Settled,
					})
				}
			}
		}
		f.Panels = append(f.Panels, panel)
	}
	if len(left) > 0 {
		f.Caption += fmt.Sprintf(" The first %d of %d cases.", len(f.Rows), len(f.Rows)+len(left))
	}
	return f
}
