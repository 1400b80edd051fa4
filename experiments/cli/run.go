package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/place"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/urfave/cli/v2"
)

func effortFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "quick", Usage: "measure a representative subset: one endpoint, one link, few cuts"},
		&cli.BoolFlag{Name: "full", Usage: "measure every case, as long as it takes; a run that is broken off resumes"},
		&cli.StringFlag{
			Name: "results", Usage: "`DIR` that results go to", DefaultText: "$" + resultsVariable + ", else results",
		},
		&cli.BoolFlag{Name: "reprofile", Usage: "make the profile and time the transport again, stored or not"},
	}
}

// resultsVariable names the environment variable of the folder of results.
const resultsVariable = "EDGEPRUNE_RESULTS"

// results is the folder that results go to.
func (l *session) results() string {
	return cmp.Or(l.c.String("results"), l.app.env.Getenv(resultsVariable), "results")
}

func effort(c *cli.Context) (sweep.Effort, error) {
	switch {
	case c.Bool("quick") && c.Bool("full"):
		return 0, usage(errors.New("give --quick or --full, not both"))
	case c.Bool("quick"):
		return sweep.Quick, nil
	case c.Bool("full"):
		return sweep.Complete, nil
	}
	return sweep.Standard, nil
}

func (a *App) runCommand() *cli.Command {
	return &cli.Command{
		Name: "run", ArgsUsage: "experiments/NAME | PLAN.yaml | --model MODEL --at CUT",
		Usage: "run an experiment, or one plan, under the simulator, a deployment on this machine or on a testbed, or both",
		Description: "Results go to results/NAME/RUN: tables, figures, report.html, and the plan and trace of every " +
			"case.\n" +
			"A plan file is run once under each driver. With --model, a plan is made of an ONNX model cut in two or\n" +
			"more, on devices emulated on this machine, and run. What doesn't go with one of these is refused.\n" +
			"One run at a time works on the results of an experiment.\n" +
			"With --testbed, an experiment runs on real devices: none is slowed and no link shaped, and what was measured\n" +
			"is marked real. Each of its devices is the one of the same name, or the one that --on says.\n\n" +
			"  edgeprune run --model ssd-mobilenet-v1-300 --input random --at pw6\n" +
			"  edgeprune run experiments/ssd-tracking --testbed lab/testbed.yaml --on slow=jetson1 --without fast",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "driver", Usage: "`NAME`: sim, deploy or both", Value: "both"},
			&cli.StringFlag{
				Name: "nats", Usage: "`URL` of a NATS server whose agents to use instead of starting some",
				DefaultText: "that of --testbed",
			},
			domainFlag(),
			input.DurationFlag("store-ttl", "`TIME` after which the NATS server of --nats forgets sub-models",
				models.DefaultTTL),
			&cli.Int64Flag{Name: "store-bytes", Usage: "`BYTES` of sub-models that it holds at most, the oldest go then",
				Value: models.DefaultBytes},
			access.CoordinatorFlag(),
			input.DurationFlag("patience", "`TIME` that an agent or the NATS server may be gone in a run, as 10s; it then goes "+
				"on without a loss. 0 ends it", 0),
			&cli.BoolFlag{Name: "wait", Usage: "with --nats: wait for devices that another coordinator holds"},
			&cli.BoolFlag{
				Name: "take", Usage: "with --nats: end the runs that other coordinators hold the devices for; whoever may give " +
					"orders to a device may do that",
			},
			metricsFlag("frames done, runs, agents that are alive and leases"),
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		}, slices.Concat(modelRunFlags(), traceFlags(), effortFlags(), access.Flags(), place.Flags())...),
		Action: func(c *cli.Context) error {
			if !c.IsSet("model") && c.NArg() != 1 {
				return usage(fmt.Errorf("expected one experiment or plan file, or --model; got %d arguments", c.NArg()))
			}
			path := c.Args().First()
			simulate, deployed, err := drivers(c.String("driver"))
			if err != nil {
				return err
			}
			kind := kindOfRun(c, path)
			if err := fits(c, kind, deployed); err != nil {
				return err
			}
			if kind == ofModel {
				return a.runModel(c)
			}
			e, err := effort(c)
			if err != nil {
				return err
			}
			l, err := a.session(c)
			if err != nil {
				return err
			}
			defer l.close()
			if kind == ofPlan {
				return l.runPlan(c.Context, simulate, deployed)
			}
			sweep, err := l.runExperiment(c.Context, path, e, simulate, deployed)
			if sweep != nil && c.Bool("json") {
				err = errors.Join(err, a.printJSON(sweep))
			}
			return err
		},
	}
}
