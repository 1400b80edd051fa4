// Package slice holds what one device runs of an application graph: which actors on which
// of its units, which FIFOs or halves of FIFOs, and what it does when a peer is lost. It
// is data for an engine and may neither choose a mapping nor run anything.
package slice

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/graph"
)

// Role says which part of a FIFO a slice holds.
type Role uint8

// The roles of a FIFO in a slice.
const (
	Local Role = iota // both ends lie on the device
	TX                // the producer lies on the device, the consumer elsewhere
	RX                // the consumer lies on the device, the producer elsewhere
)

// Slice is the part of a plan on one device: what one engine runs. Actors and
// FIFOs carry their indices in the plan's graph, so that all devices name a
// FIFO by the same number.
type Slice struct {
	Device string
	Graph  *graph.Graph // the whole graph; shared and read-only
	Units  []Unit
	Actors []Actor // those mapped to the device
	FIFOs  []FIFO  // those with an end on the device
	Alone  *Alone  // what the device does without a peer; nil: it waits
	Spare  bool    // a peer's Alone names this device: its work may go on without it
}

// Alone is the fallback of a device that has lost a peer: after a time it runs
// the peer's actors itself, until the peer is back. These may have neither state
// nor records to keep (they are not Durable), nor FIFOs to third devices.
type Alone struct {
	Peer    string
	AfterNs int64   // without the peer
	Actors  []Actor // those that the device takes over; their Unit is one of its own
	FIFOs   []int   // between two of those actors: indices in Graph.FIFOs
}

// Peers returns the devices at the other ends of the slice's boundary FIFOs, sorted.
func (s *Slice) Peers() []string {
	var peers []string
	for _, f := range s.FIFOs {
		if f.Role != Local {
			peers = append(peers, f.Peer)
		}
	}
	slices.Sort(peers)
	return slices.Compact(peers)
}

// Unit is a processing unit: Lanes firings run on it at a time.
type Unit struct {
	Name  string
	Lanes int
}

// Actor places an actor of the graph on a unit of the slice.
type Actor struct {
	Actor int // index in Graph.Actors
	Unit  int // index in Slice.Units

	// Limit is the number of firings after which a source stops; 0 is no limit.
	// It is used for actors without input ports other than feedback ones, and
	// holds for every actor it is set on.
	Limit int64

	// Durable asks for a record that survives the device's process after every
	// firing: of a sink's results or an actor's state. Actors that make delay tokens
	// are durable in any case.
	Durable bool

	// Arrivals say when a source is released; without a schedule it fires whenever its FIFOs
	// allow.
	Arrivals arrival.Schedule

	// Group, if more than 1, has a source begin so many firings only when that many tokens are in
	// each of its feedback FIFOs, which carry as many delay tokens: when all that the firings
	// before have led to is done. See plan.MultiStream.
	Group int

	// Capture says that a source's frames are captured whether the source can fire or not:
	// as Arrivals say, or when the driver says so, see engine.Engine.Live. Each firing takes
	// one. nil: a firing makes its frame.
	Capture *admission.Rule
}

// FIFO is a FIFO, or the half of one, that a slice holds.
type FIFO struct {
	FIFO int // index in Graph.FIFOs
	Role Role
	Peer string // the other device for TX and RX
}

// FIFOBytes returns the bytes of all FIFOs of the slice when they are full: what its
// device needs for tokens at most. A half of a FIFO counts its whole capacity.
func (s *Slice) FIFOBytes() int64 {
	var n int64
	for _, f := range s.FIFOs {
		n += s.Graph.FIFOBytes(f.FIFO)
	}
	return n
}
