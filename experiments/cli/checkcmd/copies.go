package checkcmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
)

// copies are instances of a plan that are shown once for all that are alike: copies of one instance
// on copies of the same devices.
type copies struct {
	plan   *plan.Plan
	shown  []string       // instances, in order
	number map[string]int // of instances that a shown one stands for, itself among them
	on     map[string]string
	hidden map[string]bool // actors and FIFOs of the others, devices, links
}

// copiesOf returns those of a plan; nil if it has none.
func copiesOf(p *plan.Plan) *copies {
	if p == nil || !slices.ContainsFunc(p.Work, func(w plan.Work) bool { return w.CopyOf != "" }) {
		return nil
	}
	c := &copies{plan: p, number: map[string]int{}, on: map[string]string{}, hidden: map[string]bool{}}
	c.instances()
	for i := range p.Platform.Devices {
		c.hidden["device "+p.Platform.Devices[i].Name] = p.Platform.Devices[i].CopyOf != ""
	}
	for i := range p.Platform.Links {
		c.hidden["link "+p.Platform.Links[i].Name] = p.Platform.Links[i].CopyOf != ""
	}
	return c
}

// instances finds those that stand for others.
func (c *copies) instances() {
	p := c.plan
	devices := map[string][]string{} // classes, by instance
	var order []string
	of := map[string]string{}
	for a := range p.Work {
		w, class := &p.Work[a], p.DeviceOf(a).Class()
		if _, known := devices[w.Instance]; !known {
			order, of[w.Instance] = append(order, w.Instance), cmp.Or(w.CopyOf, w.Instance)
		}
		if !slices.Contains(devices[w.Instance], class) {
			devices[w.Instance] = append(devices[w.Instance], class)
		}
	}
	first := map[string]string{} // by what is alike
	like := map[string]string{}  // by instance: the one that stands for it
	for _, name := range order {
		on := strings.Join(devices[name], ", ")
		key := of[name] + "\x00" + on
		if _, known := first[key]; !known {
			first[key], c.on[name], c.shown = name, on, append(c.shown, name)
		}
		like[name] = first[key]
		c.number[first[key]]++
	}
	for a := range p.Work {
		c.hidden["actor "+p.Graph.Actors[a].Name] = like[p.Work[a].Instance] != p.Work[a].Instance
	}
	for f, q := range p.Graph.FIFOs {
		c.hidden["FIFO "+p.Graph.FIFOName(f)] = c.hidden["actor "+p.Graph.Actors[q.From].Name]
	}
}

// report returns what is shown of a report.
func (c *copies) report(all *analysis.Report) *analysis.Report {
	r := *all
	r.Schedule = kept(all.Schedule, func(s analysis.Step) bool { return c.hidden["actor "+s.Actor] })
	r.FIFOs = kept(all.FIFOs, func(b analysis.Bound) bool { return c.hidden["FIFO "+b.FIFO] })
	r.Devices = kept(all.Devices, func(m analysis.Memory) bool { return c.hidden["device "+m.Device] })
	r.Links = kept(all.Links, func(t analysis.Traffic) bool { return c.hidden["link "+t.Link] })
	r.Units = kept(all.Units, func(w analysis.Work) bool { return c.hidden["device "+w.Device] })
	r.Flows = kept(all.Flows, func(f analysis.Flow) bool { return c.hidden["actor "+f.First] })
	return &r
}

func kept[T any](all []T, hidden func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), hidden)
}

// lines says which instances stand for others.
func (c *copies) lines() []string {
	var lines []string
	for _, name := range c.shown {
		lines = append(lines, fmt.Sprintf("%s on %s stands for %s", name, c.on[name], plural(c.number[name], "instance")))
	}
	return lines
}
