package node

import (
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// mostFIFOs is how many FIFOs a device tells of: there may be very many.
const mostFIFOs = 64

// Work returns what the device has done since the node was made, and what its FIFOs hold: units,
// FIFOs and the time waited. The caller fills in the rest. It looks at a bounded number of
// FIFOs, so that firings don't wait for it.
func (n *Node) Work() *wire.Work {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := &wire.Work{WaitedNs: n.waited.Load(), Fallbacks: n.fallbacks}
	for _, c := range n.engine.Captured() {
		w.Captured, w.Dropped = w.Captured+c.Captured, w.Dropped+c.Dropped
	}
	for i, c := range n.counts {
		w.Units = append(w.Units, wire.UnitWork{
			Name: c.Unit, Lanes: n.slice.Units[i].Lanes, Firings: c.Firings, BusyNs: c.BusyNs,
		})
	}
	for _, f := range n.told {
		w.FIFOs = append(w.FIFOs, wire.FIFOWork{
			Name: n.slice.Graph.FIFOName(f.FIFO), Peer: f.Peer, Sends: f.Role == slice.TX,
			Tokens: n.engine.Held(f.FIFO), Capacity: n.slice.Graph.FIFOs[f.FIFO].Capacity,
		})
	}
	w.FIFOsLeftOut = len(n.slice.FIFOs) - len(n.told)
	return w
}

// UnitOf returns the name of the unit that an actor of the device (index in the plan's graph) runs
// on.
func (n *Node) UnitOf(actor int) string { return n.counts[n.actors[actor].unit].Unit }

// toldOf returns the FIFOs of a slice that Work tells of.
func toldOf(s *slice.Slice) []slice.FIFO {
	var told []slice.FIFO
	for _, local := range []bool{false, true} {
		for _, f := range s.FIFOs {
			if (f.Role == slice.Local) == local && len(told) < mostFIFOs {
				told = append(told, f)
			}
		}
	}
	return told
}
