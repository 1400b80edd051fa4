package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Cost gives the kernel time of every firing of one kind, at slowdown 1.
type Cost interface {
	// Next returns the kernel time of the next firing. It draws from rng alone, which begins anew for
	// every firing: with the plan's seed, the actor and the number of the firing, so that what a
	// firing takes depends on nothing else that happens.
	Next(rng *rand.Rand) time.Duration
}

// CostModel turns what was measured into costs. NewCostModel names those that are there;
// Driver.Cost takes any other. Where a unit of the plan names a model, that one holds.
type CostModel interface {
	// Cost returns the cost of firings with a cost key on a device of the plan: see
	// profile.Profile.CostOn. What was not measured is an error that wraps
	// profile.ErrMissing, never 0.
	Cost(p *profile.Profile, device, key string) (Cost, error)
}

// NewCostModel returns the named cost model: "median" (every firing takes the
// median of the samples; also ""), "mean" (their mean), "empirical" (a firing takes a sample drawn
// with the plan's seed), "constant=2ms" (every firing takes the given time,
// whatever was measured), "lognormal" and "shifted-lognormal" (a firing takes a draw of the
// distribution fitted to the samples: see costmodel.FitLognormal) or "phases" (the samples' slow
// phases, which all firings of a unit have at the same time: see costmodel.FitPhases). Other names
// are errors that wrap ErrModel.
func NewCostModel(name string) (CostModel, error) {
	m, err := costmodel.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if m.Kind == costmodel.Constant {
		return Constant(m.Time), nil
	}
	return modelled(m), nil
}

// modelOf returns the cost model of an actor: its unit's, or else the driver's.
func (d *Driver) modelOf(p *plan.Plan, a int) CostModel {
	m := p.CostModel(a)
	switch {
	case !m.IsZero():
		return modelled(m)
	case d.Cost == nil:
		return modelled{}
	}
	return d.Cost
}

// Constant is a cost model and the cost of every firing under it.
type Constant time.Duration

// Cost implements CostModel.
func (c Constant) Cost(*profile.Profile, string, string) (Cost, error) { return c, nil }

// Next implements Cost.
func (c Constant) Next(*rand.Rand) time.Duration { return time.Duration(c) }

// modelled is a cost model by its name.
type modelled costmodel.Model

// Cost implements CostModel.
func (m modelled) Cost(p *profile.Profile, device, key string) (Cost, error) {
	if m.Kind == costmodel.Constant {
		return Constant(m.Time), nil
	}
	e, err := p.CostOn(device, key)
	if err != nil {
		return nil, err
	}
	switch m.Kind {
	case costmodel.Mean:
		return Constant(e.Mean()), nil
	case costmodel.Empirical:
		return samples(slices.Clone(e.Samples)), nil
	case costmodel.Lognormal, costmodel.Shifted:
		l, err := costmodel.FitLognormal(e.Samples, m.Kind == costmodel.Shifted)
		return logNormal(l), err
	case costmodel.Phases:
		fit, err := costmodel.FitPhases(e.Samples)
		if errors.Is(err, costmodel.ErrNoPhases) {
			return unphased{samples(slices.Clone(e.Samples)), err}, nil
		}
		return &phased{fit: fit, fast: logNormal(fit.Fast), slow: logNormal(fit.Slow)}, err
	case costmodel.Median, costmodel.Constant, "":
	}
	return Constant(e.Median()), nil
}

// samples draws one of them at a time, each as likely as the others.
type samples []time.Duration

func (s samples) Next(rng *rand.Rand) time.Duration { return s[rng.IntN(len(s))] }

// noted is a Cost of which a run says how it was come by.
type noted interface{ note() string }

// logNormal draws from the distribution.
type logNormal costmodel.LogNormal

func (l logNormal) Next(rng *rand.Rand) time.Duration {
	return costmodel.LogNormal(l).At(rng.NormFloat64())
}

func (l logNormal) note() string { return costmodel.LogNormal(l).String() }

// unphased stands for phases where the samples show none.
type unphased struct {
	samples
	why error
}

func (u unphased) note() string { return fmt.Sprintf("drawn from the samples in any order: %v", u.why) }

// phased is the cost of firings that are slow at times. A run draws from fast or slow, as
// the unit's phases say.
type phased struct {
	fit        costmodel.TwoPhases
	fast, slow Cost
}

// Next implements Cost: without a unit, a firing is slow as often as in the long run.
func (p *phased) Next(rng *rand.Rand) time.Duration {
	if rng.Float64() < p.fit.SlowShare() {
		return p.slow.Next(rng)
	}
	return p.fast.Next(rng)
}

func (p *phased) note() string { return p.fit.String() }
