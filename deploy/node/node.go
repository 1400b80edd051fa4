// Package node runs one slice of a plan on this machine: it carries out the
// engine's effects with kernels, threads and token memory, and feeds back what
// happened. It decides nothing that the engine decides, and knows no network.
package node

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/journal"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Outbox takes what leaves the device. Its methods must not block or call the
// Node. What it loses is sent again, sooner or later. Times are on the node's clock.
type Outbox interface {
	// Send sends a token of a TX FIFO, which lies in its slot: see Node.Hold. It was
	// handed over at time at.
	Send(t boundary.TokenID, at int64)
	// Ack tells the peer of an RX FIFO that all tokens before t are committed, since at.
	Ack(t boundary.TokenID, at int64)
	// Greet sends a Hello to a peer (index in the slice's Peers), before it returns; if
	// behind, when the tokens that were handed over for the peer have left: it then keeps a
	// copy, in place of one that it still has. An error ends the node.
	Greet(peer int, h *boundary.Hello, behind bool) error
}

// Keeper saves what firings leave, as journal.Journal does, and then calls Saved.
type Keeper interface {
	Append(actor int, firing int64, parts ...journal.Part) error
	Forget(actor int, firing int64)
}

// Make makes the kernel of an actor of the plan; its errors name the actor. Sinks
// give record their results.
type Make func(actor int, record func(trace.Result)) (kernel.Kernel, error)

// Options say how a device begins. The zero Options are those of a first start
// whose records go with the process.
type Options struct {
	Epoch  uint64 // of this incarnation; greater than those before
	Resume bool   // there was one before

	Journal Keeper                 // nil: records count as saved at once
	Kept    map[int]*journal.Actor // what earlier incarnations saved, by actor

	Limits map[int]int64 // firings of sources that have been stopped, by actor

	// Behind reports whether what was taken of the records waits to be sent. While it
	// does, and while there are too many that wait to be taken, no firing begins. nil:
	// firings wait for neither.
	Behind func() bool

	// Refused is told of messages of peers that break the protocol, and so were dropped. It is
	// called with the node's mutex held; nil: nobody wants to know.
	Refused func(error)

	Clock clock.Clock // that all times of the node are on; nil: the machine's
}

// Node runs one slice. Its methods may be called from any goroutine.
type Node struct {
	recorder

	slice   *slice.Slice
	out     Outbox
	keeper  Keeper
	refused func(error)
	behind  func() bool  // nil: firings don't wait for records
	waited  atomic.Int64 // ns for which firings waited for records
	actors  []*actor     // by index in the plan's graph; nil: not run here
	fifos   []*ring      // by index in the plan's graph; nil: not here
	units   []chan *actor
	counts  []trace.Counted // by unit of the device; guarded by the mutex
	told    []slice.FIFO    // that Work tells of
	clock   clock.Clock

	ctx    context.Context // ends when the node fails or closes
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu        sync.Mutex // owns the engine: events are stepped one after the other
	engine    *engine.Engine
	effects   []engine.Effect
	saved     []engine.Event // that are to be fed next
	parts     []journal.Part // of the record that is being made
	epoch     int64          // when the run began; 0: not yet
	lost      int64          // number of the captured frame that was dropped last
	timers    peerTimers
	alone     bool
	fallbacks int
}

// New makes the node of a device (index in the plan's platform): it allocates
// all token memory and makes and warms the kernels, which the node then owns.
// An error names the device and the actor. Close must be called after use.
func New(p *plan.Plan, device int, mk Make, out Outbox, o Options) (*Node, error) {
	name := p.Platform.Devices[device].Name
	all := p.Slices()
	at := slices.IndexFunc(all, func(s *slice.Slice) bool { return s.Device == name })
	if at < 0 {
		return nil, fmt.Errorf("device %s: %w", name, ErrNoActors)
	}
	if o.Clock == nil {
		o.Clock = clock.Machine()
	}
	n := &Node{
		slice: all[at], out: out, keeper: o.Journal, behind: o.Behind, refused: o.Refused,
		timers: newPeerTimers(), clock: o.Clock,
		actors: make([]*actor, len(p.Graph.Actors)), fifos: make([]*ring, len(p.Graph.FIFOs)),
		told: toldOf(all[at]),
	}
	n.reserve()
	for i := range n.slice.Actors {
		if limit, ok := o.Limits[n.slice.Actors[i].Actor]; ok {
			n.slice.Actors[i].Limit = limit
		}
	}
	n.ctx, n.cancel = context.WithCancelCause(context.Background())
	var err error
	n.engine, err = engine.New(n.slice, engine.Options{
		Epoch: o.Epoch, Resume: o.Resume, Saved: func(actor int) int64 { return o.Kept[actor].Firings() },
	})
	if err != nil {
		return nil, fmt.Errorf("device %s: %w", name, err)
	}
	for _, f := range n.slice.FIFOs {
		n.fifos[f.FIFO] = newRing(p.Graph, f.FIFO, f.Role)
	}
	actors := n.slice.Actors
	if alone := n.slice.Alone; alone != nil {
		actors = slices.Concat(actors, alone.Actors)
		for _, f := range alone.FIFOs {
			n.fifos[f] = newRing(p.Graph, f, slice.Local)
		}
	}
	for i := range n.slice.Units {
		n.counts = append(n.counts, trace.Counted{Device: name, Unit: p.Platform.Devices[device].Units[i].Name})
		// An actor has at most one firing, so that this never blocks.
		n.units = append(n.units, make(chan *actor, len(actors)))
	}
	for _, sa := range actors {
		if err := n.add(p, device, sa, mk, &o); err != nil {
			_ = n.closeKernels() // the first error is the one to tell
			n.cancel(ErrClosed)
			return nil, fmt.Errorf("device %s: %w", name, err)
		}
	}
	n.run()
	return n, nil
}

