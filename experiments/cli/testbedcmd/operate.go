// Package testbedcmd are the commands on a testbed of several machines: to make one, what its
// devices do, and an end to that. It may not start agents.
package testbedcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

const (
	discoverFor = 500 * time.Millisecond // for agents to answer
	answerLimit = 3 * time.Second        // for one agent to answer
)

// Operator are the commands of who runs a testbed: what its devices do, and an end to that.
type Operator struct {
	Stdout io.Writer
	JSON   func(v any) error // prints it
	Access func() []cli.Flag // of the NATS server
	// Dial connects to the server that these flags name; close ends that.
	Dial func(c *cli.Context) (d *coordinator.Driver, closeIt func(), err error)
	Now  func() time.Time
	// Logf prints a line of progress that stays, Step one that the next one may overwrite, and
	// Done ends that: see driver.Progress.
	Logf func(format string, args ...any)
	Step func(what string, n, total int, left time.Duration)
	Done func()
}

// Commands returns the commands.
func (o *Operator) Commands() []*cli.Command {
	return []*cli.Command{o.statusCommand(), o.stopCommand(), o.probeCommand()}
}

// errNoDevices says that no agent answers.
var errNoDevices = errors.New("testbed: no agent answers at the NATS server; start them with edgeprune agent")

// devices returns the devices whose agents answer, by name.
func devices(ctx context.Context, d *coordinator.Driver) ([]string, error) {
	found, err := coordinator.Discover(ctx, d.Conn, discoverFor)
	if err == nil && len(found) == 0 {
		err = errNoDevices
	}
	return slices.Sorted(maps.Keys(found)), err
}

func (o *Operator) stopCommand() *cli.Command {
	return &cli.Command{
		Name: "stop", Usage: "end a run on a testbed, whoever has begun it",
		Description: "The run's coordinator is told by whom, and ends with an error; its other devices become free with\n" +
			"that. Whoever may give orders to a device may do this.\n\n" +
			"  edgeprune testbed stop --device jetson1     whatever it runs\n" +
			"  edgeprune testbed stop --run ID             on all devices; edgeprune testbed status shows IDs",
		Flags: append(o.Access(),
			&cli.StringFlag{Name: "run", Usage: "`ID` of the run to end"},
			&cli.StringFlag{Name: "device", Usage: "`NAME` of the device whose run to end"},
		),
		Action: func(c *cli.Context) error {
			run, device := c.String("run"), c.String("device")
			if (run == "") == (device == "") || c.NArg() > 0 {
				return input.Error(errors.New("expected --run ID or --device NAME, and no arguments"))
			}
			d, closeIt, err := o.Dial(c)
			if err != nil {
				return err
			}
			defer closeIt()
			names := []string{device}
			if run != "" {
				if names, err = devices(c.Context, d); err != nil {
					return err
				}
			}
			return o.stop(c.Context, d, names, run)
		},
	}
}

// stop ends a run on devices; "" is any run.
func (o *Operator) stop(ctx context.Context, d *coordinator.Driver, names []string, run string) error {
	ended := 0
	for _, name := range names {
		limited, cancel := context.WithTimeout(ctx, answerLimit)
		held, err := d.End(limited, name, run)
		cancel()
		if err != nil {
			return err
		}
		if held != nil {
			ended++
			fmt.Fprintf(o.Stdout, "device %s is free; it was %v\n", name, *held)
		}
	}
	switch {
	case ended > 0:
		return nil
	case run != "":
		return input.Error(fmt.Errorf("no device is held for run %q; edgeprune testbed status shows what there is", run))
	}
	fmt.Fprintf(o.Stdout, "device %s is free already\n", names[0])
	return nil
}
