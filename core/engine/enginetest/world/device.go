package world

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
)

// device is a device: its present process, and what outlives it.
type device struct {
	index     int
	name      string
	slice     *slice.Slice
	peers     []int            // by index in the slice's Peers
	disk      map[int][]record // by actor: durable, in order
	epoch     uint64
	back      int // events after which it is up again
	mostBytes int64

	engine    *engine.Engine // nil: it is down
	transport Transport      // nil: none
	packet    *packet        // the next one that leaves
	memory    map[int]*memory
	state     map[int]uint64  // by actor
	firing    map[int]*firing // by actor
	saves     []record        // not durable yet
	timers    []timer
}

// firing is a firing in progress.
type firing struct {
	n  int64
	in [][]uint64
}

// timer is an event that an engine has asked for.
type timer struct {
	atNs  int64
	event engine.Event
}

// message is what the network carries: an event and, of a token, its value; or a
// packet of the sender's transport.
type message struct {
	from, to int
	event    engine.Event
	value    uint64
	packet   []byte
}

// boot starts an incarnation of a device.
func (w *World) boot(d *device) error {
	resume := d.epoch > 0
	d.epoch += engine.EpochStep
	d.memory, d.state, d.firing = map[int]*memory{}, map[int]uint64{}, map[int]*firing{}
	d.saves, d.timers, d.transport, d.packet = nil, nil, nil, nil
	e, err := engine.New(d.slice, engine.Options{
		Epoch: d.epoch, Resume: resume, Saved: func(actor int) int64 { return int64(len(d.disk[actor])) },
	})
	if err != nil {
		return err
	}
	d.engine = e
	for _, f := range d.slice.FIFOs {
		d.memory[f.FIFO] = newMemory(w.graph.FIFOs[f.FIFO].Capacity)
	}
	if d.slice.Alone != nil {
		for _, f := range d.slice.Alone.FIFOs {
			d.memory[f] = newMemory(w.graph.FIFOs[f].Capacity)
		}
	}
	if w.NewTransport != nil {
		d.transport = w.NewTransport(d.index, &Port{w, d})
	}
	for p := range d.peers {
		err := w.step(d, engine.Event{Kind: engine.Reconnected, Peer: p})
		if err != nil {
			return err
		}
	}
	return w.step(d, engine.Event{Kind: engine.Start})
}

// step feeds an event to a device, carries out the effects, and checks that no FIFO
// holds more than its bound.
func (w *World) step(d *device, ev engine.Event) error {
	w.events++
	effects, err := d.engine.Step(w.nowNs, ev, nil)
	if err != nil {
		return fmt.Errorf("device %s: %+v: %w", d.name, ev, err)
	}
	for i := range effects {
		err := w.carryOut(d, &effects[i])
		if err != nil {
			return err
		}
	}
	d.nextPacket()
	held := int64(0)
	for _, f := range d.slice.FIFOs {
		n, bound := d.engine.Held(f.FIFO), w.graph.FIFOs[f.FIFO].Capacity
		if n > bound+w.Breach.CreditBeyond {
			return fmt.Errorf("device %s: FIFO %s holds %d tokens, its bound is %d", d.name, w.graph.FIFOName(f.FIFO), n, bound)
		}
		held += int64(n) * w.graph.Type(f.FIFO).Bytes()
	}
	d.mostBytes = max(d.mostBytes, held)
	return nil
}

func (w *World) carryOut(d *device, f *engine.Effect) error {
	switch f.Kind {
	case engine.Fire:
		w.fire(d, f)
	case engine.Send:
		if w.OnSend != nil {
			w.OnSend(f)
		}
		if d.transport != nil {
			d.transport.Push(f)
			return nil
		}
		w.send(d, f.Peer, engine.Event{Kind: engine.Data, TokenID: f.TokenID}, d.memory[f.FIFO].at(f.Seq))
	case engine.SendAck:
		if d.transport != nil {
			d.transport.Push(f)
			return nil
		}
		w.send(d, f.Peer, engine.Event{Kind: engine.Ack, TokenID: f.TokenID}, 0)
	case engine.SendHello, engine.SendCheck:
		if f.Kind == engine.SendCheck && w.Breach.NoChecks {
			return nil
		}
		h := *f.Hello
		h.FIFOs = slices.Clone(h.FIFOs)
		w.send(d, f.Peer, engine.Event{Kind: engine.HelloFrom, Hello: &h}, 0)
	case engine.ArmTimer:
		d.timers = append(d.timers, timer{f.At, engine.Event{Kind: engine.Timer, Actor: f.Actor, Peer: f.Peer}})
	case engine.Save:
		w.save(d, f)
	case engine.Restore:
		w.restore(d, f)
	case engine.Reload:
		return w.reload(d, f)
	}
	return nil
}

