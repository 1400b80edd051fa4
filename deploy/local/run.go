package local

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// run is one run of a plan: an engine per device, and the effects that have not been
// carried out yet.
type run struct {
	*Runner
	slices  []*slice.Slice
	devices []device // as slices
	at      []int    // by device of the platform: its index in devices
	queue   []effect
	effects []engine.Effect // of one step
	now     int64           // ns since the start: time passes in firings, and up to the next timer
	trace   *trace.Trace
}

type device struct {
	engine *engine.Engine
	peers  []peer // as the slice's Peers
}

// peer is another device, and the place among its peers of the one that it is a peer of.
type peer struct{ device, back int }

// effect is what the engine of a device wants done.
type effect struct {
	device int
	engine.Effect
}

// forgetAfter is how many effects that have been carried out stay in the queue at most.
const forgetAfter = 4096

// Run runs the plan's workload from its first frame and returns its trace, without
// results. Every source fires as often as the plan says; a camera doesn't wait: the
// trace's times are those of the kernels, one after the other, but no source fires
// before its period lets it. Time passes at once up to the next capture of a camera that drops
// frames: how many it drops says nothing.
func (r *Runner) Run(ctx context.Context) (*trace.Trace, error) {
	x := &run{
		Runner: r, slices: r.plan.Slices(),
		trace: &trace.Trace{Plan: r.plan.Name, Driver: "local", Seed: r.plan.Seed},
	}
	clear(r.rates)
	r.clearDelayTokens()
	if err := x.connect(); err != nil {
		return nil, err
	}
	if err := x.start(ctx); err != nil {
		return nil, err
	}
	for a, w := range r.plan.Work {
		n := x.devices[x.at[w.Device]].engine.Fired(a)
		if n != r.plan.Workload.Frames {
			return nil, fmt.Errorf("actor %s of instance %q fired %d of %d times",
				r.plan.Graph.Actors[a].Name, w.Instance, n, r.plan.Workload.Frames)
		}
	}
	for d := range x.devices {
		x.trace.Captured = append(x.trace.Captured, x.devices[d].engine.Captured()...)
	}
	return x.trace, trace.Check(x.trace, engine.Laws(x.slices))
}

// clearDelayTokens makes the tokens zero that FIFOs hold at first.
func (r *Runner) clearDelayTokens() {
	for f, q := range r.plan.Graph.FIFOs {
		for _, t := range r.tokens[f][:q.Delay] {
			clear(t.Data)
			if t.Type.Variable() {
				t.Len = 0
			}
		}
	}
}

// connect makes the engines and tells each which device is which of its peers.
func (x *run) connect() error {
	x.at = make([]int, len(x.plan.Platform.Devices))
	index := map[string]int{}
	for i, s := range x.slices {
		e, err := engine.New(s, engine.Options{})
		if err != nil {
			return err
		}
		x.devices = append(x.devices, device{engine: e})
		index[s.Device] = i
		x.at[x.plan.Platform.Device(s.Device)] = i
	}
	for i, s := range x.slices {
		for _, name := range s.Peers() {
			at := index[name]
			back := slices.Index(x.slices[at].Peers(), s.Device)
			x.devices[i].peers = append(x.devices[i].peers, peer{at, back})
		}
	}
	return nil
}

// start has the devices exchange their positions, begins the run and carries out effects
// until there are none.
func (x *run) start(ctx context.Context) error {
	for d := range x.devices {
		for p := range x.devices[d].peers {
			if err := x.step(d, engine.Event{Kind: engine.Reconnected, Peer: p}); err != nil {
				return err
			}
		}
	}
	if err := x.carryOutAll(ctx); err != nil {
		return err
	}
	for d := range x.devices {
		if err := x.step(d, engine.Event{Kind: engine.Start}); err != nil {
			return err
		}
	}
	return x.carryOutAll(ctx)
}

// step feeds an event to a device's engine and queues the effects.
func (x *run) step(d int, ev engine.Event) error {
	var err error
	x.effects, err = x.devices[d].engine.Step(x.now, ev, x.effects[:0])
	for _, ef := range x.effects {
		if ef.Hello != nil { // it is valid until the next step only
			hello := *ef.Hello
			hello.FIFOs = slices.Clone(hello.FIFOs)
			ef.Hello = &hello
		}
		x.queue = append(x.queue, effect{d, ef})
	}
	return err
}

func (x *run) carryOutAll(ctx context.Context) error {
	done := 0
	for ; done < len(x.queue); done++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done == forgetAfter {
			x.queue, done = append(x.queue[:0], x.queue[done:]...), 0
		}
		if err := x.carryOut(x.queue[done]); err != nil {
			return err
		}
	}
	x.queue = x.queue[:0]
	return nil
}

