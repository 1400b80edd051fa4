package world

import (
	"github.com/edgeprune/edgeprune/core/graph"
)

// mix hashes a further number into h.
func mix(h, v uint64) uint64 {
	h ^= v + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}

// value is token i that a firing n of an actor puts on an output port.
func value(actor, port, i int, n int64, state uint64, in [][]uint64) uint64 {
	h := mix(mix(mix(uint64(actor)+1, uint64(port)), uint64(i)), uint64(n))
	h = mix(h, state)
	for _, tokens := range in {
		for _, v := range tokens {
			h = mix(h, v)
		}
		h = mix(h, 77)
	}
	return h
}

// nextState is the state of an actor after its firing n.
func nextState(actor int, state uint64, n int64, in [][]uint64) uint64 {
	return mix(state, value(actor, 98, 0, n, 0, in))
}

// rateOf is the atr that a configuration actor sets.
func rateOf(actor int, n int64, low, high int, state uint64, in [][]uint64) int {
	return low + int(value(actor, 99, 0, n, state, in)%uint64(high-low+1))
}

// limits returns the limits of the dynamic part that an actor configures.
func limits(g *graph.Graph, actor int) (low, high int) {
	for _, d := range graph.DPGs(g) {
		if d.Config == actor {
			return d.LRL, d.URL
		}
	}
	return 0, 1
}

// controlValue is what a configuration actor or a relay puts on a control output.
func controlValue(a *graph.Actor, rate int, in [][]uint64) uint64 {
	if a.Kind == graph.Configuration {
		return uint64(rate)
	}
	for p := range a.In {
		if a.In[p].Control {
			return in[p][0]
		}
	}
	return 0
}
