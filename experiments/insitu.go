package experiments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

const (
	inSituFrames = 12                     // that count
	inSituWarmup = 2                      //
	inSituFrame  = 120 * time.Millisecond // most that an endpoint is slowed to, per frame
)

// ProfileInSitu measures what the firings of p cost in the processes that will
// run them: by short single-stream deployments over unshaped links, their units
// slowed only as far as a frame takes 120 ms. base gives the times to expect and
// the sizes of opaque tokens. The costs are the kernels' own, before they are
// stretched. With stand-ins, those are run in p's place: plans of the same actors
// with other parameters, so that between them every actor fires. Firings of dynamic
// actors with atr 0 have entries of their own, see profile.Skipped.
func ProfileInSitu(ctx context.Context, d Driver, p *plan.Plan, base *profile.Profile, standIns ...*plan.Plan) (map[string]profile.Entry, error) {
	if len(standIns) == 0 {
		standIns = []*plan.Plan{p}
	}
	entries := map[string]profile.Entry{}
	for _, q := range standIns {
		t, err := d.Run(ctx, inSitu(q, base))
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", q.Name, err)
		}
		idle := idleFirings(p, t)
		for _, e := range t.Events {
			if e.Kind != trace.Firing || e.Frame < inSituWarmup {
				continue
			}
			key := p.Work[e.Actor].CostKey
			out := base.Entries[key].OutBytes
			if idle[firing{e.Actor, e.Frame}] {
				key = profile.Skipped(key)
			}
			entry := entries[key]
			entry.Samples = append(entry.Samples, time.Duration(e.Kernel))
			entry.OutBytes = out
			entries[key] = entry
		}
	}
	for a, w := range p.Work {
		if len(entries[w.CostKey].Samples) == 0 {
			return nil, fmt.Errorf("profile %s: actor %s: %w", p.Name, p.Graph.Actors[a].Name, profile.ErrMissing)
		}
	}
	return entries, nil
}

// firing is one of a trace.
type firing struct {
	actor int
	frame int64
}

// idleFirings returns the firings of dynamic actors of p in t that had an atr of 0.
func idleFirings(p *plan.Plan, t *trace.Trace) map[firing]bool {
	idle := map[firing]bool{}
	for _, d := range graph.DPGs(p.Graph) {
		for _, e := range t.Events {
			if e.Kind != trace.Firing || e.Actor != d.Config || e.Rate > 0 {
				continue
			}
			for _, a := range slices.Concat(d.Entries, d.Exits) {
				idle[firing{a, e.Frame}] = true
			}
		}
	}
	return idle
}

// inSitu returns p as it is run for its profile.
func inSitu(p *plan.Plan, base *profile.Profile) *plan.Plan {
	q := *p
	q.Workload = plan.Workload{Kind: plan.SingleStream, Frames: inSituWarmup + inSituFrames, Warmup: inSituWarmup}
	q.Platform.Links = slices.Clone(p.Platform.Links)
	for i := range q.Platform.Links {
		q.Platform.Links[i].BandwidthBytesPerSec, q.Platform.Links[i].Latency = 0, 0
	}
	perFrame := make([]time.Duration, len(p.Platform.Devices)) // at slowdown 1
	for _, w := range p.Work {
		perFrame[w.Device] += base.Entries[w.CostKey].Median()
	}
	q.Platform.Devices = slices.Clone(p.Platform.Devices)
	for i := range q.Platform.Devices {
		dev := &q.Platform.Devices[i]
		dev.Units = slices.Clone(dev.Units)
		for j := range dev.Units {
			most := float64(inSituFrame) / float64(max(perFrame[i], time.Microsecond))
			dev.Units[j].Slowdown = max(1, min(dev.Units[j].Slowdown, most))
		}
	}
	return &q
}
