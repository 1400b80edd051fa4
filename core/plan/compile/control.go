package compile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
)

// controls gives the members of the instance's dynamic parts their control tokens.
// On a device other than that of the configuration actor a relay hands them to
// several members. first is the index of the instance's first actor.
func (b *builder) controls(first int) {
	config := map[int]int{}                                 // member -> configuration actor
	members, places := map[int][]int{}, map[int]graph.Pos{} // by configuration actor
	var order []int
	configure := func(c, member int, pos graph.Pos) {
		if _, ok := places[c]; !ok {
			order = append(order, c)
			places[c] = pos
		}
		members[c] = append(members[c], member)
		config[member] = c
	}
	names := b.file.Names()
	for i := range b.file.Application.Actors {
		for _, name := range b.file.Application.Actors[i].Configures {
			for _, member := range b.parts[names.Find(name)] {
				configure(b.parts[i][0], member, b.file.Pos(fmt.Sprintf("$.application.actors[%d].configures", i)))
			}
		}
	}
	if len(b.inserted) > 0 {
		b.configureBetween(first, config, configure)
	}
	for _, c := range order {
		b.distribute(c, members[c], places[c])
	}
}

// configureBetween lets what was put on variable FIFOs learn its atr from where the
// other members of its part do. first is the index of the instance's first actor.
func (b *builder) configureBetween(first int, config map[int]int, configure func(c, member int, pos graph.Pos)) {
	g := b.plan.Graph
	own := &graph.Graph{Actors: g.Actors[first:]} // a part lies within the instance
	for f := len(g.FIFOs) - 1; f >= 0 && g.FIFOs[f].From >= first; f-- {
		q := g.FIFOs[f]
		q.From, q.To = q.From-first, q.To-first
		own.FIFOs = append(own.FIFOs, q)
	}
	for _, d := range graph.DPGs(own) {
		c := -1
		if d.Config >= 0 { // by control FIFOs that were written out
			c = d.Config + first
		}
		members := d.Members()
		for _, m := range members {
			if known, ok := config[m+first]; ok {
				c = known
				break
			}
		}
		for _, m := range members {
			if c >= 0 && b.inserted[m+first] {
				configure(c, m+first, g.Actors[m+first].Pos)
			}
		}
	}
}

// distribute joins a configuration actor to its members.
func (b *builder) distribute(config int, members []int, pos graph.Pos) {
	g := b.plan.Graph
	home := b.placeOf(config).device
	byDevice := map[int][]int{}
	for _, m := range members {
		d := b.placeOf(m).device
		byDevice[d] = append(byDevice[d], m)
	}
	relayed := func(d int) bool { return d != home && len(byDevice[d]) > 1 }
	outs := 0
	for d, members := range byDevice {
		if outs++; !relayed(d) {
			outs += len(members) - 1
		}
	}
	next := g.AddControlOutputs(config, outs)
	for _, d := range slices.Sorted(maps.Keys(byDevice)) {
		from, out := config, &next
		if relayed(d) {
			at := b.placeOf(byDevice[d][0])
			name := fmt.Sprintf("relay(%s@%s)", b.names[config], b.plan.Platform.Devices[d].Name)
			relay := graph.Actor{Name: name, Kind: graph.StaticProcessing, Kernel: plan.KernelRelay, Pos: pos}
			from = b.add(relay, plan.Work{}, at)
			g.JoinControl(config, next, from, b.capacity(config, from), pos)
			next++
			first := g.AddControlOutputs(from, len(byDevice[d]))
			out = &first
		}
		for _, m := range byDevice[d] {
			g.JoinControl(from, *out, m, b.capacity(from, m), pos)
			*out++
		}
	}
}
