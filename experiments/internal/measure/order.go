package measure

import (
	"context"
	"errors"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// mostRounds bounds how often a predicted best is measured that the measurements before
// it made one.
const mostRounds = 4

// measure runs the chosen cases under the deployment: first those that the headlines are
// computed from, then the others, then whoever became predicted best meanwhile. A case that
// fails is kept as failed; the first error is a cancelled ctx, the second says that cases
// failed.
func (r *Runner) measure(ctx context.Context) (failed, err error) {
	chosen := r.Experiment.Choose(r.sweep.Rows, r.Effort)
	rows := slices.Clone(r.sweep.TwoEndpoints)
	for _, i := range chosen {
		rows = append(rows, r.sweep.Rows[i])
	}
	if err := r.expectAll(ctx, rows); err != nil {
		return nil, err
	}
	search := &result.Search{Most: mostRounds}
	r.sweep.Search = search
	if failed, err = r.measureHeadline(ctx, search); err != nil {
		return nil, err
	}
	more, err := r.measureRows(ctx, r.unmeasured(chosen), false)
	if err != nil {
		return nil, err
	}
	again, err := r.measureHeadline(ctx, search)
	if err != nil {
		return nil, err
	}
	failed = errors.Join(failed, more, again)
	search.Complete = len(r.unmeasured(r.Experiment.Headline(r.sweep.Rows, r.Effort))) == 0
	if !r.Experiment.Together() {
		return incomplete(failed), nil
	}
	if bad := r.measureTogether(ctx); bad != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		r.Progress.Logf("failed: %v", bad)
		failed = errors.Join(failed, bad)
	}
	r.measuredFactors()
	return incomplete(failed), nil
}

// measureHeadline measures what the headlines are computed from until no measurement makes
// another row the predicted best, or the rounds are used up.
func (r *Runner) measureHeadline(ctx context.Context, search *result.Search) (failed, err error) {
	for search.Rounds < search.Most {
		next := r.unmeasured(r.Experiment.Headline(r.sweep.Rows, r.Effort))
		if len(next) == 0 {
			return failed, nil
		}
		search.Rounds++
		bad, err := r.measureRows(ctx, next, true)
		if err != nil {
			return nil, err
		}
		failed = errors.Join(failed, bad)
	}
	return failed, nil
}

// unmeasured returns the rows of those with the indices that were neither measured nor
// failed.
func (r *Runner) unmeasured(indices []int) []int {
	var left []int
	for _, i := range indices {
		if row := &r.sweep.Rows[i]; row.Measured == nil && row.Failed == "" {
			left = append(left, i)
		}
	}
	return left
}

// measureRows measures rows in order; headline says that the headlines are computed from
// them.
func (r *Runner) measureRows(ctx context.Context, indices []int, headline bool) (failed, err error) {
	eta := r.estimate(indices)
	for n, i := range indices {
		row := &r.sweep.Rows[i]
		r.Progress.Step("measure "+row.Title(), n+1, len(indices), eta.left(n))
		if r.resume(row) || r.sameOnOtherLink(row) {
			continue
		}
		bad := r.measureRow(ctx, row, r.budget(headline))
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if bad != nil {
			row.Failed = bad.Error()
			r.Progress.Logf("failed: %v", bad)
			failed = errors.Join(failed, bad)
		} else if err := r.keepRow(row); err != nil {
			return nil, err
		}
		eta.done(n)
	}
	return failed, nil
}