// send hands a message for a peer to the network.
func (w *World) send(d *device, peer int, ev engine.Event, value uint64) {
	to := d.peers[peer]
	if w.lost(lossy{direction{d.index, to}, ev.Kind}) {
		return
	}
	ev.Peer = slices.Index(w.devices[to].peers, d.index)
	w.network.Send(d.index, to, message{from: d.index, to: to, event: ev, value: value})
}

// fire begins a firing: it takes its inputs, and the slots of its outputs are its own.
func (w *World) fire(d *device, f *engine.Effect) {
	fr := &firing{n: f.Firing}
	for _, run := range d.engine.In(f.Actor) {
		fr.in = append(fr.in, d.memory[run.FIFO].run(run))
	}
	for _, run := range d.engine.Out(f.Actor) {
		d.memory[run.FIFO].give(run.Seq + uint64(run.N))
	}
	d.firing[f.Actor] = fr
	if w.deviceOf[f.Actor] != d.index {
		w.takenOver++
	}
}

// complete ends a firing: its inputs must not have changed meanwhile.
func (w *World) complete(d *device, actor int) error {
	fr := d.firing[actor]
	for p, run := range d.engine.In(actor) {
		if !slices.Equal(d.memory[run.FIFO].run(run), fr.in[p]) {
			return fmt.Errorf("device %s: tokens %d of FIFO %d changed while actor %d read them",
				d.name, run.Seq, run.FIFO, actor)
		}
	}
	a := &w.graph.Actors[actor]
	ev := engine.Event{Kind: engine.FiringDone, Actor: actor}
	if a.Stateful {
		d.state[actor] = nextState(actor, d.state[actor], fr.n, fr.in)
	}
	if a.Kind == graph.Configuration {
		low, high := limits(w.graph, actor)
		ev.Rate = rateOf(actor, fr.n, low, high, d.state[actor], fr.in)
		w.configured = append(w.configured, ev.Rate)
	}
	for p, run := range d.engine.Out(actor) {
		for i := range run.N {
			v := value(actor, p, i, fr.n, d.state[actor], fr.in)
			if a.Out[p].Control {
				v = controlValue(a, ev.Rate, fr.in)
			}
			d.memory[run.FIFO].set(run.Seq+uint64(i), v)
		}
	}
	return w.step(d, ev)
}

// deliver hands a message to its device.
func (w *World) deliver(m message) error {
	d := w.devices[m.to]
	if d.engine == nil {
		return nil
	}
	if m.packet != nil {
		return d.transport.Receive(slices.Index(d.peers, m.from), m.packet)
	}
	ev := m.event
	w.distort(&ev, d, m.from)
	if ev.Kind == engine.Data {
		if w.control(ev.FIFO) {
			ev.Rate = int(m.value)
		}
		if d.engine.Accepts(ev) {
			d.memory[ev.FIFO].set(ev.Seq, m.value)
			if w.Breach.EarlyAcks {
				id := boundary.TokenID{FIFO: ev.FIFO, Seq: ev.Seq + 1, Prev: ev.Seq + 1, From: ev.To, To: ev.From}
				w.send(d, ev.Peer, engine.Event{Kind: engine.Ack, TokenID: id}, 0)
			}
		}
	}
	return w.step(d, ev)
}

// control reports whether a FIFO carries control tokens.
func (w *World) control(fifo int) bool {
	q := w.graph.FIFOs[fifo]
	return w.graph.Actors[q.To].In[q.InPort].Control
}

// distort breaks the protocol as the world's Breach says.
func (w *World) distort(ev *engine.Event, d *device, from int) {
	if w.Breach.NoEpochs && w.devices[from].engine != nil {
		epoch := w.devices[from].engine.Epoch()
		if ev.Kind == engine.HelloFrom {
			h := *ev.Hello
			h.From, h.To = epoch, d.engine.Epoch()
			ev.Hello = &h
		} else {
			ev.From, ev.To = epoch, d.engine.Epoch()
		}
	}
	if !w.Breach.KeepDoubles || ev.Kind != engine.Data || d.engine.Accepts(*ev) {
		return
	}
	for seq := ev.Seq; seq < ev.Seq+16; seq++ { // the number that the receiver would give it
		try := *ev
		try.Seq, try.Prev = seq, seq
		if d.engine.Accepts(try) {
			*ev = try
			return
		}
	}
}
