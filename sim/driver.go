// Package sim runs a plan in virtual time: a discrete-event simulation of
// devices and links around the same engine that a deployment runs. It may not
// read a clock, start a goroutine, or decide anything that the engine decides.
package sim

import (
	"context"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Driver simulates plans with what was measured on one machine. It holds no
// state of a run.
type Driver struct {
	Profile *profile.Profile
	Cost    CostModel // of a firing; nil is the median
	Link    LinkModel // nil is "queue"
}

// Run simulates a plan to its end and returns the trace, which is the same for
// the same plan, profile and models. All Frames of the workload are run. It is
// an error if something the plan needs was not measured, if a sink did not fire
// for every frame, if the trace breaks a conservation law, or if ctx ends.
func (d *Driver) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	r, err := d.newRun(p)
	if err != nil {
		return nil, fmt.Errorf("simulate plan %s: %w", p.Name, err)
	}
	err = r.run(ctx)
	if err == nil {
		err = r.finished()
	}
	if err == nil {
		err = trace.Check(r.trace, r.laws)
	}
	if err != nil {
		return nil, fmt.Errorf("simulate plan %s: %w", p.Name, err)
	}
	return r.trace, nil
}

// run feeds events to engines in the order of their times until the run is over.
func (r *run) run(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return err
	}
	for n := 0; !r.over(); n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if err := r.step(); err != nil {
			return err
		}
	}
	if r.trace.Restarts > 0 {
		r.cleanUp()
	}
	return nil
}

// begin lets the devices get to know each other, before the run and at no cost, and
// sets when they start and what will go wrong.
func (r *run) begin() error {
	for i := range r.devices {
		for p := range r.devices[i].ways {
			r.push(pending{kind: engine.Reconnected, device: int32(i), index: int32(p)})
		}
	}
	for r.meeting = true; len(r.events.events) > 0 && r.events.events[0].at == 0; {
		if err := r.step(); err != nil {
			return err
		}
	}
	r.meeting = false
	r.schedule()
	for i := range r.devices {
		r.push(pending{kind: engine.Start, device: int32(i)})
	}
	for a := range r.plan.Work {
		if r.plan.Work[a].Sink {
			r.left++
		}
	}
	return nil
}

func (r *run) push(p pending) {
	if r.faulty && p.works() {
		r.work++
	}
	r.events.push(p)
}

// step feeds the next event to its engine, and then what was saved: that takes no time.
func (r *run) step() error {
	p := r.events.pop()
	r.now = p.at
	if r.faulty {
		if p.works() {
			r.work--
			r.moved = r.now
		}
		if p.kind >= strike {
			return r.misfortune(&p)
		}
		if r.outdated(&p) {
			return nil
		}
	}
	ev := p.event()
	switch p.kind {
	case engine.Data, engine.Ack:
		r.arrived(&p)
	case engine.HelloFrom:
		ev.Hello = &r.hellos[p.token]
		r.free = append(r.free, p.token) // none is sent before this one is read
	}
	err := r.feed(p.device, ev)
	for i := 0; i < len(r.saves) && err == nil; i++ {
		s := r.saves[i]
		if r.saved[s.Actor] = max(r.saved[s.Actor], s.Firing); s.Firing == r.plan.Workload.Frames && r.plan.Work[s.Actor].Sink {
			r.left--
		}
		err = r.feed(p.device, s)
	}
	r.saves = r.saves[:0]
	return err
}

func (r *run) feed(device int32, ev engine.Event) (err error) {
	d := &r.devices[device]
	if r.effects, err = d.engine.Step(r.now, ev, r.effects[:0]); err != nil {
		return fmt.Errorf("at %d ns: %w", r.now, err)
	}
	for i := range r.effects {
		r.carryOut(device, &r.effects[i])
	}
	return nil
}

// carryOut does what the engine of a device wants done. Putting back a state or
// tokens takes no time.
func (r *run) carryOut(device int32, f *engine.Effect) {
	d := &r.devices[device]
	switch f.Kind {
	case engine.Fire:
		r.fire(device, f)
	case engine.Send:
		r.send(device, f)
	case engine.SendAck:
		b := &r.fifos[f.FIFO]
		if w := &r.ways[b.way]; w.broken == 0 {
			r.push(pending{kind: engine.Ack, at: r.now + b.ack, device: b.from, index: int32(f.FIFO), token: f.Seq, from: f.From, to: f.To, gen: w.ends[1-b.toEnd].gen})
		}
	case engine.SendHello:
		at := d.ways[f.Peer]
		if w := &r.ways[at.way]; w.broken == 0 {
			r.greet(w, w.ends[1-at.end], f.Hello)
		}
	case engine.ArmTimer:
		p := pending{kind: engine.Timer, at: f.At, device: device, index: int32(f.Actor), gen: d.gen}
		if f.Actor < 0 {
			p.index, p.peer = int32(f.Peer), true
		}
		r.push(p)
	case engine.Save:
		r.saves = append(r.saves, engine.Event{Kind: engine.Saved, Actor: f.Actor, Firing: f.Firing + 1})
	}
}

