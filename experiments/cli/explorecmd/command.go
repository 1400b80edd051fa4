// Package explorecmd is the command that finds the best cut, mapping and codec for a goal. It reads
// flags and files, prints and writes; the packages below experiments/internal/explore do the work.
package explorecmd

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/cli/place"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/urfave/cli/v2"
)

// Commands makes the command.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error
	// Session prepares what the command needs; its Close is called when the command ends.
	Session func(c *cli.Context) (*Session, error)
}

// Session is what the command needs while it runs.
type Session struct {
	// Experiment reads the experiment in a folder, and gets what it uses. Its file is returned, too.
	Experiment func(ctx context.Context, dir string) (*sweep.Experiment, []byte, error)
	// Plan reads a plan file, and gets the models that it uses.
	Plan func(ctx context.Context, path string) (*planfile.File, compile.Models, error)
	// Model opens a model by file or by data set, with what it is run on.
	Model func(ctx context.Context, name string) (*model.Model, error)
	// Cached writes a file that kernels read by its content's name, if it isn't there, and returns its path.
	Cached func(name string, data []byte) (path string, err error)
	// ExperimentProfile returns what firings of an experiment cost, which it measures where that
	// is not stored, and says where they come from.
	ExperimentProfile func(ctx context.Context, x *sweep.Experiment) (*profile.Profile, string, error)
	// PlansProfile does the same of plans of models.
	PlansProfile func(ctx context.Context, name string, models compile.Models, plans []*plan.Plan) (
		*profile.Profile, string, error,
	)
	// Linked returns a profile with what the links of a testbed cost that tokens of plans cross; as it is where
	// there is no testbed.
	Linked func(ctx context.Context, p *profile.Profile, plans []*plan.Plan) (*profile.Profile, error)
	// Testbed says which devices of a testbed stand for those of an experiment; nil: it is emulated on this machine.
	Testbed func(x *sweep.Experiment) *result.Testbed
	// Measures says that costs can be measured: not where profiles of devices alone are given.
	Measures func() bool
	// Deploy returns what runs plans of models on devices that are emulated on this machine, or are a testbed's.
	Deploy func(ctx context.Context, models compile.Models, devices ...string) (driver.Driver, error)
	// Oracle returns what says what the sinks of plans of models must record.
	Oracle func(models compile.Models) driver.Oracle
	// Simulator returns a simulator over a profile, of which a firing costs the median of its samples.
	Simulator func(p *profile.Profile) (Simulator, error)
	// Leakage returns how much tensors of an application give away of the frames after a codec, and
	// says by how many samples that is known.
	Leakage func(ctx context.Context, f *planfile.File, models compile.Models, codecs []string) (
		of func(tensors []string, codec string) (float64, bool), note string, err error,
	)
	// Loss returns what codecs cost an experiment in quality.
	Loss func(ctx context.Context, x *sweep.Experiment, codecs []string) (func(codec string) (float64, bool), error)
	// Anywhere returns an application of a file as it can be run from any folder.
	Anywhere func(app planfile.Application, file string) planfile.Application
	Located  func(path string) string // as absolute
	Results  string                   // the folder that results go to
	Lock     func(dir string) error   // a folder of results, until Close
	Run      func() *record.Run       // a record with what is known of the program and the machine
	Log      driver.Progress
	Now      func() time.Time
	Done     func() // ends a line of progress that may be open
	Close    func()
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "explore", ArgsUsage: "experiments/NAME | PLAN.yaml | MODEL",
		Usage:       "find the best cut, mapping and codec for what you want, and write it as a plan that runs",
		Description: helpText,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringSliceFlag{Name: "minimise", Usage: "`METRICS` that are to be least, with commas between; several " +
				"give a " +
				"front", DefaultText: "latency"},
			&cli.StringSliceFlag{Name: "maximise", Usage: "`METRICS` that are to be most: throughput, quality"},
			&cli.GenericFlag{Name: "limit", Value: &input.List{}, Usage: "`LIMIT` that must be kept, as 'latency<=50ms', " +
				"'throughput>=15' or 'energy(camera)<=0.5J'; may be repeated"},
			&cli.BoolFlag{Name: "no-raw", Usage: "no frame may cross a link as it was captured, coded or not"},
			&cli.StringSliceFlag{Name: "codecs", Usage: "`CODECS` for what crosses, with commas between; see edgeprune codecs " +
				"--help", DefaultText: "those of the experiment or plan, else none, fp16 and int8"},
			&cli.StringFlag{Name: "endpoint", Usage: "only this `ENDPOINT` of an experiment"},
			&cli.StringFlag{Name: "link", Usage: "only this `LINK` of an experiment"},
			&cli.IntFlag{Name: "confirm", Usage: "measure the `N` best and the baselines, until it is settled which is best"},
			&cli.Uint64Flag{Name: "seed", Usage: "`SEED` of the search and of the simulations",
				DefaultText: "that of the experiment or plan, else 1"},
			&cli.StringFlag{
				Name: "results", Usage: "`DIR` that results go to", DefaultText: "$EDGEPRUNE_RESULTS, else results",
			},
			input.OutputFlag("write the chosen plan to `FILE`, too"), input.ForceFlag(),
			&cli.BoolFlag{Name: "reprofile", Usage: "measure costs again, stored or not"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.StringFlag{Name: "testbed", Usage: "testbed `FILE` of this machine, of edgeprune testbed init: explore an " +
				"experiment on its devices"},
			&cli.BoolFlag{Name: "wait", Usage: "with --testbed: wait for devices that another coordinator holds"},
			&cli.BoolFlag{Name: "take", Usage: "with --testbed: end the runs that other coordinators hold the devices for"},
			modelcmd.DimFlag(), modelcmd.BoundFlag(),
		}, place.Flags(), modelcmd.InputFlags(), modelcmd.TestbedFlags()),
		Action: a.explore,
	}
}

