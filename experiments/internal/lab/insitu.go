package lab

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// sampling says how long a plan runs for its profile.
type sampling struct {
	frames int64 // that count
	// Of a graph with a dynamic part, up to mixed frames count as take that time: what a
	// firing costs depends on what came before it.
	mixed int64
	time  time.Duration
}

// atOnce is how long a plan runs whose profile one run makes.
var atOnce = sampling{frames: 8, mixed: 30, time: time.Second}

const (
	inSituWarmup = 2                     // frames before those that count
	inSituFrame  = 60 * time.Millisecond // most that an endpoint is slowed to, per frame
)

// ProfileInSitu measures what the firings of p cost in the processes that will
// run them: by a short single-stream deployment over unshaped links, its units
// slowed only as far as a frame takes 60 ms. base gives the times to expect and
// the sizes of opaque tokens. The costs are the kernels' own, before they are
// stretched. A graph with a dynamic part runs over its shaped links, and for more
// frames: there, pauses vary, and after a long one caches are cold. Firings of
// dynamic actors with atr 0 have entries of their own, see profile.Skipped.
//
// Stand-ins are plans of the same actors with other parameters. They are run one
// after another while there are firings that were seen fewer than three times.
func ProfileInSitu(
	ctx context.Context, d driver.Driver, of Owner, p *plan.Plan, base *profile.Profile, standIns ...*plan.Plan,
) (profile.Costs, error) {
	costs := profile.Costs{}
	for _, q := range append([]*plan.Plan{p}, standIns...) {
		t, err := d.Run(ctx, atOnce.inSitu(q, base))
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", q.Name, err)
		}
		for device, seen := range of.samples(p, t) {
			for key, samples := range seen {
				if n := len(costs[device][key].Samples); n < inSituEnough && len(samples) > n {
					delete(costs[device], key)
					costs.Add(device, key, profile.Entry{Samples: samples, OutBytes: base.Entries[key].OutBytes})
				}
			}
		}
		if !of.lacks(p, costs, len(standIns) > 0) {
			break
		}
	}
	for a, w := range p.Work {
		if len(costs[of(p.DeviceOf(a).Name)][w.CostKey].Samples) == 0 {
			return nil, fmt.Errorf("profile %s: actor %s: %w", p.Name, p.Graph.Actors[a].Name, profile.ErrMissing)
		}
	}
	return costs, nil
}

// Owner says under which device of profile.Costs stands what firings on a device of a plan cost.
type Owner func(device string) string

// OneMachine owns the costs of all devices: it emulates them.
func OneMachine(string) string { return "" }

// EachDevice owns its own costs.
func EachDevice(device string) string { return device }

// inSituEnough samples of a firing make further runs for it needless.
const inSituEnough = 3

// samples returns the kernel times of the firings in t by their owners and p's cost keys.
func (of Owner) samples(p *plan.Plan, t *trace.Trace) map[string]map[string][]time.Duration {
	samples := map[string]map[string][]time.Duration{}
	idle := idleFirings(p, t)
	for _, e := range t.Events {
		if e.Kind != trace.Firing || e.Frame < inSituWarmup {
			continue
		}
		key := p.Work[e.Actor].CostKey
		if idle[firing{e.Actor, e.Frame}] {
			key = profile.Skipped(key)
		}
		device := of(p.DeviceOf(e.Actor).Name)
		if samples[device] == nil {
			samples[device] = map[string][]time.Duration{}
		}
		samples[device][key] = append(samples[device][key], time.Duration(e.Kernel))
	}
	return samples
}

// lacks reports whether a firing was seen too seldom; skipped says that those
// of dynamic actors with atr 0 count, too.
func (of Owner) lacks(p *plan.Plan, costs profile.Costs, skipped bool) bool {
	few := func(a int, key string) bool { return len(costs[of(p.DeviceOf(a).Name)][key].Samples) < inSituEnough }
	for a, w := range p.Work {
		if few(a, w.CostKey) {
			return true
		}
	}
	if !skipped {
		return false
	}
	for _, d := range graph.DPGs(p.Graph) {
		for _, a := range slices.Concat(d.Entries, d.Exits) {
			if few(a, profile.Skipped(p.Work[a].CostKey)) {
				return true
			}
		}
	}
	return false
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
func (s sampling) inSitu(p *plan.Plan, base *profile.Profile) *plan.Plan {
	q := *p
	perFrame := make([]time.Duration, len(p.Platform.Devices)) // at slowdown 1
	for _, w := range p.Work {
		perFrame[w.Device] += base.Entries[w.CostKey].Median()
	}
	q.Platform.Devices = slices.Clone(p.Platform.Devices)
	longest := time.Microsecond
	for i := range q.Platform.Devices {
		dev := &q.Platform.Devices[i]
		dev.Units = slices.Clone(dev.Units)
		for j := range dev.Units {
			most := float64(inSituFrame) / float64(max(perFrame[i], time.Microsecond))
			dev.Units[j].Slowdown = max(1, min(dev.Units[j].Slowdown, most))
			longest = max(longest, time.Duration(float64(perFrame[i])*dev.Units[j].Slowdown))
		}
	}
	frames := s.frames
	if len(graph.DPGs(p.Graph)) > 0 {
		frames = min(max(frames, int64(s.time/longest)), s.mixed)
	} else {
		q.Platform.Links = slices.Clone(p.Platform.Links)
		for i := range q.Platform.Links {
			q.Platform.Links[i].BandwidthBytesPerSec, q.Platform.Links[i].Latency = 0, 0
		}
	}
	q.Workload = plan.Workload{Kind: plan.SingleStream, Frames: inSituWarmup + frames, Warmup: inSituWarmup}
	return &q
}
