package sweep

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
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
	for i := range x.Spec.Endpoints {
		all = append(all, powerParameter(x.Spec.Endpoints[i].Name, x.Spec.Endpoints[i].Power)...)
	}
	for i := range x.Spec.Gateways {
		all = append(all, powerParameter(x.Spec.Gateways[i].Name, x.Spec.Gateways[i].Power)...)
	}
	all = append(all, powerParameter(x.Spec.Server.Name, x.Spec.Server.Power)...)
	for _, l := range x.Spec.Links {
		if !l.Shaped() || l.Unverified == "" {
			continue
		}
		all = append(all, result.Parameter{
			Name:  "link " + l.Name,
			Value: linkText(&l),
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

// powerParameter lists the power figures of a device if they are assumed.
func powerParameter(device string, p *energy.Figures) []result.Parameter {
	if p == nil || p.Basis != energy.Assumed {
		return nil
	}
	text := fmt.Sprintf("%g W idle", float64(*p.Idle))
	for _, u := range slices.Sorted(maps.Keys(p.Units)) {
		text += fmt.Sprintf(", %g W more while %s computes", float64(p.Units[u]), u)
	}
	if p.Send != nil {
		text += fmt.Sprintf(", %g W more while it sends", float64(*p.Send))
	}
	if p.Receive != nil {
		text += fmt.Sprintf(", %g W more while it receives", float64(*p.Receive))
	}
	return []result.Parameter{{
		Name: "power of " + device, Value: text, For: orUnsaid(strings.TrimPrefix(p.From, "assumed, ")),
		Why: "no such device was at hand with a meter: its energy is computed from these figures",
	}}
}

// linkText says what a link passes.
func linkText(l *plan.Link) string {
	var of []string
	if l.BandwidthBytesPerSec > 0 {
		of = append(of, fmt.Sprintf("%.3g MB/s", float64(l.BandwidthBytesPerSec)/1e6))
	}
	if l.Trace != "" {
		of = append(of, "the bandwidth over time of "+filepath.Base(l.Trace))
	}
	if l.Medium != "" {
		of = append(of, "what others leave of medium "+l.Medium)
	}
	return strings.Join(append(of, fmt.Sprintf("%v one way", l.Latency)), ", ")
}
