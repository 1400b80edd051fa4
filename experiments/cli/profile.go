package cli

import (
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/urfave/cli/v2"
)

func (a *App) profileCommand() *cli.Command {
	return &cli.Command{
		Name: "profile", ArgsUsage: "experiments/NAME",
		Usage: "time every segment, codec and kernel of an experiment on this machine",
		Description: "A segment is timed as the one fused session that will run it, on the data it will get, after pauses\n" +
			"like those of a deployed device, in the processes that will run it, in rounds spread over time. `run` and\n" +
			"`reproduce` use a profile that the same program made of the same models on this machine, and say when;\n" +
			"without one they make it themselves.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "quick", Usage: "fewer samples"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON with all samples"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage(fmt.Errorf("expected one experiment's folder; got %d arguments", c.NArg()))
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
	var keys []string
	for k := range p.Entries {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	fmt.Fprintf(a.env.Stdout, "%s\n", p.Machine)
	tw := tabwriter.NewWriter(a.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "WHAT\tMEDIAN\tSPREAD (quartiles)\tSAMPLES")
	for _, k := range keys {
		s := make([]float64, len(p.Entries[k].Samples))
		for i, d := range p.Entries[k].Samples {
			s[i] = float64(d)
		}
		low, high := time.Duration(quantile.Of(0.25, s)), time.Duration(quantile.Of(0.75, s))
		fmt.Fprintf(tw, "%s\t%v\t%v .. %v\t%d\n", k, round(p.Entries[k].Median()), round(low), round(high), len(s))
	}
	return tw.Flush()
}

func round(d time.Duration) time.Duration { return d.Round(time.Microsecond) }

func (a *App) calibrateCommand() *cli.Command {
	return &cli.Command{
		Name:  "calibrate",
		Usage: "time the unshaped transport between two processes on this machine: per message and per byte",
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
