package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/experiments/internal/codectable"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"
)

func (a *App) codecsCommand() *cli.Command {
	return &cli.Command{
		Name: "codecs", ArgsUsage: "experiments/NAME",
		Usage: "compare boundary codecs on an experiment's tensors: bytes, speed, error, effect on results",
		Description: "A codec is " + codec.Grammar + ".\n" +
			"Every cut is run in one process, without a network, once for every codec. Speeds are plain bytes over a " +
			"kernel's\n" +
			"median time on one thread. int8-static gets its scales from frames that follow those that are judged.\n\n" +
			"  edgeprune codecs experiments/ssd-tracking\n" +
			"  edgeprune codecs experiments/ssd-tracking --cut detector/dw4 --codec int8+zstd",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "cut", Usage: "cut after this `SEGMENT` of the model, such as detector/dw4",
				DefaultText: fmt.Sprintf("%d, spread", codectable.Cuts)},
			&cli.StringSliceFlag{Name: "codec", Usage: "compare this `CODEC`", DefaultText: "all kinds"},
			&cli.Int64Flag{Name: "frames", Usage: "frames that are judged; a third as many calibrate",
				DefaultText: "3/4 of those of the experiment's quality, without that its max_frames"},
			&cli.BoolFlag{Name: "calibrate", Usage: "print the scales and zero points of int8-static as YAML, and nothing else"},
			&cli.BoolFlag{Name: "per-channel", Usage: "with --calibrate: one scale for every channel"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.NArg() != 1:
				return usage(fmt.Errorf("expected one experiment's folder; got %d arguments", c.NArg()))
			case c.IsSet("frames") && c.Int64("frames") < 1:
				return usage(fmt.Errorf("--frames %d; expected at least 1", c.Int64("frames")))
			case c.Bool("per-channel") && !c.Bool("calibrate"):
				return usage(errors.New("--per-channel goes with --calibrate; the table shows both"))
			}
			for _, name := range []string{"codec", "json"} {
				if c.IsSet(name) && c.Bool("calibrate") {
					return usage(fmt.Errorf("--%s does not go with --calibrate, which prints YAML of int8-static alone", name))
				}
			}
			for _, name := range c.StringSlice("codec") {
				if _, err := codec.Parse(name); err != nil {
					return usage(err)
				}
			}
			l, err := a.session(c)
			if err != nil {
				return err
			}
			defer l.close()
			return l.codecs(c)
		},
	}
}

func (l *session) codecs(c *cli.Context) error {
	x, _, err := l.experiment(c.Context, c.Args().First())
	if err != nil {
		return err
	}
	truth, err := l.truth(x.Spec)
	if err != nil {
		return err
	}
	t := &codectable.Table{Spec: x.Spec, Models: x.Models, Truth: truth, Progress: l.log,
		Coder: &local.Driver{Kernels: l.app.env.kernels(), Data: l.store.Path, Models: x.Models,
			Note: l.note}}
	frames := max(x.Spec.Quality.Frames*3/4, 1)
	if truth == nil {
		frames = x.Spec.Workload.MaxFrames
	}
	if c.IsSet("frames") {
		frames = c.Int64("frames")
	}
	if c.Bool("calibrate") {
		found, err := t.Calibrations(c.Context, c.StringSlice("cut"), frames, c.Bool("per-channel"))
		if err != nil {
			return cutError(err)
		}
		l.log.done()
		return l.app.printCalibration(found)
	}
	rows, err := t.Run(c.Context, c.StringSlice("cut"), c.StringSlice("codec"), frames)
	if err != nil {
		return cutError(err)
	}
	l.log.done()
	if c.Bool("json") {
		return l.app.printJSON(rows)
	}
	return l.app.printCodecs(l.machine, rows)
}

// cutError marks the error of a cut that isn't there as the user's.
func cutError(err error) error {
	if errors.Is(err, codectable.ErrCut) {
		return usage(err)
	}
	return err
}

func (a *App) printCalibration(c spec.Calibration) error {
	b, err := yaml.MarshalWithOptions(
		map[string]spec.Calibration{"calibration": c}, yaml.Flow(false), yaml.IndentSequence(true),
	)
	if err != nil {
		return err
	}
	_, err = a.env.Stdout.Write(b)
	return err
}

func (a *App) printCodecs(machine string, rows []codectable.Row) error {
	fmt.Fprintf(a.env.Stdout, "%s, one thread\n", machine)
	tw := tabwriter.NewWriter(a.env.Stdout, 0, 0, 2, ' ', 0)
	cut := ""
	for _, r := range rows {
		names := slices.Sorted(maps.Keys(r.Quality))
		var heads string
		if r.Agreement != nil {
			heads = "\t" + strings.Join(append(slices.Clone(names), "AS UNCODED"), "\t")
		}
		if r.Cut != cut {
			cut = r.Cut
			fmt.Fprintf(tw, "\n%s\t%d frames\n", cut, r.Frames)
			fmt.Fprintf(tw, "CODEC\tBYTES\tRATIO\tENCODE GB/s\tDECODE GB/s\tMAX ERROR\tRMS\tOF RANGE%s\n",
				heads)
		}
		name := r.Codec
		switch {
		case r.PerChannel:
			name += " (by channel)"
		case r.EncodeGBps == 0 && r.Codec != codec.None:
			fmt.Fprintf(tw, "%s%s\tdoes not apply\n", name, strings.Repeat("\t-", 7+strings.Count(heads, "\t")))
			continue
		}
		speed := func(gb float64) string {
			if gb == 0 {
				return "-"
			}
			return fmt.Sprintf("%.2f", gb)
		}
		fmt.Fprintf(tw, "%s\t%.0f\t%.2f\t%s\t%s\t%.3g\t%.3g\t%.4g", name, r.WireBytes, float64(r.RawBytes)/r.WireBytes,
			speed(r.EncodeGBps), speed(r.DecodeGBps), r.MaxError, r.RMS, r.Range)
		for _, q := range names {
			fmt.Fprintf(tw, "\t%.4f", r.Quality[q])
		}
		if r.Agreement != nil {
			fmt.Fprintf(tw, "\t%.4f", *r.Agreement)
		}
		if r.NotFinite > 0 {
			fmt.Fprintf(tw, "\t%d elements not finite", r.NotFinite)
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}
