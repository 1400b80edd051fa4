package node

import (
	"sync"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
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
	tokens  []*kernel.Token
	control bool
	hold    *hold // of a TX FIFO
}

// hold keeps a slot of a TX FIFO from being written while a token in it is being
// sent. Only a token that is sent again can be acknowledged meanwhile.
type hold struct {
	mu      sync.Mutex    // held while a token is being sent
	sending atomic.Uint64 // one more than that token's number; 0: none
	written atomic.Uint64 // one more than the last token that a slot was given to
}

// newRing allocates the slots of FIFO f in one piece, zeroed. Tokens of a tensor
// always use all of their slot.
func newRing(g *graph.Graph, f int, role slice.Role) *ring {
	var (
		typ      = g.Type(f)
		bytes    = int(typ.Bytes())
		q        = g.FIFOs[f]
		capacity = q.Capacity
		_, rate  = g.Rate(f)
		stride   = int(stride(typ.Bytes()))
		memory   = ort.AlignedBytes(stride * capacity)
		r        = &ring{slots: make([]Slot, capacity), control: g.Actors[q.To].In[q.InPort].Control}
	)
	if role == slice.TX {
		r.hold = &hold{}
	}
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

// give gives the slots of tokens up to before next to whoever writes them. A token
// of a slot that is still being sent leaves first.
func (r *ring) give(next uint64) {
	h := r.hold
	if h == nil {
		return
	}
	h.written.Store(next)
	if s := h.sending.Load(); s > 0 && s+uint64(len(r.slots)) <= next {
		h.mu.Lock()
		h.mu.Unlock() //nolint:staticcheck // it only waits
	}
}

// Hold calls send while token seq of a TX FIFO keeps its slot. It returns nil and
// does not call it if the slot has been given to another token, because the peer has
// the token already. A FIFO's tokens are sent one at a time.
func (n *Node) Hold(fifo int, seq uint64, send func(*Slot) error) error {
	r := n.fifos[fifo]
	h := r.hold
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sending.Store(seq + 1)
	defer h.sending.Store(0)
	if h.written.Load() > seq+uint64(len(r.slots)) {
		return nil
	}
	return send(&r.slots[seq%uint64(len(r.slots))])
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
