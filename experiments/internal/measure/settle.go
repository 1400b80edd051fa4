package measure

import (
	"context"
	"math"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

const (
	// headlineBudget is how many times the time limit of a case may go into one that the
	// headline is computed from.
	headlineBudget = 12
	// mostRepeats bounds how often a case is measured again where there is no time limit.
	mostRepeats = 3
)

// budget is the time that the frames of a case may take under one frame in flight, over all
// its runs; 0 is no bound.
func (r *Runner) budget(headline bool) time.Duration {
	limit := r.Experiment.Spec.Workload.TimeLimit
	if r.Effort == sweep.Complete {
		return 0
	}
	if headline {
		limit *= headlineBudget
	}
	return limit
}

// settle measures a case again under one frame in flight, with as many frames as should
// do, while the interval of its endpoint time or latency is wider than a tenth and the
// budget has room for half as many again; most is the number of frames whose results are
// known. The longest run takes the place of the others in out, whatever it found. It
// returns the runs. Where an oracle decides what each frame does, the frames are given, and
// there are no others.
func (r *Runner) settle(
	ctx context.Context, c result.Case, out *result.Outcome, budget time.Duration, most int64,
) ([]run, error) {
	if r.Experiment.FramesGiven() {
		return nil, nil
	}
	var runs []run
	spent := takes(out, int64(out.Latency.N))
	for range mostRepeats {
		had := int64(out.Latency.N)
		frames := min(needed(out), most)
		if budget > 0 {
			frames = min(frames, int64((budget-spent).Seconds()/out.Latency.Mean))
		}
		if settled(out) || frames <= had || frames < min(had+had/2, most) {
			break
		}
		again, err := r.run(ctx, r.Deploy, "deploy", r.Experiment.File(c, r.Experiment.Single(frames)))
		if err != nil {
			return runs, err
		}
		runs = append(runs, again)
		longer, err := r.outcomeOf(again, "deploy", "")
		if err != nil {
			return runs, err
		}
		longer.Throughput = out.Throughput
		*out = longer
		spent += takes(out, int64(out.Latency.N))
	}
	return runs, nil
}

// needed is how many frames a run should have for its intervals to be a tenth wide, at
// least twice those that it had: an interval narrows with the root of their number.
func needed(out *result.Outcome) int64 {
	ratio := math.Sqrt2
	for _, q := range []result.Quantity{result.EndpointTime, result.Latency} {
		if i := out.Interval(q); i.Value > 0 {
			ratio = max(ratio, (i.High-i.Low)/(stat.Wide*i.Value))
		}
	}
	return int64(math.Ceil(float64(out.Latency.N) * ratio * ratio))
}

// takes is the time of so many frames, one after another.
func takes(out *result.Outcome, frames int64) time.Duration {
	return time.Duration(float64(frames) * out.Latency.Mean * float64(time.Second))
}

// settled reports whether a run under one frame in flight says its quantities to a tenth.
func settled(out *result.Outcome) bool {
	return out.Interval(result.EndpointTime).Settled() && out.Interval(result.Latency).Settled()
}
