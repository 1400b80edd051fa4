package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/urfave/cli/v2"
)

func (a *App) agentCommand() *cli.Command {
	return &cli.Command{
		Name:  "agent",
		Usage: "be one device of a testbed: take slices of plans from a coordinator and run them",
		Description: "Who the device is and where the server is, a testbed file says, of edgeprune testbed init:\n\n" +
			"  edgeprune agent --testbed device-jetson1/testbed.yaml\n\n" +
			"A NATS server that asks for no key is reached by --name and --nats alone; then everybody who reaches it\n" +
			"can read all, and give orders.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the device in platform graphs", DefaultText: "that of --testbed"},
			&cli.StringFlag{Name: "nats", Usage: "`URL` of the NATS server",
				DefaultText: "that of --testbed, else nats://127.0.0.1:4222"},
			&cli.StringFlag{Name: "state", Usage: "`DIR` of what runs must not lose when the agent is killed",
				DefaultText: "$XDG_STATE_HOME/edgeprune"},
			dataFlag("kernels read files below this `FOLDER`, or this one file, and no others, whoever wrote the plan; may be "+
				"given several times", "that of the data sets"),
			&cli.GenericFlag{Name: "source", Value: &input.List{}, DefaultText: "none",
				Usage: "kernels open this camera, as /dev/video0 or /dev/video*, or addresses that begin with this `PREFIX`, as " +
					"rtsp://camera.local/, and no others; may be given several times"},
			domainFlag(),
			&cli.Int64Flag{Name: "keep-models", Value: models.DefaultCacheBytes,
				Usage: "`BYTES` of sub-models that are kept below --state, so that a device fetches them once"},
			&cli.BoolFlag{Name: "power", Usage: "read this device's power meters during runs, see `edgeprune power`; " +
				"not where several agents share a machine"},
			limitFlag("max-actors", "actors"), limitFlag("max-lanes", "lanes of units"),
			limitFlag("max-threads", "threads of lanes and sessions"), limitFlag("max-fifos", "bytes of FIFOs"),
			limitFlag("max-models", "bytes of sub-models"), limitFlag("max-memory", "bytes of both together"),
			input.DurationFlag("wait", "`TIME` that the NATS server may take to be there at first, as 10s", 0),
			metricsFlag("its firings, kernel times, tokens, messages, energy and temperatures"),
			watchFlag(),
		}, append(logFlags(), access.Flags()...)...),
		Action: func(c *cli.Context) error {
			if c.Int64("keep-models") < 1 {
				return usage(fmt.Errorf("--keep-models %d: it must be positive", c.Int64("keep-models")))
			}
			who, err := access.Agent(c)
			if err != nil {
				return err
			}
			options, err := who.Options()
			if err != nil {
				return usage(err)
			}
			log, err := a.logger(c)
			if err != nil {
				return err
			}
			s, err := a.store(c)
			if err != nil {
				return err
			}
			state := c.String("state")
			if state == "" {
				if state, err = a.stateDir(); err != nil {
					return err
				}
			}
			allowed, err := readable(dataOf(c), s.Dir)
			if err != nil {
				return err
			}
			if allowed, err = allowed.WithSources(listOf(c, "source")...); err != nil {
				return usage(fmt.Errorf("--source: %w", err))
			}
			served, end, err := agentMetrics(c, log)
			if err != nil {
				return err
			}
			defer end()
			meters, err := a.powerOf(c)
			if err != nil {
				return err
			}
			return agent.Run(a.watched(c), agent.Config{
				Metrics: served,
				Power:   meters, Root: a.env.Root,
				Device: who.Name, URL: who.URL, Options: options, Kernels: a.env.kernels(), Data: s.Path, Files: allowed,
				Library: a.library(c, s.Dir), Version: a.env.Revision.String(), State: state, Log: log,
				Wait: input.Duration(c, "wait"),
				Limits: agent.Limits{
					Actors: c.Int64("max-actors"), Lanes: c.Int64("max-lanes"), Threads: c.Int64("max-threads"),
					FIFOBytes: c.Int64("max-fifos"), ModelBytes: c.Int64("max-models"), MemoryBytes: c.Int64("max-memory"),
				},
				Store: models.Options{Domain: c.String("js-domain")}, CacheBytes: c.Int64("keep-models"),
			})
		},
	}
}

