package world

import (
	"fmt"
	"math/rand/v2"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
	"github.com/edgeprune/edgeprune/core/slice"
)

// Draw returns the run that a seed draws: a random graph, cut over one to three
// devices, without faults.
func Draw(seed uint64) (*World, error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	choices := make([]byte, 24+rng.IntN(49))
	for i := range choices {
		choices[i] = byte(rng.Uint32())
	}
	g := graphtest.FromBytes(choices)
	graphtest.CutRoom(g)
	deviceOf := make([]int, len(g.Actors))
	devices := 1 + rng.IntN(3)
	for a := range deviceOf {
		deviceOf[a] = rng.IntN(devices)
	}
	err := graph.Validate(g)
	if err != nil {
		return nil, fmt.Errorf("the drawn graph is wrong: %w", err)
	}
	return Mapped(seed, g, deviceOf, 1+rng.IntN(3), int64(3+rng.IntN(10))), nil
}

// DrawFallback returns the run that a seed draws, over two devices at most: the second
// has actors only that leave nothing behind, and the first has them as its fallback.
func DrawFallback(seed uint64) (*World, error) {
	w, err := Draw(seed)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	g := w.graph
	deviceOf := make([]int, len(g.Actors))
	for a := range deviceOf {
		act := &g.Actors[a]
		if len(act.In) > 0 && len(act.Out) > 0 && !act.Stateful && a > 0 {
			deviceOf[a] = rng.IntN(2)
		}
	}
	for _, q := range g.FIFOs {
		if q.Delay > 0 {
			deviceOf[q.From] = 0
		}
	}
	w = Mapped(seed, g, deviceOf, 1+rng.IntN(2), w.frames)
	if len(w.devices) < 2 {
		return w, nil
	}
	near, far := w.devices[0].slice, w.devices[1].slice
	Fallback(near, far, 20_000)
	return w, nil
}

// Mapped returns the run of a graph that is cut over devices as deviceOf says, by
// actor. Every device has one unit with the given lanes. Stateful actors leave records.
func Mapped(seed uint64, g *graph.Graph, deviceOf []int, lanes int, frames int64) *World {
	parts := Cut(g, deviceOf, lanes)
	for _, s := range parts {
		for i := range s.Actors {
			s.Actors[i].Limit = frames
			s.Actors[i].Durable = g.Actors[s.Actors[i].Actor].Stateful
		}
	}
	return New(seed, parts, frames)
}

// Cut returns a slice of g for every device d0, d1, ...; deviceOf names the device of
// every actor. Every device has one unit, cpu, with the given lanes.
func Cut(g *graph.Graph, deviceOf []int, lanes int) []*slice.Slice {
	devices := 0
	for _, d := range deviceOf {
		devices = max(devices, d+1)
	}
	parts := make([]*slice.Slice, devices)
	for d := range parts {
		parts[d] = &slice.Slice{Device: fmt.Sprintf("d%d", d), Graph: g, Units: []slice.Unit{{Name: "cpu", Lanes: lanes}}}
	}
	for a, d := range deviceOf {
		parts[d].Actors = append(parts[d].Actors, slice.Actor{Actor: a})
	}
	for f, q := range g.FIFOs {
		from, to := parts[deviceOf[q.From]], parts[deviceOf[q.To]]
		if from == to {
			from.FIFOs = append(from.FIFOs, slice.FIFO{FIFO: f})
			continue
		}
		from.FIFOs = append(from.FIFOs, slice.FIFO{FIFO: f, Role: slice.TX, Peer: to.Device})
		to.FIFOs = append(to.FIFOs, slice.FIFO{FIFO: f, Role: slice.RX, Peer: from.Device})
	}
	return parts
}

// Fallback has the device of slice near do the work of the one of slice far when that
// has been lost for afterNs.
func Fallback(near, far *slice.Slice, afterNs int64) {
	near.Alone = &slice.Alone{Peer: far.Device, AfterNs: afterNs}
	for _, sa := range far.Actors {
		sa.Unit = 0
		near.Alone.Actors = append(near.Alone.Actors, sa)
	}
	for _, f := range far.FIFOs {
		if f.Role == slice.Local {
			near.Alone.FIFOs = append(near.Alone.FIFOs, f.FIFO)
		}
	}
	far.Spare = true
}
