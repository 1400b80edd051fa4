package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/timeline"
	"github.com/urfave/cli/v2"
)

func (a *App) traceCommand() *cli.Command {
	return &cli.Command{
		Name: "trace", ArgsUsage: "TRACE.jsonl",
		Usage:       "print a run's trace in the Chrome trace-event format, which ui.perfetto.dev and chrome://tracing open",
		Description: "  edgeprune trace results/ssd-tracking/RUN/traces/CASE.jsonl > trace.json",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage(fmt.Errorf("expected one trace file, such as those in results/NAME/RUN/traces; got %d arguments",
					c.NArg()))
			}
			b, err := input.Read(c.Args().First())
			if err != nil {
				return err
			}
			t, err := trace.Read(bytes.NewReader(b))
			if err != nil {
				return usage(fmt.Errorf("%s: %w", c.Args().First(), err))
			}
			return trace.Chrome(a.env.Stdout, t)
		},
	}
}

// shown returns the names of the traces, as patterns, of which the timeline shows the
// first that there is, and says what they are of: all endpoints at once, or the last
// group of mappings.
func shown(s *result.Sweep) (what string, traces []string) {
	if s.Kind != result.OfMappings {
		return "all endpoints at once", []string{measure.TogetherTraces(s.Experiment)}
	}
	names, groups := result.MappedRows(s.Rows)
	names = slices.DeleteFunc(names, func(name string) bool { return name == result.Baselines })
	what = names[len(names)-1]
	for _, row := range groups[what] {
		traces = append(traces, measure.TraceFile(row.Case, plan.SingleStream))
	}
	return what, traces
}

// drawSweepTimeline draws the timeline of the first trace of a run, whose folder is out, as
// measured or else as simulated. It returns no path if there is none, or if it has no whole
// frame.
func drawSweepTimeline(out string, sweep *result.Sweep) ([]string, error) {
	what, traces := shown(sweep)
	note := fmt.Sprintf("%s: %s. Machine: %s. Date: %s.", sweep.Experiment, what, sweep.Machine, sweep.Date)
	for _, driver := range []string{"deploy", "sim"} {
		dir := os.DirFS(filepath.Join(out, "traces", driver))
		var paths []string
		for _, name := range traces {
			found, err := fs.Glob(dir, name)
			if err != nil {
				return nil, err
			}
			paths = append(paths, found...)
		}
		if len(paths) == 0 {
			continue
		}
		f, err := dir.Open(paths[0])
		if err != nil {
			return nil, err
		}
		t, err := trace.Read(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		return drawTimeline(filepath.Join(out, "figures", "timeline"), t, note)
	}
	return nil, nil
}

// drawTimeline draws the timeline of a trace; one without a whole frame has none.
func drawTimeline(base string, t *trace.Trace, note string) ([]string, error) {
	v, err := timeline.Of(t)
	if errors.Is(err, timeline.ErrNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return figure.Gantt(base, v, note)
}
