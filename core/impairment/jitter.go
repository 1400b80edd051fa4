package impairment

import (
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/plan"
	"gonum.org/v1/gonum/stat/distuv"
)

// jitter draws by how much tokens are later, in ns.
type jitter struct {
	kind         plan.JitterKind // "": none
	mean, stddev float64
	least        float64 // a draw below counts as that
	gamma        distuv.Gamma
	source       *draw.Source // of gamma
	samples      []time.Duration
}

func newJitter(j plan.Jitter, p *Path) jitter {
	d := jitter{kind: j.Kind, mean: float64(j.Mean), stddev: float64(j.Stddev), least: -float64(p.FlightNs)}
	switch {
	case j.None(), j.Kind == plan.Empirical && len(p.Measured) == 0:
		d.kind = ""
	case j.Kind == plan.Empirical:
		d.samples = p.Measured
	case j.Stddev == 0:
		d.kind = plan.ConstantJitter
	case j.Kind == plan.GammaJitter:
		d.source = &draw.Source{}
		d.gamma = distuv.Gamma{
			Alpha: d.mean / d.stddev * d.mean / d.stddev, Beta: d.mean / d.stddev / d.stddev, Src: d.source,
		}
	}
	return d
}

// of returns the draw of a number.
func (d *jitter) of(key uint64) int64 {
	switch d.kind {
	case plan.Empirical:
		return int64(d.samples[key%uint64(len(d.samples))])
	case plan.ConstantJitter:
		return int64(d.mean)
	case plan.NormalJitter:
		// The quantile function of a normal distribution is mean + stddev·√2·erf⁻¹(2u-1).
		u := draw.Uniform(key, 0)
		return bounded(max(d.mean+d.stddev*math.Sqrt2*math.Erfinv(2*u-1), d.least))
	case plan.GammaJitter:
		d.source.Reset(key)
		return bounded(d.gamma.Rand())
	}
	return 0
}

// longest bounds what one draw makes of a token's time, so that sums of times don't overflow.
const longest = 366 * 24 * float64(time.Hour)

// bounded rounds a time in ns.
func bounded(ns float64) int64 { return int64(math.Round(min(ns, longest))) }
