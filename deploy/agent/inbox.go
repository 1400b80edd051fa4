package agent

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/seal"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// inbox takes what arrives for one FIFO. Its handlers are called one at a time.
type inbox struct {
	s     *session
	node  *node.Node
	fifo  int
	peer  int // index in the slice's Peers
	bound int64
	fixed bool      // every token has bound bytes
	box   *seal.Box // nil: tokens are not sealed

	frames graph.Frames

	tokens  delivery.Assembler
	crossed *crossed // counts them
}

var kindNames = map[wire.Kind]string{wire.Data: "data", wire.Ack: "ack", wire.Sealed: "data"}

func (s *session) newInbox(f slice.FIFO) *inbox {
	t := s.plan.Graph.Type(f.FIFO)
	peer, _ := slices.BinarySearch(s.node.Slice().Peers(), f.Peer) // no FIFO of an inbox is local
	return &inbox{s: s, node: s.node, fifo: f.FIFO, peer: peer, bound: t.Bytes(), fixed: !t.Variable(),
		box: s.box(f), frames: s.plan.Graph.Frames(f.FIFO), crossed: s.crossing(f)}
}

// decode returns ok for messages of this FIFO; others of the FIFO's subject are dropped and
// counted.
func (in *inbox) decode(msg *nats.Msg, kind wire.Kind) (h wire.Header, payload []byte, ok bool) {
	h, payload, err := wire.Decode(msg.Data, in.bound)
	switch {
	case err != nil:
	case h.Kind != kind || h.FIFO != in.fifo:
		err = fmt.Errorf("%w: kind %d for FIFO %d", wire.ErrMessage, h.Kind, h.FIFO)
	case in.fixed && kind != wire.Ack && int64(h.Total) != in.bound:
		err = fmt.Errorf("%w: a token of %d bytes, expected %d", wire.ErrMessage, h.Total, in.bound)
	}
	if err != nil {
		in.s.agent.rejected.Add(kindNames[kind]+wire.Malformed, 1)
		return h, nil, false
	}
	if kind == wire.Sealed {
		if payload, err = in.box.Open(msg.Data); err != nil {
			in.s.agent.rejected.Add(kindNames[kind]+wire.Unopened, 1)
			return h, nil, false
		}
	}
	in.s.heardPeer[in.peer].Store(clock.Now())
	return h, payload, true
}

// data puts a part of a token into its slot and says when the token is whole.
func (in *inbox) data(msg *nats.Msg) {
	kind := wire.Data
	if in.box != nil {
		kind = wire.Sealed
	}
	h, payload, ok := in.decode(msg, kind)
	if !ok {
		return
	}
	if !in.tokens.Add(in, &h, payload) {
		return
	}
	in.crossed.received.add(int64(h.Total))
	in.record(wire.Recv, in.frames.OfToken(h.Seq), int64(h.Total), in.s.agent.cfg.Clock.Now())
	_ = in.node.Arrived(h.TokenID, int(h.Total)) // the node fails by itself
}

// Place implements delivery.Receiver.
func (in *inbox) Place(t boundary.TokenID, offset uint64, part []byte) bool {
	return in.node.Place(t, offset, part)
}

// Wants implements delivery.Receiver.
func (in *inbox) Wants(t boundary.TokenID) bool { return in.node.Wants(t) }

// Missing implements delivery.Receiver.
func (in *inbox) Missing() {
	_ = in.node.Reconnected(in.peer) // the node fails by itself
}

func (in *inbox) ack(msg *nats.Msg) {
	h, _, ok := in.decode(msg, wire.Ack)
	if !ok || h.Seq == 0 {
		return
	}
	at := in.s.agent.cfg.Clock.Now()
	if in.node.Acked(h.TokenID) { // the node fails by itself
		in.record(wire.Acked, in.frames.OfAck(h.Seq), 0, at)
	}
}

func (in *inbox) record(kind wire.RecordKind, frame, bytes, at int64) {
	in.node.Record(wire.Record{Kind: kind, Index: int32(in.fifo), Frame: frame, Start: at, End: at, Value: bytes})
}
