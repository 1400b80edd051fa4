package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/urfave/cli/v2"
)

// keptFirings is how many firings, frames times actors, a simulation may have whose trace is
// kept without being asked for.
const keptFirings = 1_000_000

// traceFlags say what is kept of a simulation's trace.
func traceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "trace", Usage: fmt.Sprintf("keep the trace of a simulation of more than %d firings (frames x "+
			"actors), too; others are summed up, in memory that does not grow with the frames", keptFirings)},
		&cli.StringSliceFlag{Name: "trace-instances", Usage: "keep of a simulation's trace the `NAMES` only, instances " +
			"separated by commas"},
		input.DurationFlag("trace-from", "keep of a simulation's trace what ends at this `TIME` of the run or later, as 2s",
			0),
		input.DurationFlag("trace-to", "keep of a simulation's trace what starts at this `TIME` of the run or earlier", 0),
	}
}

// traceFlagNames are those of traceFlags.
var traceFlagNames = []string{"trace", "trace-instances", "trace-from", "trace-to"}

// selection says what is kept of a simulation's trace.
type selection struct {
	none      bool
	instances []string // nil: all
	from, to  int64    // ns
}

// selects returns what is kept of the trace of a plan's simulation, as the command line says.
func selects(c *cli.Context, p *plan.Plan) (selection, error) {
	s := selection{to: math.MaxInt64}
	if c.IsSet("trace-from") {
		s.from = int64(input.Duration(c, "trace-from"))
	}
	if c.IsSet("trace-to") {
		s.to = int64(input.Duration(c, "trace-to"))
	}
	if s.from < 0 || s.to < s.from {
		return s, usage(fmt.Errorf("--trace-from %v, --trace-to %v: give times from 0 on, the second not before the first",
			time.Duration(s.from), time.Duration(s.to)))
	}
	known := metrics.Instances(p)
	for _, name := range c.StringSlice("trace-instances") {
		if name = strings.TrimSpace(name); !slices.Contains(known, name) {
			return s, usage(fmt.Errorf("--trace-instances: the plan has no instance %q%s", name, nearest.Hint(name, known)))
		}
		s.instances = append(s.instances, name)
	}
	firings := float64(p.Workload.Frames) * float64(len(p.Work))
	s.none = !c.Bool("trace") && s.whole() && firings > keptFirings
	return s, nil
}

// whole reports whether no events are left out, if any are kept.
func (s *selection) whole() bool { return s.instances == nil && s.from == 0 && s.to == math.MaxInt64 }

// partly reports whether not all events of a simulation are kept. It is false of the zero selection.
func (s *selection) partly() bool { return s.none || s.to > 0 && !s.whole() }

// String says for people which events are kept.
func (s *selection) String() string {
	var all []string
	if s.instances != nil {
		all = append(all, "of the instances "+strings.Join(s.instances, ", "))
	}
	if s.from > 0 {
		all = append(all, fmt.Sprintf("from %v on", time.Duration(s.from)))
	}
	if s.to < math.MaxInt64 {
		all = append(all, fmt.Sprintf("up to %v", time.Duration(s.to)))
	}
	return "events " + strings.Join(all, ", ")
}

// keeps reports whether an event is kept.
func (s *selection) keeps(p *plan.Plan, e *trace.Event) bool {
	if e.End < s.from || e.Start > s.to {
		return false
	}
	if s.instances == nil {
		return true
	}
	a := e.Actor
	if a < 0 {
		a = p.Graph.FIFOs[e.FIFO].From
	}
	return slices.Contains(s.instances, p.Work[a].Instance)
}

// observed is a simulator that gives its trace as a driver does, and keeps what the run came to.
type observed struct {
	driver.Summarizer
	run *summary.Run
}

// Stream implements driver.Streamer.
func (o *observed) Stream(
	ctx context.Context, p *plan.Plan, begin func(*trace.Trace) error, each func(*trace.Event) error,
) (_ *trace.Trace, err error) {
	if o.run, err = o.Observe(ctx, p, summary.Observer{Begin: begin, Event: each}); err != nil {
		return nil, err
	}
	return o.run.Header, nil
}

// Run implements driver.Driver.
func (o *observed) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	var events []trace.Event
	t, err := o.Stream(ctx, p, func(*trace.Trace) error { return nil }, func(e *trace.Event) error {
		events = append(events, *e)
		return nil
	})
	if err == nil {
		t.Events = events
	}
	return t, err
}

// summed simulates a plan and sums it up without a trace, or with a part of it in the file at path.
func (k *keeper) summed(ctx context.Context, o *observed, p *plan.Plan, s *selection, path string) (
	t *trace.Trace, outcome func(instance string) (result.Outcome, error), err error,
) {
	frames, err := metrics.NewFrames(p)
	if err != nil {
		return nil, nil, err
	}
	watch := summary.Observer{Frame: frames.Add}
	simulate := func() error {
		o.run, err = o.Observe(ctx, p, watch)
		return err
	}
	if s.none {
		err = simulate()
	} else {
		var failed error // of the run, in its own words
		err = result.Create(path, func(w io.Writer) error {
			var file *trace.Writer
			watch.Begin = func(header *trace.Trace) (err error) {
				part := *header
				part.Selected = s.String()
				file, err = trace.NewWriter(w, &part)
				return err
			}
			watch.Event = func(e *trace.Event) error {
				if !s.keeps(p, e) {
					return nil
				}
				return file.Add(e)
			}
			if failed = simulate(); failed != nil {
				return failed
			}
			return file.Flush()
		})
		if failed != nil {
			err = failed
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return o.run.Header, func(instance string) (result.Outcome, error) { return frames.Outcome(instance, o.run) }, nil
}
