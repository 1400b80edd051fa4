package sweep

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// parameters lists what the experiment assumes and nobody measured: how long the whole
// model takes on devices that are not at hand, links, and the factors of the speed-up
// figure. All of them are fixed before the run.
func (x *Experiment) parameters() []result.Parameter {
	var all []result.Parameter
	for _, kind := range []struct {
		name string
		of   []spec.Endpoint
	}{{"endpoint", x.Spec.Endpoints}, {"gateway", x.Spec.Gateways}} {
		for i := range kind.of {
			e := &kind.of[i]
			if e.WholeModel <= 0 && e.Unit.Slowdown <= 1 {
				continue
			}
			all = append(all, result.Parameter{
				Name: kind.name + " " + e.Name, Value: x.slowdownText(e), For: orUnsaid(strings.TrimPrefix(e.About, "assumed, ")),
				Why: "no such device was at hand: this machine is slowed to that time, which was fixed before the run",
			})
		}
	}
	for _, l := range x.Spec.Links {
		if !l.Shaped() || l.Unverified == "" {
			continue
		}
		all = append(all, result.Parameter{
			Name:  "link " + l.Name,
			Value: fmt.Sprintf("%.3g MB/s, %v one way", l.BandwidthBytesPerSec/1e6, l.Latency),
			For:   "a " + l.Name + " link of that bandwidth and latency; it is shaped on this machine", Why: l.Unverified,
		})
	}
	if len(x.Spec.Factors) > 0 {
		all = append(all, result.Parameter{
			Name: "slow-down factors of the speed-up figure", Value: strings.Trim(fmt.Sprint(x.Spec.Factors), "[]"),
			For: "endpoints from as fast as this machine to that much slower",
			Why: "the speed-up depends on how slow the endpoint is, so it is shown over the whole range",
		})
	}
	return all
}

func (x *Experiment) slowdownText(e *spec.Endpoint) string {
	factor := fmt.Sprintf("%g times slower than this machine", x.SlowdownOf(e))
	if e.WholeModel <= 0 {
		return factor
	}
	return fmt.Sprintf("the whole model takes %v, %s", e.WholeModel, factor)
}

func orUnsaid(s string) string {
	if s == "" {
		return "not said in experiment.yaml"
	}
	return s
}
