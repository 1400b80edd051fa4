package node

import (
	"encoding/binary"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
)

// Place writes a part of a token of an RX FIFO that is arriving, from offset on, to
// its slot, and returns true, if the engine takes the token now. If it doesn't, it is
// told of the token all the same, as it may have to ask for another one; the rest of
// the token can be dropped. The caller places one part of a FIFO's tokens at a time.
func (n *Node) Place(t boundary.TokenID, offset uint64, part []byte) bool {
	n.mu.Lock()
	ev := engine.Event{Kind: engine.Data, TokenID: t}
	if !n.engine.Accepts(ev) {
		_ = n.locked(ev) // the node fails by itself
		n.mu.Unlock()
		return false
	}
	slot := n.Slot(t.FIFO, t.Seq)
	if n.slice.Alone != nil { // else nobody else writes to it
		copy(slot.Data[offset:], part)
		n.mu.Unlock()
		return true
	}
	n.mu.Unlock()
	copy(slot.Data[offset:], part)
	return true
}

// Wants reports whether Place would take a part of a token now.
func (n *Node) Wants(t boundary.TokenID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.engine.Accepts(engine.Event{Kind: engine.Data, TokenID: t})
}

// Arrived says that a token of an RX FIFO has been placed, all its length bytes.
func (n *Node) Arrived(t boundary.TokenID, length int) error {
	ev := engine.Event{Kind: engine.Data, TokenID: t}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.engine.Accepts(ev) {
		n.Slot(t.FIFO, t.Seq).Len = length
		ev.Rate = n.fifos[t.FIFO].rate(t.Seq)
	}
	return n.locked(ev)
}

// Acked says what the peer of a TX FIFO has committed, and reports whether that is of the
// peer's present incarnation and can be true.
func (n *Node) Acked(t boundary.TokenID) (taken bool) {
	ev := engine.Event{Kind: engine.Ack, TokenID: t}
	n.mu.Lock()
	defer n.mu.Unlock()
	taken = n.engine.Current(ev)
	return n.locked(ev) == nil && taken
}

// Greeted says that a peer (index in the slice's Peers) has sent a Hello.
func (n *Node) Greeted(peer int, h *boundary.Hello) error {
	return n.step(engine.Event{Kind: engine.HelloFrom, Peer: peer, Hello: h})
}

// Reconnected says that messages from or to a peer may have been lost. Every
// peer is to be told once at first.
func (n *Node) Reconnected(peer int) error {
	return n.step(engine.Event{Kind: engine.Reconnected, Peer: peer})
}

// Lost says that a peer has not been heard of for some time, and Found that it
// has been since.
func (n *Node) Lost(peer int) error {
	return n.step(engine.Event{Kind: engine.Lost, Peer: peer})
}

// Found says that a lost peer has been heard of.
func (n *Node) Found(peer int) error {
	return n.step(engine.Event{Kind: engine.Found, Peer: peer})
}

// Saved says that the records of an actor's firings before firings are saved.
func (n *Node) Saved(actor int, firings int64) {
	_ = n.step(engine.Event{Kind: engine.Saved, Actor: actor, Firing: firings}) // the node fails by itself
}

// rate returns the value of a control token, 0 for tokens of other FIFOs.
func (r *ring) rate(seq uint64) int {
	if !r.control {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(r.slots[seq%uint64(len(r.slots))].Data)))
}

// runPeerTimers tells the engine when timers of peers have passed, until the node ends.
func (n *Node) runPeerTimers() {
	for {
		wait := n.timers.next(n.clock.Now())
		select {
		case <-wait:
		case <-n.timers.changed:
		case <-n.ctx.Done():
			return
		}
		n.mu.Lock()
		at := n.clock.Now()
		for _, t := range n.timers.take(at) {
			// Before the run's start, when its time stands still, a timer's time has come too.
			err := n.stepAt(max(n.now(at), t.at), at, engine.Event{Kind: engine.Timer, Actor: -1, Peer: t.peer})
			if err != nil {
				break
			}
		}
		n.mu.Unlock()
	}
}