// limitFlag is a limit of an agent; 0 is its default.
func limitFlag(name, what string) cli.Flag {
	limits := agent.DefaultLimits()
	value := map[string]int64{
		"max-actors": limits.Actors, "max-lanes": limits.Lanes, "max-threads": limits.Threads,
		"max-fifos": limits.FIFOBytes, "max-models": limits.ModelBytes, "max-memory": limits.MemoryBytes,
	}[name]
	return &cli.Int64Flag{Name: name, Usage: "refuse plans that need more than this `NUMBER` of " + what + " here",
		DefaultText: fmt.Sprint(value)}
}

func dataFlag(usage, otherwise string) cli.Flag {
	return &cli.GenericFlag{Name: "data", Value: &input.List{}, Usage: usage, DefaultText: otherwise}
}

func dataOf(c *cli.Context) []string { return listOf(c, "data") }

func listOf(c *cli.Context, flag string) []string { return *c.Generic(flag).(*input.List) }

// readable returns what --data lets kernels read: by default the folder of data sets, as far
// as there can be one.
func readable(data []string, sets string) (*files.Allowed, error) {
	if len(data) == 0 && os.MkdirAll(sets, 0o755) == nil {
		data = []string{sets}
	}
	allowed, err := files.Below(data...)
	if err != nil {
		return nil, usage(fmt.Errorf("--data: %w", err))
	}
	return allowed, nil
}

// domainFlag is where sub-models are stored: see models.Options.
func domainFlag() cli.Flag {
	return &cli.StringFlag{Name: "js-domain", Usage: "`NAME` of the JetStream domain that stores sub-models, where it " +
		"isn't that of the NATS server connected to, as behind a leaf node"}
}

func watchFlag() cli.Flag {
	return &cli.BoolFlag{Name: "watch-stdin", Usage: "stop when standard input ends, as a child of a testbed does"}
}

// watched returns the context of a command that may be a child of a testbed.
func (a *App) watched(c *cli.Context) context.Context {
	if c.Bool("watch-stdin") {
		return agent.UntilEOF(c.Context, a.env.Stdin)
	}
	return c.Context
}

// stateDir returns the folder for what must outlive a process.
func (a *App) stateDir() (string, error) {
	dir := a.env.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home := a.env.Getenv("HOME")
		if home == "" {
			return "", usage(errors.New("neither $XDG_STATE_HOME nor $HOME are defined; give --state"))
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "edgeprune"), nil
}

// brokerCommand is the NATS server of a testbed, in a process of its own.
func (a *App) brokerCommand() *cli.Command {
	return &cli.Command{
		Name: "broker", Hidden: true,
		Usage: "be the NATS server of a testbed on this machine",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Usage: "`FILE` of its configuration", Required: true},
			watchFlag(),
		},
		Action: func(c *cli.Context) error { return testbed.Serve(a.watched(c), c.String("config")) },
	}
}

