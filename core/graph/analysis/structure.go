package analysis

import (
	"github.com/edgeprune/edgeprune/core/graph"
)

func names(g *graph.Graph, actors []int) []string {
	list := make([]string, len(actors))
	for i, a := range actors {
		list[i] = g.Actors[a].Name
	}
	return list
}

// structure fills in the schedule and the dynamic parts.
func (r *Report) structure(g *graph.Graph, parts []graph.DPG, order []int) {
	of := make([]int, len(g.Actors)) // the part that may skip an actor
	for a := range of {
		of[a] = -1
	}
	for i := range parts {
		d := &parts[i]
		p := Part{Entries: names(g, d.Entries), Inner: names(g, d.Inner), Exits: names(g, d.Exits), LRL: d.LRL, URL: d.URL}
		if d.Config >= 0 {
			p.Config = g.Actors[d.Config].Name
		}
		r.Parts = append(r.Parts, p)
		for _, a := range d.Inner {
			if d.LRL == 0 {
				of[a] = i
			}
		}
	}
	for _, a := range order {
		r.Schedule = append(r.Schedule, Step{g.Actors[a].Name, of[a]})
	}
}

// memory fills in the bounds of FIFOs and devices.
func (r *Report) memory(g *graph.Graph, m *Mapping) {
	devices := []string{""}
	if m != nil {
		devices = m.Devices
	}
	r.Devices = make([]Memory, len(devices))
	for i, d := range devices {
		r.Devices[i].Device = d
	}
	for f, q := range g.FIFOs {
		b := Bound{FIFO: g.FIFOName(f), Delay: q.Delay, Capacity: q.Capacity, Bytes: g.FIFOBytes(f)}
		b.LRL, b.URL = g.Rate(f)
		if of := g.Type(f).Of; of != nil && of.Varies() {
			b.Variable = of.String()
		}
		from, to := 0, 0
		if m != nil {
			from, to = m.Units[m.UnitOf[q.From]].Device, m.Units[m.UnitOf[q.To]].Device
			if l := m.Cross[f].Link; l >= 0 {
				b.Link = m.Links[l]
			}
		}
		r.FIFOs = append(r.FIFOs, b)
		r.Devices[from].FIFOBytes += b.Bytes
		if to != from {
			r.Devices[to].FIFOBytes += b.Bytes
		}
	}
}

// traffic fills in the payload per link.
func (r *Report) traffic(g *graph.Graph, m *Mapping, best, worst *scenario) {
	for _, l := range m.Links {
		r.Links = append(r.Links, Traffic{Link: l})
	}
	for f, c := range m.Cross {
		if c.Link < 0 {
			continue
		}
		t, l := g.Type(f), &r.Links[c.Link]
		l.Worst += int64(worst.tokens[f]) * t.Bytes()
		if !t.Variable() {
			l.Best += int64(best.tokens[f]) * t.Bytes()
		}
	}
}

// work fills in what every unit does.
func (r *Report) work(g *graph.Graph, m *Mapping, best, worst *scenario) {
	for _, u := range m.Units {
		r.Units = append(r.Units, Work{Device: m.Devices[u.Device], Unit: u.Name, Lanes: u.Lanes, Timed: true})
	}
	for a := range g.Actors {
		w := &r.Units[m.UnitOf[a]]
		w.Actors++
		w.WorstFirings++
		if !best.skip[a] {
			w.BestFirings++
		}
		w.Timed = w.Timed && m.Cost != nil && m.Cost[a].Known
		w.Best += best.cost[a]
		w.Worst += worst.cost[a]
	}
	for i := range r.Units {
		if w := &r.Units[i]; !w.Timed {
			w.Best, w.Worst = 0, 0
		}
	}
}
