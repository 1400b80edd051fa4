package measure

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"golang.org/x/sync/errgroup"
)

// consultReferee gets the results of rows ahead of running them, several at a time.
func (r *Runner) consultReferee(ctx context.Context, rows []result.Row) error {
	var cases []result.Case
	var keys []string
	for _, row := range rows {
		key, err := r.resultKey(row.Case)
		if err != nil {
			return err
		}
		if r.known[key] == nil && !slices.Contains(keys, key) {
			cases, keys = append(cases, row.Case), append(keys, key)
		}
	}
	verdicts := make([]*verdict, len(cases))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	var done atomic.Int64
	for i, c := range cases {
		group.Go(func() (err error) {
			verdicts[i], err = r.judge(ctx, c)
			r.Progress.Step("results in one process "+c.FullLabel(), int(done.Add(1)), len(cases), 0)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, key := range keys {
		r.known[key] = verdicts[i]
	}
	return nil
}

// resultKey names what the results of a case depend on: the cut and the codec, or
// under a sweep of a parameter or of mappings all firings of the plan.
func (r *Runner) resultKey(c result.Case) (string, error) {
	if r.Spec.cutsModel() {
		return fmt.Sprintf("%d %s", c.PP, c.Codec), nil
	}
	p, err := plan.Compile(r.space.file(c, r.space.single(2)), r.Models)
	if err != nil {
		return "", err
	}
	var keys []string
	for a, w := range p.Work {
		if p.Graph.Actors[a].Kernel != graph.Relay {
			keys = append(keys, w.CostKey)
		}
	}
	return strings.Join(keys, "\n"), nil
}

// whole returns the case that runs the model uncut.
func (r *Runner) whole(c result.Case) result.Case {
	c.Label, c.Baseline, c.PP, c.Cut = "all on endpoint", result.AllOnEndpoint, len(r.space.chain), r.space.chain[len(r.space.chain)-1].Name
	return c
}

// referee returns what the referee says of a case, asking it if it was not asked yet.
func (r *Runner) referee(ctx context.Context, c result.Case) (*verdict, error) {
	key, err := r.resultKey(c)
	if err != nil {
		return nil, err
	}
	if known := r.known[key]; known != nil {
		return known, nil
	}
	v, err := r.judge(ctx, c)
	if err == nil {
		r.known[key] = v
	}
	return v, err
}

func (r *Runner) judge(ctx context.Context, c result.Case) (*verdict, error) {
	frames := max(r.Spec.Quality.Frames, r.Spec.Workload.Warmup+r.Spec.Workload.MaxFrames)
	if r.Effort == Quick {
		frames = r.Spec.Workload.Warmup + r.Spec.Workload.MaxFrames
	}
	p, err := plan.Compile(r.space.file(c, plan.Workload{Kind: plan.Offline, Frames: frames}), r.Models)
	if err != nil {
		return nil, err
	}
	results, choices, err := r.Referee.Results(ctx, p)
	return &verdict{results, choices}, err
}
