package agent

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/shape"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// join makes a sender per link and direction, and subscribes to what arrives.
func (s *session) join() error {
	type key struct {
		link *plan.Link
		peer string
		ack  bool
	}
	var (
		own   = s.node.Slice()
		fifos = make(map[key][]slice.FIFO)
		order []key
		subs  []listener
	)
	s.senderOf = make([]*shape.Sender, len(s.plan.Graph.FIFOs))
	s.dataTo = make([][]*shape.Sender, len(own.Peers()))
	s.heardPeer = make([]atomic.Int64, len(own.Peers()))
	for _, f := range own.FIFOs {
		if f.Role == slice.Local {
			continue
		}
		k := key{s.link(f), f.Peer, f.Role == slice.RX}
		if fifos[k] == nil {
			order = append(order, k)
		}
		fifos[k] = append(fifos[k], f)
		in := s.newInbox(f)
		if f.Role == slice.TX {
			subs = append(subs, listener{s.agent.bulk, wire.AckSubject(f.Peer, own.Device, s.run, f.FIFO), in.ack, "ack",
				s.waiting(f.FIFO, wire.Ack)})
		} else {
			subs = append(subs, listener{s.agent.bulk, wire.DataSubject(f.Peer, own.Device, s.run, f.FIFO), in.data, "data",
				s.waiting(f.FIFO, wire.Data)})
		}
	}
	for i, peer := range own.Peers() {
		take, most := s.greeted(i)
		subs = append(subs, listener{s.agent.bulk, wire.HelloSubject(peer, own.Device, s.run), take, "hello", most})
	}
	shared, err := s.makeBands(s.plan.Platform.Device(own.Device))
	if err != nil {
		return err
	}
	for _, k := range order {
		capacity := make(map[int]int)
		for _, f := range fifos[k] {
			capacity[f.FIFO] = s.plan.Graph.FIFOs[f.FIFO].Capacity
		}
		var sender *shape.Sender
		if k.ack {
			link, carrier := shape.Delay(k.link), newOutbox(s, wire.Ack, wire.AckSubject, fifos[k])
			sender = shape.NewSender(link, s.timed(link, nil), wire.PartBytes(link), capacity, carrier,
				s.agent.cfg.Clock.Waiter())
		} else if sender, err = s.dataSender(k.link, shared, capacity, fifos[k]); err != nil {
			return err
		}
		s.senders = append(s.senders, sender)
		if !k.ack {
			i, _ := slices.BinarySearch(own.Peers(), k.peer)
			s.dataTo[i] = append(s.dataTo[i], sender)
		}
		for _, f := range fifos[k] {
			s.senderOf[f.FIFO] = sender
		}
		s.wg.Go(func() {
			if err := sender.Run(s.ctx); err != nil {
				s.node.Fail(err)
			}
		})
	}
	for _, l := range append(subs, shared.listeners()...) {
		if err := s.subscribe(l); err != nil {
			return err
		}
	}
	if len(shared.peers) > 0 {
		s.wg.Go(shared.keep)
	}
	if nc := s.agent.bulk; nc.IsConnected() { // else all is subscribed to when it is
		if err := nc.FlushTimeout(drainLimit); err != nil && (nc.IsConnected() || nc.IsClosed()) {
			return fmt.Errorf("subscribe: the NATS server doesn't answer: %w", err)
		}
	}
	s.reconnected()
	return nil
}

// dataSender returns what sends the tokens of FIFOs over a link.
func (s *session) dataSender(link *plan.Link, shared *bands, capacity map[int]int, fifos []slice.FIFO) (
	*shape.Sender, error,
) {
	var pace shape.Pace
	common := shared.pace(s.plan.Routes[fifos[0].FIFO])
	switch {
	case common != nil:
		pace = common
	case link != nil && link.Shaped():
		rates, err := s.traceOf(link)
		if err != nil {
			return nil, err
		}
		pace = s.timed(link, rates)
	}
	sender := shape.NewSender(link, pace, wire.PartBytes(link), capacity, newOutbox(s, wire.Data, wire.DataSubject, fifos),
		s.agent.cfg.Clock.Waiter())
	if common != nil {
		common.Bind(sender)
	}
	return sender, nil
}

// timed returns the pace of a link that changes with time; nil: it doesn't.
func (s *session) timed(link *plan.Link, rates *profile.Rates) shape.Pace {
	if rates == nil && (link == nil || len(link.Outages) == 0) {
		return nil
	}
	return shape.Timed(link, rates, &s.start)
}

// traceOf returns the bandwidth over time of a link; nil if it has none.
func (s *session) traceOf(l *plan.Link) (*profile.Rates, error) {
	if l.Trace != "" && s.paced[l.Name] == nil {
		return nil, fmt.Errorf("%w: the bandwidth over time of link %s did not come with the plan", ErrConfig, l.Name)
	}
	return s.paced[l.Name], nil
}

// Send implements node.Outbox.
func (s *session) Send(t boundary.TokenID, at int64) { s.senderOf[t.FIFO].Push(t, at) }

// Ack implements node.Outbox.
func (s *session) Ack(t boundary.TokenID, at int64) { s.senderOf[t.FIFO].Push(t, at) }

// Greet implements node.Outbox.
func (s *session) Greet(peer int, h *boundary.Hello, behind bool) error {
	if !behind {
		s.hello = wire.AppendHello(s.hello[:0], h)
		return s.greet(peer, s.hello)
	}
	hello := wire.AppendHello(nil, h)
	greet := func() {
		err := s.greet(peer, hello)
		if err != nil {
			s.node.Fail(err)
		}
	}
	for _, sender := range s.dataTo[peer] {
		next := greet
		greet = func() { sender.Behind(next) }
	}
	greet()
	return nil
}

// greet publishes an encoded Hello.
func (s *session) greet(peer int, hello []byte) error {
	own, nc := s.node.Slice(), s.agent.bulk
	return transport.Passing(nc, transport.Publish(nc, wire.HelloSubject(own.Device, own.Peers()[peer], s.run), hello))
}

// greeted returns what takes a peer's Hellos, and how many may wait.
func (s *session) greeted(peer int) (nats.MsgHandler, pending) {
	bound := 0
	own := s.node.Slice()
	name := own.Peers()[peer]
	for _, f := range own.FIFOs {
		if f.Role != slice.Local && f.Peer == name {
			bound++
		}
	}
	var h boundary.Hello
	gatherer := delivery.Gatherer{Most: uint64(wire.HelloBytes(bound))}
	return func(msg *nats.Msg) {
		whole, ok, err := gatherer.Add(msg.Data)
		if ok {
			err = wire.DecodeHello(whole, bound, &h)
		}
		if err != nil {
			s.agent.rejected.Add("hello"+wire.Malformed, 1)
			return
		}
		s.heardPeer[peer].Store(clock.Now())
		if ok {
			_ = s.node.Greeted(peer, &h) // the node fails by itself
		}
	}, waitingHellos(bound)
}
