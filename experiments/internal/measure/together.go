package measure

import (
	"context"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// simulateTogether simulates all endpoints at once on one server.
func (r *Runner) simulateTogether(ctx context.Context) error {
	rows, _, err := r.runTogether(ctx, r.Sim, simulated)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Stored, rows[i].Measured = rows[i].Measured, nil
	}
	r.sweep.TwoEndpoints = rows
	return nil
}

// runTogether runs all endpoints at once and returns a row for each, the
// outcome in Measured.
func (r *Runner) runTogether(ctx context.Context, d driver.Driver, name string) ([]result.Row, run, error) {
	w := plan.Workload{Kind: plan.SingleStream,
		Frames: r.Experiment.Spec.Workload.Warmup + r.Experiment.Spec.Together.Frames,
		Warmup: r.Experiment.Spec.Workload.Warmup}
	f, pp, err := r.Experiment.TogetherFile(w)
	if err != nil {
		return nil, run{}, err
	}
	one, err := r.run(ctx, d, name, f)
	if err != nil {
		return nil, run{}, err
	}
	var rows []result.Row
	for _, e := range r.Experiment.Spec.Endpoints {
		out, err := r.outcomeOf(one, name, e.Name)
		if err != nil {
			return nil, run{}, err
		}
		rows = append(rows, result.Row{Measured: &out, Case: result.Case{
			Experiment: r.Experiment.Spec.Experiment, Endpoint: e.Name, Link: r.Experiment.Spec.Together.Link,
			Label: r.Experiment.Label(pp),
			PP:    pp, Cut: r.Experiment.Spec.Together.Through, Codec: r.Experiment.Spec.Together.Codec,
			Slowdown: r.Experiment.SlowdownOf(&e), Instances: len(r.Experiment.Spec.Endpoints),
		}})
	}
	return rows, one, nil
}
