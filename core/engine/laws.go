package engine

import (
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Laws returns what the trace of a complete run of all slices of a plan has to
// conserve, for trace.Check. Rates are symmetric, so all actors that FIFOs join,
// directly or not, fire equally often: they are one flow. Dynamic processing actors
// fire in the iterations that their configuration actor's atr lets them.
func Laws(slices []*slice.Slice) trace.Laws {
	laws := trace.Laws{Lanes: map[trace.Unit]int{}}
	if len(slices) == 0 {
		return laws
	}
	for _, s := range slices {
		for _, a := range s.Actors {
			if a.Capture != nil && a.Capture.Drops() {
				laws.Drops = append(laws.Drops, a.Actor)
			}
		}
		for _, u := range s.Units {
			laws.Lanes[trace.Unit{Device: s.Device, Name: u.Name}] = u.Lanes
		}
	}
	g := slices[0].Graph
	for f := range g.FIFOs {
		_, url := g.Rate(f)
		laws.Rates = append(laws.Rates, url)
	}
	inner := make([]bool, len(g.Actors))
	for _, d := range graph.DPGs(g) {
		laws.Parts = append(laws.Parts, trace.Part{Config: d.Config, Inner: d.Inner, FIFOs: d.FIFOs})
		for _, a := range d.Inner {
			inner[a] = true
		}
	}
	held := make([]bool, len(g.Actors))
	for _, q := range g.FIFOs {
		held[q.From] = held[q.From] || q.Delay == 0
	}
	for a := range g.Actors {
		if !held[a] {
			laws.Ends = append(laws.Ends, a)
		}
	}
	root := graph.Components(g, func(int) bool { return true })
	flow := map[int]int{}
	for a := range g.Actors {
		if inner[a] {
			continue
		}
		r := root[a]
		i, ok := flow[r]
		if !ok {
			i = len(laws.Flows)
			flow[r] = i
			laws.Flows = append(laws.Flows, nil)
		}
		laws.Flows[i] = append(laws.Flows[i], a)
	}
	return laws
}
