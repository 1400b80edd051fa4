package node

import (
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Slot is the memory of one token, and the token in it.
type Slot struct {
	kernel.Token
	Buffer wire.Buffer // Token.Data lies in it
}

// ring is a FIFO's memory on this device: as many slots as its capacity.
type ring struct {
	slots []Slot
	// tokens points at the slots in order, then again at the first ones, so that
	// the tokens of any firing lie side by side.
	tokens []*kernel.Token

	// consumed is what an RX FIFO has acknowledged: the slots of the tokens before
	// it may be written again.
	consumed atomic.Uint64
}

// newRing allocates the slots of FIFO f in one piece, zeroed. Tokens of a tensor
// always use all of their slot.
func newRing(g *graph.Graph, f int) *ring {
	var (
		typ      = g.Type(f)
		bytes    = int(typ.Bytes())
		capacity = g.FIFOs[f].Capacity
		_, rate  = g.Rate(f)
		stride   = wire.Headroom + (bytes+ort.Alignment-1)/ort.Alignment*ort.Alignment
		memory   = ort.AlignedBytes(stride * capacity)
		r        = &ring{slots: make([]Slot, capacity)}
	)
	for i := range r.slots {
		b := wire.Buffer(memory[i*stride : i*stride+wire.Headroom+bytes])
		s := &r.slots[i]
		s.Buffer = b
		s.Token = kernel.Token{Type: typ, Data: b.Token(), Slot: i}
		if !typ.Variable() {
			s.Len = bytes
		}
	}
	for i := range capacity + rate - 1 {
		r.tokens = append(r.tokens, &r.slots[i%capacity].Token)
	}
	return r
}

// clear zeroes what warming up has left behind.
func (r *ring) clear() {
	for i := range r.slots {
		s := &r.slots[i]
		clear(s.Data)
		if s.Type.Variable() {
			s.Len = 0
		}
	}
}

// Consumed returns the first token of an RX FIFO that is not consumed yet: the
// slots of those before it may be written again.
func (n *Node) Consumed(fifo int) uint64 { return n.fifos[fifo].consumed.Load() }
