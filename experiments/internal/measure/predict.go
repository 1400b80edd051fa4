package measure

import (
	"context"
	"encoding/json"
	"path/filepath"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// The folders of traces of simulations beside that of the stored prediction.
const (
	simulatedFresh     = "sim-fresh"
	simulatedCorrected = "sim-corrected"
)

// Predictor simulates over other costs than the stored ones. lab.Predictor is one.
type Predictor interface {
	// Fresh simulates with costs in place of the stored ones.
	Fresh(costs profile.Costs) driver.Driver
	// Corrected simulates with the stored costs on the machine as it is when the reference
	// computation takes now.
	Corrected(now time.Duration) driver.Driver
	// Then returns what the reference computation took when the costs of a plan were
	// stored, false if that is not known.
	Then(p *plan.Plan) (time.Duration, bool)
}

// reference times the reference computation; 0 if there is none.
func (r *Runner) reference(ctx context.Context) (time.Duration, error) {
	if r.Reference == nil {
		return 0, nil
	}
	return r.Reference(ctx)
}

// predictFresh simulates a row with costs that are measured now. Where frames are given by
// an oracle, the stored prediction is made again, of the frames that will be measured.
func (r *Runner) predictFresh(ctx context.Context, row *result.Row) (err error) {
	x := r.Experiment
	w := x.Single(x.Spec.Workload.MinFrames)
	if x.FramesGiven() {
		w = x.Single(r.frames(row))
		if r.Sim != nil {
			if row.Stored, _, err = r.runCase(ctx, r.Sim, simulated, row.Case, w, x.Spec.Workload.ThroughputFrames); err != nil {
				return err
			}
		}
	}
	fresh, err := r.refresh(ctx, x.File(row.Case, w), x.StandIns(row.Case)...)
	if err != nil || fresh == nil {
		return err
	}
	row.Fresh, _, err = r.runCase(ctx, fresh, simulatedFresh, row.Case, w, x.Spec.Workload.ThroughputFrames)
	return err
}

// correct simulates a row that was just measured with the stored costs, corrected by the
// drift of the machine: the reference computation took now.
func (r *Runner) correct(ctx context.Context, row *result.Row, now time.Duration) error {
	x := r.Experiment
	w := x.Single(x.Spec.Workload.MinFrames)
	if x.FramesGiven() {
		w = x.Single(r.frames(row))
	}
	drift, err := r.drift(x.File(row.Case, w), now)
	if err != nil || drift == nil {
		return err
	}
	row.Drift = drift
	row.Corrected, _, err = r.runCase(
		ctx, r.Predict.Corrected(now), simulatedCorrected, row.Case, w, x.Spec.Workload.ThroughputFrames,
	)
	return err
}

// drift compares the reference computation with what it took when the costs of a plan were
// stored; nil if one of the two is not known.
func (r *Runner) drift(f *planfile.File, now time.Duration) (*result.Drift, error) {
	if r.Predict == nil || now <= 0 {
		return nil, nil
	}
	p, err := compile.Compile(f, r.Experiment.Models)
	if err != nil {
		return nil, err
	}
	then, ok := r.Predict.Then(p)
	if !ok {
		return nil, nil
	}
	return &result.Drift{Then: then, Now: now}, nil
}

// predictTogether adds the fresh and the corrected prediction to the rows of all endpoints
// at once, which were just measured under plan file f.
func (r *Runner) predictTogether(ctx context.Context, f *planfile.File, fresh driver.Driver, now time.Duration) error {
	measured := r.sweep.TwoEndpoints
	if fresh != nil {
		rows, _, err := r.runTogether(ctx, fresh, simulatedFresh)
		if err != nil {
			return err
		}
		for i := range rows {
			measured[i].Fresh = rows[i].Measured
		}
	}
	drift, err := r.drift(f, now)
	if err != nil || drift == nil {
		return err
	}
	rows, _, err := r.runTogether(ctx, r.Predict.Corrected(now), simulatedCorrected)
	if err != nil {
		return err
	}
	for i := range rows {
		measured[i].Corrected, measured[i].Drift = rows[i].Measured, drift
	}
	return nil
}

// refresh measures the costs of a plan's firings now, keeps them below Dir,
// profiles/NAME.json, and returns a simulator over them: nil if there is nothing to do it
// with.
func (r *Runner) refresh(ctx context.Context, f *planfile.File, standIns ...*planfile.File) (driver.Driver, error) {
	if r.Refresh == nil || r.Predict == nil {
		return nil, nil
	}
	p, err := compile.Compile(f, r.Experiment.Models)
	if err != nil {
		return nil, err
	}
	var instead []*plan.Plan
	for _, s := range standIns {
		q, err := compile.Compile(s, r.Experiment.Models)
		if err != nil {
			return nil, err
		}
		instead = append(instead, q)
	}
	costs, err := r.Refresh(ctx, p, instead...)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(costs)
	if err != nil {
		return nil, err
	}
	err = result.WriteFile(filepath.Join(r.Dir, "profiles", result.FileName(f.Plan)+".json"), b)
	return r.Predict.Fresh(costs), err
}
