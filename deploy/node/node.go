// Package node runs one slice of a plan on this machine: it carries out the
// engine's effects with kernels, threads and token memory, and feeds back what
// happened. It decides nothing that the engine decides, and knows no network.
package node

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Outbox takes what leaves the device. Its methods must not block or call the
// Node; at is the time on package clock's clock.
type Outbox interface {
	// Send sends token seq of a TX FIFO; it stays in its slot until it is acknowledged.
	Send(fifo int, seq uint64, at int64) error
	// Ack tells the peer of an RX FIFO that all tokens before seq are consumed.
	Ack(fifo int, seq uint64, at int64) error
}

// Make makes the kernel of an actor of the plan; its errors name the actor. Sinks
// give record their results.
type Make func(actor int, record func(trace.Result)) (kernel.Kernel, error)

// Node runs one slice. Its methods may be called from any goroutine.
type Node struct {
	recorder

	slice  *graph.Slice
	out    Outbox
	actors []*actor // by index in the plan's graph; nil: on another device
	fifos  []*ring  // by index in the plan's graph; nil: on another device
	units  []chan *actor

	ctx    context.Context // ends when the node fails or closes
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // owns the engine: events are stepped one after the other
	engine  *engine.Engine
	effects []engine.Effect
	epoch   int64
}

// New makes the node of a device (index in the plan's platform): it allocates
// all token memory and makes and warms the kernels, which the node then owns.
// An error names the device and the actor. Close must be called after use.
func New(p *plan.Plan, device int, mk Make, out Outbox) (*Node, error) {
	name := p.Platform.Devices[device].Name
	all := p.Slices()
	at := slices.IndexFunc(all, func(s *graph.Slice) bool { return s.Device == name })
	if at < 0 {
		return nil, fmt.Errorf("device %s: %w", name, ErrNoActors)
	}
	n := &Node{slice: all[at], out: out, actors: make([]*actor, len(p.Graph.Actors)), fifos: make([]*ring, len(p.Graph.FIFOs))}
	n.ctx, n.cancel = context.WithCancelCause(context.Background())
	var err error
	if n.engine, err = engine.New(n.slice); err != nil {
		return nil, fmt.Errorf("device %s: %w", name, err)
	}
	for _, f := range n.slice.FIFOs {
		n.fifos[f.FIFO] = newRing(p.Graph, f.FIFO)
	}
	for range n.slice.Units {
		// An actor has at most one firing, so that this never blocks.
		n.units = append(n.units, make(chan *actor, len(n.slice.Actors)))
	}
	for _, sa := range n.slice.Actors {
		a := newActor(p, sa, n.fifos)
		var k kernel.Kernel
		if k, err = mk(sa.Actor, n.recordResult(sa.Actor)); err == nil {
			a.kernel = kernel.Guard(k, p.Graph, sa.Actor)
			n.actors[sa.Actor] = a
			err = a.warm()
		}
		if err != nil {
			_ = n.closeKernels() // the first error is the one to tell
			n.cancel(ErrClosed)
			return nil, fmt.Errorf("device %s: %w", name, err)
		}
	}
	n.run()
	return n, nil
}

// run starts a worker per lane and a timer per periodic source.
func (n *Node) run() {
	for i, u := range n.slice.Units {
		for range u.Lanes {
			n.wg.Go(func() { n.work(n.units[i]) })
		}
	}
	for _, a := range n.actors {
		if a != nil && a.alarm != nil {
			n.wg.Go(func() { n.wake(a) })
		}
	}
}

// Start begins the run; times are taken relative to epoch, a time on package
// clock's clock that has come.
func (n *Node) Start(epoch int64) error {
	n.mu.Lock()
	n.epoch = epoch
	n.mu.Unlock()
	return n.step(engine.Event{Kind: engine.Start})
}