func (a *App) upCommand() *cli.Command {
	return &cli.Command{
		Name: "up", ArgsUsage: "PLAN.yaml",
		Usage: "start a NATS server and an agent per device of a plan on this machine, until interrupted",
		Description: "The agents read the data sets, the files and folders that the plan names, and what --data adds;\n" +
			"other plans can't have them read more.\n\n" +
			"  edgeprune up parts/plan.yaml",
		Flags: []cli.Flag{
			dataFlag("kernels of other plans may also read what is below this `FOLDER`, or this file; may be given several "+
				"times", "nothing more"),
			&cli.IntFlag{Name: "port", Usage: "`PORT` of the NATS server on the loopback interface; 0 takes a free one",
				Value: 4222},
			&cli.BoolFlag{Name: "restart",
				Usage: "run the NATS server in a process of its own, and start it and agents again when they end"},
		},
		Action: func(c *cli.Context) error {
			f, err := readPlan(c)
			if err != nil {
				return err
			}
			var devices []string
			for _, d := range f.Platform.Devices {
				devices = append(devices, d.Name)
			}
			cfg := testbed.Config{Devices: devices, Port: c.Int("port"), Guests: []string{guest},
				Command: a.child(c, append(reads(f.Application), dataOf(c)...))}
			if c.Bool("restart") {
				cfg.Broker, cfg.Restarts = a.broker, restarts
			}
			tb, err := testbed.Start(c.Context, cfg)
			if err != nil {
				return err
			}
			defer tb.Close()
			fmt.Fprintf(
				a.env.Stdout,
				"NATS at %s with agents %v; stop with Ctrl-C.\nIt takes clients with a key of this run only. Run a plan on the "+
					"agents from another terminal:\n  edgeprune run --testbed %s %s\n", tb.URL(), devices, tb.File(guest),
				c.Args().First(),
			)
			select {
			case <-c.Context.Done():
				return nil
			case <-tb.Lost():
				return tb.Err()
			}
		},
	}
}

// child returns the command of a child agent: this program again, with the same
// cache and library. It may read data sets and what else is given, cameras and addresses among it.
func (a *App) child(c *cli.Context, data []string) func(device, testbed, state string) *exec.Cmd {
	var global, own []string
	if dir, err := a.cacheDir(c); err == nil { // a command that needs it has said so before
		global = append(global, "--cache", dir)
		if os.MkdirAll(dir, 0o755) == nil {
			data = append([]string{dir}, data...)
		}
		if lib := a.library(c, dir); lib != "" {
			global = append(global, "--ort", lib)
		}
	}
	for _, path := range data {
		if files.IsSource(path) {
			own = append(own, "--source", path)
		} else {
			own = append(own, "--data", path)
		}
	}
	return func(_, testbed, state string) *exec.Cmd {
		return exec.Command(a.env.Executable, slices.Concat(global, []string{"agent", "--testbed", testbed,
			"--state", state, "--wait", "20s", "--watch-stdin", "--log-level", "warn"}, own)...)
	}
}

// broker returns the command of a NATS server that can be killed: this program
// again.
func (a *App) broker(config string) *exec.Cmd {
	return exec.Command(a.env.Executable, "broker", "--config", config, "--watch-stdin")
}

// guest is the coordinator that runs plans on the agents of `edgeprune up`.
const guest = "guest"

// restarts is how often in a minute a testbed that can be killed starts a process again.
const restarts = 30

// readPlan reads the plan file that is the command's one argument, with its recorded arrivals.
func readPlan(c *cli.Context) (*planfile.File, error) {
	if c.NArg() != 1 {
		return nil, usage(fmt.Errorf("expected one plan file; got %d arguments", c.NArg()))
	}
	b, err := input.ReadYAML(c.Args().First())
	if err != nil {
		return nil, err
	}
	path := c.Args().First()
	f, err := planfile.Parse(path, b)
	if err != nil {
		return nil, err
	}
	return f, profiles.Arrivals(f, path)
}

var errNoDriver = errors.New("expected sim, deploy or both")

func drivers(name string) (sim, dep bool, err error) {
	switch name {
	case "sim":
		return true, false, nil
	case "deploy":
		return false, true, nil
	case "both":
		return true, true, nil
	}
	return false, false, usage(fmt.Errorf("--driver %q: %w%s", name, errNoDriver,
		nearest.Hint(name, []string{"sim", "deploy", "both"})))
}
