package graph

import "slices"

// DPG is a dynamic processing graph: the actors that variable FIFOs join, and
// the configuration actor that sets their atr in every graph iteration.
type DPG struct {
	Config   int   // the configuration actor; -1 if no member has one
	Entries  []int // dynamic actors with variable output ports
	Exits    []int // dynamic actors with variable input ports
	Inner    []int // dynamic processing actors
	Relays   []int // actors that hand its control tokens on
	FIFOs    []int // the variable ones
	LRL, URL int   // rate limits that all of them have
}

// Members returns the DPG's dynamic and dynamic processing actors, by index.
func (d *DPG) Members() []int {
	all := slices.Concat(d.Entries, d.Exits, d.Inner)
	slices.Sort(all)
	return slices.Compact(all)
}

// Variable reports whether the rate of FIFO f can vary.
func (g *Graph) Variable(f int) bool {
	lrl, url := g.Rate(f)
	return lrl < url
}

// DPGs returns the dynamic processing graphs of g in the order of their first
// members. The graph's FIFOs must join existing ports; whether the parts are
// well-formed is for Validate to say.
func DPGs(g *Graph) []DPG {
	along := func(f int) bool { q := g.FIFOs[f]; return g.Variable(f) && !g.Actors[q.From].Out[q.OutPort].Control }
	var variable []int
	for f := range g.FIFOs {
		if along(f) {
			variable = append(variable, f)
		}
	}
	if len(variable) == 0 {
		return nil
	}
	root := Components(g, along)
	at := map[int]int{} // root -> index in parts
	var parts []DPG
	member := make([]bool, len(g.Actors))
	for _, f := range variable {
		member[g.FIFOs[f].From], member[g.FIFOs[f].To] = true, true
	}
	for a := range g.Actors {
		if member[a] && root[a] == a {
			at[a] = len(parts)
			parts = append(parts, DPG{Config: -1})
		}
	}
	for _, f := range variable {
		d := &parts[at[root[g.FIFOs[f].From]]]
		d.FIFOs = append(d.FIFOs, f)
		if len(d.FIFOs) == 1 {
			d.LRL, d.URL = g.Rate(f)
		}
	}
	for a := range g.Actors {
		if !member[a] {
			continue
		}
		d, act := &parts[at[root[a]]], &g.Actors[a]
		if act.Kind == DynamicProcessing {
			d.Inner = append(d.Inner, a)
			continue
		}
		if slices.ContainsFunc(act.Out, varying) {
			d.Entries = append(d.Entries, a)
		}
		if slices.ContainsFunc(act.In, varying) {
			d.Exits = append(d.Exits, a)
		}
	}
	feeders := controlFeeders(g)
	byConfig := map[int]*DPG{}
	for a := range g.Actors {
		if !member[a] || len(feeders[a]) == 0 {
			continue
		}
		if d := &parts[at[root[a]]]; d.Config < 0 {
			if d.Config = origin(g, feeders, feeders[a][0]); d.Config >= 0 {
				byConfig[d.Config] = d
			}
		}
	}
	for a := range g.Actors {
		if g.Actors[a].Kernel == Relay && !member[a] {
			if d := byConfig[origin(g, feeders, a)]; d != nil {
				d.Relays = append(d.Relays, a)
			}
		}
	}
	return parts
}

// controlFeeders returns, by actor, the actors that its control tokens come from.
func controlFeeders(g *Graph) [][]int {
	from := make([][]int, len(g.Actors))
	for _, q := range g.FIFOs {
		if g.Actors[q.To].In[q.InPort].Control {
			from[q.To] = append(from[q.To], q.From)
		}
	}
	return from
}

// origin follows control tokens back through relays, from actor a on, to the
// configuration actor that makes them, or -1.
func origin(g *Graph, feeders [][]int, a int) int {
	for range g.Actors { // relays may form a cycle
		switch {
		case g.Actors[a].Kind == Configuration:
			return a
		case g.Actors[a].Kernel != Relay || len(feeders[a]) == 0:
			return -1
		}
		a = feeders[a][0]
	}
	return -1
}
