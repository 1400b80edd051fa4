package node

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// warmups is how often a model runs before time counts: the first run lays out
// its memory.
const warmups = 2

// recordsEvery is how often is looked whether firings may go on.
const recordsEvery = time.Millisecond

// actor is an actor on this device with all that its firings need.
type actor struct {
	index    int
	name     string
	onnx     bool
	unit     int
	slowdown float64
	byThread bool // its firings are timed by their thread's processor time
	kernel   *kernel.Guarded
	state    kernel.Stateful // nil: it keeps none
	live     kernel.Live     // nil: its frames don't come by themselves
	records  *records        // nil: its firings leave no records
	results  []result        // that are not saved yet; guarded by recorder's mutex
	sets     bool            // it is a configuration actor
	firing   kernel.Firing
	ins      []int // FIFO of every input port
	outs     []int
	rings    []*ring
	busy     bool       // a firing is in progress; guarded by the node's mutex
	alarm    chan int64 // times at which a periodic source's timer passes
}

func newActor(p *plan.Plan, device int, sa slice.Actor, fifos []*ring) *actor {
	ga, unit := &p.Graph.Actors[sa.Actor], &p.Platform.Devices[device].Units[sa.Unit]
	a := &actor{
		index: sa.Actor, name: ga.Name, onnx: p.Work[sa.Actor].Model != "", unit: sa.Unit,
		slowdown: unit.Slowdown, byThread: unit.ProcessorTime(), rings: fifos,
		firing: kernel.Firing{In: make([][]*kernel.Token, len(ga.In)), Out: make([][]*kernel.Token, len(ga.Out))},
		ins:    make([]int, len(ga.In)), outs: make([]int, len(ga.Out)), sets: ga.Kind == graph.Configuration,
	}
	if sa.Arrivals.Scheduled() {
		a.alarm = make(chan int64, 1)
	}
	for f, q := range p.Graph.FIFOs {
		if q.From == sa.Actor {
			a.outs[q.OutPort] = f
		}
		if q.To == sa.Actor {
			a.ins[q.InPort] = f
		}
	}
	return a
}

// prepare points the firing at its tokens.
func (a *actor) prepare(firing int64, in, out []engine.Tokens, fifos []*ring) {
	a.busy = true
	a.firing.Frame = firing
	for p, t := range in {
		a.firing.In[p] = fifos[t.FIFO].at(t.Seq, t.N)
	}
	for p, t := range out {
		r := fifos[t.FIFO]
		r.give(t.Seq + uint64(t.N))
		a.firing.Out[p] = r.at(t.Seq, t.N)
	}
}

func (r *ring) at(seq uint64, n int) []*kernel.Token {
	s := seq % uint64(len(r.slots))
	return r.tokens[s : s+uint64(n)]
}

// warm runs a model on zero tokens, or, if it doesn't take those, on ones, and leaves its
// FIFOs zero again. Of tensors that
// travel with their shape it makes up the greatest: whether the model can do with
// several such shapes at a time, and how large its outputs are for other values, only
// the run will show. What else fails here would fail there.
func (a *actor) warm() error {
	if !a.onnx {
		return nil
	}
	shaped := false // an input's shape is made up
	for p, f := range a.ins {
		a.firing.In[p] = a.rings[f].tokens[:1]
		if t := a.firing.In[p][0]; t.Type.Of != nil {
			shaped = true
			if _, err := t.SetShape(t.Type.Of.Most); err != nil {
				return fmt.Errorf("actor %s: warm-up: %w", a.name, err)
			}
		}
	}
	for p, f := range a.outs {
		a.firing.Out[p] = a.rings[f].tokens[:1]
	}
	for range warmups {
		err := a.kernel.Fire(&a.firing)
		if err != nil && !errors.Is(err, kernel.ErrPanic) && a.fillOnes() {
			if a.kernel.Fire(&a.firing) == nil {
				continue
			}
		}
		if err != nil && !errors.Is(err, kernel.ErrBound) && (!shaped || errors.Is(err, kernel.ErrPanic)) {
			return fmt.Errorf("actor %s: warm-up: %w", a.name, err)
		}
	}
	for _, f := range slices.Concat(a.outs, a.ins) {
		a.rings[f].clear()
	}
	return nil
}

