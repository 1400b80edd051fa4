package powercmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/trace/states"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"
)

// windowLength is what a measurement of a fit takes by default: many readings of the slowest
// meters.
const windowLength = time.Second

func (a *Commands) fitCommand() *cli.Command {
	return &cli.Command{
		Name: "fit", ArgsUsage: "RUN | TRACE.jsonl...",
		Usage: "find a device's power figures from runs in which its meters were read",
		Description: "The runs' traces hold when the device computed, by unit, sent and received, and what its meters\n" +
			"counted: of agents with --power, or of power join -o. Each run is parted into windows, and the figures are\n" +
			"those whose energies differ least from the measured ones (least squares): idle, and on top of it each unit\n" +
			"with all of its lanes busy, sending and receiving. They are printed as the power: of a device in a plan or an\n" +
			"experiment, with what they miss of the measurements (residual). States that no run has get no figure; those\n" +
			"that never differ, such as a unit that is always busy, can't be told apart: give runs of several cuts, and of\n" +
			"idle time.\n\n" +
			"  edgeprune power fit results/PLAN/RUN --device jetson\n" +
			"  edgeprune power fit cut3.jsonl cut9.jsonl --device jetson --window 500ms --plan plan.yaml",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "device", Usage: "`NAME` of the device", Required: true},
			input.DurationFlag("window", "`TIME` that a measurement takes, at least", windowLength),
			planFlag(), &cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return input.Error(fmt.Errorf("expected traces, or a folder such as results/NAME/RUN"))
			}
			if w := input.Duration(c, "window"); w <= 0 {
				return input.Error(fmt.Errorf("--window %v: expected more than 0", w))
			}
			f, err := a.fit(c)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return a.JSON(f)
			}
			return printFigures(a.Stdout, c.String("device"), f)
		},
	}
}

// fit takes the measurements of all runs and returns the figures.
func (a *Commands) fit(c *cli.Context) (*energy.Figures, error) {
	var all []energy.Observation
	var emulated []string
	device, runs := c.String("device"), 0
	for _, arg := range c.Args().Slice() {
		paths, err := traces(arg)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			r, err := load(path, c.String("plan"))
			if err != nil {
				return nil, err
			}
			if why := r.unfit(device); why != "" {
				if len(paths) == 1 {
					return nil, input.Error(fmt.Errorf("%s: %s", path, why))
				}
				a.Logf("left out: %s: %s", path, why)
				continue
			}
			more, err := r.observe(device, input.Duration(c, "window"))
			if len(paths) > 1 && (errors.Is(err, states.ErrShort) || errors.Is(err, states.ErrDevice)) {
				a.Logf("left out: %v", err)
				continue
			}
			if err != nil {
				return nil, err
			}
			if r.trace.Emulated {
				emulated = append(emulated, path)
			}
			all = append(all, more...)
			runs++
		}
	}
	f, err := energy.Fit(all)
	if err != nil {
		return nil, input.Error(err)
	}
	f.From = fmt.Sprintf("%d windows of %v or more, of %d runs", len(all), input.Duration(c, "window"), runs)
	if len(emulated) > 0 {
		f.From += fmt.Sprintf("; emulated in %d of them", len(emulated))
		a.Logf("emulated, so that a slowed unit waits for a part of its firings: %s", strings.Join(emulated, ", "))
	}
	return &f, nil
}

// unfit says why a run says nothing of a device's power; "" if it does.
func (r *recorded) unfit(device string) string {
	t := r.trace
	switch {
	case t.Partial != "":
		return "the run ended early: " + t.Partial
	case t.Restarts > 0 || t.Dropped > 0:
		return "the run was interrupted: events of it may be missing"
	case !slices.ContainsFunc(t.Metered, func(m energy.Metered) bool { return m.Device == device }):
		return fmt.Sprintf("no meter of device %s was read; start its agent with --power, or see power join", device)
	}
	return ""
}

func (r *recorded) observe(device string, window time.Duration) ([]energy.Observation, error) {
	d, err := r.states(device)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(r.trace.Metered, func(m energy.Metered) bool { return m.Device == device })
	all, err := d.Observe(&r.trace.Metered[i], window)
	if err != nil {
		return nil, input.Error(fmt.Errorf("%s: %w", r.path, err))
	}
	return all, nil
}

// printFigures writes figures as the power: of a device.
func printFigures(w io.Writer, device string, f *energy.Figures) error {
	b, err := yaml.Marshal(map[string]*energy.Figures{"power": f})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "# device %s, in watts: %s\n%s", device, f.Origin(), b)
	return err
}
