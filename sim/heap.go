package sim

import "github.com/edgeprune/edgeprune/core/engine"

// pending is an event that will happen to a device.
type pending struct {
	at     int64 // virtual ns
	order  uint64
	token  uint64 // Event.Seq
	device int32
	index  int32 // Event.Actor, or Event.FIFO for Data and Ack
	kind   engine.EventKind
}

// event returns what the device's engine is told.
func (p *pending) event() engine.Event {
	if p.kind == engine.Data || p.kind == engine.Ack {
		return engine.Event{Kind: p.kind, FIFO: int(p.index), Seq: p.token}
	}
	return engine.Event{Kind: p.kind, Actor: int(p.index)}
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