// greet sends a Hello.
func (r *run) greet(w *way, to end, h *boundary.Hello) {
	if len(r.free) == 0 {
		r.free = append(r.free, uint64(len(r.hellos)))
		r.hellos = append(r.hellos, boundary.Hello{})
	}
	place := r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	kept := &r.hellos[place]
	positions := append(kept.FIFOs[:0], h.FIFOs...)
	*kept = *h
	kept.FIFOs = positions
	p := pending{kind: engine.HelloFrom, at: r.now, device: to.device, index: to.peer, token: place, gen: to.gen}
	if !r.meeting {
		p.at += w.hello
	}
	r.push(p)
}

// record adds an event to the trace, for the caller to fill in.
func (r *run) record() *trace.Event {
	n := len(r.trace.Events)
	if n < cap(r.trace.Events) {
		r.trace.Events = r.trace.Events[:n+1] // it was never used, so all is zero
	} else {
		r.trace.Events = append(r.trace.Events, trace.Event{})
	}
	return &r.trace.Events[n]
}

func (r *run) fire(device int32, f *engine.Effect) {
	a, d := &r.actors[f.Actor], &r.devices[device]
	if a.device != device { // its own is lost
		a = d.taken[f.Actor]
	}
	kernel := int64(a.cost.Next(r.rng))
	p := pending{kind: engine.FiringDone, device: device, index: int32(f.Actor), gen: d.gen, token: uint64(len(r.trace.Events)), from: d.engine.Epoch()}
	e := r.record()
	e.Start = r.now + r.dispatch
	e.End = e.Start + int64(float64(kernel)*a.slowdown+0.5)
	if c := r.choosers[f.Actor]; c != nil {
		e.Rate = c.of(f.Firing)
	}
	e.Kind, e.Device, e.Unit, e.Name = trace.Firing, d.name, a.unit, r.graph.Actors[f.Actor].Name
	e.Actor, e.FIFO, e.Frame, e.Kernel = f.Actor, -1, f.Firing, kernel
	p.at, p.rate = e.End, int32(e.Rate)
	r.push(p)
}

func (r *run) send(device int32, f *engine.Effect) {
	b := &r.fifos[f.FIFO]
	w := &r.ways[b.way]
	if w.broken > 0 {
		return
	}
	e := r.record()
	e.Start = max(r.now, *b.busyUntil)
	e.End = e.Start + b.occupancy
	*b.busyUntil = e.End
	e.Kind, e.Device, e.Unit, e.Name = trace.Send, r.devices[device].name, b.link, b.name
	e.Actor, e.FIFO, e.Frame, e.Bytes = -1, f.FIFO, b.frameOf(f.Seq), b.bytes
	rate := 0
	if at := r.setters[f.FIFO]; at >= 0 {
		rate = r.choosers[at].of(e.Frame)
	}
	r.push(pending{
		kind: engine.Data, at: e.End + b.flight, device: b.to, index: int32(f.FIFO),
		token: f.Seq, gap: int32(f.Seq - f.Prev), from: f.From, to: f.To, rate: int32(rate), gen: w.ends[b.toEnd].gen,
	})
}

// arrived records a token's or an acknowledgement's arrival. The frame of an
// acknowledgement is that of the last firing it covers.
func (r *run) arrived(p *pending) {
	b := &r.fifos[p.index]
	e := r.record()
	e.Device, e.Unit, e.Name = r.devices[p.device].name, b.link, b.name
	e.Actor, e.FIFO, e.Start, e.End = -1, int(p.index), r.now, r.now
	if p.kind == engine.Data {
		e.Kind, e.Frame, e.Bytes = trace.Recv, b.frameOf(p.token), b.bytes
	} else {
		e.Kind, e.Frame = trace.Ack, int64(p.token/b.rate)-1
	}
}

// finished proves that every sink fired for every frame. If one did not, the
// error names the actor of its flow that came least far, and what it waits for.
func (r *run) finished() error {
	for a, w := range r.plan.Work {
		if n := r.saved[a]; w.Sink && n != r.plan.Workload.Frames {
			return fmt.Errorf("%w: sink %s fired %d of %d times; %s",
				ErrStalled, r.graph.Actors[a].Name, n, r.plan.Workload.Frames, r.stalled(a))
		}
	}
	return nil
}

func (r *run) fired(a int) int64 { return r.engineOf(a).Fired(a) }

// stalled describes the actor that holds up a sink: of its flow, the one with
// the fewest firings, and of several the first.
func (r *run) stalled(sink int) string {
	worst := sink
	for _, flow := range r.laws.Flows {
		if !slices.Contains(flow, sink) {
			continue
		}
		for _, a := range flow {
			if r.fired(a) < r.fired(worst) || r.fired(a) == r.fired(worst) && a < worst {
				worst = a
			}
		}
	}
	what := fmt.Sprintf("actor %s stalled before frame %d", r.graph.Actors[worst].Name, r.fired(worst))
	inputs, outputs := r.engineOf(worst).Blocked(worst)
	for _, f := range inputs {
		what += ", waits for tokens in FIFO " + r.graph.FIFOName(f)
	}
	for _, f := range outputs {
		what += ", waits for room in FIFO " + r.graph.FIFOName(f)
	}
	return what
}
