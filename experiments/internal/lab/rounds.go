package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// inRounds is how long a plan runs in one round: every round adds to it.
var inRounds = sampling{frames: 5, mixed: 16, time: 600 * time.Millisecond}

// Rounds makes a profile in rounds that are spread over time: the samples of a firing are
// minutes apart, so that what the machine does in between meets all of them. Every sample
// is measured in the process that runs the firing, as by ProfileInSitu, and has the time
// of the reference computation beside it, if there is one.
type Rounds struct {
	Driver    driver.Driver
	Owner     Owner            // of what firings cost
	Reference driver.Reference // nil: none is timed, as for devices elsewhere
	// Base gives the times to expect, the sizes of opaque tokens, and the costs of what
	// no round has run. It is not changed.
	Base  *profile.Profile
	Turns [][]*plan.Plan // see sweep.Experiment.Turns
	// Again says by index which turns the rounds after the first run: those whose costs
	// matter most. nil: all.
	Again []int
	// Share gives firings that cost the same one cost, see sweep.Costing; nil: none do.
	Share func(map[string]profile.Entry)

	made  int
	costs profile.Costs
}

// Made returns how many rounds there were.
func (r *Rounds) Made() int { return r.made }

// Round runs the next plan of every turn, or of those in Again, but for those that fire nothing that the round
// hasn't seen. step is told that run n of total begins.
func (r *Rounds) Round(ctx context.Context, step func(n, total int)) error {
	if r.costs == nil {
		r.costs = profile.Costs{}
	}
	before, err := r.reference(ctx)
	if err != nil {
		return err
	}
	seen := map[firingOn]bool{} // in this round
	turns := r.turns()
	for n, i := range turns {
		step(n+1, len(turns))
		p := r.Turns[i][(i+r.made)%len(r.Turns[i])]
		if r.known(p, seen) {
			continue
		}
		t, err := r.Driver.Run(ctx, inRounds.inSitu(p, r.Base))
		if err != nil {
			return fmt.Errorf("profile %s: %w", p.Name, err)
		}
		after, err := r.reference(ctx)
		if err != nil {
			return err
		}
		for device, all := range r.Owner.samples(p, t) {
			for key, samples := range all {
				seen[firingOn{device, key}] = true
				e := profile.Entry{Samples: samples, OutBytes: r.Base.Entries[key].OutBytes}
				if r.Reference != nil {
					e.References = slices.Repeat([]time.Duration{(before + after) / 2}, len(samples))
				}
				r.costs.Add(device, key, e)
			}
		}
		before = after
	}
	r.made++
	return nil
}

// reference times the reference computation; 0 if there is none, which stands for no time.
func (r *Rounds) reference(ctx context.Context) (time.Duration, error) {
	if r.Reference == nil {
		return 0, nil
	}
	return r.Reference(ctx)
}

// turns returns the indices of the turns of the next round.
func (r *Rounds) turns() []int {
	if r.made > 0 && r.Again != nil {
		return r.Again
	}
	all := make([]int, len(r.Turns))
	for i := range all {
		all[i] = i
	}
	return all
}

// firingOn is a kind of firing on the owner of its costs.
type firingOn struct{ device, key string }

// known reports whether all that a plan fires was seen. Plans with a dynamic part always have
// something new: which firings follow each other.
func (r *Rounds) known(p *plan.Plan, seen map[firingOn]bool) bool {
	if len(graph.DPGs(p.Graph)) > 0 {
		return false
	}
	for a, w := range p.Work {
		if !seen[firingOn{r.Owner(p.DeviceOf(a).Name), w.CostKey}] {
			return false
		}
	}
	return true
}

// Profile returns Base with what the rounds measured in place of its costs: where a firing was
// seen often enough, or on a device of its own, of which Base knows nothing, at all. What such a
// device has not fired yet is scaled: see scale.
func (r *Rounds) Profile() *profile.Profile {
	costs := profile.Costs{}
	for device, all := range r.costs {
		for key, e := range all {
			if device != "" || len(e.Samples) >= inSituEnough {
				costs.Add(device, key, e)
			}
		}
		if r.Share != nil {
			r.Share(costs[device])
		}
		if device != "" {
			scale(r.Base.Entries, costs[device])
		}
	}
	return r.Base.With(costs)
}

// Typical returns the medians of transports that were calibrated one after another.
func Typical(all []profile.Transport) profile.Transport {
	pick := func(of func(*profile.Transport) float64) float64 {
		values := make([]float64, len(all))
		for i := range all {
			values[i] = of(&all[i])
		}
		return quantile.Median(values)
	}
	return profile.Transport{
		PerMessage:     time.Duration(pick(func(t *profile.Transport) float64 { return float64(t.PerMessage) })),
		PerByte:        pick(func(t *profile.Transport) float64 { return t.PerByte }),
		SendPerMessage: time.Duration(pick(func(t *profile.Transport) float64 { return float64(t.SendPerMessage) })),
		SendPerByte:    pick(func(t *profile.Transport) float64 { return t.SendPerByte }),
		Dispatch:       time.Duration(pick(func(t *profile.Transport) float64 { return float64(t.Dispatch) })),
	}
}
