package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// write writes what a run found: data, table, figures, report, and last that it
// is finished.
func (l *session) write(out string, sweep *result.Sweep, rec *record.Run) error {
	if err := writeJSON(filepath.Join(out, "sweep.json"), sweep); err != nil {
		return err
	}
	var csv, table strings.Builder
	if err := errors.Join(result.WriteCSV(&csv, sweep), result.WriteTable(&table, sweep)); err != nil {
		return err
	}
	if err := errors.Join(
		result.WriteFile(filepath.Join(out, "summary.csv"), []byte(csv.String())),
		result.WriteFile(filepath.Join(out, "table.txt"), []byte(table.String())),
	); err != nil {
		return err
	}
	l.log.done()
	if !l.c.Bool("json") { // which goes to the standard output alone
		fmt.Fprintln(l.app.env.Stdout, table.String())
	}
	paths, err := figure.All(filepath.Join(out, "figures"), sweep)
	if err != nil {
		return err
	}
	lines, err := drawSweepTimeline(out, sweep)
	if err != nil {
		return err
	}
	paths = append(paths, lines...)
	page := filepath.Join(out, "report.html")
	if err := report.Write(page, sweep, rec, paths); err != nil {
		return err
	}
	rec.Finished = rec.Incomplete == ""
	if err := rec.Write(out); err != nil {
		return err
	}
	if l.c.Bool("json") {
		l.log.Logf("figures, tables, plans and traces of %s: %s", sweep.Experiment, out)
		return nil
	}
	fmt.Fprintf(l.app.env.Stdout, "figures, tables, plans and traces of %s:\n", sweep.Experiment)
	for _, p := range append(paths, page) {
		fmt.Fprintf(l.app.env.Stdout, "  %s\n", p)
	}
	return nil
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return result.WriteFile(path, append(b, '\n'))
}
