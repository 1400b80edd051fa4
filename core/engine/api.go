// Package engine runs one slice of a plan: the firing rule, active token rates,
// FIFO occupancy, back-pressure, the boundary protocol and recovery live here and
// only here. It is a deterministic state machine without I/O: events in, effects
// out, time is an argument. It may not start goroutines, read a clock or touch
// token memory.
//
// # Iterations
//
// Every actor fires once per graph iteration; the number of a firing is that of its
// iteration. An actor with a control port takes its control token first, which gives
// the iteration's atr; a dynamic processing actor skips an iteration with atr 0.
// The token numbers of a variable FIFO leave gaps: iteration n owns numbers n·url to
// n·url+url-1 and uses the first atr of them.
//
// # Ownership of token memory
//
// Token s of a FIFO lies in slot s mod capacity, on either side of a boundary.
// From its Fire effect until its FiringDone event a firing alone may read its
// In and write its Out tokens. A token on the sending side stays in its slot until it is
// acknowledged and may be read by the driver meanwhile; a slot on the receiving side
// may be written by the driver only when Accepts says so, and belongs to the engine
// from the Data event on.
package engine

import "github.com/edgeprune/edgeprune/core/boundary"

// EventKind says what happened.
type EventKind uint8

// The kinds of events a driver feeds in.
const (
	// Start: the run begins.
	Start EventKind = iota
	// FiringDone: Actor's current firing has completed. Rate is the atr that a
	// configuration actor has set.
	FiringDone
	// Data: a token of an RX FIFO has arrived. It lies in its slot if Accepts allowed it.
	// Rate is a control token's value.
	Data
	// Ack: the peer has committed all tokens of a TX FIFO before Seq.
	Ack
	// Timer: the timer of Actor, a source, has passed; if Actor is -1, one of Peer's.
	Timer
	// Stop: Actor, a source, starts no further firing.
	Stop
	// HelloFrom: Hello has arrived from Peer.
	HelloFrom
	// Reconnected: messages to or from Peer may have been lost; also once for every peer
	// before Start.
	Reconnected
	// Lost: the driver has not heard of Peer for some time.
	Lost
	// Found: the driver hears of Peer again.
	Found
	// Saved: the records of Actor's firings before Firing are durable.
	Saved
	// Captured: a live source, Actor, has captured a frame now.
	Captured
)

// Event is something that happened. Fields that a kind doesn't name are 0.
type Event struct {
	Kind             EventKind
	Actor            int // index in the graph
	Peer             int // index in the slice's Peers
	Rate             int
	boundary.TokenID       // Data, Ack: as the peer's Send or SendAck had it
	Firing           int64 // Saved
	Hello            *boundary.Hello
}

// EffectKind says what the driver has to do.
type EffectKind uint8

// The kinds of effects a driver carries out, in order.
const (
	// Fire: run Actor's firing number Firing on its unit; report FiringDone. That of a source
	// which captures takes the frame number N, captured at time At.
	Fire EffectKind = iota
	// Send: send a token of a TX FIFO to the peer, with its TokenID.
	Send
	// SendAck: tell the peer of an RX FIFO that all tokens before Seq are committed, with
	// the TokenID.
	SendAck
	// SendHello: send Hello to Peer; it is valid until the next Step.
	SendHello
	// SendCheck: the same, but the Hello must not leave before the tokens that were sent to
	// Peer: its answer says which of them have arrived. It replaces one that has not left.
	SendCheck
	// ArmTimer: report Timer for Actor, or for Peer if Actor is -1, at time At.
	ArmTimer
	// Save: make the record of Actor's firing Firing durable: see Engine.Durable. Report
	// Saved with Firing+1 when it is, in order. Its tokens on a FIFO with delay tokens are
	// those from delay + Firing·rate on.
	Save
	// Restore: give Actor the state it had before its firing Firing.
	Restore
	// Reload: put the saved tokens Seq .. Seq+N-1 of FIFO into their slots; those below
	// its delay are zeros.
	Reload
	// Drop: the frame number N of Actor, a source, captured at time At, does not enter.
	// Firing is the firing that is due.
	Drop
)

// Effect is something the driver has to do.
type Effect struct {
	Kind             EffectKind
	Actor            int
	Peer             int // index in the slice's Peers
	N                int // Reload: tokens; Fire, Drop: number of the captured frame, from 1, 0 if none is captured
	boundary.TokenID     // Send, SendAck: to carry to the peer; Reload: FIFO and Seq
	Firing           int64
	At               int64 // ns since the run's start
	Hello            *boundary.Hello
}

// Tokens is a run of N tokens in a FIFO's ring: those with sequence numbers
// Seq .. Seq+N-1. N is the port's atr in this firing, which may be 0.
type Tokens struct {
	FIFO int
	Seq  uint64
	N    int
}

// EpochStep is how far apart a driver puts the epochs of a device's processes: an
// engine counts its epoch up when it starts over in place.
const EpochStep = 1 << 20

// Options say how an incarnation of a device begins. The zero Options are those of
// a device that has no peers and was never started before.
type Options struct {
	// Epoch is greater than that of every earlier incarnation of the device in the
	// run. After a reset the engine counts it up by itself. 0 is 1.
	Epoch uint64
	// Resume says that there was an earlier incarnation: positions come from peers
	// and from Saved.
	Resume bool
	// Saved returns how many firings of a durable actor have a durable record. It is
	// called by New only; nil is none.
	Saved func(actor int) int64
}
