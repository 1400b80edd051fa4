package plan

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/graph"
)

// Plan is what a driver runs. It is checked, and read-only once compiled.
type Plan struct {
	Name     string       `json:"name"`
	Graph    *graph.Graph `json:"graph"`
	Platform Platform     `json:"platform"`
	Work     []Work       `json:"work"`   // by actor
	Routes   []int        `json:"routes"` // by FIFO: the link it crosses, or -1
	Workload Workload     `json:"workload"`
	Seed     uint64       `json:"seed"`
	// Fallbacks say which device goes on alone when another is lost.
	Fallbacks []Takeover `json:"fallbacks,omitempty"`
	// Faults are what goes wrong; a deployment refuses those that only a simulation can have.
	Faults []Fault `json:"faults,omitempty"`
}

// UnitOf returns the processing unit of actor a.
func (p *Plan) UnitOf(a int) *Unit {
	return &p.Platform.Devices[p.Work[a].Device].Units[p.Work[a].Unit]
}

// CostModel returns how the simulator finds what firings of actor a take on its unit; the zero
// Model says that the plan leaves it open.
func (p *Plan) CostModel(a int) costmodel.Model {
	u := p.UnitOf(a)
	if m, ok := u.Costs[p.Work[a].Actor]; ok {
		return m
	}
	return u.Cost
}

// DeviceOf returns the device of actor a.
func (p *Plan) DeviceOf(a int) *Device { return &p.Platform.Devices[p.Work[a].Device] }

// Deployed returns the plan as a deployment runs it: links that were measured are taken as they
// are, so their bandwidths, latencies and traces are left out.
func (p *Plan) Deployed() *Plan {
	q := *p
	q.Platform.Links = slices.Clone(p.Platform.Links)
	for i := range q.Platform.Links {
		if l := &q.Platform.Links[i]; l.Profile != "" {
			l.BandwidthBytesPerSec, l.Latency, l.Trace, l.TraceLoop = 0, 0, "", false
		}
	}
	return &q
}

// Emulated reports whether a deployment on one machine has to slow a device or
// shape a link for this plan.
func (p *Plan) Emulated() bool {
	for i := range p.Work {
		if p.UnitOf(i).Slowdown != 1 {
			return true
		}
	}
	for _, r := range p.Routes {
		if r >= 0 && p.Platform.Links[r].Shaped() {
			return true
		}
	}
	return false
}
