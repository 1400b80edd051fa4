package agent

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// outbox publishes the tokens, or the acknowledgements, that one sender sends.
type outbox struct {
	s        *session
	kind     wire.Kind
	subjects map[int]string // by FIFO
	sent     map[int]uint64 // by FIFO: one more than the last token recorded
	empty    wire.Buffer    // of acknowledgements
	scratch  wire.Buffer    // nil: tokens are sent from their slots
}

func newOutbox(s *session, kind wire.Kind, subject func(string, int) string, fifos []slice.FIFO) *outbox {
	o := &outbox{s: s, kind: kind, subjects: make(map[int]string), sent: make(map[int]uint64),
		empty: make(wire.Buffer, wire.Headroom)}
	room := int64(0)
	for _, f := range fifos {
		o.subjects[f.FIFO] = subject(s.run, f.FIFO)
		room = max(room, min(s.plan.Graph.Type(f.FIFO).Bytes(), wire.MaxPartBytes))
	}
	if kind == wire.Data && s.node.Slice().Alone != nil {
		// Where a lost peer's work is done here, tokens may be read while they are sent.
		o.scratch = make(wire.Buffer, wire.Headroom+room)
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

// Publish implements shape.Carrier.
func (o *outbox) Publish(t boundary.TokenID, total, offset, n int64) error {
	h := wire.Header{
		Kind: o.kind, TokenID: t, Offset: uint64(offset), Total: uint64(total), Length: uint32(n),
	}
	subject := o.subjects[t.FIFO]
	first := o.kind == wire.Data && t.Seq >= o.sent[t.FIFO]
	use := func(msg []byte) error {
		if first {
			o.s.tokenBytes.Add(uint64(len(msg)))
		}
		return lost(o.s.agent.nc.Publish(subject, msg))
	}
	var err error
	switch {
	case o.kind == wire.Ack:
		err = o.empty.Message(&h, use)
	case o.scratch == nil:
		err = o.s.node.Hold(t.FIFO, t.Seq, func(s *node.Slot) error { return s.Buffer.Message(&h, use) })
	default:
		err = o.s.node.Hold(t.FIFO, t.Seq, func(s *node.Slot) error {
			copy(o.scratch[wire.Headroom:], s.Data[offset:offset+n])
			h.Encode(o.scratch)
			return use(o.scratch[:wire.Headroom+n])
		})
	}
	if err != nil {
		return fmt.Errorf("FIFO %s: token %d: %w", o.s.plan.Graph.FIFOName(t.FIFO), t.Seq, err)
	}
	return nil
}

// lost makes a message that could not be sent one that is lost on its way, as
// messages are when a connection breaks. One that can never be sent stays an error.
func lost(err error) error {
	if errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject) {
		return err
	}
	return nil
}

// Sent implements shape.Carrier. What is sent again is not recorded again.
func (o *outbox) Sent(t boundary.TokenID, total, start, end int64) {
	if o.kind == wire.Ack || t.Seq < o.sent[t.FIFO] {
		return
	}
	o.sent[t.FIFO] = t.Seq + 1
	o.s.node.Record(wire.Record{
		Kind: wire.Send, Index: int32(t.FIFO), Frame: o.s.plan.Graph.Frames(t.FIFO).OfToken(t.Seq),
		Start: start, End: end, Value: total,
	})
}
