package explorecmd

import (
	"context"
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// baselineLabels are the baselines as experiments name them.
var baselineLabels = result.BaselineCases(result.Case{})

// ran is what a mapping comes to by a driver.
type ran struct {
	values  goal.Values
	parts   []answer.Part
	assumed []string
	results []trace.Result
	left    int // frames that the sink took
	plan    *plan.Plan
}

// both runs a mapping under the workloads of its platform; throughput is that of the one for it, where
// there is one.
func (x *exploration) both(ctx context.Context, d driver.Driver, m *mapped, name string) (*ran, error) {
	one, err := x.once(ctx, d, m, name, m.single)
	if err != nil || m.full.Frames == 0 {
		return one, err
	}
	delete(one.values, goal.Metric{Name: goal.Throughput}) // of one frame at a time
	full, err := x.once(ctx, d, m, name, m.full)
	if err != nil {
		return nil, err
	}
	of := goal.Metric{Name: goal.Throughput}
	one.values[of] = full.values[of]
	return one, nil
}

// once runs a mapping under a workload.
func (x *exploration) once(
	ctx context.Context, d driver.Driver, m *mapped, name string, w plan.Workload,
) (*ran, error) {
	p, err := compile.Compile(m.files[name](w), x.src.models)
	if err != nil {
		return nil, err
	}
	t, err := d.Run(ctx, p)
	if err != nil {
		return nil, err
	}
	out, err := metrics.Measure(p, t, metrics.Instances(p)[0])
	if err != nil {
		return nil, err
	}
	r := &ran{values: measured(p, t, &out), parts: parts(p, &out), assumed: t.Assumed, results: t.Results, plan: p}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Firing && p.Work[e.Actor].Sink {
			r.left++
		}
	}
	return r, nil
}

// measured returns the values of an outcome.
func measured(p *plan.Plan, t *trace.Trace, out *result.Outcome) goal.Values {
	v := goal.Values{
		{Name: goal.Latency}:      out.Interval(result.Latency).Value,
		{Name: goal.LatencyP99}:   out.Latency.P99,
		{Name: goal.EndpointTime}: out.Interval(result.EndpointTime).Value,
		{Name: goal.Throughput}:   out.Throughput.Value,
		{Name: goal.Traffic}:      traffic(p, t),
	}
	if out.Energy == nil {
		return v
	}
	for _, d := range out.Energy.Devices {
		if d.Joules != nil {
			v[goal.Metric{Name: goal.Energy, Device: d.Device}] = *d.Joules
		}
	}
	if joules, _, ok := out.Energy.PerFrame(false); ok {
		v[goal.Metric{Name: goal.Energy}] = joules
	}
	return v
}

// traffic is the bytes a frame that cross links, of frames that count.
func traffic(p *plan.Plan, t *trace.Trace) float64 {
	bytes, frames := int64(0), map[int64]bool{}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Frame < p.Workload.Warmup {
			continue
		}
		if e.Kind == trace.Send {
			bytes += e.Bytes
		}
		if e.Kind == trace.Firing && p.Work[e.Actor].Source {
			frames[e.Frame] = true
		}
	}
	return float64(bytes) / float64(max(len(frames), 1))
}

// parts says where a frame's time goes, device by device and on links.
func parts(p *plan.Plan, out *result.Outcome) []answer.Part {
	var all []answer.Part
	for i := range p.Platform.Devices {
		all = append(all, answer.Part{Name: p.Platform.Devices[i].Name + " computes"})
	}
	all = append(all, answer.Part{Name: "on links"})
	for _, part := range out.Parts {
		switch part.Kind {
		case result.OneWay:
			all[len(all)-1].Seconds += part.Time.Median
		case result.Segment:
			for a := range p.Graph.Actors {
				if p.Graph.Actors[a].Name == part.Name {
					all[p.Work[a].Device].Seconds += part.Time.Median
				}
			}
		case result.Link: // part of what is one-way
		}
	}
	return all
}

// title names a mapping in progress.
func title(m *mapped, name string) string {
	if m.name == "" {
		return name
	}
	return fmt.Sprintf("%s, %s", m.name, name)
}
