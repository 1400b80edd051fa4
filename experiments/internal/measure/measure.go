package measure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// incomplete marks errors of cases that failed without a wrong result.
func incomplete(failed error) error {
	if failed != nil && !errors.Is(failed, ErrWrong) {
		return fmt.Errorf("%w: %w", ErrIncomplete, failed)
	}
	return failed
}

// sameOnOtherLink takes the measurement of all on the endpoint from another link
// that was measured before: nothing crosses it.
func (r *Runner) sameOnOtherLink(row *result.Row) bool {
	if row.Baseline != result.AllOnEndpoint {
		return false
	}
	for i := range r.sweep.Rows {
		o := &r.sweep.Rows[i]
		if o.Baseline == row.Baseline && o.Endpoint == row.Endpoint && o.Measured != nil {
			row.Stored, row.Fresh, row.Corrected, row.Drift = o.Stored, o.Fresh, o.Corrected, o.Drift
			row.Measured, row.Quality, row.Equal = o.Measured, o.Quality, o.Equal
			return true
		}
	}
	return false
}

func (r *Runner) measureRow(ctx context.Context, row *result.Row, budget time.Duration) error {
	verdict, err := r.referee(ctx, row.Case)
	if err != nil {
		return err
	}
	want := verdict.results
	if err := r.predictAgain(ctx, row); err != nil {
		return err
	}
	out, runs, err := r.runCase(ctx, r.Deploy, "deploy", row.Case, r.Experiment.Single(r.frames(row)))
	if err != nil {
		return err
	}
	more, err := r.settle(ctx, row.Case, out, budget, int64(len(want))-r.Experiment.Spec.Workload.Warmup)
	if err != nil {
		return err
	}
	runs = append(runs, more...)
	for _, run := range runs {
		if err := sameResults(run.plan.Name, run.trace.Results, want, run.left("")); err != nil {
			return err
		}
	}
	if row.Quality, err = r.score(want); err != nil {
		return err
	}
	if row.Codec == sweep.ReferenceCodec {
		whole, err := r.referee(ctx, r.Experiment.Whole(row.Case))
		if err != nil {
			return err
		}
		worst, err := compareResults(want, whole.results)
		if err != nil {
			return fmt.Errorf("%w: %s against the whole model: %w", ErrWrong, row.FullLabel(), err)
		}
		if row.Equal = "bit-equal"; worst > 0 {
			row.Equal = fmt.Sprintf("max rel diff %.1g", worst)
		}
	}
	row.Measured = out
	return nil
}

// score compares results with the truth, where there is one.
func (r *Runner) score(results []trace.Result) (map[string]float64, error) {
	if r.Truth == nil {
		return nil, nil
	}
	return r.Truth.Score(results)
}

// predictAgain simulates a row with costs that are measured now.
func (r *Runner) predictAgain(ctx context.Context, row *result.Row) error {
	x := r.Experiment
	frames := x.Spec.Workload.MinFrames
	if x.Refereed() {
		frames = r.frames(row)
	}
	f := x.File(row.Case, x.Single(frames))
	fresh, err := r.refresh(ctx, f, x.StandIns(row.Case)...)
	if err != nil || r.Sim == nil || !fresh && !x.Refereed() {
		return err
	}
	out, _, err := r.runCase(ctx, r.Sim, simulated, row.Case, f.Workload)
	if err != nil {
		return err
	}
	if fresh {
		row.Fresh = out
	} else {
		row.Stored = out // over the frames that are measured
	}
	return nil
}

// refresh measures the costs of a plan's firings again and keeps them below Dir:
// profiles/NAME.json. It returns false if there is nothing to do it with.
func (r *Runner) refresh(ctx context.Context, f *planfile.File, standIns ...*planfile.File) (bool, error) {
	if r.Refresh == nil || r.Sim == nil {
		return false, nil
	}
	p, err := compile.Compile(f, r.Experiment.Models)
	if err != nil {
		return false, err
	}
	var instead []*plan.Plan
	for _, s := range standIns {
		q, err := compile.Compile(s, r.Experiment.Models)
		if err != nil {
			return false, err
		}
		instead = append(instead, q)
	}
	entries, err := r.Refresh(ctx, p, instead...)
	if err != nil {
		return false, err
	}
	b, err := json.Marshal(entries)
	if err != nil {
		return false, err
	}
	return true, result.WriteFile(filepath.Join(r.Dir, "profiles", result.FileName(f.Plan)+".json"), b)
}

// frames returns how many frames of a case count at most.
func (r *Runner) frames(row *result.Row) int64 {
	w := r.Experiment.Spec.Workload
	if w.TimeLimit <= 0 || r.Effort == sweep.Complete || row.Stored == nil || len(row.Stored.Modes) > 1 {
		return w.MaxFrames
	}
	fit := int64(w.TimeLimit.Seconds() / row.Stored.Latency.Median)
	return min(max(fit, w.MinFrames), w.MaxFrames)
}

func (r *Runner) measureTogether(ctx context.Context) error {
	r.Progress.Step("measure all endpoints at once", 1, 1, 0)
	f, _, err := r.Experiment.TogetherFile(r.Experiment.Single(r.Experiment.Spec.Together.Frames))
	if err != nil {
		return err
	}
	fresh, err := r.refresh(ctx, f)
	if err != nil {
		return err
	}
	if fresh {
		if err := r.simulateTogether(ctx); err != nil {
			return err
		}
	}
	rows, one, err := r.runTogether(ctx, r.Deploy, "deploy")
	if err != nil {
		return err
	}
	byInstance := map[string][]trace.Result{}
	for _, res := range one.trace.Results {
		byInstance[res.Instance] = append(byInstance[res.Instance], res)
	}
	for i, row := range rows {
		verdict, err := r.referee(ctx, row.Case)
		if err != nil {
			return err
		}
		want := verdict.results
		if err := sameResults(one.plan.Name+", instance "+row.Endpoint, byInstance[row.Endpoint], want, one.left(row.Endpoint)); err != nil {
			return err
		}
		if i < len(r.sweep.TwoEndpoints) {
			rows[i].Stored = r.sweep.TwoEndpoints[i].Stored
		}
		if rows[i].Quality, err = r.score(want); err != nil {
			return err
		}
	}
	r.sweep.TwoEndpoints = rows
	return nil
}

// left returns how many frames of an instance its sink took.
func (r run) left(instance string) int {
	n := 0
	for _, e := range r.trace.Events {
		if e.Kind != trace.Firing {
			continue
		}
		if w := &r.plan.Work[e.Actor]; w.Sink && w.Instance == instance {
			n++
		}
	}
	return n
}