// fillOnes makes every element of the tensors that it is to take 1, and reports whether it
// could: not of bytes, and of types without a one.
func (a *actor) fillOnes() bool {
	for _, tokens := range a.firing.In {
		one := ones[tokens[0].Type.Elem]
		if one == nil {
			return false
		}
		for data := tokens[0].Data; len(data) > 0; data = data[len(one):] {
			copy(data, one)
		}
	}
	return true
}

// ones are 1 in each type of element, little-endian.
var ones = map[string][]byte{
	"float32": {0, 0, 0x80, 0x3f}, "float16": {0, 0x3c}, "uint8": {1}, "int8": {1}, "int32": {1, 0, 0, 0},
	"int64": {1, 0, 0, 0, 0, 0, 0, 0},
}

// timed fires and returns how long the kernel took, in ns of the machine's clock.
func (a *actor) timed() (int64, error) {
	now := clock.Now
	if a.byThread {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		now = clock.ThreadCPU
	}
	start := now()
	err := a.kernel.Fire(&a.firing)
	return now() - start, err
}

// work runs the firings of one lane of a unit until the node ends.
func (n *Node) work(ready <-chan *actor) {
	waiter := n.clock.Waiter()
	for {
		var a *actor
		select {
		case a = <-ready:
		default:
			select {
			case a = <-ready:
			case <-n.ctx.Done():
				return
			}
		}
		n.waitForRecords()
		start := n.clock.Now()
		busy, err := a.timed()
		if err != nil {
			n.Fail(fmt.Errorf("actor %s: firing %d: %w", a.name, a.firing.Frame, err))
			return
		}
		end := n.clock.Now()
		if a.slowdown > 1 {
			if waiter.Until(n.ctx, start+int64(a.slowdown*float64(busy))) != nil {
				return
			}
			end = n.clock.Now()
		}
		n.fired(a, start, end, busy)
	}
}

// waitForRecords waits while more has been recorded than can be sent, and counts how long.
func (n *Node) waitForRecords() {
	if !n.heldUp() {
		return
	}
	from := clock.Now()
	for n.heldUp() && n.ctx.Err() == nil {
		time.Sleep(recordsEvery)
		now := clock.Now()
		n.waited.Add(now - from) // also told while it goes on
		from = now
	}
}

// heldUp reports whether firings should wait for records.
func (n *Node) heldUp() bool { return n.behind != nil && (n.crowded.Load() || n.behind()) }

// fired steps the engine, then records, so that whoever has seen the record
// knows that what the firing sends has been handed over.
func (n *Node) fired(a *actor, start, end, busy int64) {
	frame, rate := a.firing.Frame, 0
	if a.sets {
		rate = a.kernel.Rate()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	a.busy = false
	if n.locked(engine.Event{Kind: engine.FiringDone, Actor: a.index, Rate: rate}) != nil {
		return
	}
	n.counts[a.unit].Firings++
	n.counts[a.unit].BusyNs += end - start
	n.Record(wire.Record{
		Kind: wire.Firing, Index: int32(a.index), Frame: frame,
		Start: start, End: end, Value: busy, Rate: int32(rate),
	})
}

// arm sets the timer of a scheduled source, in place of one that the engine has
// given up.
func (a *actor) arm(at int64) {
	for {
		select {
		case a.alarm <- at:
			return
		default:
		}
		select {
		case <-a.alarm:
		default:
		}
	}
}

// wake is the timer of a scheduled source.
func (n *Node) wake(a *actor) {
	waiter := n.clock.Waiter()
	for {
		select {
		case at := <-a.alarm:
			if waiter.Until(n.ctx, at) != nil || n.step(engine.Event{Kind: engine.Timer, Actor: a.index}) != nil {
				return
			}
		case <-n.ctx.Done():
			return
		}
	}
}
