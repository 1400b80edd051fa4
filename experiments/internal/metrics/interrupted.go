package metrics

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// happening names what can be in a trace once for every frame, if the run was not
// interrupted.
type happening struct {
	kind        trace.Kind
	actor, fifo int
	frame       int64
}

// Interrupted computes what Measure does from a run with Restarts, but for the
// parts. Of what happened to a frame several times, the last counts; its latency
// begins at the source's first firing. Frames without a firing of the source and the
// sink in the trace don't count; fewer than two that do are ErrTooFew.
func Interrupted(p *plan.Plan, t *trace.Trace, instance string) (result.Outcome, error) {
	in, err := newInstance(p, instance)
	if err != nil {
		return result.Outcome{}, err
	}
	last := make(map[happening]int, len(t.Events))
	entered := map[int64]int64{}
	for i := range t.Events {
		e := &t.Events[i]
		last[happening{e.Kind, e.Actor, e.FIFO, e.Frame}] = i
		if e.Kind == trace.Firing && p.Work[e.Actor].Source && p.Work[e.Actor].Instance == instance {
			if at, ok := entered[e.Frame]; !ok || e.Start < at {
				entered[e.Frame] = e.Start
			}
		}
	}
	once := *t
	once.Events = nil
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind != trace.Ack && last[happening{e.Kind, e.Actor, e.FIFO, e.Frame}] == i {
			once.Events = append(once.Events, *e)
		}
	}
	line, err := trace.NewLine(&once)
	if err != nil {
		return result.Outcome{}, err
	}
	frames, err := in.collect(&once, line)
	if err != nil {
		return result.Outcome{}, err
	}
	var counted []*frame
	for _, f := range frames {
		if f.entered < 0 || len(f.ended) == 0 || f.number < p.Workload.Warmup {
			continue
		}
		f.entered = entered[f.number]
		counted = append(counted, f)
	}
	if len(counted) < 2 {
		return result.Outcome{}, fmt.Errorf(
			"plan %s, instance %q: %w: %d of a run with %d restarts, at least 2 are needed", p.Name, instance, ErrTooFew,
			len(counted), t.Restarts,
		)
	}
	out, err := in.tallied(counted).outcome(t)
	out.Parts, out.Failures = nil, in.failures(t)
	return out, err
}