func (x *run) carryOut(ef effect) error {
	switch ef.Kind {
	case engine.Fire:
		return x.fire(ef)
	case engine.Send:
		return x.send(ef)
	case engine.SendAck:
		from := x.plan.Work[x.plan.Graph.FIFOs[ef.FIFO].From].Device
		to := x.at[from]
		frame := x.plan.Graph.Frames(ef.FIFO).OfAck(ef.Seq)
		x.record(to, trace.Event{Kind: trace.Ack, FIFO: ef.FIFO, Frame: frame})
		return x.step(to, engine.Event{Kind: engine.Ack, TokenID: ef.TokenID})
	case engine.SendHello, engine.SendCheck:
		p := x.devices[ef.device].peers[ef.Peer]
		return x.step(p.device, engine.Event{Kind: engine.HelloFrom, Peer: p.back, Hello: ef.Hello})
	case engine.ArmTimer:
		if ef.Actor < 0 { // nothing is lost here that a device would have to ask for
			return nil
		}
		x.now = max(x.now, ef.At)
		return x.step(ef.device, engine.Event{Kind: engine.Timer, Actor: ef.Actor, Peer: ef.Peer})
	case engine.Drop:
		x.frame(trace.Drop, ef)
	case engine.Save: // nothing here outlives the process
		return x.step(ef.device, engine.Event{Kind: engine.Saved, Actor: ef.Actor, Firing: ef.Firing + 1})
	}
	return nil
}

// send has a token arrive: both sides use the same slot.
func (x *run) send(ef effect) error {
	g := x.plan.Graph
	q := g.FIFOs[ef.FIFO]
	to := x.at[x.plan.Work[q.To].Device]
	slots := x.tokens[ef.FIFO]
	e := trace.Event{
		Kind: trace.Send, FIFO: ef.FIFO, Frame: g.Frames(ef.FIFO).OfToken(ef.Seq),
		Bytes: int64(slots[ef.Seq%uint64(len(slots))].Len),
	}
	x.record(ef.device, e)
	e.Kind = trace.Recv
	x.record(to, e)
	rate := 0
	if rates := x.rates[q.From]; g.Actors[q.From].Out[q.OutPort].Control && e.Frame < int64(len(rates)) {
		rate = rates[e.Frame]
	}
	return x.step(to, engine.Event{Kind: engine.Data, TokenID: ef.TokenID, Rate: rate})
}

// record adds what a FIFO's token or acknowledgement did on a device to the trace.
func (x *run) record(d int, e trace.Event) {
	e.Device, e.Name, e.Actor = x.slices[d].Device, x.plan.Graph.FIFOName(e.FIFO), -1
	e.Start, e.End = x.now, x.now
	if l := x.plan.Routes[e.FIFO]; l >= 0 {
		e.Unit = x.plan.Platform.Links[l].Name
	}
	x.trace.Events = append(x.trace.Events, e)
}

// frame records what became of a captured frame.
func (x *run) frame(kind trace.Kind, ef effect) {
	x.trace.Events = append(x.trace.Events, trace.Event{
		Kind: kind, Device: x.slices[ef.device].Device, Name: x.plan.Graph.Actors[ef.Actor].Name, Actor: ef.Actor, FIFO: -1,
		Frame: ef.Firing, Number: int64(ef.N), Start: ef.At, End: x.now,
	})
}

// fire runs a firing. An actor that is left out sets the greatest atr that it may.
func (x *run) fire(ef effect) error {
	e := x.devices[ef.device].engine
	f := &x.firings[ef.Actor]
	f.Frame = ef.Firing // a Live kernel has not begun: it takes its next frame, whatever the number
	if ef.N > 0 {
		x.frame(trace.Capture, ef)
	}
	x.bind(f.In, e.In(ef.Actor))
	x.bind(f.Out, e.Out(ef.Actor))
	rate, configures := x.most[ef.Actor]
	took := time.Duration(0)
	if k := x.kernels[ef.Actor]; k != nil {
		var err error
		if took, err = x.timed(ef.Actor); err != nil {
			return fmt.Errorf("actor %s, frame %d: %w", x.plan.Graph.Actors[ef.Actor].Name, ef.Firing, err)
		}
		if x.Observe != nil {
			x.Observe(ef.Actor, ef.Firing, took)
		}
		if configures {
			rate = k.Rate()
		}
	}
	if configures {
		x.rates[ef.Actor] = append(x.rates[ef.Actor], rate)
	}
	x.trace.Events = append(x.trace.Events, trace.Event{
		Kind: trace.Firing, Device: x.plan.DeviceOf(ef.Actor).Name, Unit: x.plan.UnitOf(ef.Actor).Name,
		Name: x.plan.Graph.Actors[ef.Actor].Name, Actor: ef.Actor, FIFO: -1, Frame: ef.Firing, Rate: rate,
		Start: x.now, End: x.now + int64(took), Kernel: int64(took),
	})
	x.now += int64(took)
	return x.step(ef.device, engine.Event{Kind: engine.FiringDone, Actor: ef.Actor, Rate: rate})
}

// timed fires an actor's kernel and returns how long that took, in the time of its unit.
func (r *Runner) timed(a int) (time.Duration, error) {
	if r.Before != nil {
		r.Before(a)
	}
	if live := kernel.IsLive(r.kernels[a]); live != nil {
		if err := live.Await(); err != nil {
			return 0, err
		}
	}
	now := clock.Now
	if r.plan.UnitOf(a).ProcessorTime() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		now = clock.ThreadCPU
	}
	start := now()
	err := r.kernels[a].Fire(&r.firings[a])
	return time.Duration(now() - start), err
}

func (r *Runner) bind(ports [][]*kernel.Token, runs []engine.Tokens) {
	for p, run := range runs {
		ports[p] = ports[p][:0]
		slots := r.tokens[run.FIFO]
		for n := range run.N {
			ports[p] = append(ports[p], slots[(run.Seq+uint64(n))%uint64(len(slots))])
		}
	}
}
