package sim

import "github.com/edgeprune/edgeprune/core/engine"

// pending is an event that will happen to a device. It holds no pointers, so that it
// can be moved without the collector.
type pending struct {
	at    int64 // virtual ns
	order uint64
	// Data, Ack: place in run.tokens; HelloFrom: in run.hellos; FiringDone: in the trace;
	// faultNoticed: the number of the outage.
	place  uint64
	epoch  uint64 // FiringDone: that in which the firing began
	device int32
	index  int32 // Event.Actor; Event.Peer for what comes from a peer and for a peer's timer
	rate   int32 // Event.Rate
	gen    int32 // of the end of the connection for Data, Ack and HelloFrom, else of the device
	kind   engine.EventKind
	peer   bool // the timer is a peer's
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

// eventHeap is a binary heap: the earliest event first, and of those at one time
// the one that was pushed first.
type eventHeap struct {
	events []pending
	pushed uint64
}

func before(a, b *pending) bool {
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (h *eventHeap) push(p pending) {
	p.order = h.pushed
	h.pushed++
	h.events = append(h.events, p)
	i := len(h.events) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !before(&p, &h.events[up]) {
			break
		}
		h.events[i] = h.events[up]
		i = up
	}
	h.events[i] = p
}

// pop removes the first event; the heap must not be empty.
func (h *eventHeap) pop() pending {
	top := h.events[0]
	n := len(h.events) - 1
	p := h.events[n]
	h.events = h.events[:n]
	if n == 0 {
		return top
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && before(&h.events[down+1], &h.events[down]) {
			down++
		}
		if !before(&h.events[down], &p) {
			break
		}
		h.events[i] = h.events[down]
		i = down
	}
	h.events[i] = p
	return top
}
