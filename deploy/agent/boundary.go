package agent

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/shape"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// wholeBytes is the size of messages where there is no bandwidth or latency to
// emulate: every message costs, and none has to be held back. It stays below the
// max_payload of NATS's default configuration.
const wholeBytes = 512 << 10

// chunkOf returns the size of the messages that a token crosses a link in.
func chunkOf(link *plan.Link) int64 {
	if link == nil || !link.Shaped() {
		return wholeBytes
	}
	return plan.ChunkBytes
}

// join makes a sender per link and direction, and subscribes to what arrives.
func (s *session) join() error {
	type key struct {
		link *plan.Link
		peer string
		ack  bool
	}
	var (
		slice  = s.node.Slice()
		fifos  = make(map[key][]graph.SliceFIFO)
		order  []key
		arrive = make(map[string]nats.MsgHandler)
		names  []string
	)
	s.byFIFO = make([]*shape.Sender, len(s.plan.Graph.FIFOs))
	for _, f := range slice.FIFOs {
		if f.Role == graph.Local {
			continue
		}
		k := key{s.link(f), f.Peer, f.Role == graph.RX}
		if fifos[k] == nil {
			order = append(order, k)
		}
		fifos[k] = append(fifos[k], f)
		in := s.newInbox(f.FIFO)
		subject, handler := wire.DataSubject(s.run, f.FIFO), in.data
		if f.Role == graph.TX {
			subject, handler = wire.AckSubject(s.run, f.FIFO), in.ack
		}
		names = append(names, subject)
		arrive[subject] = handler
	}
	for _, k := range order {
		room := 0
		for _, f := range fifos[k] {
			room += s.plan.Graph.FIFOs[f.FIFO].Capacity
		}
		link := k.link
		var carrier shape.Carrier = newOutbox(s, wire.Data, wire.DataSubject, fifos[k])
		if k.ack {
			link, carrier = shape.Delay(link), newOutbox(s, wire.Ack, wire.AckSubject, fifos[k])
		}
		sender := shape.NewSender(link, chunkOf(link), room, carrier)
		s.senders = append(s.senders, sender)
		for _, f := range fifos[k] {
			s.byFIFO[f.FIFO] = sender
		}
		s.wg.Go(func() {
			if err := sender.Run(s.ctx); err != nil {
				s.node.Fail(err)
			}
		})
	}
	for _, subject := range names {
		sub, err := s.agent.nc.Subscribe(subject, arrive[subject])
		if err != nil {
			return fmt.Errorf("subscribe %s: %w", subject, err)
		}
		s.drained.Add(1)
		sub.SetClosedHandler(func(string) { s.drained.Done() })
		s.subs = append(s.subs, sub)
		// The FIFOs' credits bound what can be pending.
		if err := sub.SetPendingLimits(-1, -1); err != nil {
			return fmt.Errorf("subscribe %s: %w", subject, err)
		}
	}
	return s.agent.nc.Flush()
}

// Send implements node.Outbox.
func (s *session) Send(fifo int, seq uint64, at int64) error {
	return s.byFIFO[fifo].Push(shape.Token{FIFO: fifo, Seq: seq, At: at})
}

// Ack implements node.Outbox.
func (s *session) Ack(fifo int, seq uint64, at int64) error {
	return s.byFIFO[fifo].Push(shape.Token{FIFO: fifo, Seq: seq, At: at})
}

// frameOf returns the frame that token seq of a FIFO belongs to: the producer's
// firing that made it.
func (s *session) frameOf(fifo int, seq uint64) int64 {
	_, rate := s.plan.Graph.Rate(fifo)
	return (int64(seq) - int64(s.plan.Graph.FIFOs[fifo].Delay)) / int64(rate)
}

// outbox publishes the tokens, or the acknowledgements, that one sender sends.
type outbox struct {
	s        *session
	kind     wire.Kind
	subjects map[int]string // by FIFO
	empty    wire.Buffer    // of acknowledgements
}

func newOutbox(s *session, kind wire.Kind, subject func(string, int) string, fifos []graph.SliceFIFO) *outbox {
	o := &outbox{s: s, kind: kind, subjects: make(map[int]string), empty: make(wire.Buffer, wire.Headroom)}
	for _, f := range fifos {
		o.subjects[f.FIFO] = subject(s.run, f.FIFO)
	}
	return o
}

// Bytes implements shape.Carrier.
func (o *outbox) Bytes(t shape.Token) int64 {
	if o.kind == wire.Ack {
		return 0
	}
	return int64(o.s.node.Slot(t.FIFO, t.Seq).Len)
}

