package lab

import (
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// Predictor predicts what a plan costs in three ways, which tables name: from the stored
// profile, from costs measured right before the plan is run, and from the stored profile
// corrected by the machine's drift since it was made.
type Predictor struct {
	Profile  *profile.Profile                     // stored; it is not changed
	Simulate func(*profile.Profile) driver.Driver // the simulator over a profile
}

// Stored predicts from the stored profile.
func (p *Predictor) Stored() driver.Driver { return p.Simulate(p.Profile) }

// Fresh predicts from the stored profile with costs in place of its own.
func (p *Predictor) Fresh(costs profile.Costs) driver.Driver {
	return p.Simulate(p.Profile.With(costs))
}

// Corrected predicts from the stored profile as it would be on the machine as it is when
// the reference computation takes now.
func (p *Predictor) Corrected(now time.Duration) driver.Driver {
	return p.Simulate(p.Profile.Corrected(now))
}

// Then returns what the reference computation took when the stored costs of a plan's
// firings were measured: the median over its firings. It returns false if that is known of
// none.
func (p *Predictor) Then(pl *plan.Plan) (time.Duration, bool) {
	var all []time.Duration
	for _, w := range pl.Work {
		if ref, ok := p.Profile.Entries[w.CostKey].Reference(); ok {
			all = append(all, ref)
		}
	}
	return quantile.Median(all), len(all) > 0
}
