package runner

import (
	"context"
	"math"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
)

// simulate simulates a case as often as its study asks, and fills in the values. The seeds
// are those from the plan's on, the same for every case, so that cases differ less by
// chance (common random numbers).
func (r *Runner) simulate(ctx context.Context, c *prepared, row *Row) error {
	all := study.Metrics()
	if r.repeat.Metric == "" {
		values, fitted, err := once(ctx, c, c.plan.Seed)
		if err != nil {
			return err
		}
		row.Runs, row.Values, row.Fitted = 1, values, fitted
		return nil
	}
	aim, _ := study.MetricOf(r.repeat.Metric)
	samples := make([][]float64, len(all))
	seed := c.plan.Seed
	for row.Runs = 1; row.Runs <= r.repeat.AtMost; row.Runs++ {
		values, fitted, err := once(ctx, c, seed)
		if err != nil {
			return err
		}
		row.Fitted = fitted
		for m, v := range values {
			if len(v) > 0 {
				samples[m] = append(samples[m], v[0])
			}
		}
		seed++
		i := stat.Mean(samples[aim])
		if row.Settled = i.Within(r.repeat.Within); row.Settled || row.Runs == r.repeat.AtMost {
			break
		}
	}
	row.Values = make([][]float64, len(all))
	for m := range all {
		if len(samples[m]) == row.Runs { // one that is missing in a simulation is missing
			i := stat.Mean(samples[m])
			row.Values[m] = []float64{i.Value, i.Low, i.High}
		}
	}
	return nil
}

// once simulates a plan with a seed and returns the values by metric, and what was fitted.
func once(ctx context.Context, c *prepared, seed uint64) (of [][]float64, fitted []string, err error) {
	p := *c.plan
	p.Seed = seed
	if len(p.Faults) > 0 {
		return faulty(ctx, c, &p)
	}
	frames, err := metrics.NewFrames(&p)
	if err != nil {
		return nil, nil, err
	}
	run, err := c.driver.Observe(ctx, &p, summary.Observer{Frame: frames.Add})
	if err != nil {
		return nil, nil, err
	}
	of, err = values(&p, run, func(instance string) (result.Outcome, error) { return frames.Outcome(instance, run) })
	return of, run.Header.Fitted, err
}

// faulty simulates a plan with faults: a frame may fire twice then, so that the trace is needed.
func faulty(ctx context.Context, c *prepared, p *plan.Plan) (of [][]float64, fitted []string, err error) {
	var events []trace.Event
	run, err := c.driver.Observe(ctx, p, summary.Observer{
		Begin: func(*trace.Trace) error { return nil },
		Event: func(e *trace.Event) error {
			events = append(events, *e)
			return nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	t := run.Header
	t.Events = events
	measure := metrics.Measure
	if t.Restarts > 0 {
		measure = metrics.Interrupted
	}
	of, err = values(p, run, func(instance string) (result.Outcome, error) { return measure(p, t, instance) })
	return of, t.Fitted, err
}

// values returns the values of a run by metric, over the outcomes of all instances; see
// study.Metrics.
func values(
	p *plan.Plan, run *summary.Run, outcome func(instance string) (result.Outcome, error),
) ([][]float64, error) {
	var worst worstOf
	rate, energy, endpoint, n := stat.Interval{}, 0.0, 0.0, 0.0
	captured, dropped := 0.0, 0.0
	var failed failuresOf
	for _, name := range metrics.Instances(p) {
		o, err := outcome(name)
		if err != nil {
			return nil, err
		}
		worst.add(&o)
		rate = o.Throughput.Interval
		worst.rate += rate.Value
		all, _, ok := o.Energy.PerFrame(false)
		energy += orMissing(all, ok)
		own, _, ok := o.Energy.PerFrame(true)
		endpoint += orMissing(own, ok)
		failed.add(o.Failures)
		for _, c := range o.Captured {
			captured += float64(c.Captured)
			dropped += float64(c.Dropped)
		}
		n++
	}
	v := worst.values
	put := func(name string, of ...float64) {
		if m, ok := study.MetricOf(name); ok && !math.IsNaN(of[0]) {
			v[m] = of
		}
	}
	put("throughput", worst.rate)
	if n == 1 {
		put("throughput", rate.Value, rate.Low, rate.High)
	}
	put("energy", energy/n)
	put("endpoint_energy", endpoint/n)
	failed.put(put)
	putResources(put, run)
	if captured > 0 {
		put("dropped", dropped/captured)
	}
	return v, nil
}

func orMissing(v float64, ok bool) float64 {
	if !ok {
		return math.NaN()
	}
	return v
}

// worstOf keeps the largest times and bytes of instances.
type worstOf struct {
	values [][]float64
	rate   float64 // of all together
}

func (w *worstOf) add(o *result.Outcome) {
	if w.values == nil {
		w.values = make([][]float64, len(study.Metrics()))
	}
	put := func(name string, of ...float64) {
		m, ok := study.MetricOf(name)
		if ok && (w.values[m] == nil || of[0] > w.values[m][0]) {
			w.values[m] = of
		}
	}
	e, l := o.Interval(result.EndpointTime), o.Interval(result.Latency)
	put("endpoint_time", e.Value, e.Low, e.High)
	put("latency_p50", l.Value, l.Low, l.High)
	put("latency_p95", o.Latency.P95)
	put("latency_p99", o.Latency.P99)
	put("latency_mean", o.Latency.Mean)
	put("latency_max", o.Latency.Max)
	put("bytes", float64(o.BoundaryBytes))
	if o.Late != nil {
		put("late", *o.Late)
	}
}
