package agent

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
)

// leastBetween is the least mean time between frames that an agent captures and may drop: each is
// recorded, however slow the graph is.
const leastBetween = 10 * time.Microsecond

// check refuses a plan that did not come whole out of a compiler: indices that
// point nowhere, or a graph that breaks the model's rules, and frames that come too fast. Errors
// wrap ErrConfig, ErrLimit or those of package graph.
func check(p *plan.Plan) error {
	g := p.Graph
	if g == nil || len(p.Work) != len(g.Actors) || len(p.Routes) != len(g.FIFOs) {
		return fmt.Errorf("%w: the plan has no graph, or not as much work and as many routes as actors and FIFOs", ErrConfig)
	}
	for a, w := range p.Work {
		if w.Device < 0 || w.Device >= len(p.Platform.Devices) || w.Unit < 0 ||
			w.Unit >= len(p.Platform.Devices[w.Device].Units) {
			return fmt.Errorf("%w: actor %s is mapped to unit %d of device %d, which is not in the plan", ErrConfig,
				g.Actors[a].Name, w.Unit, w.Device)
		}
	}
	for f, r := range p.Routes {
		if r < -1 || r >= len(p.Platform.Links) {
			return fmt.Errorf("%w: FIFO %d crosses link %d, which is not in the plan", ErrConfig, f, r)
		}
	}
	for _, t := range p.Fallbacks {
		if n := len(p.Platform.Devices); t.Device < 0 || t.Device >= n || t.Peer < 0 || t.Peer >= n || t.Unit < 0 ||
			t.Unit >= len(p.Platform.Devices[t.Device].Units) {
			return fmt.Errorf("%w: a fallback from device %d to unit %d of device %d, which are not all in the plan", ErrConfig,
				t.Peer, t.Unit, t.Device)
		}
	}
	if p.Workload.Kind == plan.Recorded {
		if p.Workload.Record == nil {
			return fmt.Errorf("%w: the workload's recorded arrivals are missing", ErrConfig)
		}
		if err := p.Workload.Record.Check(); err != nil {
			return fmt.Errorf("%w: the workload: %w", ErrConfig, err)
		}
	}
	if between := p.Workload.Between(); p.Workload.Drops() && between < leastBetween {
		return fmt.Errorf("%w: the workload captures a frame every %v and drops what the graph has no time for; an agent "+
			"captures one every %v at most: give a longer period, or a lower rate", ErrLimit, between, leastBetween)
	}
	return graph.Validate(g)
}
