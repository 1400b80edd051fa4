package measure

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"golang.org/x/sync/errgroup"
)

// expectAll gets the results of rows ahead of running them, several at a time.
func (r *Runner) expectAll(ctx context.Context, rows []result.Row) error {
	var cases []result.Case
	var keys []string
	for _, row := range rows {
		key, err := r.Experiment.ResultKey(row.Case)
		if err != nil {
			return err
		}
		if r.known[key] == nil && !slices.Contains(keys, key) {
			cases, keys = append(cases, row.Case), append(keys, key)
		}
	}
	expectations := make([]*expectation, len(cases))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(r.Workers, 1))
	var done atomic.Int64
	for i, c := range cases {
		group.Go(func() (err error) {
			expectations[i], err = r.ask(ctx, c)
			r.Progress.Step("results in one process "+c.FullLabel(), int(done.Add(1)), len(cases), 0)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, key := range keys {
		r.known[key] = expectations[i]
	}
	return nil
}

// expected returns what the oracle says of a case, asking it if it was not asked yet.
func (r *Runner) expected(ctx context.Context, c result.Case) (*expectation, error) {
	key, err := r.Experiment.ResultKey(c)
	if err != nil {
		return nil, err
	}
	if known := r.known[key]; known != nil {
		return known, nil
	}
	v, err := r.ask(ctx, c)
	if err == nil {
		r.known[key] = v
	}
	return v, err
}

func (r *Runner) ask(ctx context.Context, c result.Case) (*expectation, error) {
	s := r.Experiment.Spec
	frames := max(s.Quality.Frames, s.Workload.Warmup+max(s.Workload.MaxFrames, s.Workload.ThroughputFrames))
	if r.Effort == sweep.Quick {
		frames = s.Workload.Warmup + max(s.Workload.MaxFrames, s.Workload.ThroughputFrames)
	}
	p, err := r.Experiment.Plan(c, plan.Workload{Kind: plan.Offline, Frames: frames})
	if err != nil {
		return nil, err
	}
	results, choices, err := r.Oracle.Results(ctx, p)
	return &expectation{results, choices}, err
}

// expectation is what the oracle says of a plan.
type expectation struct {
	results []trace.Result
	choices []plan.Choice
}