// Stop lets a source begin no further firing and returns how many it has begun.
func (n *Node) Stop(source int) (firings int64, err error) {
	if source < 0 || source >= len(n.actors) || n.actors[source] == nil {
		return 0, fmt.Errorf("device %s: actor %d: %w", n.slice.Device, source, engine.ErrUnknown)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	err = n.locked(engine.Event{Kind: engine.Stop, Actor: source})
	return n.actors[source].begun, err
}

// Arrived says that a token of an RX FIFO lies in its slot, whole.
func (n *Node) Arrived(fifo int, seq uint64) error {
	return n.step(engine.Event{Kind: engine.Data, FIFO: fifo, Seq: seq})
}

// Acked says that the peer of a TX FIFO has consumed all tokens before seq.
func (n *Node) Acked(fifo int, seq uint64) error {
	return n.step(engine.Event{Kind: engine.Ack, FIFO: fifo, Seq: seq})
}

// Slot returns the slot of a token of a FIFO of this device.
func (n *Node) Slot(fifo int, seq uint64) *Slot {
	r := n.fifos[fifo]
	return &r.slots[seq%uint64(len(r.slots))]
}

// Slice returns the slice that the node runs; it is read-only.
func (n *Node) Slice() *graph.Slice { return n.slice }

// Take returns what was recorded since the last Take, with times since the run's
// start; nothing before Start. It is valid until the next Take.
func (n *Node) Take() wire.Batch {
	n.mu.Lock()
	epoch := n.epoch
	n.mu.Unlock()
	if epoch == 0 {
		return wire.Batch{}
	}
	b := n.take()
	for i := range b.Records {
		b.Records[i].Start -= epoch
		b.Records[i].End -= epoch
	}
	return b
}

// Done is closed when the node has failed or is closed; Err says why.
func (n *Node) Done() <-chan struct{} { return n.ctx.Done() }

// Err returns what the node failed with, ErrClosed after Close, nil before.
func (n *Node) Err() error { return context.Cause(n.ctx) }

// Fail ends the node with an error, unless it has ended already.
func (n *Node) Fail(err error) { n.cancel(fmt.Errorf("device %s: %w", n.slice.Device, err)) }

// Close ends the node, waits for firings in progress and closes the kernels.
func (n *Node) Close() error {
	n.cancel(ErrClosed)
	n.wg.Wait()
	return n.closeKernels()
}

// Waits says, per actor that is not firing, which FIFOs keep it from it.
func (n *Node) Waits() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var waits []string
	for _, sa := range n.slice.Actors {
		a := n.actors[sa.Actor]
		if n.engine.Fired(sa.Actor) < a.begun {
			waits = append(waits, fmt.Sprintf("%s is in firing %d", a.name, a.begun-1))
			continue
		}
		in, out := n.engine.Blocked(sa.Actor)
		for _, f := range in {
			waits = append(waits, fmt.Sprintf("%s waits for tokens of %s", a.name, n.slice.Graph.FIFOName(f)))
		}
		for _, f := range out {
			waits = append(waits, fmt.Sprintf("%s waits for room in %s", a.name, n.slice.Graph.FIFOName(f)))
		}
	}
	return waits
}

func (n *Node) step(ev engine.Event) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.locked(ev)
}

// locked steps the engine and carries out its effects. The mutex is held.
func (n *Node) locked(ev engine.Event) error {
	if err := n.Err(); err != nil {
		return err
	}
	now := clock.Now()
	var err error
	if n.effects, err = n.engine.Step(now-n.epoch, ev, n.effects[:0]); err != nil {
		n.Fail(err)
		return n.Err()
	}
	for i := range n.effects {
		e := &n.effects[i]
		switch e.Kind {
		case engine.Fire:
			a := n.actors[e.Actor]
			a.prepare(e.Firing, n.engine.In(e.Actor), n.engine.Out(e.Actor), n.fifos)
			n.units[a.unit] <- a
		case engine.Send:
			err = n.out.Send(e.FIFO, e.Seq, now)
		case engine.SendAck:
			n.fifos[e.FIFO].consumed.Store(e.Seq)
			err = n.out.Ack(e.FIFO, e.Seq, now)
		case engine.ArmTimer:
			n.actors[e.Actor].alarm <- n.epoch + e.At
		}
		if err != nil {
			n.Fail(err)
			return n.Err()
		}
	}
	return nil
}

func (n *Node) closeKernels() error {
	var first error
	for _, a := range n.actors {
		if a == nil {
			continue
		}
		if err := a.kernel.Close(); err != nil && first == nil {
			first = fmt.Errorf("device %s: actor %s: close: %w", n.slice.Device, a.name, err)
		}
	}
	return first
}
