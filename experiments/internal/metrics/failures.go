package metrics

import (
	"cmp"
	"slices"
	"sort"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// failures returns what an instance had of the plan's faults: how long the devices and links that
// it uses were up, and how long after each crash its first result came that needed what had
// crashed. nil: nothing that it uses has faults, or the trace doesn't say.
//
// A result needs a device if an actor that is mapped to it began to fire for the frame after the
// crash, wherever that was, and a link if a token of the frame began to cross it, or an actor at
// one of its ends fired elsewhere, as in a fallback. What had passed the device or link before the
// crash says nothing of it.
func (in *instance) failures(t *trace.Trace) *result.Failures {
	if t.EndNs == 0 || t.Clocks != nil { // of several clocks, a result can't be compared with a crash
		return nil
	}
	f := &result.Failures{}
	var took quantile.Counts
	seen := map[string]bool{}
	for i := range in.plan.Faults {
		of := &in.plan.Faults[i]
		name := in.plan.Target(of)
		if seen[name] || !in.uses(of) {
			continue
		}
		seen[name] = true
		down := outages(in.plan, of, t)
		f.Targets = append(f.Targets, result.Target{Name: name, Observed: failure.Observe(down, t.EndNs)})
		needed := in.results(of, t)
		for _, d := range down {
			if ns, ok := recovery(needed, d.FromNs); ok {
				took.Add(ns)
			} else {
				f.Unrecovered++
			}
		}
	}
	if len(f.Targets) == 0 {
		return nil
	}
	f.Recovery = describe(&took, "")
	return f
}

// outages returns when the target of a fault was down.
func outages(p *plan.Plan, of *plan.Fault, t *trace.Trace) []failure.Down {
	var down []failure.Down
	for _, o := range t.Outages {
		if of.Device >= 0 && o.Device != p.Platform.Devices[of.Device].Name ||
			of.Link >= 0 && o.Link != p.Platform.Links[of.Link].Name {
			continue
		}
		d := failure.Down{FromNs: o.FromNs, ToNs: o.ToNs}
		if d.ToNs == 0 {
			d.ToNs = t.EndNs
		}
		down = append(down, d)
	}
	return down
}

// uses reports whether the instance has an actor on the device, or a FIFO over the link, of a fault.
func (in *instance) uses(of *plan.Fault) bool {
	if of.Device >= 0 {
		return slices.ContainsFunc(in.actors, func(a int) bool { return in.plan.Work[a].Device == of.Device })
	}
	for q, f := range in.plan.Graph.FIFOs {
		if _, mine := in.actorAt[f.From]; mine && in.plan.Routes[q] == of.Link {
			return true
		}
	}
	return false
}

// needed is a result: when it came, and when it last began to need the target of a fault.
type needed struct{ came, began int64 }

// results returns those that needed the target of a fault, in the order in which they came.
func (in *instance) results(of *plan.Fault, t *trace.Trace) []needed {
	frames := map[int64]needed{}
	needs := func(e *trace.Event) bool {
		if e.Kind == trace.Send {
			return of.Link >= 0 && in.plan.Routes[e.FIFO] == of.Link
		}
		mapped := in.plan.Work[e.Actor].Device
		if of.Device >= 0 {
			return mapped == of.Device
		}
		ends := in.plan.Platform.Links[of.Link].Between
		home := in.plan.Platform.Devices[mapped].Name
		return e.Device != home && slices.Contains(ends, home)
	}
	for i := range t.Events {
		e := &t.Events[i]
		_, fires := in.actorAt[e.Actor]
		fires = fires && e.Kind == trace.Firing
		sends := false
		if e.Kind == trace.Send && !in.back(e.FIFO) {
			_, sends = in.actorAt[in.plan.Graph.FIFOs[e.FIFO].From]
		}
		if !fires && !sends {
			continue
		}
		n, known := frames[e.Frame]
		if !known {
			n = needed{came: -1, began: -1}
		}
		if needs(e) {
			n.began = max(n.began, e.Start)
		}
		if fires && in.plan.Work[e.Actor].Sink {
			n.came = max(n.came, e.End)
		}
		frames[e.Frame] = n
	}
	var all []needed
	for _, n := range frames {
		if n.came >= 0 && n.began >= 0 {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b needed) int {
		return cmp.Or(cmp.Compare(a.came, b.came), cmp.Compare(a.began, b.began))
	})
	return all
}

// back reports whether a FIFO only takes tokens back from a sink, after the result.
func (in *instance) back(fifo int) bool {
	_, back := in.returns[fifo]
	return back
}

// recovery returns how long after a crash the first result came that needed what had crashed, and
// false if none did.
func recovery(results []needed, crash int64) (ns int64, ok bool) {
	first := sort.Search(len(results), func(i int) bool { return results[i].came >= crash })
	for _, r := range results[first:] {
		if r.began >= crash {
			return r.came - crash, true
		}
	}
	return 0, false
}
