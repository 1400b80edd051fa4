// Package powercmd is the command that lists power meters and reads them for a while. It reads
// flags and prints; deploy/power and core/energy do the work.
package powercmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// Commands makes the command.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error // prints it
	Root   fs.FS             // of the file system; nil: it has no meters
	NVML   func() (power.Library, error)
	Now    func() time.Time
	Logf   func(format string, args ...any) // a line for people
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "power", Usage: "list this machine's power meters, what is missing and why; read them for a while",
		Description: "Meters are INA3221 and INA238 of Jetson modules (hwmon, and iio of JetPack 4), RAPL of processors,\n" +
			"NVML of NVIDIA's GPUs. Each is shown with its rails and how often it has a new value. With --for, every meter\n" +
			"is read at its own rate, at most every 10 ms, and the energy of each rail is the integral of what it showed:\n" +
			"of watts by the trapezoidal rule, of counters by their difference. Beside it stand how far off it can be\n" +
			"as readings are apart, and the share of the time that they cover. What can't be read is missing, never 0.\n\n" +
			"  edgeprune power\n" +
			"  edgeprune power --for 10s             idle power, if nothing else runs\n" +
			"  edgeprune power --csv supply.csv      what an external meter recorded: time_s,supply_w\n\n" +
			"power join puts such a recording beside a run; power fit finds a device's power figures from runs.",
		Subcommands: []*cli.Command{a.joinCommand(), a.fitCommand()},
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			input.DurationFlag("for", "read the meters for `TIME`", 0),
			&cli.StringFlag{Name: "csv", Usage: "sum up `FILE`, the recording of an external meter, instead"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return input.Error(fmt.Errorf("power takes no arguments; got %q", c.Args().First()))
			}
			length := input.Duration(c, "for")
			if length < 0 {
				return input.Error(fmt.Errorf("--for %v: expected more than 0", length))
			}
			var got *found
			var err error
			if file := c.String("csv"); file != "" {
				if c.IsSet("for") {
					return input.Error(errors.New("--for reads meters of this machine; it doesn't go with --csv"))
				}
				got, err = ofFile(file)
			} else {
				got, err = a.ofMachine(c.Context, length)
			}
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return a.JSON(got)
			}
			return got.print(a.Stdout)
		},
	}
}

// found is what the command prints as JSON. Its field names are part of the interface.
type found struct {
	Meters  []power.About   `json:"meters"`
	Missing []power.Missing `json:"missing"`
	// Seconds is how long the meters were read; 0: they were not.
	Seconds  float64 `json:"seconds"`
	Measured []rail  `json:"measured,omitempty"`
	// Total is that of the rails in the total; null: a rail of it is missing.
	Total *energy.Amount `json:"total,omitempty"`
}

// rail is what a rail showed.
type rail struct {
	Meter    string         `json:"meter"`
	Rail     string         `json:"rail"`
	Samples  int            `json:"samples"`
	PeriodNs int64          `json:"sample_period_ns"`
	Energy   *energy.Amount `json:"energy"` // null: it is not known
	Watts    *float64       `json:"watts"`  // its mean
	Why      string         `json:"why_missing,omitempty"`
}

func (a *Commands) ofMachine(ctx context.Context, length time.Duration) (*found, error) {
	meters, missing := power.Find(a.Root, a.NVML)
	got := &found{Meters: []power.About{}, Missing: append([]power.Missing{}, missing...)}
	for _, m := range meters {
		got.Meters = append(got.Meters, m.About())
	}
	if length == 0 {
		return got, nil
	}
	if len(meters) == 0 {
		return nil, power.NoMeter(missing)
	}
	a.Logf("reading the meters for %v", length)
	began := a.Now()
	rec := power.Record(meters, func() int64 { return int64(a.Now().Sub(began)) })
	wait := time.NewTimer(length)
	defer wait.Stop()
	select {
	case <-ctx.Done():
	case <-wait.C:
	}
	all := rec.Stop()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	got.Missing = append(got.Missing, all.Missing...)
	got.sum(all.Series, all.Total)
	return got, nil
}

// ofFile sums up the recording of an external meter, from its first to its last sample.
func ofFile(path string) (*found, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, input.Error(err)
	}
	defer f.Close()
	series, err := power.ReadCSV(path, f, 0, 0)
	if err != nil {
		return nil, input.Error(err)
	}
	got := &found{Meters: []power.About{}, Missing: []power.Missing{}}
	var all []int
	about := power.About{
		Name: "external", Of: "what it is connected to", Period: time.Duration(series[0].MeterPeriodNs), PeriodFrom: path,
	}
	for i := range series {
		all = append(all, i)
		about.Rails = append(about.Rails, power.Rail{
			Label: series[i].Rail, Counter: series[i].Counter, Source: path, InTotal: true,
		})
	}
	got.Meters = append(got.Meters, about)
	got.sum(series, all)
	return got, nil
}

// sum integrates series over all of the time that they share.
func (f *found) sum(series []energy.Series, total []int) {
	var from, to int64
	some := false
	for i := range series {
		s := series[i].Samples
		if len(s) < 2 {
			continue
		}
		first, last := s[0].AtNs, s[len(s)-1].AtNs
		if some {
			first, last = max(first, from), min(last, to)
		}
		from, to, some = first, last, true
	}
	f.Seconds = float64(to-from) * 1e-9
	var rails []*energy.Series
	for _, i := range total {
		rails = append(rails, &series[i])
	}
	for i := range series {
		s := &series[i]
		r := rail{Meter: s.Meter, Rail: s.Rail, Samples: len(s.Samples), PeriodNs: s.SamplePeriodNs}
		if e, err := s.Between(from, to); err != nil {
			r.Why = err.Error()
		} else {
			w := e.Watts()
			r.Energy, r.Watts = &e, &w
		}
		f.Measured = append(f.Measured, r)
	}
	if e, err := energy.Total(rails, []energy.Interval{{FromNs: from, ToNs: to}}); err == nil {
		f.Total = &e
	}
}
