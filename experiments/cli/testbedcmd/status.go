package testbedcmd

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
	"github.com/urfave/cli/v2"
)

// reading is a device as the command prints it in JSON. Its field names are part of the
// interface.
type reading struct {
	Device string            `json:"device"`
	Error  string            `json:"error,omitempty"` // why there is no status
	Status *wire.AgentStatus `json:"status,omitempty"`
	// Rates between two readings, on the device's own clock.
	Rates *live.Rates `json:"rates,omitempty"`
}

func (o *Operator) statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show the devices of a testbed, who uses them, and how fast",
		Description: "Every agent is read twice. Rates are between the two readings: frames that all actors of the device\n" +
			"have done, and all bytes of the agent's connection. A device is free, claimed (held for a run that is not\n" +
			"loaded, or is over), loading, loaded, running or failed.\n\n" +
			"  edgeprune testbed status --testbed lab/testbed.yaml",
		Flags: append(o.Access(),
			input.DurationFlag("interval", "`TIME` between the two readings", time.Second),
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		),
		Action: func(c *cli.Context) error {
			between := input.Duration(c, "interval")
			if between <= 0 || c.NArg() > 0 {
				return input.Error(fmt.Errorf("--interval %v: expected more than 0, and no arguments", between))
			}
			d, closeIt, err := o.Dial(c)
			if err != nil {
				return err
			}
			defer closeIt()
			names, err := devices(c.Context, d)
			if err != nil {
				return err
			}
			list := read(c.Context, d, names)
			select {
			case <-time.After(between):
			case <-c.Context.Done():
				return c.Context.Err()
			}
			list = since(list, read(c.Context, d, names))
			if c.Bool("json") {
				return o.JSON(list)
			}
			return show(o.Stdout, list, d.Version)
		},
	}
}

// read asks all devices at once how they are.
func read(ctx context.Context, d *coordinator.Driver, names []string) []reading {
	list := make([]reading, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			limited, cancel := context.WithTimeout(ctx, answerLimit)
			defer cancel()
			list[i].Device = name
			s, err := d.Status(limited, name)
			if err != nil {
				list[i].Error = err.Error()
			}
			list[i].Status = s
		})
	}
	wg.Wait()
	return list
}

// since adds to readings the rates since others of the same devices, as far as the agent and
// the run are the same.
func since(before, now []reading) []reading {
	for i := range now {
		now[i].Rates = live.RatesOf(before[i].Status, now[i].Status)
	}
	return now
}

// show prints readings for people, with those of other versions than this program's named.
func show(to io.Writer, list []reading, version string) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "device\tstate\trun\tframe\tframes/s\tsent kB/s\treceived kB/s\towner\thost\tpid\tversion")
	for _, r := range list {
		s := r.Status
		if s == nil {
			fmt.Fprintf(w, "%s\tno answer\n", r.Device)
			continue
		}
		run, frame, owner := s.Run, "", ""
		if s.Held != nil {
			run, owner = s.Held.Run, s.Held.Owner.String()
		}
		if s.Run != "" {
			frame = fmt.Sprintf("%d of %d", s.Frames, s.Total)
		}
		fps, sent, received := "", "", ""
		if r.Rates != nil {
			fps, sent, received = strconv.FormatFloat(r.Rates.FramesPerSec, 'f', 1, 64),
				strconv.FormatFloat(r.Rates.SentBytesPerSec/1e3, 'f', 1, 64),
				strconv.FormatFloat(r.Rates.ReceivedBytesPerSec/1e3, 'f', 1, 64)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", r.Device, s.State, run, frame, fps, sent,
			received, owner, s.Host, s.PID, s.Version)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range list {
		var lines []string
		if r.Error != "" {
			lines = append(lines, r.Error)
		}
		if s := r.Status; s != nil {
			if s.Held != nil {
				lines = append(lines, s.Held.String())
			}
			if err := (wire.Build{Wire: s.Wire, Program: s.Version}).Check("device "+r.Device,
				wire.Build{Wire: wire.Format, Program: version}); err != nil {
				lines = append(lines, err.Error())
			}
			if s.Failed != "" {
				lines = append(lines, "failed: "+s.Failed)
			}
			lines = append(lines, s.Waits...)
		}
		for _, line := range lines {
			if _, err := fmt.Fprintf(to, "  %s: %s\n", r.Device, line); err != nil {
				return err
			}
		}
	}
	return nil
}
