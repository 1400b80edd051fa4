package plan

import "github.com/edgeprune/edgeprune/core/slice"

// Slices returns the slice of every device that has an actor, by device index.
func (p *Plan) Slices() []*slice.Slice {
	all := make([]slice.Slice, len(p.Platform.Devices))
	for d := range all {
		dev := &p.Platform.Devices[d]
		all[d] = slice.Slice{Device: dev.Name, Graph: p.Graph}
		for _, u := range dev.Units {
			all[d].Units = append(all[d].Units, slice.Unit{Name: u.Name, Lanes: u.Lanes})
		}
	}
	schedules := p.Schedules()
	for a := range p.Work {
		w, act := &p.Work[a], &p.Graph.Actors[a]
		sa := slice.Actor{Actor: a, Unit: w.Unit, Durable: w.Sink || act.Stateful}
		if len(act.In) == 0 {
			sa.Limit = p.Workload.Frames // else a configuration actor without input would run ahead
		}
		if w.Source {
			sa.Limit = p.Workload.Frames
			sa.Arrivals, sa.Group = schedules.Of(w.Instance), p.Workload.Query()
			if rule := p.Workload.Rule(); p.Workload.Drops() {
				sa.Capture = &rule
			}
		}
		all[w.Device].Actors = append(all[w.Device].Actors, sa)
	}
	for f, q := range p.Graph.FIFOs {
		from, to := &all[p.Work[q.From].Device], &all[p.Work[q.To].Device]
		if from == to {
			from.FIFOs = append(from.FIFOs, slice.FIFO{FIFO: f, Role: slice.Local})
			continue
		}
		from.FIFOs = append(from.FIFOs, slice.FIFO{FIFO: f, Role: slice.TX, Peer: to.Device})
		to.FIFOs = append(to.FIFOs, slice.FIFO{FIFO: f, Role: slice.RX, Peer: from.Device})
	}
	p.setAlone(all)
	var slices []*slice.Slice
	for d := range all {
		if len(all[d].Actors) > 0 {
			slices = append(slices, &all[d])
		}
	}
	return slices
}
