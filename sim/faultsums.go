package sim

import (
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
)

// added adds up a firing that begins, or, of a plan with faults, keeps it until it is known
// whether it counts.
func (r *run) added(p *pending, f *firing) {
	if r.faulty {
		p.place = r.flights.put(*f)
		r.fires = append(r.fires, p.index)
		return
	}
	r.sums.fired(r, p.device, int(p.index), f)
}

// stepSummed feeds an event that happens in a plan with faults, and adds up what follows.
func (r *run) stepSummed(p *pending) error {
	kind, device, index, fifo := p.kind, p.device, int(p.index), -1
	switch kind {
	case engine.FiringDone:
		if p.gen == r.devices[device].gen && p.epoch == uint32(r.engines[device].Epoch()) {
			r.completed(p)
		}
	case engine.Data:
		fifo = r.tokens.items[p.place].FIFO
	case engine.Ack, engine.Timer:
	default:
		defer r.lookAll(device)
	}
	r.fires = r.fires[:0]
	err := r.do(p)
	if kind == engine.FiringDone {
		for _, f := range r.sums.outs[index] {
			r.look(device, int(f))
		}
	}
	if fifo >= 0 {
		r.look(device, fifo)
	}
	for _, a := range r.fires {
		for _, f := range r.sums.ins[a] {
			r.look(device, int(f))
		}
	}
	return err
}

// completed adds up a firing that has ended and counts, of a plan with faults.
func (r *run) completed(p *pending) {
	f := &r.flights.items[p.place]
	s := r.sums
	key := trace.Unit{Device: r.devices[p.device].name, Name: f.actor.unit}
	u := s.units[key]
	if u == nil {
		u = &summary.Unit{Device: key.Device, Unit: key.Name}
		s.units[key] = u
	}
	u.Firings++
	u.Busy += time.Duration(f.end - f.start)
	s.fired(r, p.device, int(p.index), f)
	r.flights.release(p.place)
}

// look takes note of how many tokens wait in a FIFO whose consumer is on a device, by the plan.
func (r *run) look(device int32, fifo int) {
	if r.where[r.plan.Work[r.graph.FIFOs[fifo].To].Device] != device {
		return
	}
	n, _, _ := r.engines[device].Waiting(fifo)
	r.sums.queues[fifo].look(r.now, r.sums.end, n)
}

func (r *run) lookAll(device int32) {
	for _, f := range r.devices[device].slice.FIFOs {
		if f.Role != slice.TX {
			r.look(device, f.FIFO)
		}
	}
}

// forget takes note that what waits on a device is lost.
func (r *run) forget(device int32) {
	if r.sums == nil {
		return
	}
	for _, f := range r.devices[device].slice.FIFOs {
		if r.where[r.plan.Work[r.graph.FIFOs[f.FIFO].To].Device] == device {
			r.sums.queues[f.FIFO].look(r.now, r.sums.end, 0)
		}
	}
}

// countUnderway counts the tokens that are on their way when a run ends.
func (r *run) countUnderway() {
	r.events.each(func(p *pending) {
		if p.kind == engine.Data {
			r.fifos[r.tokens.items[p.place].FIFO].sums.underway++
		}
	})
}
