package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/figure"
	"github.com/urfave/cli/v2"
)

func (a *App) traceCommand() *cli.Command {
	return &cli.Command{
		Name: "trace", ArgsUsage: "TRACE.jsonl",
		Usage: "print a run's trace in the Chrome trace-event format, which ui.perfetto.dev and chrome://tracing open",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage(fmt.Errorf("expected one trace file, such as those in results/NAME/RUN/traces; got %d arguments", c.NArg()))
			}
			b, err := readInput(c.Args().First())
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

// timeline draws some frames of the first trace in out that matches a pattern, as
// measured or else as simulated. It returns no path if there is none.
func timeline(out, pattern, note string) ([]string, error) {
	const first, last = 3, 4 // frames
	for _, driver := range []string{"deploy", "sim"} {
		paths, err := filepath.Glob(filepath.Join(out, "traces", driver, pattern))
		if err != nil || len(paths) == 0 {
			continue
		}
		b, err := os.ReadFile(paths[0])
		if err != nil {
			return nil, err
		}
		t, err := trace.Read(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		return figure.Gantt(filepath.Join(out, "figures", "timeline"), t, first, last, note)
	}
	return nil, nil
}
