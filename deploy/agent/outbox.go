package agent

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/seal"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// outbox publishes the tokens, or the acknowledgements, that one sender sends.
type outbox struct {
	s        *session
	kind     wire.Kind
	subjects map[int]string // by FIFO
	sent     map[int]uint64 // by FIFO: one more than the last token recorded
	empty    wire.Buffer    // of acknowledgements
	box      *seal.Box      // nil: tokens are not sealed
	sealed   []byte         // the last message, sealed
	scratch  wire.Buffer    // nil: tokens are sent from their slots
	crossed  *crossed       // counts them
	leaving  *leaving       // records their sending; nil: it has ended when they are published
	left     int64          // when the last one that was recorded had left
}

func newOutbox(s *session, kind wire.Kind, subject func(from, to, run string, fifo int) string,
	fifos []slice.FIFO) *outbox {
	o := &outbox{s: s, kind: kind, subjects: make(map[int]string), sent: make(map[int]uint64),
		empty: make(wire.Buffer, wire.Headroom)}
	room := int64(0)
	for _, f := range fifos {
		o.subjects[f.FIFO] = subject(s.agent.cfg.Device, f.Peer, s.run, f.FIFO)
		room = max(room, min(s.plan.Graph.Type(f.FIFO).Bytes(), wire.MaxPartBytes))
	}
	if kind == wire.Data && s.node.Slice().Alone != nil {
		// Where a lost peer's work is done here, tokens may be read while they are sent.
		o.scratch = make(wire.Buffer, wire.Headroom+room)
	}
	if kind == wire.Data {
		o.box = s.box(fifos[0]) // the link and the peer are the same of all
		o.crossed = s.crossing(fifos[0])
		o.leaving = s.leavingOver(s.link(fifos[0]))
	}
	return o
}

// Bytes implements shape.Carrier.
func (o *outbox) Bytes(t boundary.TokenID) (n int64) {
	if o.kind == wire.Data {
		_ = o.s.node.Hold(t.FIFO, t.Seq, func(s *node.Slot) error {
			n = int64(s.Len)
			return nil
		})
	}
	return n
}

// Publish implements shape.Carrier. What doesn't fit a message of the server's goes in
// several.
func (o *outbox) Publish(t boundary.TokenID, total, offset, n int64) error {
	h := wire.Header{
		Kind: o.kind, TokenID: t, Offset: uint64(offset), Total: uint64(total), Length: uint32(n),
	}
	more := int64(0)
	if o.box != nil {
		h.Kind, more = wire.Sealed, wire.SealBytes
	}
	err := transport.Cut(o.s.agent.bulk, &h, more, o.publish)
	if err != nil {
		return fmt.Errorf("FIFO %s: token %d: subject %s: %w", o.s.plan.Graph.FIFOName(t.FIFO), t.Seq, o.subjects[t.FIFO],
			err)
	}
	return nil
}

// publish sends one message.
func (o *outbox) publish(h *wire.Header) error {
	subject := o.subjects[h.FIFO]
	first := o.kind == wire.Data && h.Seq >= o.sent[h.FIFO]
	use := func(msg []byte) error {
		if o.box != nil {
			var err error
			if o.sealed, err = o.box.Seal(o.sealed[:0], msg); err != nil {
				return err
			}
			msg = o.sealed
		}
		if first {
			o.s.tokenBytes.Add(uint64(len(msg)))
		}
		return transport.Passing(o.s.agent.bulk, o.s.agent.bulk.Publish(subject, msg))
	}
	switch {
	case o.kind == wire.Ack:
		return o.empty.Message(h, use)
	case o.scratch == nil:
		return o.s.node.Hold(h.FIFO, h.Seq, func(s *node.Slot) error { return s.Buffer.Message(h, use) })
	default:
		return o.s.node.Hold(h.FIFO, h.Seq, func(s *node.Slot) error {
			copy(o.scratch[wire.Headroom:], s.Data[h.Offset:h.Offset+uint64(h.Length)])
			h.Encode(o.scratch)
			return use(o.scratch[:wire.Headroom+int(h.Length)])
		})
	}
}

// Sent implements shape.Carrier. What is sent again is not recorded again.
func (o *outbox) Sent(t boundary.TokenID, total, start, end int64) {
	if o.kind == wire.Ack {
		return
	}
	if t.Seq < o.sent[t.FIFO] {
		o.crossed.busyNs.Add(end - start)
		o.crossed.resent.Add(1)
		return
	}
	o.crossed.sent.add(total)
	o.sent[t.FIFO] = t.Seq + 1
	if o.leaving != nil {
		o.leaving.add(o, t, total, start, end)
		return
	}
	o.record(t, total, start, end)
}

// record records that a token occupied the sender's side of the link.
func (o *outbox) record(t boundary.TokenID, total, start, end int64) {
	o.crossed.busyNs.Add(end - min(max(start, o.left), end))
	o.left = end
	o.s.node.Record(wire.Record{
		Kind: wire.Send, Index: int32(t.FIFO), Frame: o.s.plan.Graph.Frames(t.FIFO).OfToken(t.Seq),
		Start: start, End: end, Value: total,
	})
}