// wanted reads the goal that the flags give.
func wanted(c *cli.Context) (*goal.Goal, error) {
	limits, _ := c.Generic("limit").(*input.List)
	g, err := goal.Parse(c.StringSlice("minimise"), c.StringSlice("maximise"), *limits, c.Bool("no-raw"))
	if err != nil {
		return nil, input.Error(err)
	}
	return g, nil
}

var helpText = `It searches all cuts, mappings to the devices and codecs: candidates are ranked by an analytic model of
the costs, which a profile has, and decided by simulation. Where no profile is there, costs are measured first.
Beside them stand three baselines: all on the endpoint, raw frames to the server, and JPEG to the server.

  edgeprune explore experiments/ssd-tracking --minimise endpoint_time --no-raw
  edgeprune explore experiments/ssd-tracking --endpoint slow --link wireless --minimise 'latency,energy(slow)'
  edgeprune explore mymodel.onnx --slowdown 8 --bandwidth 20Mbit/s --limit 'throughput>=15' -o plan.yaml
  edgeprune explore cameras.yaml --maximise throughput --limit 'latency_p99<=100ms' --limit 'memory(camera)<=64MiB'
  edgeprune explore experiments/vehicle-classification --codecs none,int8 --confirm 3
  edgeprune explore experiments/ssd-tracking --testbed lab/testbed.yaml --on slow=jetson1 --without fast --confirm 2

An experiment is explored for each of its endpoints on each link, a plan file for its platform, and a model, an ONNX
file or the name of a data set, for an endpoint and a server that are emulated on this machine. Metrics are:

` + goal.About() + `
Durations need a unit, as 50ms; energy is in J, mJ or Wh, sizes in bytes, kB or MiB, throughput in frames/s.
Several objectives give a front, of which the mapping is chosen that is behind the best of each by the least ratio.
With --testbed an experiment is explored on real devices: none is slowed and no link shaped. Costs of firings and links
are measured there, as edgeprune run does, and --endpoint and --link name what the testbed has: its devices, and real.

With --confirm the best and the baselines are deployed on this machine, or on the testbed, in rounds until it is settled
who is best by the first objective that can be measured, within 2 %, or 20 rounds are over.

Results go to results/explore/NAME/RUN: explore.json, front.csv, figures, report.html, and plan.yaml, which edgeprune
run runs. Limits that can't be kept together are named, with the nearest values that can be had; the exit code is 2.`
