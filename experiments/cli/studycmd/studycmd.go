// Package studycmd is the commands on studies: what-if questions that are answered by
// simulating many cases. It reads flags and files and prints; package study and those below
// it do the work.
package studycmd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/urfave/cli/v2"
)

// Commands makes the commands.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error
	// Session prepares what a command needs; its Close is called when the command ends.
	Session func(c *cli.Context) (*Session, error)
	Log     func() driver.Progress // of commands without a session
	Program string                 // which program this is; results of others are kept apart
	// Simulator returns what makes a simulator over a profile with the named cost model.
	Simulator func(cost string) (func(*profile.Profile) driver.Summarizer, error)
}

// Session is what a command needs while it runs.
type Session struct {
	// Models gets the models of an application, whose values pos places.
	Models func(ctx context.Context, app *planfile.Application, pos func(path string) graph.Pos) (
		compile.Models, error,
	)
	ProfilePath func(name string) string // of a stored profile
	Results     string                   // the folder that results go to
	Lock        func(dir string) error   // a folder of results, until Close
	Run         func() *record.Run       // a record with what is known of the program and the machine
	Resumes     func()                   // the command goes on with what is kept when it is given again
	Log         driver.Progress
	Now         func() time.Time
	Done        func() // ends a line of progress that may be open
	Close       func()
}

// Command returns the group of commands.
func (a *Commands) Command() *cli.Command {
	jobs := &cli.IntFlag{Name: "jobs", Usage: "simulate `N` cases at a time", DefaultText: "as many as there are cores"}
	return &cli.Command{
		Name: "study", Usage: "ask what-if questions of many simulated cases",
		Description: "  edgeprune study check experiments/studies/cameras-per-server/study.yaml\n" +
			"  edgeprune study run experiments/studies/cameras-per-server/study.yaml",
		Subcommands: []*cli.Command{
			{
				Name: "run", ArgsUsage: "STUDY.yaml", Usage: "simulate the cases of a study, and answer what it asks",
				Description: runText,
				Flags: append([]cli.Flag{
					&cli.StringFlag{
						Name: "results", Usage: "`DIR` that results go to", DefaultText: "$EDGEPRUNE_RESULTS, else results",
					},
					jobs,
					&cli.BoolFlag{Name: "json", Usage: "print JSON"},
				}, farmFlags("have the workers at the NATS server of this `URL` simulate: see edgeprune study worker --help")...),
				Action: a.run,
			},
			{
				Name: "check", ArgsUsage: "STUDY.yaml", Usage: "check a study, count its cases and estimate how long they take",
				Description: "A few of the cases are simulated for the estimate. Nothing is written.\n\n" +
					"  edgeprune study check experiments/studies/cameras-per-server/study.yaml",
				Flags:  []cli.Flag{jobs, &cli.BoolFlag{Name: "json", Usage: "print JSON"}},
				Action: a.check,
			},
			a.workerCommand(), a.statusCommand(),
		},
	}
}

// metricsText lists the metrics.
func metricsText() string {
	var b strings.Builder
	for _, m := range study.Metrics() {
		fmt.Fprintf(&b, "  %-17s %s%s\n", m.Name, m.What, unitOf(m))
	}
	return b.String()
}

// unitOf says in what a metric is, for people.
func unitOf(m study.Metric) string {
	if m.Unit == "" {
		return ""
	}
	return ", in " + m.Unit
}

var runText = `A study names a plan or a case of an experiment, what is varied in it, and what is asked:

  study: cameras
  base: {plan: cameras.yaml, profile: costs.json}
  vary:
    - {key: slowdown, of: camera.cpu, values: [1, 5]}
    - {key: bandwidth, of: wifi, from: 1MB/s, to: 20MB/s, steps: 8, scale: log}
    - {key: count, of: camera, from: 1, to: 64}
  ask:
    - {largest: count camera, where: latency_p99 <= 100ms}
  figures:
    - {lines: count camera, x: bandwidth wifi, by: slowdown camera.cpu}

vary takes cut, codec, profile, count, bandwidth, latency, slowdown, frame_rate, phase, and any key of the plan by its
path, such as workload.frames or "platform.links[wifi].latency". Metrics are:

` + metricsText() + `
Of several instances of an application, times and bytes are those of the one that has the largest.
ask takes largest and smallest, by bisection, and best with of: a metric and over: a factor. figures takes lines (x,
by), heat (x, y), best (of, x, y) and tornado, each with at: {FACTOR: LEVEL} of some cases only; a factor that is
searched stands for its limit there.
design: {kind: latin-hypercube, n: 500} draws cases instead of all combinations. repeat: {metric: latency_p99,
within: 0.05, at_most: 50} simulates each case with other seeds until the metric's 95 % interval is narrow enough.

experiments/studies has studies to begin with, and its README.md says what they found.

Beside the cases that it varies, a study holds three baselines, with the column baseline and lines of their own: all on
the endpoint, all on the server with raw input, and with JPEG input, decoding included. baselines: false leaves them
out.

With --nats URL, or --testbed FILE, workers on other machines simulate the cases: edgeprune study worker --help.

Results go to results/studies/NAME/RUN: cases.csv and cases.parquet with a row a case, answers.json, figures and
report.html. Cases that fail stand there with the reason, the others go on, and the exit code is 1. A run that is
broken off goes on where it was when the same command is given again, with the same program and files.

  edgeprune study run experiments/studies/cameras-per-server/study.yaml
  edgeprune study run --nats nats://hub:4222 experiments/studies/cameras-per-server/study.yaml`

// one returns the one argument of a command.
func one(c *cli.Context) (string, error) {
	if c.NArg() != 1 {
		return "", fmt.Errorf("expected one study, a YAML file; got %d arguments", c.NArg())
	}
	return c.Args().First(), nil
}