// Publish implements shape.Carrier.
func (o *outbox) Publish(t shape.Token, total, offset, n int64) error {
	h := wire.Header{
		Kind: o.kind, FIFO: uint32(t.FIFO), From: o.s.epoch, To: o.s.epoch, Seq: t.Seq, Prev: t.Seq,
		Offset: uint64(offset), Total: uint64(total), Length: uint32(n),
	}
	buffer := o.empty
	if o.kind == wire.Data {
		buffer = o.s.node.Slot(t.FIFO, t.Seq).Buffer
	}
	subject := o.subjects[t.FIFO]
	err := buffer.Message(&h, func(msg []byte) error { return o.s.agent.nc.Publish(subject, msg) })
	if err != nil {
		return fmt.Errorf("FIFO %s: token %d: %w", o.s.plan.Graph.FIFOName(t.FIFO), t.Seq, err)
	}
	return nil
}

// Sent implements shape.Carrier.
func (o *outbox) Sent(t shape.Token, total, start, end int64) {
	if o.kind == wire.Ack {
		return
	}
	o.s.node.Record(wire.Record{
		Kind: wire.Send, Index: int32(t.FIFO), Frame: o.s.frameOf(t.FIFO, t.Seq),
		Start: start, End: end, Value: total,
	})
}

// inbox takes what arrives for one FIFO. Its handlers are called one at a time.
type inbox struct {
	s     *session
	node  *node.Node
	fifo  int
	epoch uint64
	bound int64
	fixed bool   // every token has bound bytes
	room  uint64 // slots
	next  uint64 // the token that is arriving
	got   uint64 // bytes of it that have arrived
}

func (s *session) newInbox(fifo int) *inbox {
	g := s.plan.Graph
	t := g.Type(fifo)
	return &inbox{
		s: s, node: s.node, fifo: fifo, epoch: s.epoch, bound: t.Bytes(), fixed: !t.Variable(),
		room: uint64(g.FIFOs[fifo].Capacity), next: uint64(g.FIFOs[fifo].Delay),
	}
}

// decode returns ok for messages of this FIFO and run; others of the FIFO's
// subject end the run, those of another epoch are dropped.
func (in *inbox) decode(msg *nats.Msg, kind wire.Kind) (h wire.Header, payload []byte, ok bool) {
	h, payload, err := wire.Decode(msg.Data, in.bound)
	switch {
	case err != nil:
	case h.From != in.epoch:
		return h, nil, false
	case h.Kind != kind || int(h.FIFO) != in.fifo:
		err = fmt.Errorf("%w: kind %d for FIFO %d", wire.ErrMessage, h.Kind, h.FIFO)
	case in.fixed && kind == wire.Data && int64(h.Total) != in.bound:
		err = fmt.Errorf("%w: a token of %d bytes, expected %d", wire.ErrMessage, h.Total, in.bound)
	}
	if err != nil {
		in.fail(err)
		return h, nil, false
	}
	return h, payload, true
}

func (in *inbox) fail(err error) {
	in.node.Fail(fmt.Errorf("FIFO %s: %w", in.s.plan.Graph.FIFOName(in.fifo), err))
}

// data copies a chunk to its token's slot and says when the token is whole.
func (in *inbox) data(msg *nats.Msg) {
	h, payload, ok := in.decode(msg, wire.Data)
	if !ok || h.Seq < in.next {
		return
	}
	if h.Seq > in.next || h.Seq-in.node.Consumed(in.fifo) >= in.room {
		// It has no slot: the engine says why, and the node fails.
		_ = in.node.Arrived(in.fifo, h.Seq)
		return
	}
	if h.Offset != in.got {
		in.fail(fmt.Errorf("%w: token %d goes on at byte %d, %d have arrived", ErrChunk, h.Seq, h.Offset, in.got))
		return
	}
	slot := in.node.Slot(in.fifo, h.Seq)
	copy(slot.Data[h.Offset:], payload)
	in.got += uint64(h.Length)
	if !h.Last() {
		return
	}
	slot.Len = int(h.Total)
	in.next++
	in.got = 0
	in.record(wire.Recv, in.s.frameOf(in.fifo, h.Seq), int64(h.Total))
	_ = in.node.Arrived(in.fifo, h.Seq) // the node fails by itself
}

func (in *inbox) ack(msg *nats.Msg) {
	h, _, ok := in.decode(msg, wire.Ack)
	if !ok || h.Seq == 0 {
		return
	}
	_, rate := in.s.plan.Graph.Rate(in.fifo)
	in.record(wire.Acked, int64(h.Seq)/int64(rate)-1, 0) // the last firing it covers
	_ = in.node.Acked(in.fifo, h.Seq)                    // the node fails by itself
}

func (in *inbox) record(kind wire.RecordKind, frame, bytes int64) {
	now := clock.Now()
	in.node.Record(wire.Record{Kind: kind, Index: int32(in.fifo), Frame: frame, Start: now, End: now, Value: bytes})
}
