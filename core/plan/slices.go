package plan

import "github.com/edgeprune/edgeprune/core/graph"

// Slices returns the slice of every device that has an actor, by device index.
func (p *Plan) Slices() []*graph.Slice {
	all := make([]graph.Slice, len(p.Platform.Devices))
	for d := range all {
		dev := &p.Platform.Devices[d]
		all[d] = graph.Slice{Device: dev.Name, Graph: p.Graph}
		for _, u := range dev.Units {
			all[d].Units = append(all[d].Units, graph.Unit{Name: u.Name, Lanes: u.Lanes})
		}
	}
	for a, w := range p.Work {
		act := &p.Graph.Actors[a]
		sa := graph.SliceActor{Actor: a, Unit: w.Unit, Durable: w.Sink || act.Stateful}
		if len(act.In) == 0 {
			sa.Limit = p.Workload.Frames // else a configuration actor without input would run ahead
		}
		if w.Source {
			sa.Limit = p.Workload.Frames
			if p.Workload.Kind == Camera {
				sa.Period = int64(p.Workload.Period)
			}
		}
		all[w.Device].Actors = append(all[w.Device].Actors, sa)
	}
	for f, q := range p.Graph.FIFOs {
		from, to := &all[p.Work[q.From].Device], &all[p.Work[q.To].Device]
		if from == to {
			from.FIFOs = append(from.FIFOs, graph.SliceFIFO{FIFO: f, Role: graph.Local})
			continue
		}
		from.FIFOs = append(from.FIFOs, graph.SliceFIFO{FIFO: f, Role: graph.TX, Peer: to.Device})
		to.FIFOs = append(to.FIFOs, graph.SliceFIFO{FIFO: f, Role: graph.RX, Peer: from.Device})
	}
	p.setAlone(all)
	var slices []*graph.Slice
	for d := range all {
		if len(all[d].Actors) > 0 {
			slices = append(slices, &all[d])
		}
	}
	return slices
}