// add makes an actor with its kernel and what it has saved.
func (n *Node) add(p *plan.Plan, device int, sa slice.Actor, mk Make, o *Options) error {
	a := newActor(p, device, sa, n.fifos)
	k, err := mk(sa.Actor, n.recordResult(a))
	if err != nil {
		return err
	}
	a.kernel, a.state = kernel.Guard(k, p.Graph, sa.Actor), kernel.State(k)
	if a.live = kernel.IsLive(k); a.live != nil {
		if err := n.engine.Live(sa.Actor, p.Workload.Rule().Length()); err != nil {
			return errors.Join(fmt.Errorf("actor %s: %w", a.name, err), k.Close())
		}
	}
	n.actors[sa.Actor] = a
	if n.engine.Durable(sa.Actor) {
		n.makeRecords(a, o.Kept[sa.Actor])
	}
	return a.warm()
}

// run starts a worker per lane and what waits for times.
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
	if len(n.slice.Peers()) > 0 {
		n.wg.Go(n.runPeerTimers)
	}
}

// Start begins the run; times are taken relative to epoch, a time on the node's clock
// that has come.
func (n *Node) Start(epoch int64) error {
	n.mu.Lock()
	n.epoch = epoch
	n.mu.Unlock()
	if err := n.step(engine.Event{Kind: engine.Start}); err != nil {
		return err
	}
	for _, a := range n.actors {
		if a != nil && a.live != nil {
			a.live.Begin(&captor{n, a})
		}
	}
	return nil
}

// Stop lets a source begin no further firing and returns how many it has begun.
// ErrRecovering says that a device that goes on with a run doesn't know yet.
func (n *Node) Stop(source int) (firings int64, err error) {
	if source < 0 || source >= len(n.actors) || n.actors[source] == nil {
		return 0, fmt.Errorf("device %s: actor %d: %w", n.slice.Device, source, engine.ErrUnknown)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.epoch != 0 && !n.engine.Running() {
		return 0, fmt.Errorf("device %s: %w", n.slice.Device, ErrRecovering)
	}
	err = n.locked(engine.Event{Kind: engine.Stop, Actor: source})
	firings = n.engine.Fired(source)
	if n.actors[source].busy {
		firings++
	}
	return firings, err
}

// Slot returns the slot of a token of a FIFO of this device.
func (n *Node) Slot(fifo int, seq uint64) *Slot {
	r := n.fifos[fifo]
	return &r.slots[seq%uint64(len(r.slots))]
}

// Slice returns the slice that the node runs; it is read-only.
func (n *Node) Slice() *slice.Slice { return n.slice }

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

// Frames returns how many frames all actors of the device have done; skipped ones count.
func (n *Node) Frames() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	frames := int64(math.MaxInt64)
	for i := range n.slice.Actors {
		frames = min(frames, n.engine.Fired(n.slice.Actors[i].Actor))
	}
	return frames
}

// Fallbacks returns how often the device has taken over a lost peer's work, or has
// begun again because a peer went on without it.
func (n *Node) Fallbacks() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.fallbacks
}

// Counted returns what the device's units have counted.
func (n *Node) Counted() []trace.Counted {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.counts)
}

// Waited returns for how many ns firings have waited for records to be sent: the sum over
// all lanes of all units. What the firings did later for that, their times show.
func (n *Node) Waited() int64 { return n.waited.Load() }

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
	if n.epoch != 0 && !n.engine.Running() {
		return []string{"the device finds out from its peers where to go on"}
	}
	var waits []string
	for _, sa := range n.slice.Actors {
		a := n.actors[sa.Actor]
		if a.busy {
			waits = append(waits, fmt.Sprintf("%s is in firing %d", a.name, a.firing.Frame))
			continue
		}
		in, out := n.engine.Blocked(sa.Actor)
		for _, f := range in {
			waits = append(waits, fmt.Sprintf("%s waits for tokens of %s", a.name, n.slice.Graph.FIFOName(f)))
		}
		for _, f := range out {
			waits = append(waits, fmt.Sprintf("%s waits for room in %s", a.name, n.slice.Graph.FIFOName(f)))
		}
		if n.engine.AwaitsFrame(sa.Actor) {
			waits = append(waits, a.name+" waits for a frame to be captured")
		}
	}
	return waits
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
