package sim

import (
	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/trace"
)

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
		c := &r.conns[b.conn]
		if c.faults == 0 {
			r.push(pending{
				kind: engine.Ack, at: c.answered(r.now), device: b.from, place: r.tokens.put(f.TokenID), gen: c.ends[1-b.toEnd].gen,
			})
		}
	case engine.SendHello, engine.SendCheck:
		at := d.conns[f.Peer]
		c := &r.conns[at.conn]
		if c.faults == 0 {
			r.sendHello(c, &c.ends[1-at.end], f.Hello)
		}
	case engine.ArmTimer:
		p := pending{kind: engine.Timer, at: f.At, device: device, index: int32(f.Actor), gen: d.gen}
		if f.Actor < 0 {
			p.index, p.peer = int32(f.Peer), true
		}
		r.push(p)
	case engine.Drop:
		r.frame(trace.Drop, device, f)
	case engine.Save:
		r.saves = append(r.saves, engine.Event{Kind: engine.Saved, Actor: f.Actor, Firing: f.Firing + 1})
	}
}

// sendHello sends a Hello, which does not overtake tokens.
func (r *run) sendHello(c *conn, to *end, h *boundary.Hello) {
	place := r.hellos.place()
	kept := &r.hellos.items[place]
	positions := kept.FIFOs[:0]
	positions = append(positions, h.FIFOs...)
	*kept = *h
	kept.FIFOs = positions
	if ch := c.behind(to); ch != nil {
		at := r.devices[to.device].conns[to.peer]
		r.lineUp(ch, &toCross{fifo: -1, conn: at.conn, end: at.end, place: place})
		return
	}
	p := pending{kind: engine.HelloFrom, at: r.now, device: to.device, index: to.peer, place: place, gen: to.gen}
	if !r.connecting {
		p.at = max(c.answered(r.now), to.arrival)
	}
	r.push(p)
}

// record adds an event to the trace, for the caller to fill in before the next one.
func (r *run) record() *trace.Event {
	if r.each != nil {
		r.give()
		r.event, r.recorded = trace.Event{}, true
		return &r.event
	}
	n := len(r.trace.Events)
	if n < cap(r.trace.Events) {
		r.trace.Events = r.trace.Events[:n+1] // it was never used, so all is zero
	} else {
		r.trace.Events = append(r.trace.Events, trace.Event{})
	}
	return &r.trace.Events[n]
}

// give hands on the event that was recorded last, where events are not kept.
func (r *run) give() {
	if r.recorded && r.given == nil {
		r.given = r.each(&r.event)
	}
	r.recorded = false
}

// frame records that a captured frame enters or is dropped.
func (r *run) frame(kind trace.Kind, device int32, f *engine.Effect) {
	if r.sums != nil && kind == trace.Drop {
		r.sums.dropped(f.Actor, r.now-f.At)
	}
	if r.quiet {
		return // the engine counts them
	}
	e := r.record()
	e.Kind, e.Device, e.Name = kind, r.devices[device].name, r.graph.Actors[f.Actor].Name
	e.Actor, e.FIFO, e.Frame, e.Number, e.Start, e.End = f.Actor, -1, f.Firing, int64(f.N), f.At, r.now
}

// draw returns how long the kernel of an actor's firing takes, before it is stretched, and the
// atr that a configuration actor sets.
func (r *run) draw(a *actor, f *engine.Effect) (kernel int64, rate int) {
	cost := a.cost
	if a.by != nil && a.by.of(f.Firing) == 0 {
		cost = a.skipped
	}
	if c := r.choosers[f.Actor]; c != nil {
		rate = c.of(f.Firing)
	}
	if c, constant := cost.(Constant); constant {
		return int64(c), rate
	}
	if p, ok := cost.(*phased); ok && a.phases != nil {
		if cost = p.fast; a.phases.isSlow(r.now) {
			cost = p.slow
		}
	}
	r.costs.Reset(draw.Mix(a.seed, uint64(f.Firing)))
	return int64(cost.Next(r.costRand)), rate
}

// stretched returns how long a firing of an actor takes whose kernel takes so long on the
// profiled machine.
func (a *actor) stretched(kernel int64) int64 { return int64(float64(kernel)*a.slowdown + 0.5) }

