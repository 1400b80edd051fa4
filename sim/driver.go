// Package sim runs a plan in virtual time: a discrete-event simulation of
// devices and links around the same engine that a deployment runs. It may not
// read a clock, start a goroutine, or decide anything that the engine decides.
package sim

import (
	"context"
	"fmt"
	"slices"

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

// run feeds events to engines in the order of their times until none is left.
func (r *run) run(ctx context.Context) error {
	for i := range r.devices { // the devices get to know each other before the run, at no cost
		for p := range r.devices[i].peers {
			r.events.push(pending{kind: engine.Reconnected, device: int32(i), index: int32(p)})
		}
	}
	for len(r.events.events) > 0 && r.events.events[0].at == 0 {
		if err := r.step(); err != nil {
			return err
		}
	}
	for i := range r.devices {
		r.events.push(pending{kind: engine.Start, device: int32(i)})
	}
	for n := 0; len(r.events.events) > 0; n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if err := r.step(); err != nil {
			return err
		}
	}
	return nil
}

// step feeds the next event to its engine.
func (r *run) step() (err error) {
	p := r.events.pop()
	r.now = p.at
	if p.kind == engine.Data || p.kind == engine.Ack {
		r.arrived(&p)
	}
	r.effects, err = r.devices[p.device].engine.Step(r.now, p.event(), r.effects[:0])
	if err != nil {
		return fmt.Errorf("at %d ns: %w", r.now, err)
	}
	for i := range r.effects {
		r.carryOut(p.device, &r.effects[i])
	}
	return nil
}

// carryOut does what the engine of a device wants done.
func (r *run) carryOut(device int32, f *engine.Effect) {
	switch f.Kind {
	case engine.Fire:
		r.fire(device, f)
	case engine.Send:
		r.send(device, f)
	case engine.SendAck:
		b := &r.fifos[f.FIFO]
		r.events.push(pending{kind: engine.Ack, at: r.now + b.ack, device: b.from, index: int32(f.FIFO), token: f.Seq, from: f.From, to: f.To})
	case engine.SendHello:
		h := *f.Hello
		h.FIFOs = slices.Clone(h.FIFOs)
		to := r.devices[device].peers[f.Peer]
		back := slices.Index(r.devices[to].peers, device)
		r.events.push(pending{kind: engine.HelloFrom, at: r.now, device: to, index: int32(back), hello: &h})
	case engine.ArmTimer:
		if f.Actor < 0 {
			r.events.push(pending{kind: engine.Timer, at: f.At, device: device, index: int32(f.Peer), peer: true})
			return
		}
		r.events.push(pending{kind: engine.Timer, at: f.At, device: device, index: int32(f.Actor)})
	case engine.Save:
		r.events.push(pending{kind: engine.Saved, at: r.now, device: device, index: int32(f.Actor), token: uint64(f.Firing + 1)})
	}
}

func (r *run) fire(device int32, f *engine.Effect) {
	a := &r.actors[f.Actor]
	cost := a.cost
	if a.by != nil && a.by.of(f.Firing) == 0 {
		cost = a.skipped
	}
	kernel := int64(cost.Next(r.rng))
	start := r.now + r.dispatch
	end := start + int64(float64(kernel)*a.slowdown+0.5)
	rate := 0
	if c := r.choosers[f.Actor]; c != nil {
		rate = c.of(f.Firing)
	}
	r.trace.Events = append(r.trace.Events, trace.Event{
		Kind: trace.Firing, Device: r.devices[device].name, Unit: a.unit, Name: r.graph.Actors[f.Actor].Name,
		Actor: f.Actor, FIFO: -1, Frame: f.Firing, Start: start, End: end, Kernel: kernel, Rate: rate,
	})
	r.events.push(pending{kind: engine.FiringDone, at: end, device: device, index: int32(f.Actor), rate: int32(rate)})
}

func (r *run) send(device int32, f *engine.Effect) {
	b := &r.fifos[f.FIFO]
	start := max(r.now, *b.busyUntil)
	end := start + b.occupancy
	*b.busyUntil = end
	r.trace.Events = append(r.trace.Events, trace.Event{
		Kind: trace.Send, Device: r.devices[device].name, Unit: b.link, Name: b.name,
		Actor: -1, FIFO: f.FIFO, Frame: b.frameOf(f.Seq), Start: start, End: end, Bytes: b.bytes,
	})
	rate := 0
	if c := r.choosers[r.setters[f.FIFO]]; c != nil {
		rate = c.of(b.frameOf(f.Seq))
	}
	r.events.push(pending{
		kind: engine.Data, at: end + b.flight, device: b.to, index: int32(f.FIFO),
		token: f.Seq, gap: int32(f.Seq - f.Prev), from: f.From, to: f.To, rate: int32(rate),
	})
}

// arrived records a token's or an acknowledgement's arrival. The frame of an
// acknowledgement is that of the last firing it covers.
func (r *run) arrived(p *pending) {
	b := &r.fifos[p.index]
	e := trace.Event{
		Kind: trace.Recv, Device: r.devices[p.device].name, Unit: b.link, Name: b.name,
		Actor: -1, FIFO: int(p.index), Start: r.now, End: r.now,
	}
	if p.kind == engine.Data {
		e.Frame, e.Bytes = b.frameOf(p.token), b.bytes
	} else {
		e.Kind, e.Frame = trace.Ack, int64(p.token/b.rate)-1
	}
	r.trace.Events = append(r.trace.Events, e)
}

// finished proves that every sink fired for every frame. If one did not, the
// error names the actor of its flow that came least far, and what it waits for.
func (r *run) finished() error {
	for a, w := range r.plan.Work {
		if n := r.fired(a); w.Sink && n != r.plan.Workload.Frames {
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
