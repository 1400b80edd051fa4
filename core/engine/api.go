// Package engine runs one slice of a plan: the firing rule, FIFO occupancy,
// back-pressure and the boundary protocol live here and only here. It is a
// deterministic state machine without I/O: events in, effects out, time is an
// argument. It may not start goroutines, read a clock or touch token memory.
package engine

// EventKind says what happened.
type EventKind uint8

// The kinds of events a driver feeds in.
const (
	Start      EventKind = iota // the run begins
	FiringDone                  // Actor's current firing has completed
	Data                        // token Seq of RX FIFO has arrived and lies in its slot
	Ack                         // the peer has consumed all tokens of TX FIFO before Seq
	Timer                       // the timer of Actor, a source, has passed
	Stop                        // Actor, a source, starts no further firing
)

// Event is something that happened. Fields that a kind doesn't name are 0.
type Event struct {
	Kind  EventKind
	Actor int    // index in the graph
	FIFO  int    // index in the graph
	Seq   uint64 // see the kind
}

// EffectKind says what the driver has to do.
type EffectKind uint8

// The kinds of effects a driver carries out.
const (
	Fire     EffectKind = iota // run Actor's firing number Firing on its unit; report FiringDone
	Send                       // send token Seq of TX FIFO to the peer, in the order of effects
	SendAck                    // tell the peer of RX FIFO that all tokens before Seq are consumed
	ArmTimer                   // report Timer for Actor at time At
)

// Effect is something the driver has to do.
type Effect struct {
	Kind   EffectKind
	Actor  int
	FIFO   int
	Seq    uint64
	Firing int64
	At     int64 // ns since the run's start
}

// Tokens is a run of N tokens in a FIFO's ring: those with sequence numbers
// Seq .. Seq+N-1. Token s lies in slot s mod capacity, on either side of a
// boundary. Between Fire and FiringDone the firing alone may read (input) or
// write (output) them.
type Tokens struct {
	FIFO int
	Seq  uint64
	N    int
}