func (r *run) fire(device int32, f *engine.Effect) {
	if r.quiet && !r.faulty {
		r.fireQuietly(device, f)
		return
	}
	a, d := &r.actors[f.Actor], &r.devices[device]
	if a.device != device { // its own is lost
		a = d.taken[f.Actor]
	}
	if f.N > 0 {
		r.frame(trace.Capture, device, f)
	}
	kernel, rate := r.draw(a, f)
	start := r.now + d.dispatch
	p := pending{
		kind: engine.FiringDone, at: start + a.stretched(kernel), device: device, index: int32(f.Actor), gen: d.gen,
		place: uint32(len(r.trace.Events)), epoch: uint32(r.engines[device].Epoch()), rate: int32(rate),
	}
	if !r.quiet {
		e := r.record()
		e.Start, e.End, e.Rate = start, p.at, rate
		e.Kind, e.Device, e.Unit, e.Name = trace.Firing, d.name, a.unit, r.graph.Actors[f.Actor].Name
		e.Actor, e.FIFO, e.Frame, e.Kernel = f.Actor, -1, f.Firing, kernel
	}
	if r.sums != nil {
		r.added(&p, &firing{
			begun: r.now, start: start, end: p.at, frame: f.Firing, captured: f.At, number: int64(f.N), rate: rate,
			event: p.place, actor: a,
		})
	}
	r.push(p)
}

func (r *run) send(device int32, f *engine.Effect) {
	b := &r.fifos[f.FIFO]
	c := &r.conns[b.conn]
	if c.faults > 0 {
		return
	}
	ch := b.channel
	var happens impairment.Effect
	if b.tokens != nil {
		happens = b.tokens.Of(f.Seq)
	}
	rate := 0
	if at := r.setters[f.FIFO]; at >= 0 {
		rate = r.choosers[at].of(b.frames.OfToken(f.Seq))
	}
	if ch.shared != nil {
		r.lineUp(ch, &toCross{
			fifo: int32(f.FIFO), conn: b.conn, end: b.toEnd, rate: int32(rate), place: r.tokens.put(f.TokenID), made: r.now,
			lost: happens.LostBytes, held: happens.HeldNs, late: happens.LateNs,
		})
		return
	}
	b.crossed += b.bytes + happens.LostBytes
	start, arrives := ch.take(r.now, &b.times, happens)
	r.sent(b, &f.TokenID, r.now, start, ch.left)
	r.deliver(b, &c.ends[b.toEnd], r.tokens.put(f.TokenID), int32(rate), arrives)
}

// sent takes note of when a token was made, and when it began to occupy its sender and left it.
func (r *run) sent(b *carried, t *boundary.TokenID, made, start, left int64) {
	b.sums.sent(t.Seq, made, start, left)
	if r.sums != nil {
		if start > made {
			b.sums.line.wait(made, start)
		}
		if b.sums.flow >= 0 {
			r.sums.sentOf(r, b, b.from, t.Seq, start, left)
		}
	}
	if !r.quiet {
		e := r.record()
		e.Start, e.End, e.Nominal = start, left, b.nominal
		e.Kind, e.Device, e.Unit, e.Name = trace.Send, r.devices[b.from].name, b.link, b.name
		e.Actor, e.FIFO, e.Frame, e.Bytes = -1, t.FIFO, b.frames.OfToken(t.Seq), b.bytes
	}
}

// deliver lets a token arrive at a time, unless one before it is later.
func (r *run) deliver(b *carried, to *end, place uint32, rate int32, arrives int64) {
	to.arrival = max(to.arrival, arrives)
	r.push(pending{kind: engine.Data, at: to.arrival, device: b.to, place: place, rate: rate, gen: to.gen})
}

// arrived records the arrival of a token or an acknowledgement.
func (r *run) arrived(p *pending, t *boundary.TokenID) {
	b := &r.fifos[t.FIFO]
	if p.kind == engine.Data && r.sums != nil {
		b.sums.came(r.now, r.sums.end)
	}
	if r.quiet {
		return
	}
	e := r.record()
	e.Device, e.Unit, e.Name = r.devices[p.device].name, b.link, b.name
	e.Actor, e.FIFO, e.Start, e.End = -1, t.FIFO, r.now, r.now
	if p.kind == engine.Data {
		e.Kind, e.Frame, e.Bytes = trace.Recv, b.frames.OfToken(t.Seq), b.bytes
	} else {
		e.Kind, e.Frame = trace.Ack, b.frames.OfAck(t.Seq)
	}
}
