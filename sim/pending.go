package sim

import "github.com/edgeprune/edgeprune/core/engine"

// pending is an event that will happen to a device. It holds no pointers, so that it
// can be moved without the collector.
type pending struct {
	at    int64  // virtual ns
	order uint64 // of those at one time: which was pushed first
	// Data, Ack: place in run.tokens; HelloFrom: in run.hellos; FiringDone: in the trace;
	// faultNoticed: the number of the outage.
	place  uint32
	epoch  uint32 // FiringDone: the low bits of that in which the firing began
	device int32
	index  int32 // Event.Actor; Event.Peer for what comes from a peer and for a peer's timer
	rate   int32 // Event.Rate
	gen    int32 // of the end of the connection for Data, Ack and HelloFrom, else of the device
	next   int32 // in a bucket of the queue: the place of the next event there, -1: none
	kind   engine.EventKind
	peer   bool // the timer is a peer's
}

func before(a, b *pending) bool {
	return a.at < b.at || a.at == b.at && a.order < b.order
}

// fill makes ev, which is zero, what the device's engine is told, but for what lies in
// a pool.
func (p *pending) fill(ev *engine.Event) {
	ev.Kind, ev.Rate = p.kind, int(p.rate)
	switch p.kind {
	case engine.Data, engine.Ack:
	case engine.HelloFrom, engine.Reconnected, engine.Lost, engine.Found:
		ev.Peer = int(p.index)
	case engine.Timer:
		if ev.Actor = int(p.index); p.peer {
			ev.Actor, ev.Peer = -1, int(p.index)
		}
	default:
		ev.Actor = int(p.index)
	}
}
