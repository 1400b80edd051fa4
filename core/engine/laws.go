package engine

import (
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Laws returns what the trace of a complete run of all slices of a plan has to
// conserve, for trace.Check. Rates are symmetric, so all actors that FIFOs join,
// directly or not, fire equally often: they are one flow.
func Laws(slices []*graph.Slice) trace.Laws {
	laws := trace.Laws{Lanes: map[trace.Unit]int{}}
	if len(slices) == 0 {
		return laws
	}
	for _, s := range slices {
		for _, u := range s.Units {
			laws.Lanes[trace.Unit{Device: s.Device, Name: u.Name}] = u.Lanes
		}
	}
	g := slices[0].Graph
	for f := range g.FIFOs {
		_, url := g.Rate(f)
		laws.Rates = append(laws.Rates, url)
	}
	root := graph.Joined(g, func(int) bool { return true })
	flow := map[int]int{}
	for a := range g.Actors {
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
