package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
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
			row.Stored = o.Stored
			take(row, o)
			return true
		}
	}
	return false
}

// take gives a row what was measured of another, and the predictions that were made with that.
func take(row, from *result.Row) {
	row.Measured, row.Quality, row.Equal = from.Measured, from.Quality, from.Equal
	row.State, row.States = from.State, from.States
	row.Fresh, row.Corrected, row.Drift = from.Fresh, from.Corrected, from.Drift
}

func (r *Runner) measureRow(ctx context.Context, row *result.Row, budget time.Duration) error {
	expectation, err := r.expected(ctx, row.Case)
	if err != nil {
		return err
	}
	want := expectation.results
	if err := r.predictFresh(ctx, row); err != nil {
		return err
	}
	before, err := r.reference(ctx)
	if err != nil {
		return err
	}
	began := r.state()
	out, runs, err := r.runCase(ctx, r.Deploy, "deploy", row.Case, r.Experiment.Single(r.frames(row)),
		r.throughputFrames(row))
	if err != nil {
		return err
	}
	more, err := r.settle(ctx, row.Case, out, budget, int64(len(want))-r.Experiment.Spec.Workload.Warmup)
	if err != nil {
		return err
	}
	runs = append(runs, more...)
	row.State = span(began, r.state())
	if row.State == nil {
		row.States = states(runs...)
	}
	after, err := r.reference(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if err := SameResults(run.plan.Name, run.trace.Results, want, run.left("")); err != nil {
			return err
		}
	}
	if row.Quality, err = r.score(want); err != nil {
		return err
	}
	if row.Codec == sweep.ReferenceCodec {
		whole, err := r.expected(ctx, r.Experiment.Whole(row.Case))
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
	if err := r.correct(ctx, row, (before+after)/2); err != nil {
		return err
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

// frames returns how many frames of a case count at most with one in flight.
func (r *Runner) frames(row *result.Row) int64 {
	w := r.Experiment.Spec.Workload
	if row.Stored == nil || len(row.Stored.Modes) > 1 {
		return w.MaxFrames
	}
	return r.within(row.Stored.Latency.Median, w.MaxFrames)
}

// throughputFrames returns how many frames of a case count at most with all in flight.
func (r *Runner) throughputFrames(row *result.Row) int64 {
	w := r.Experiment.Spec.Workload
	if row.Stored == nil || row.Stored.Throughput.Value <= 0 {
		return w.ThroughputFrames
	}
	return r.within(1/row.Stored.Throughput.Value, w.ThroughputFrames)
}

// within returns how many frames of s seconds each fit the time limit, at least MinFrames
// and at most most.
func (r *Runner) within(s float64, most int64) int64 {
	w := r.Experiment.Spec.Workload
	if w.TimeLimit <= 0 || r.Effort == sweep.Complete {
		return most
	}
	return min(max(int64(w.TimeLimit.Seconds()/s), w.MinFrames), most)
}

// state reads that of the machine; nil where it is not recorded.
func (r *Runner) state() *device.State {
	if r.State == nil {
		return nil
	}
	s := r.State()
	return &s
}

// states joins what the devices of runs told of their states.
func states(runs ...run) (all []device.Of) {
	for _, one := range runs {
		all = device.Join(all, one.trace.States)
	}
	return all
}

func span(before, after *device.State) *device.Span {
	if before == nil || after == nil {
		return nil
	}
	return &device.Span{Before: *before, After: *after}
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
	before, err := r.reference(ctx)
	if err != nil {
		return err
	}
	began := r.state()
	rows, one, err := r.runTogether(ctx, r.Deploy, "deploy")
	if err != nil {
		return err
	}
	state := span(began, r.state())
	byInstance := map[string][]trace.Result{}
	for _, res := range one.trace.Results {
		byInstance[res.Instance] = append(byInstance[res.Instance], res)
	}
	for i, row := range rows {
		if rows[i].State = state; state == nil {
			rows[i].States = one.trace.States
		}
		expectation, err := r.expected(ctx, row.Case)
		if err != nil {
			return err
		}
		want := expectation.results
		if err := SameResults(one.plan.Name+", instance "+row.Endpoint, byInstance[row.Endpoint], want,
			one.left(row.Endpoint)); err != nil {
			return err
		}
		if i < len(r.sweep.TwoEndpoints) {
			rows[i].Stored = r.sweep.TwoEndpoints[i].Stored
		}
		if rows[i].Quality, err = r.score(want); err != nil {
			return err
		}
	}
	after, err := r.reference(ctx)
	if err != nil {
		return err
	}
	r.sweep.TwoEndpoints = rows
	return r.predictTogether(ctx, f, fresh, (before+after)/2)
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
