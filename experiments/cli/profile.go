package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/place"
	"github.com/edgeprune/edgeprune/experiments/cli/profilecmd"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/urfave/cli/v2"
)

func (a *App) profileCommand() *cli.Command {
	return &cli.Command{
		Name: "profile", ArgsUsage: "experiments/NAME | PLAN.yaml",
		Usage: "time every segment, codec and kernel of an experiment on this machine, or on the devices of a testbed",
		Description: "A segment is timed as the one fused session that will run it, on the data it will get, after pauses\n" +
			"like those of a deployed device, in the processes that will run it, in rounds spread over time. `run` and\n" +
			"`reproduce` use a profile that the same program made of the same models on this machine, and say when;\n" +
			"without one they make it themselves.\n" +
			"With --testbed the devices of a testbed are profiled, each by its agent, with an experiment or a plan. What\n" +
			"was measured is kept in one profile for each device, with what the device is and how it is set, and with the\n" +
			"structure of the models without their weights. A platform names such a file by profile: FILE of a device;\n" +
			"then run --driver sim and check need neither the device nor the model, ONNX Runtime or NATS.\n\n" +
			"  edgeprune profile experiments/ssd-tracking\n" +
			"  edgeprune profile --testbed lab/testbed.yaml experiments/ssd-tracking --on slow=jetson1 --without fast\n" +
			"  edgeprune profile list\n" +
			"  edgeprune profile export jetson1 jetson1.json",
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "quick", Usage: "fewer samples"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON with all samples"},
			&cli.GenericFlag{Name: "device", Value: &input.List{}, Usage: "with --testbed: keep the profile of this " +
				"`DEVICE` of the testbed only; may be given several times", DefaultText: "of all that take part"},
			&cli.StringFlag{Name: "nats", Usage: "`URL` of a NATS server whose agents to profile",
				DefaultText: "that of --testbed"},
			domainFlag(), access.CoordinatorFlag(),
		}, access.Flags(), place.Flags()),
		Subcommands: a.profileFiles().Commands(),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage(fmt.Errorf("expected one experiment's folder, or with --testbed a plan file; got %d arguments",
					c.NArg()))
			}
			devices := *c.Generic("device").(*input.List)
			if !elsewhere(c) && len(devices) > 0 {
				return usage(errors.New("--device goes with --testbed or --nats only, whose devices it names"))
			}
			l, err := a.session(c)
			if err != nil {
				return err
			}
			defer l.close()
			e, err := effort(c)
			if err != nil {
				return err
			}
			if elsewhere(c) {
				kept, err := l.profileTestbed(c.Context, c.Args().First(), e, devices)
				if err != nil {
					return err
				}
				l.log.done()
				if c.Bool("json") {
					return a.printJSON(kept)
				}
				return a.printKept(kept)
			}
			if kindOfRun(c, c.Args().First()) == ofPlan {
				return usage(errors.New("a plan is profiled on the devices of a testbed: give --testbed FILE, or the folder of " +
					"an experiment; run profiles a plan on this machine by itself"))
			}
			x, _, err := l.experiment(c.Context, c.Args().First())
			if err != nil {
				return err
			}
			making, err := l.profiling(c.Context, x, e, true)
			if err != nil {
				return err
			}
			p, _, err := making.finish(c.Context)
			if err != nil {
				return err
			}
			l.log.done()
			if c.Bool("json") {
				return a.printJSON(p)
			}
			return a.printProfile(p)
		},
	}
}

func (a *App) printProfile(p *profile.Profile) error {
	fmt.Fprintf(a.env.Stdout, "%s\n", p.Machine)
	return profilecmd.PrintEntries(a.env.Stdout, p.Entries)
}

// printKept prints the profiles of devices that were just made.
func (a *App) printKept(kept []keptProfile) error {
	for i, k := range kept {
		if i > 0 {
			fmt.Fprintln(a.env.Stdout)
		}
		fmt.Fprintf(a.env.Stdout, "%s\nkept in %s\n", profilecmd.Title(k.Profile), k.File)
		if len(k.Replaced) > 0 {
			fmt.Fprintf(a.env.Stdout, "in place of an earlier one: %s\n", strings.Join(k.Replaced, "; "))
		}
		if err := profilecmd.PrintEntries(a.env.Stdout, k.Profile.Entries); err != nil {
			return err
		}
	}
	return nil
}

// profileFiles are the commands on profiles of devices, with the state of this program.
func (a *App) profileFiles() *profilecmd.Commands {
	return &profilecmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON, Cache: func(c *cli.Context) (profiles.Cache, error) {
			s, err := a.store(c)
			if err != nil {
				return profiles.Cache{}, err
			}
			return (&session{store: s}).deviceProfiles(), nil
		},
	}
}

func (a *App) calibrateCommand() *cli.Command {
	return &cli.Command{
		Name:  "calibrate",
		Usage: "time the unshaped transport between two processes on this machine: per message and per byte",
		Description: "`run` and `reproduce` do this by themselves; the figures are what a message costs\n" +
			"beside its link.\n\n" +
			"  edgeprune calibrate --frames 200",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.Int64Flag{Name: "frames", Usage: "tokens per size", Value: 100},
		},
		Action: func(c *cli.Context) error {
			if c.Int64("frames") < 2 {
				return usage(fmt.Errorf("--frames %d; expected at least 2", c.Int64("frames")))
			}
			l, err := a.session(c)
			if err != nil {
				return err
			}
			defer l.close()
			d, err := l.deploy(c.Context, nil, "server", "endpoint")
			if err != nil {
				return err
			}
			t, err := lab.Calibrate(c.Context, d, "endpoint", "server", c.Int64("frames"))
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return a.printJSON(t)
			}
			_, err = fmt.Fprintf(a.env.Stdout,
				"%s\none way: %v a message and %.3f ns a byte (%.2f GB/s)\nof which the sender is occupied: %v a message and "+
					"%.3f ns a byte\nfrom arrival to the start of the firing: %v\n",
				l.machine, t.PerMessage, t.PerByte, 1/t.PerByte, t.SendPerMessage, t.SendPerByte, t.Dispatch)
			return err
		},
	}
}
