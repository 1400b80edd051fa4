package powercmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/states"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/urfave/cli/v2"
)

// mostSamples is how many times of a recording a trace that it is joined to holds.
const mostSamples = 100_000

func (a *Commands) joinCommand() *cli.Command {
	return &cli.Command{
		Name: "join", ArgsUsage: "TRACE.jsonl METER.csv",
		Usage: "put the recording of an external meter beside a run: energy per run, frame and state",
		Description: "The recording has columns as power --csv takes them. --offset is what is added to the meter's times\n" +
			"to get seconds since the run's start; where the first column is time, the day's time, the trace says when the\n" +
			"run began by the coordinator's clock, and --offset is by how much the meter's clock is behind that one.\n" +
			"The energies are integrals of what was recorded: of the time that the device worked in the run, and of the\n" +
			"times for which a unit computed, or it sent, or received; idle is when it did none of that. ± is how far off\n" +
			"they can be as readings are apart. With -o the trace is written again, with the recording in it as what the\n" +
			"device's meter counted, for power fit.\n\n" +
			"  edgeprune power join results/PLAN/RUN/traces/deploy/PLAN.jsonl supply.csv --device jetson --offset -12.5s",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "device", Usage: "`NAME` of the device that the meter is of", Required: true},
			input.DurationFlag("offset", "`TIME` that is added to the meter's, as 1.5s or -200ms", 0),
			&cli.StringFlag{Name: "rail", Usage: "take the column of this `NAME` alone, given without its _w or _j " +
				"(default: the sum of all)"},
			planFlag(), input.OutputFlag("write the trace with the recording to `FILE`"), input.ForceFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 2 {
				return input.Error(fmt.Errorf("expected a trace and the recording of a meter; got %d arguments", c.NArg()))
			}
			return a.join(c)
		},
	}
}

func planFlag() cli.Flag {
	return &cli.StringFlag{Name: "plan", Usage: "`FILE` of the run's plan (default: the one that is kept with the trace)"}
}

func (a *Commands) join(c *cli.Context) error {
	r, err := load(c.Args().Get(0), c.String("plan"))
	if err != nil {
		return err
	}
	d, err := r.states(c.String("device"))
	if err != nil {
		return err
	}
	rails, err := recording(c, r.trace)
	if err != nil {
		return err
	}
	e, err := d.Energies(rails)
	if errors.Is(err, energy.ErrMissing) {
		first, last := rails[0].Samples[0].AtNs, rails[0].Samples[len(rails[0].Samples)-1].AtNs
		return input.Error(fmt.Errorf("%w; the recording goes from %.3f s to %.3f s since the run's start, the device "+
			"worked from %.3f s to %.3f s: correct --offset", err, float64(first)*1e-9, float64(last)*1e-9,
			float64(d.Active.FromNs)*1e-9, float64(d.Active.ToNs)*1e-9))
	}
	if err != nil {
		return err
	}
	to := output.Target{Path: c.String("output"), Replace: c.Bool("force"), Inputs: append(r.read, c.Args().Get(1))}
	if to.Path != "" {
		if err := write(to, r.trace, d.Name, c.Args().Get(1), rails); output.User(err) {
			return input.Error(err)
		} else if err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return a.JSON(e)
	}
	return printEnergies(a.Stdout, d.Name, e)
}

// recording reads the meter's file, on the clock of the run.
func recording(c *cli.Context, t *trace.Trace) ([]*energy.Series, error) {
	path := c.Args().Get(1)
	f, err := os.Open(path)
	if err != nil {
		return nil, input.Error(err)
	}
	defer f.Close()
	all, err := power.ReadCSV(path, f, input.Duration(c, "offset"), t.BeganUnixNs)
	if err != nil {
		return nil, input.Error(err)
	}
	var rails []*energy.Series
	var names []string
	for i := range all {
		names = append(names, all[i].Rail)
		if rail := c.String("rail"); rail == "" || rail == all[i].Rail {
			rails = append(rails, &all[i])
		}
	}
	if len(rails) == 0 {
		return nil, input.Error(fmt.Errorf("%s has no column of a rail %s; it has %q%s", path, c.String("rail"), names,
			nearest.Hint(c.String("rail"), names)))
	}
	return rails, nil
}

// write writes a trace in which a recording is what the device's meter counted.
func write(to output.Target, t *trace.Trace, device, file string, rails []*energy.Series) error {
	m := energy.Metered{Device: device, Of: "external meter, " + file}
	for _, r := range rails {
		m.MeterPeriodNs = max(m.MeterPeriodNs, r.MeterPeriodNs)
	}
	var err error
	if m.Samples, m.Bound, err = energy.Cumulate(rails, mostSamples); err != nil {
		return err
	}
	joined := *t
	joined.Metered = slices.DeleteFunc(slices.Clone(t.Metered), func(m energy.Metered) bool { return m.Device == device })
	joined.Metered = append(joined.Metered, m)
	var b bytes.Buffer
	if err := trace.Write(&b, &joined); err != nil {
		return err
	}
	return to.Write(b.Bytes())
}

// forState is the text of a state's energy.
func forState(s *states.State) string {
	if s.Energy == nil {
		return "missing: no readings cover it"
	}
	return fmt.Sprintf("%.4g W\t%.4g J ± %.2g J\t%.1f %% covered", s.Energy.Watts(), s.Energy.Joules,
		s.Energy.BoundJoules, 100*s.Energy.Coverage())
}
