// Package decide says by simulation which of the mappings that a search found serve a goal: queues,
// and quantiles of latency, are known only there. It may not search, nor measure.
package decide

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Options say what is simulated. The zero value is ready for use.
type Options struct {
	// Workload is that of latency, endpoint time and energy; the zero value: one frame at a time. So
	// many frames of it count, Frames; 0 is DefaultFrames.
	Workload plan.Workload
	Frames   int64
	// Progress, if not nil, is told how many mappings of how many are simulated.
	Progress func(done, of int)
}

// DefaultFrames are simulated where nothing else is said; costs that are drawn want more.
const DefaultFrames = 30

// warmup are frames that don't count.
const warmup = 2

// Simulated is a mapping with what the simulator says of it.
type Simulated struct {
	space.Candidate
	Label  string      // of a baseline; "" of others
	Raw    bool        // a frame crosses a link before a model has seen it
	Values goal.Values // what is not known is not there
	Broken []goal.Limit
	Err    error // why it could not be simulated, such as a cost that was not measured
	// Outcome is that of the workload, Offline that of frames that enter as fast as they can.
	Outcome, Offline result.Outcome
}

// Keeps reports whether it is known to keep all limits of the goal.
func (m *Simulated) Keeps(g *goal.Goal) bool {
	return m.Err == nil && len(m.Broken) == 0 && !(g.NoRaw && m.Raw)
}

// Simulate returns the simulator over a profile with costs in place of its own.
type Simulate func(profile.Costs) driver.Summarizer

// Run simulates the mappings that were found and the baselines, then those that differ a little from
// the best by a single objective, as long as that gets better, and checks the limits on what comes
// out. Costs that were not measured are those that the analytic values rest on, see
// space.Candidate.Interpolated. Those that keep the limits come first, in the order of the first
// objective, and of their latency where that is the same. One that can't be simulated has an Err;
// that of ctx is returned.
func Run(
	ctx context.Context, simulator Simulate, s *space.Space, found []space.Candidate, g *goal.Goal, o Options,
) ([]Simulated, error) {
	baselines, err := s.Baselines()
	if err != nil {
		return nil, err
	}
	var all []Simulated
	for i := range baselines {
		all = append(all, Simulated{Candidate: baselines[i].Candidate, Label: baselines[i].Label})
	}
	for i := range found {
		same := func(b Simulated) bool { return b.Name == found[i].Name }
		if !slices.ContainsFunc(all, same) {
			all = append(all, Simulated{Candidate: found[i]})
		}
	}
	if err := simulate(ctx, simulator, s, all, g, o); err != nil {
		return nil, err
	}
	order(all, g)
	return improve(ctx, simulator, s, all, g, o)
}

// mostSimulated bounds how many neighbours of the best are simulated.
const mostSimulated = 100

// improve simulates the neighbours of the best that is no baseline, and of any that is better, until
// none is.
func improve(
	ctx context.Context, simulator Simulate, s *space.Space, all []Simulated, g *goal.Goal, o Options,
) ([]Simulated, error) {
	if len(g.Objectives) != 1 {
		return all, nil
	}
	o.Progress = nil
	known := map[string]bool{}
	for i := range all {
		known[all[i].Name] = true
	}
	for left, last := mostSimulated, ""; ; {
		at := slices.IndexFunc(all, func(m Simulated) bool { return m.Label == "" })
		if at < 0 || !all[at].Keeps(g) || all[at].Name == last {
			return all, nil
		}
		last = all[at].Name
		near, err := s.Neighbours(&all[at].Candidate)
		if err != nil {
			return nil, err
		}
		var more []Simulated
		for i := range near {
			if !known[near[i].Name] && len(more) < left {
				known[near[i].Name] = true
				more = append(more, Simulated{Candidate: near[i]})
			}
		}
		left -= len(more)
		if err := simulate(ctx, simulator, s, more, g, o); err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(more, func(m Simulated) bool { return !m.Keeps(g) })...)
		order(all, g)
	}
}

// All simulates every cut of the chain under every codec, in the order of Space.Cuts.
func All(ctx context.Context, simulator Simulate, s *space.Space, g *goal.Goal, o Options) ([]Simulated, error) {
	cuts, err := s.Cuts()
	if err != nil {
		return nil, err
	}
	all := make([]Simulated, len(cuts))
	for i := range cuts {
		all[i].Candidate = cuts[i]
	}
	return all, simulate(ctx, simulator, s, all, g, o)
}

