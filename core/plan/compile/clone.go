package compile

import (
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// extent is an instance's part of the plan: its actors and FIFOs.
type extent struct{ instance, actor, actors, fifo, fifos int }

// clone is a part that was made from the one of an instance that differs in devices of one class
// only.
type clone struct {
	extent
	of int // first actor of what it is a clone of
}

// variant names what instances have in common that are copies of one instance and run on copies
// of the same devices.
func (b *builder) variant(i int) string {
	in := &b.file.Instances[i]
	name := in.CopyOf
	if name == "" {
		name = in.Name
	}
	for _, a := range in.Mapping {
		at, ok := b.places.units[a.Unit]
		if !ok {
			return ""
		}
		d := &b.file.Platform.Devices[at.device]
		name += "\x00" + d.Class()
	}
	return name
}

// instances adds all instances: one of each variant piece by piece, the others as it is, on devices
// of their own.
func (b *builder) instances(chain []ChainActor, places [][]place) error {
	made := map[string]extent{}
	g := b.plan.Graph
	for i := range b.file.Instances {
		key := b.variant(i)
		if like, ok := made[key]; ok {
			if err := b.clone(i, like); err != nil {
				return err
			}
			continue
		}
		p := extent{instance: i, actor: len(g.Actors), fifo: len(g.FIFOs)}
		if err := b.instance(i, chain, places[i]); err != nil {
			return err
		}
		p.actors, p.fifos = len(g.Actors)-p.actor, len(g.FIFOs)-p.fifo
		made[key] = p
	}
	return nil
}

// clone adds instance i as another one is.
func (b *builder) clone(i int, like extent) error {
	b.inst = &b.file.Instances[i]
	from, p, g := &b.file.Instances[like.instance], b.plan, b.plan.Graph
	first := len(g.Actors)
	b.clones = append(b.clones, clone{extent{i, first, like.actors, len(g.FIFOs), like.fifos}, like.actor})
	moved := b.moved(from)
	for a := like.actor; a < like.actor+like.actors; a++ {
		actor, w := g.Actors[a], p.Work[a]
		b.names = append(b.names, b.names[a])
		actor.Name = b.inst.Name + strings.TrimPrefix(actor.Name, from.Name)
		w.Instance, w.CopyOf = b.inst.Name, b.inst.CopyOf
		if to, ok := moved[w.Device]; ok {
			if actor.Kernel == plan.KernelRelay { // it is named after its device
				devices := b.file.Platform.Devices
				of := strings.TrimSuffix(actor.Name, "@"+devices[w.Device].Name+")")
				actor.Name = of + "@" + devices[to].Name + ")"
			}
			w.Device = to
		}
		g.Actors, p.Work = append(g.Actors, actor), append(p.Work, w)
	}
	for f := like.fifo; f < like.fifo+like.fifos; f++ {
		q := g.FIFOs[f]
		q.From, q.To = q.From-like.actor+first, q.To-like.actor+first
		g.FIFOs = append(g.FIFOs, q)
	}
	return b.fallback(i, first)
}

// moved returns the devices of the instance at hand by those that another one has in their place.
func (b *builder) moved(from *planfile.Instance) map[int]int {
	to := map[int]int{}
	for m := range from.Mapping {
		to[b.places.units[from.Mapping[m].Unit].device] = b.places.units[b.inst.Mapping[m].Unit].device
	}
	return to
}

// distinct returns the graph without clones, of which is true what is true of what they are clones
// of: they are joined to nothing else.
func (b *builder) distinct() *graph.Graph {
	if len(b.clones) == 0 {
		return b.plan.Graph
	}
	all := b.plan.Graph
	g := &graph.Graph{Name: all.Name}
	shift, actor, fifo := 0, 0, 0 // actors left out so far; where the next ones begin
	keep := func(upTo, fifos int) {
		g.Actors = append(g.Actors, all.Actors[actor:upTo]...)
		for _, q := range all.FIFOs[fifo:fifos] {
			q.From, q.To = q.From-shift, q.To-shift
			g.FIFOs = append(g.FIFOs, q)
		}
	}
	for _, c := range b.clones {
		keep(c.actor, c.fifo)
		shift += c.actors
		actor, fifo = c.actor+c.actors, c.fifo+c.fifos
	}
	keep(len(all.Actors), len(all.FIFOs))
	return g
}

// costKeys names the cost of every actor's firing.
func (b *builder) costKeys() {
	work := b.plan.Work
	next := 0
	for _, c := range b.clones {
		b.costKeysOf(next, c.actor)
		for a := range c.actors {
			work[c.actor+a].CostKey = work[c.of+a].CostKey
		}
		next = c.actor + c.actors
	}
	b.costKeysOf(next, len(work))
}

func (b *builder) costKeysOf(from, to int) {
	for a := from; a < to; a++ {
		b.plan.Work[a].CostKey = b.plan.CostKey(a, b.plan.UnitOf(a))
	}
}

// room makes room for the actors and FIFOs of all instances.
func (b *builder) room(actors int) {
	n := actors * len(b.file.Instances)
	b.names = slices.Grow(b.names, n)
	b.plan.Work = slices.Grow(b.plan.Work, n)
	b.plan.Graph.Actors = slices.Grow(b.plan.Graph.Actors, n)
	b.plan.Graph.FIFOs = slices.Grow(b.plan.Graph.FIFOs, n)
}
