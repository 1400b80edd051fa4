package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/urfave/cli/v2"
)

func (a *App) agentCommand() *cli.Command {
	return &cli.Command{
		Name:  "agent",
		Usage: "be one device of a testbed: take slices of plans from a coordinator and run them",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the device in platform graphs"},
			&cli.StringFlag{Name: "nats", Usage: "`URL` of the NATS server", Value: "nats://127.0.0.1:4222"},
			&cli.BoolFlag{Name: "watch-stdin", Usage: "stop when standard input ends, as a child of a testbed does"},
		},
		Action: func(c *cli.Context) error {
			if c.String("name") == "" {
				return usage(errors.New("an agent needs --name, that of its device"))
			}
			s, err := a.store(c)
			if err != nil {
				return err
			}
			ctx := c.Context
			if c.Bool("watch-stdin") {
				ctx = agent.UntilEOF(ctx, a.env.Stdin)
			}
			return agent.Run(ctx, agent.Config{
				Device: c.String("name"), URL: c.String("nats"), Kernels: a.env.kernels(), Data: s.Path,
				Library: library(c, s.Dir), Version: Version,
			})
		},
	}
}

func (a *App) upCommand() *cli.Command {
	return &cli.Command{
		Name: "up", ArgsUsage: "PLAN.yaml",
		Usage: "start a NATS server and an agent per device of a plan on this machine, until interrupted",
		Flags: []cli.Flag{&cli.IntFlag{Name: "port", Usage: "`PORT` of the NATS server on the loopback interface; 0 takes a free one", Value: 4222}},
		Action: func(c *cli.Context) error {
			f, err := readPlan(c)
			if err != nil {
				return err
			}
			var devices []string
			for _, d := range f.Platform.Devices {
				devices = append(devices, d.Name)
			}
			tb, err := deploy.NewTestbed(c.Context, deploy.TestbedConfig{Devices: devices, Port: c.Int("port"), Command: a.child(c)})
			if err != nil {
				return err
			}
			defer tb.Close()
			fmt.Fprintf(a.env.Stdout, "NATS at %s with agents %v; stop with Ctrl-C.\nRun a plan on them from another terminal: edgeprune run --nats %s %s\n", tb.URL(), devices, tb.URL(), c.Args().First())
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
// cache and library.
func (a *App) child(c *cli.Context) func(device, url string) *exec.Cmd {
	var global []string
	for _, name := range []string{"cache", "ort"} {
		if v := c.String(name); v != "" {
			global = append(global, "--"+name, v)
		}
	}
	return func(device, url string) *exec.Cmd {
		return exec.Command(a.env.Executable, append(global, "agent", "--name", device, "--nats", url, "--watch-stdin")...)
	}
}

// readPlan reads the plan file that is the command's one argument.
func readPlan(c *cli.Context) (*plan.File, error) {
	if c.NArg() != 1 {
		return nil, usage(fmt.Errorf("expected one plan file; got %d arguments", c.NArg()))
	}
	b, err := readInput(c.Args().First())
	if err != nil {
		return nil, err
	}
	return plan.Parse(c.Args().First(), b)
}

// readInput reads a file that the user named: a missing one is the user's to
// mend.
func readInput(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(err)
	}
	return b, nil
}

func modelPath(dir string) string { return filepath.Join(dir, "model.onnx") }

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
	return false, false, usage(fmt.Errorf("--driver %q: %w", name, errNoDriver))
}