// order puts those that keep the limits first, by the first objective.
func order(all []Simulated, g *goal.Goal) {
	slices.SortStableFunc(all, func(a, b Simulated) int {
		switch keeps, other := a.Keeps(g), b.Keeps(g); {
		case keeps && !other:
			return -1
		case other && !keeps:
			return 1
		case !keeps || len(g.Objectives) == 0:
			return 0
		}
		m, latency := g.Objectives[0], goal.Metric{Name: goal.Latency}
		x, y := a.Values[m], b.Values[m]
		if m.More() {
			x, y = y, x
		}
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.Values[latency], b.Values[latency]))
	})
}

func simulate(
	ctx context.Context, simulator Simulate, s *space.Space, all []Simulated, g *goal.Goal, o Options,
) error {
	list := make([]space.Candidate, len(all))
	for i := range all {
		list[i] = all[i].Candidate
	}
	costs, err := s.MadeUp(list)
	if err != nil {
		return err
	}
	d := simulator(costs)
	for i := range all {
		m := &all[i]
		m.Err = m.simulate(ctx, d, s, o)
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.Err == nil {
			m.Broken = g.Broken(m.Values)
		}
		if o.Progress != nil {
			o.Progress(i+1, len(all))
		}
	}
	return nil
}

// simulate fills in what a mapping comes to.
func (m *Simulated) simulate(ctx context.Context, d driver.Summarizer, s *space.Space, o Options) error {
	w := o.Workload
	if w.Kind == "" {
		w.Kind = plan.SingleStream
	}
	if len(w.Choices) == 0 {
		w.Choices = s.Choices()
	}
	w.Warmup = warmup
	w.Frames = warmup + cmp.Or(o.Frames, DefaultFrames)
	p, run, out, err := observe(ctx, d, s, &m.Candidate, w)
	if err != nil {
		return err
	}
	raw, err := p.Raw()
	if err != nil {
		return err
	}
	m.Outcome, m.Raw = out, len(raw) > 0
	m.Values = goal.Values{}
	set := func(name goal.Name, device string, v float64) { m.Values[goal.Metric{Name: name, Device: device}] = v }
	set(goal.Latency, "", out.Latency.Median)
	set(goal.LatencyP99, "", out.Latency.P99)
	set(goal.EndpointTime, "", out.EndpointTime.Median)
	bytes := 0.0
	for _, l := range run.Links {
		bytes += float64(l.Bytes)
	}
	set(goal.Traffic, "", bytes/float64(w.Frames)/float64(len(run.Instances)))
	if joules, _, ok := out.Energy.PerFrame(false); ok {
		set(goal.Energy, "", joules)
	}
	if out.Energy != nil {
		for _, e := range out.Energy.Devices {
			if e.Joules != nil {
				set(goal.Energy, e.Device, *e.Joules)
			}
		}
	}
	held, err := s.Memory(&m.Candidate, p)
	if err != nil {
		return err
	}
	most := 0.0
	for device, bytes := range held {
		set(goal.Memory, device, bytes)
		most = max(most, bytes)
	}
	set(goal.Memory, "", most)
	if leaks, ok := s.Leakage(&m.Candidate, p); ok {
		set(goal.Leakage, "", leaks)
	}
	if quality, ok := s.Quality(&m.Candidate); ok {
		set(goal.Quality, "", quality)
	}
	_, _, m.Offline, err = observe(ctx, d, s, &m.Candidate, plan.Workload{
		Kind: plan.Offline, Frames: w.Frames, Warmup: warmup, Choices: w.Choices,
	})
	if err != nil {
		return err
	}
	set(goal.Throughput, "", m.Offline.Throughput.Value)
	return nil
}

// observe simulates the plan of a mapping under a workload.
func observe(
	ctx context.Context, d driver.Summarizer, s *space.Space, c *space.Candidate, w plan.Workload,
) (*plan.Plan, *summary.Run, result.Outcome, error) {
	p, err := s.Plan(c, w)
	if err != nil {
		return nil, nil, result.Outcome{}, err
	}
	frames, err := metrics.NewFrames(p)
	if err != nil {
		return nil, nil, result.Outcome{}, err
	}
	run, err := d.Observe(ctx, p, summary.Observer{Frame: frames.Add})
	if err != nil {
		return nil, nil, result.Outcome{}, fmt.Errorf("mapping %s: %w", c.Name, err)
	}
	out, err := frames.Outcome(s.Instance(p), run)
	return p, run, out, err
}
