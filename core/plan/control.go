package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// controls gives the members of the instance's dynamic parts, which actors were
// added from first on, their control tokens. On a device other than that of the
// configuration actor a relay hands them to several members.
func (b *builder) controls(first int) {
	g := b.plan.Graph
	config := map[int]int{}                                 // member -> configuration actor
	members, places := map[int][]int{}, map[int]graph.Pos{} // by configuration actor
	var order []int
	configure := func(c, member int, pos graph.Pos) {
		if _, ok := places[c]; !ok {
			order = append(order, c)
			places[c] = pos
		}
		members[c] = append(members[c], member)
		if _, ok := config[member]; !ok {
			config[member] = c
		}
	}
	for i := range b.file.Application.Actors {
		for _, name := range b.file.Application.Actors[i].Configures {
			k := slices.Index(b.file.actorNames(), name)
			for _, member := range b.parts[k] {
				configure(b.parts[i][0], member, b.file.pos("$.application.actors[%d].configures", i))
			}
		}
	}
	for _, d := range graph.DPGs(g) { // those whose control FIFOs were written out
		for _, m := range d.Members() {
			if _, ok := config[m]; !ok && d.Config >= first {
				config[m] = d.Config
			}
		}
	}
	for _, between := range b.between {
		if c, ok := config[between[1]]; ok {
			configure(c, between[0], g.Actors[between[0]].Pos)
		}
	}
	for _, c := range order {
		b.distribute(c, members[c], places[c])
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
	for d := range b.plan.Platform.Devices {
		from := config
		if d != home && len(byDevice[d]) > 1 {
			at := b.placeOf(byDevice[d][0])
			name := fmt.Sprintf("relay(%s@%s)", b.bareName(config), b.plan.Platform.Devices[d].Name)
			from = b.add(graph.Actor{Name: name, Kind: graph.StaticProcessing, Kernel: graph.Relay, Pos: pos}, Work{}, at)
			g.AddControl(config, from, b.capacity(config, from), pos)
		}
		for _, m := range byDevice[d] {
			g.AddControl(from, m, b.capacity(from, m), pos)
		}
	}
}

// bareName returns an actor's name without that of the instance.
func (b *builder) bareName(actor int) string {
	name := b.plan.Graph.Actors[actor].Name
	if b.inst.Name == "" {
		return name
	}
	return strings.TrimPrefix(name, b.inst.Name+"/")
}
