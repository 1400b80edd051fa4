package measure

import (
	"context"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// simulateOthers simulates the rows again that share a measured row's endpoint, link
// and codec and were not measured: the costs of firings are those of the deployment now.
func (r *Runner) simulateOthers(ctx context.Context, measured *result.Row) (err error) {
	if r.Refresh == nil || r.Sim == nil {
		return nil
	}
	for i := range r.sweep.Rows {
		row := &r.sweep.Rows[i]
		if row.Measured != nil || row.Endpoint != measured.Endpoint || row.Link != measured.Link || row.Codec != measured.Codec {
			continue
		}
		if row.Stored, _, err = r.runCase(ctx, r.Sim, simulated, row.Case, r.Experiment.Single(r.Experiment.Spec.Workload.MaxFrames)); err != nil {
			return err
		}
	}
	return nil
}

// scoreAll scores what the referee says of every row: nothing need be measured for it.
func (r *Runner) scoreAll(ctx context.Context) error {
	for i := range r.sweep.Rows {
		v, err := r.referee(ctx, r.sweep.Rows[i].Case)
		if err != nil {
			return err
		}
		if r.sweep.Rows[i].Quality, err = r.score(v.results); err != nil {
			return err
		}
	}
	return nil
}
