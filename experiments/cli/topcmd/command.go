// Package topcmd is the command that shows a testbed live in the terminal. It asks agents, and
// prints; package live computes what it shows. It may not change what a testbed does.
package topcmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
	"github.com/urfave/cli/v2"
)

// leastInterval keeps what the command asks for small beside what a run sends.
const leastInterval = time.Second

// Top is the command with what it needs.
type Top struct {
	Stdin    io.Reader
	Stdout   io.Writer
	Terminal bool              // both are one, on which lines can be drawn again
	Access   func() []cli.Flag // of the NATS server
	// Dial connects to the server that these flags name; close ends that.
	Dial func(c *cli.Context) (d *coordinator.Driver, closeIt func(), err error)
}

// Command returns the command.
func (t *Top) Command() *cli.Command {
	return &cli.Command{
		Name: "top", Usage: "show a testbed live: what its devices do, how fast, and what bounds them",
		Description: "A row per device: its state, its run and for whom, frames per second, for which share of the time\n" +
			"its units fired, its fullest FIFO, what it sends to and receives from each peer, of the link's capacity\n" +
			"as the plan gives it or as it was measured (?: neither is known), its highest temperature, and its power if\n" +
			"its agent reads meters (agent --power). Below stands in words what bounds the throughput. All is of\n" +
			"the time between two looks.\n\n" +
			"It may run beside a run: it asks each agent once per interval, as any coordinator may, and holds no device.\n" +
			"In a terminal it draws the screen again, and ends with q; else it prints a screen per interval.\n\n" +
			"  edgeprune top --testbed coordinator-coordinator/testbed.yaml\n" +
			"  edgeprune top --testbed coordinator-coordinator/testbed.yaml --once --json",
		Flags: append(t.Access(),
			input.DurationFlag("interval", "`TIME` between two looks, at least 1s", 2*time.Second),
			&cli.BoolFlag{Name: "once", Usage: "look twice, print one screen and end"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line, one per look"},
		),
		Action: t.run,
	}
}

func (t *Top) run(c *cli.Context) error {
	interval := input.Duration(c, "interval")
	if interval < leastInterval || c.NArg() > 0 {
		return input.Error(fmt.Errorf("--interval %v: expected %v at least, and no arguments", interval, leastInterval))
	}
	d, closeIt, err := t.Dial(c)
	if err != nil {
		return err
	}
	defer closeIt()
	watch := &watch{driver: d}
	if err := watch.look(c.Context); err != nil {
		return err
	}
	switch {
	case t.Terminal && !c.Bool("once") && !c.Bool("json"):
		return t.draw(c.Context, watch, interval)
	case c.Bool("json"):
		to := json.NewEncoder(t.Stdout)
		return watch.each(c.Context, interval, c.Bool("once"), func(s live.Screen) error { return to.Encode(s) })
	}
	first := true
	return watch.each(c.Context, interval, c.Bool("once"), func(s live.Screen) error {
		lines := text(s)
		if !first {
			lines = "\n" + lines
		}
		first = false
		_, err := io.WriteString(t.Stdout, lines)
		return err
	})
}

// each gives a screen per interval to show, until ctx ends, which is how the command ends, or once.
func (w *watch) each(ctx context.Context, interval time.Duration, once bool, show func(live.Screen) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if once {
				return ctx.Err() // nothing was shown
			}
			return nil
		case <-tick.C:
		}
		if err := w.look(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			continue
		}
		if err := show(w.screen()); err != nil || once {
			return err
		}
	}
}
