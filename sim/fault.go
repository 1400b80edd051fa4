package sim

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
)

// The kinds of events that no engine sees.
const (
	faultBegins engine.EventKind = 200 + iota // fault index begins
	faultEnds                                 // fault index ends
	// faultNoticed: the device has heard nothing of its peer index for long, if the
	// connection is still broken as it was.
	faultNoticed
)

// stallNs is how long nothing but Hellos may go on before a run that was
// interrupted has stalled, in virtual ns.
const stallNs = 60_000_000_000

// fault lets a fault begin or end, or be noticed.
func (r *run) fault(p *pending) error {
	if p.kind == faultNoticed {
		d := &r.devices[p.device]
		e := d.conns[p.index]
		c := &r.conns[e.conn]
		if p.gen == d.gen && p.place == uint32(c.outage) && c.faults > 0 {
			c.ends[e.end].lost = true
			r.tell(engine.Lost, c.ends[e.end])
		}
		return nil
	}
	f := &r.plan.Faults[p.index]
	if p.kind == faultBegins {
		if err := r.down(int(p.index)); err != nil {
			return err
		}
		if f.Link >= 0 {
			r.cut(f.Link, int64(f.Detect))
			return nil
		}
		r.kill(r.where[f.Device], int64(f.Detect))
		return nil
	}
	r.up(int(p.index))
	if f.Link >= 0 {
		if at := r.connOf[f.Link]; at >= 0 {
			r.restoreConn(&r.conns[at], true)
		}
		return nil
	}
	return r.restart(r.where[f.Device])
}

// kill ends a device's process: what it was doing is void, what is on the way to it
// lost; what it has sent arrives, but for what a medium has not carried yet. Only its records outlive it.
func (r *run) kill(i int32, detect int64) {
	if i < 0 {
		return // it has no actors
	}
	d := &r.devices[i]
	d.down++
	if d.down > 1 {
		return
	}
	r.trace.Restarts++
	d.gen++
	r.forget(i)
	for _, at := range d.conns {
		c := &r.conns[at.conn]
		c.ends[at.end].lost = false
		c.ends[at.end].gen++
		c.ends[at.end].arrival = 0
		r.dropLines(c)
		r.failConn(c, detect)
	}
}

// restart starts a device's next process.
func (r *run) restart(i int32) (err error) {
	if i < 0 {
		return nil
	}
	d := &r.devices[i]
	d.down--
	if d.down > 0 {
		return nil
	}
	r.engines[i], err = engine.New(d.slice, engine.Options{
		Epoch: r.engines[i].Epoch() + engine.EpochStep, Resume: true, Saved: func(a int) int64 { return r.saved[a] },
	})
	if err != nil {
		return err
	}
	for p := range d.conns {
		r.push(pending{kind: engine.Reconnected, at: r.now, device: i, index: int32(p), gen: d.gen})
	}
	r.push(pending{kind: engine.Start, at: r.now, device: i, gen: d.gen})
	for _, at := range d.conns {
		c := &r.conns[at.conn]
		r.restoreConn(c, false)
		if c.faults > 0 {
			r.watch(c, c.ends[at.end])
		}
	}
	return nil
}

// outdated reports whether what was to happen won't: its device has died, or the
// connection that it was on has broken.
func (r *run) outdated(p *pending) bool {
	switch p.kind {
	case engine.Data, engine.Ack:
		b := &r.fifos[r.tokens.items[p.place].FIFO]
		at := b.toEnd
		if p.kind == engine.Ack {
			at = 1 - at
		}
		if p.gen == r.conns[b.conn].ends[at].gen {
			return false
		}
		if p.kind == engine.Data {
			b.sums.lost++
		}
		r.tokens.release(p.place)
		return true
	case engine.HelloFrom:
		at := r.devices[p.device].conns[p.index]
		if p.gen == r.conns[at.conn].ends[at.end].gen {
			return false
		}
		r.hellos.release(p.place)
		return true
	case engine.FiringDone:
		d := &r.devices[p.device]
		if p.gen == d.gen && p.epoch == uint32(r.engines[p.device].Epoch()) {
			return false
		}
		r.nullify(p)
		return p.gen != d.gen
	}
	return p.gen != r.devices[p.device].gen
}

// works reports whether an event is more than talk of who is there.
func (p *pending) works() bool {
	switch p.kind {
	case engine.FiringDone, engine.Data, engine.Ack, engine.Start, mediumDue, channelReady:
		return true
	}
	return p.kind == engine.Timer && !p.peer
}

// over reports whether a run has ended: nothing is left to happen, or, where
// something fails, nothing that matters. A run that was interrupted ends with its last
// result, another one when all is done.
func (r *run) over() bool {
	switch {
	case r.events.len() == 0:
		return true
	case r.work > 0 && r.work == r.shots && r.faults == 0 && r.events.peek().at-r.moved > max(stallNs, r.rarely):
		return true // nothing but captures goes on
	case !r.faulty: // nothing is lost, so that no question gets the run on
		return r.work == 0
	case r.left == 0:
		return r.trace.Restarts > 0 || r.work == 0
	}
	return r.work == 0 && r.faults == 0 && r.events.peek().at-r.moved > stallNs
}

// nullify takes note that a firing counts for nothing.
func (r *run) nullify(p *pending) {
	place := p.place
	if r.sums != nil {
		place = r.flights.items[p.place].event
		r.flights.release(p.place)
	}
	if !r.quiet {
		r.void = append(r.void, place)
	}
}

// cleanUp leaves out of the trace the firings that counted for nothing: they were
// cut short, or came to nothing because their device had started over.
func (r *run) cleanUp() {
	r.events.each(func(p *pending) {
		if p.kind == engine.FiringDone {
			r.nullify(p)
		}
	})
	void := make(map[uint32]bool, len(r.void))
	for _, at := range r.void {
		void[at] = true
	}
	kept := r.trace.Events[:0]
	for i := range r.trace.Events {
		if !void[uint32(i)] {
			kept = append(kept, r.trace.Events[i])
		}
	}
	r.trace.Events = kept
}

// addFaults checks the plan's faults, and what actors cost where they run while a
// device is lost.
func (r *run) addFaults(cost func(p *plan.Plan, a int, key string) (Cost, error)) error {
	p := r.plan
	for i, f := range p.Faults {
		device, link := f.Device >= 0 && f.Device < len(p.Platform.Devices), f.Link >= 0 && f.Link < len(p.Platform.Links)
		switch {
		case device == link || f.Detect < 0 || f.Random == nil && (f.At < 0 || f.For <= 0 || f.End() < f.At):
			return fmt.Errorf("%w: fault %d: %+v; give it a device or a link, a time and a duration", ErrPlan, i, f)
		case f.Random != nil:
			if err := errors.Join(f.Random.Crash.Check(), f.Random.Repair.Check()); err != nil {
				return fmt.Errorf("%w: fault %d: %w", ErrPlan, i, err)
			}
		}
	}
	r.faulty = len(p.Faults) > 0
	if !r.faulty {
		return nil // nobody falls back
	}
	alone := p.Alone()
	for a, w := range alone.Work {
		if w.Device == p.Work[a].Device {
			continue
		}
		d := &r.devices[r.where[w.Device]]
		c, err := cost(alone, a, w.CostKey)
		if err != nil {
			return fmt.Errorf("on %s, when %s is lost: %w", d.name, p.DeviceOf(a).Name, err)
		}
		if d.taken == nil {
			d.taken = map[int]*actor{}
		}
		taken := r.actorOn(alone, a, c)
		d.taken[a] = &taken
		r.kinds = append(r.kinds, &taken)
	}
	return nil
}
