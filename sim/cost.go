package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
)

// Cost gives the kernel time of every firing of one kind, at slowdown 1.
type Cost interface {
	// Next returns the kernel time of the next firing. It draws from rng alone.
	Next(rng *rand.Rand) time.Duration
}

// CostModel turns what was measured into costs. NewCostModel names those that are there;
// Driver.Cost takes any other.
type CostModel interface {
	// Cost returns the cost of firings with a cost key on a device of the plan: see
	// profile.Profile.CostOn. What was not measured is an error that wraps
	// profile.ErrMissing, never 0.
	Cost(p *profile.Profile, device, key string) (Cost, error)
}

// NewCostModel returns the named cost model: "median" (every firing takes the
// median of the samples; also ""), "mean" (their mean), "empirical" (a firing takes a sample drawn
// with the plan's seed) or "constant=2ms" (every firing takes the given time,
// whatever was measured). Other names are errors that wrap ErrModel.
func NewCostModel(name string) (CostModel, error) {
	switch kind, value, _ := strings.Cut(name, "="); kind {
	case "", "median":
		return median{}, nil
	case "mean":
		return mean{}, nil
	case "empirical":
		return empirical{}, nil
	case "constant":
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("%w: cost %q; expected a duration such as constant=2ms", ErrModel, name)
		}
		return Constant(d), nil
	}
	return nil, fmt.Errorf("%w: cost %q; expected median, mean, empirical or constant=DURATION", ErrModel, name)
}

// Constant is a cost model and the cost of every firing under it.
type Constant time.Duration

// Cost implements CostModel.
func (c Constant) Cost(*profile.Profile, string, string) (Cost, error) { return c, nil }

// Next implements Cost.
func (c Constant) Next(*rand.Rand) time.Duration { return time.Duration(c) }

type median struct{}

func (median) Cost(p *profile.Profile, device, key string) (Cost, error) {
	e, err := p.CostOn(device, key)
	if err != nil {
		return nil, err
	}
	return Constant(e.Median()), nil
}

type mean struct{}

func (mean) Cost(p *profile.Profile, device, key string) (Cost, error) {
	e, err := p.CostOn(device, key)
	if err != nil {
		return nil, err
	}
	return Constant(e.Mean()), nil
}

type empirical struct{}

func (empirical) Cost(p *profile.Profile, device, key string) (Cost, error) {
	e, err := p.CostOn(device, key)
	if err != nil {
		return nil, err
	}
	return samples(slices.Clone(e.Samples)), nil
}

// samples draws one of them at a time, each as likely as the others.
type samples []time.Duration

func (s samples) Next(rng *rand.Rand) time.Duration { return s[rng.IntN(len(s))] }
