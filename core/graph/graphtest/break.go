package graphtest

import "github.com/edgeprune/edgeprune/core/graph"

func pick[T any](c *choices, s []T) *T { return &s[c.n(len(s))] }

// onPort changes a port.
func onPort(change func(p *graph.Port)) func(c *choices, g *graph.Graph) bool {
	return func(c *choices, g *graph.Graph) bool {
		q := pick(c, g.FIFOs)
		if c.n(2) == 0 {
			change(&g.Actors[q.From].Out[q.OutPort])
		} else {
			change(&g.Actors[q.To].In[q.InPort])
		}
		return true
	}
}

// onFIFO changes a FIFO that fits.
func onFIFO(fits func(g *graph.Graph, f int) bool, change func(g *graph.Graph, q *graph.FIFO)) func(
	c *choices, g *graph.Graph,
) bool {
	return func(c *choices, g *graph.Graph) bool {
		var found []int
		for f := range g.FIFOs {
			if fits(g, f) {
				found = append(found, f)
			}
		}
		if len(found) == 0 {
			return false
		}
		change(g, &g.FIFOs[*pick(c, found)])
		return true
	}
}

// onActor changes an actor of a kind that is no relay.
func onActor(kind graph.Kind, change func(a *graph.Actor)) func(c *choices, g *graph.Graph) bool {
	return func(c *choices, g *graph.Graph) bool {
		var found []*graph.Actor
		for a := range g.Actors {
			if act := &g.Actors[a]; act.Kind == kind && act.Kernel != graph.Relay {
				found = append(found, act)
			}
		}
		if len(found) == 0 {
			return false
		}
		change(*pick(c, found))
		return true
	}
}

func anyFIFO(*graph.Graph, int) bool { return true }

func isControl(g *graph.Graph, f int) bool {
	q := g.FIFOs[f]
	return g.Actors[q.From].Out[q.OutPort].Control
}

// waits reports whether FIFO f has a fixed rate and its consumer waits for the
// firing of its producer with the same number.
func waits(g *graph.Graph, f int) bool {
	_, url := g.Rate(f)
	return !g.Variable(f) && !isControl(g, f) && g.FIFOs[f].Delay < url
}

func appendFIFO(g *graph.Graph, from, to int, l link) {
	m := maker{g: g}
	m.join(from, to, l)
}

// parts returns the dynamic parts, the chosen one first.
func parts(c *choices, g *graph.Graph) []graph.DPG {
	all := graph.DPGs(g)
	if len(all) > 1 && c.n(2) == 1 {
		all[0], all[1] = all[1], all[0]
	}
	return all
}

// twoConfigurations lets a member of a part learn its atr from an actor of its own.
func twoConfigurations(c *choices, g *graph.Graph) bool {
	all := parts(c, g)
	if len(all) == 0 {
		return false
	}
	config := all[0].Config
	controls := 0
	for _, p := range g.Actors[config].Out {
		if p.Control {
			controls++
		}
	}
	if controls < 2 {
		return false // all others are behind its one relay
	}
	for f := range g.FIFOs {
		if q := &g.FIFOs[f]; q.From == config && q.OutPort == len(g.Actors[config].Out)-1 && isControl(g, f) {
			old := g.Actors[config]
			port := old.Out[q.OutPort]
			g.Actors[config].Out = old.Out[:q.OutPort]
			q.From, q.OutPort = len(g.Actors), 0
			g.Actors = append(g.Actors, graph.Actor{Name: "another", Kind: graph.Configuration, Out: []graph.Port{port}})
			return true
		}
	}
	return false
}

// sharedConfiguration lets one configuration actor serve both parts.
func sharedConfiguration(c *choices, g *graph.Graph) bool {
	all := parts(c, g)
	if len(all) < 2 {
		return false
	}
	from, to := all[0].Config, all[1].Config
	for f := range g.FIFOs {
		if q := &g.FIFOs[f]; q.From == from && isControl(g, f) {
			port := g.Actors[from].Out[q.OutPort]
			port.Name += "again"
			q.From, q.OutPort = to, len(g.Actors[to].Out)
			g.Actors[to].Out = append(g.Actors[to].Out, port)
		}
	}
	return true
}

// mixedLimits raises the limits of one FIFO of a part.
func mixedLimits(c *choices, g *graph.Graph) bool {
	all := parts(c, g)
	if len(all) == 0 || len(all[0].FIFOs) < 2 {
		return false
	}
	q := &g.FIFOs[*pick(c, all[0].FIFOs)]
	g.Actors[q.From].Out[q.OutPort].URL++
	g.Actors[q.To].In[q.InPort].URL++
	q.Capacity++
	return true
}

// noExit makes inner actors of a part's exits: their ports of fixed rate go.
func noExit(c *choices, g *graph.Graph) bool {
	all := parts(c, g)
	if len(all) == 0 {
		return false
	}
	for _, a := range all[0].Exits {
		g.Actors[a].Kind = graph.DynamicProcessing
	}
	return true
}
