package analysis

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Mapping says where the actors of a graph fire, which link every FIFO crosses,
// and, as far as they are known, what firings and tokens cost. All times are in ns.
type Mapping struct {
	Devices []string
	Units   []Unit
	Links   []string
	Media   []string   // that links share
	UnitOf  []int      // by actor: index in Units
	Cost    []Cost     // by actor; nil: no costs are known
	Cross   []Crossing // by FIFO
}

// Unit is a processing unit: Lanes firings run on it at a time.
type Unit struct {
	Device int // index in Mapping.Devices
	Name   string
	Lanes  int
}

// Cost bounds the time that a firing occupies its lane.
type Cost struct {
	Known       bool
	Best, Worst int64
}

// Crossing says how the tokens of a FIFO reach the consumer's device. For a FIFO
// within a device Link is -1 and the rest is not used.
type Crossing struct {
	Link      int   // index in Mapping.Links
	Channel   int   // FIFOs with equal numbers queue for one direction of a link, or for a half-duplex link
	Occupancy int64 // that a token keeps the channel busy
	Flight    int64 // from the end of the occupancy to the token's arrival
	Medium    int   // one more than the index in Mapping.Media; 0: the link is private
	Takes     int64 // that a token takes of all of the medium
	Ack       int64 // from the commit of the consuming firing to the producer's knowing it
}

// check refuses a mapping whose tables don't fit the graph.
func (m *Mapping) check(g *graph.Graph) error {
	if len(m.UnitOf) != len(g.Actors) || len(m.Cross) != len(g.FIFOs) || m.Cost != nil && len(m.Cost) != len(g.Actors) {
		return fmt.Errorf("%w: %d units and %d costs for %d actors, %d crossings for %d FIFOs",
			ErrMapping, len(m.UnitOf), len(m.Cost), len(g.Actors), len(m.Cross), len(g.FIFOs))
	}
	for i, u := range m.Units {
		if u.Device < 0 || u.Device >= len(m.Devices) || u.Lanes < 1 {
			return fmt.Errorf("%w: unit %d is of device %d of %d and has %d lanes", ErrMapping, i, u.Device, len(m.Devices),
				u.Lanes)
		}
	}
	for a, u := range m.UnitOf {
		if u < 0 || u >= len(m.Units) {
			return fmt.Errorf("%w: actor %s is on unit %d of %d", ErrMapping, g.Actors[a].Name, u, len(m.Units))
		}
		if m.Cost != nil && m.Cost[a].Known && (m.Cost[a].Best < 0 || m.Cost[a].Worst < m.Cost[a].Best) {
			return fmt.Errorf("%w: actor %s takes %d to %d ns", ErrMapping, g.Actors[a].Name, m.Cost[a].Best, m.Cost[a].Worst)
		}
	}
	for f, c := range m.Cross {
		q := g.FIFOs[f]
		from, to := m.Units[m.UnitOf[q.From]].Device, m.Units[m.UnitOf[q.To]].Device
		if c.Link < -1 || c.Link >= len(m.Links) || (c.Link < 0) != (from == to) {
			return fmt.Errorf("%w: FIFO %s from device %s to %s has link %d of %d; -1 is within a device", ErrMapping,
				g.FIFOName(f), m.Devices[from], m.Devices[to], c.Link, len(m.Links))
		}
		if c.Medium < 0 || c.Medium > len(m.Media) {
			return fmt.Errorf("%w: FIFO %s is on medium %d of %d", ErrMapping, g.FIFOName(f), c.Medium, len(m.Media))
		}
		if c.Link >= 0 && (c.Takes < 0 || c.Occupancy < 0 || c.Flight < 0 || c.Ack < 0) {
			return fmt.Errorf("%w: FIFO %s crosses its link in negative time", ErrMapping, g.FIFOName(f))
		}
	}
	return nil
}

// missing returns the names of actors without a known cost.
func (m *Mapping) missing(g *graph.Graph) []string {
	var names []string
	for a := range g.Actors {
		if m.Cost == nil || !m.Cost[a].Known {
			names = append(names, g.Actors[a].Name)
		}
	}
	return names
}
