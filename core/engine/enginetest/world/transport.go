package world

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
)

// Transport is the code of a driver between the engine of a device and the network:
// it takes tokens apart into packets, and puts them together again. Hellos don't pass
// through it. Every incarnation of a device has its own.
type Transport interface {
	// Push takes a Send or SendAck effect. It must not call the Port.
	Push(f *engine.Effect)
	// Next returns the packet that leaves next, for a peer (index in the slice's
	// Peers); ok is false if none waits. The packet is the caller's.
	Next() (peer int, packet []byte, ok bool)
	// Receive takes a packet of a peer, which it may not keep.
	Receive(peer int, packet []byte) error
}

// packet is one that waits to leave.
type packet struct {
	to   int
	data []byte
}

// nextPacket asks the transport for the packet that leaves next.
func (d *device) nextPacket() {
	if d.transport == nil || d.packet != nil {
		return
	}
	peer, data, ok := d.transport.Next()
	if ok {
		d.packet = &packet{d.peers[peer], data}
	}
}

// leave hands the packet that waits to the network.
func (w *World) leave(d *device) {
	p := d.packet
	d.packet = nil
	if !w.lost(lossy{direction{d.index, p.to}, engine.Data}) {
		w.network.Send(d.index, p.to, message{from: d.index, to: p.to, packet: p.data})
	}
	d.nextPacket()
}

// Port is what a Transport sees of its device: token memory, and the engine's events.
type Port struct {
	w *World
	d *device
}

// Peer returns the peer (index in the slice's Peers) at the other end of a boundary
// FIFO.
func (p *Port) Peer(fifo int) int {
	for _, f := range p.d.slice.FIFOs {
		if f.FIFO == fifo {
			return slices.Index(p.d.slice.Peers(), f.Peer)
		}
	}
	return -1
}

// Hold calls read with the bytes of a token on the sending side, unless its slot has
// been given to another token, because the peer has this one already.
func (p *Port) Hold(fifo int, seq uint64, read func(token []byte)) {
	m := p.d.memory[fifo]
	if m.given <= seq+uint64(len(m.slots)) {
		read(m.slot(seq)[:])
	}
}

// Place writes a part of a token that is arriving, from offset on, to its slot, and
// returns true, if the engine takes the token now. If not, the engine is told of the
// token all the same.
func (p *Port) Place(t boundary.TokenID, offset uint64, part []byte) (bool, error) {
	ev := engine.Event{Kind: engine.Data, TokenID: t}
	if !p.d.engine.Accepts(ev) {
		return false, p.w.step(p.d, ev)
	}
	copy(p.d.memory[t.FIFO].slot(t.Seq)[offset:], part)
	return true, nil
}

// Wants reports whether the engine takes a token now.
func (p *Port) Wants(t boundary.TokenID) bool {
	return p.d.engine.Accepts(engine.Event{Kind: engine.Data, TokenID: t})
}

// Arrived says that a token has been placed as a whole.
func (p *Port) Arrived(t boundary.TokenID) error {
	ev := engine.Event{Kind: engine.Data, TokenID: t}
	if p.w.control(t.FIFO) {
		ev.Rate = int(p.d.memory[t.FIFO].at(t.Seq))
	}
	return p.w.step(p.d, ev)
}

// Acked says what the peer of a TX FIFO has committed.
func (p *Port) Acked(t boundary.TokenID) error {
	return p.w.step(p.d, engine.Event{Kind: engine.Ack, TokenID: t})
}

// Reconnected says that messages from or to a peer may have been lost.
func (p *Port) Reconnected(peer int) error {
	return p.w.step(p.d, engine.Event{Kind: engine.Reconnected, Peer: peer})
}
