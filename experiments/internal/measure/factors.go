package measure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// sampledFrames are simulated with costs drawn from the profile's samples, for the
// interval of a simulated speed-up.
const sampledFrames = 40

// factors simulates the best speed-up that a cut gives on the first endpoint
// and link, at every slow-down factor of the specification.
func (r *Runner) factors(ctx context.Context) error {
	x := r.Experiment
	e, l := x.Spec.Endpoints[0], x.Spec.Links[0]
	own := x.Slowdown(e.Name)
	defer x.Slow(e.Name, own)
	for i, k := range x.Spec.Factors {
		r.Progress.Step(fmt.Sprintf("simulate slow-down factor %g", k), i+1, len(x.Spec.Factors), 0)
		x.Slow(e.Name, k)
		var whole, best *result.Row
		for _, c := range x.Cases(e.Name, l.Name) {
			if c.RawFrame {
				continue
			}
			out, err := r.outcome(ctx, r.Sim, c, 2)
			if err != nil {
				return err
			}
			row := &result.Row{Case: c, Stored: out}
			switch {
			case c.Baseline == result.AllOnEndpoint:
				whole = row
			case best == nil || out.EndpointTime.Median < best.Stored.EndpointTime.Median:
				best = row
			}
		}
		speedup, err := r.simulatedSpeedup(ctx, whole, best)
		if err != nil {
			return err
		}
		r.sweep.Factors = append(r.sweep.Factors, result.FactorPoint{
			Slowdown: x.SlowdownOf(&e), SimSpeedup: speedup, BestCut: best.FullLabel(),
		})
	}
	return nil
}

// outcome simulates a case for so many frames, one in flight, and keeps nothing.
func (r *Runner) outcome(ctx context.Context, d driver.Driver, c result.Case, frames int64) (*result.Outcome, error) {
	w := r.Experiment.Single(frames)
	w.Precision = 0
	p, err := r.Experiment.Plan(c, w)
	if err != nil {
		return nil, err
	}
	one := run{plan: p}
	if s, ok := Streamer(d, p); ok {
		one.trace, one.streamed, err = Streamed(ctx, s, p, "", nil)
	} else {
		one.trace, err = d.Run(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	out, err := one.outcome("")
	return &out, err
}

// simulatedSpeedup returns how many times faster a simulated row is than all on the
// endpoint. The interval is that of costs drawn from the profile's samples.
func (r *Runner) simulatedSpeedup(ctx context.Context, whole, best *result.Row) (stat.Interval, error) {
	value := whole.Stored.EndpointTime.Median / best.Stored.EndpointTime.Median
	speedup := stat.Interval{Value: value, Low: value, High: value}
	if r.Sampled == nil {
		return speedup, nil
	}
	a, err := r.outcome(ctx, r.Sampled, whole.Case, sampledFrames)
	if err != nil {
		return speedup, err
	}
	b, err := r.outcome(ctx, r.Sampled, best.Case, sampledFrames)
	if err != nil {
		return speedup, err
	}
	drawn := stat.Ratio(a.Interval(result.EndpointTime), b.Interval(result.EndpointTime))
	if drawn.N == 0 {
		return speedup, nil
	}
	speedup.Low, speedup.High, speedup.N = min(drawn.Low, value), max(drawn.High, value), drawn.N
	return speedup, nil
}

// measuredFactors adds the measured speed-ups on the first link to the figure
// of speed-up against slow-down factor.
func (r *Runner) measuredFactors() {
	if r.Experiment.Spec.Real() != nil { // no device is slowed
		return
	}
	for _, g := range result.Groups(r.sweep.Rows) {
		if g.Link != r.Experiment.Spec.Links[0].Name {
			continue
		}
		whole, best := result.Whole(g.Rows), result.MeasuredBest(g.Rows)
		measured := result.MeasuredSpeedup(whole, best)
		if measured == nil || whole.Stored == nil || best.Stored == nil {
			continue
		}
		value := whole.Stored.EndpointTime.Median / best.Stored.EndpointTime.Median
		r.sweep.Factors = append(r.sweep.Factors, result.FactorPoint{
			Slowdown:        r.Experiment.SlowdownOf(r.Experiment.Spec.Endpoint(g.Endpoint)),
			SimSpeedup:      stat.Interval{Value: value, Low: value, High: value},
			MeasuredSpeedup: measured, BestCut: best.FullLabel(),
		})
	}
	slices.SortStableFunc(r.sweep.Factors,
		func(a, b result.FactorPoint) int { return cmp.Compare(a.Slowdown, b.Slowdown) })
}
