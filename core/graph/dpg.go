package graph

import "slices"

// DPG is a dynamic processing graph: the actors that variable FIFOs join, and
// the configuration actor that sets their atr in every graph iteration.
type DPG struct {
	Config   int   // the configuration actor; -1 if no member has one
	Entries  []int // dynamic actors with variable output ports
	Exits    []int // dynamic actors with variable input ports
	Inner    []int // dynamic processing actors
	FIFOs    []int // the variable ones
	LRL, URL int   // rate limits that all of them have
}

// Members returns the DPG's dynamic and dynamic processing actors, by index.
func (d *DPG) Members() []int {
	var all []int
	for _, s := range [][]int{d.Entries, d.Exits, d.Inner} {
		for _, a := range s {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Variable reports whether the rate of FIFO f can vary.
func (g *Graph) Variable(f int) bool {
	lrl, url := g.Rate(f)
	return lrl != url
}

// DPGs returns the dynamic processing graphs of g in the order of their first
// members. The graph's FIFOs must join existing ports; whether the parts are
// well-formed is for Validate to say.
func DPGs(g *Graph) []DPG {
	root := make([]int, len(g.Actors)) // union-find; a root is the lowest index
	for a := range root {
		root[a] = a
	}
	find := func(a int) int {
		for root[a] != a {
			root[a] = root[root[a]]
			a = root[a]
		}
		return a
	}
	var variable []int
	for f, q := range g.FIFOs {
		if g.Variable(f) {
			variable = append(variable, f)
			a, b := find(q.From), find(q.To)
			root[max(a, b)] = min(a, b)
		}
	}
	if len(variable) == 0 {
		return nil
	}
	at := map[int]int{} // root -> index in parts
	var parts []DPG
	member := make([]bool, len(g.Actors))
	for _, f := range variable {
		member[g.FIFOs[f].From], member[g.FIFOs[f].To] = true, true
	}
	for a := range g.Actors {
		if member[a] && find(a) == a {
			at[a] = len(parts)
			parts = append(parts, DPG{Config: -1})
		}
	}
	for _, f := range variable {
		d := &parts[at[find(g.FIFOs[f].From)]]
		d.FIFOs = append(d.FIFOs, f)
		if len(d.FIFOs) == 1 {
			d.LRL, d.URL = g.Rate(f)
		}
	}
	for a := range g.Actors {
		if !member[a] {
			continue
		}
		d, act := &parts[at[find(a)]], &g.Actors[a]
		if act.Kind == DynamicProcessing {
			d.Inner = append(d.Inner, a)
			continue
		}
		variable := func(p Port) bool { return !p.Static() }
		if slices.ContainsFunc(act.Out, variable) {
			d.Entries = append(d.Entries, a)
		}
		if slices.ContainsFunc(act.In, variable) {
			d.Exits = append(d.Exits, a)
		}
	}
	for f, q := range g.FIFOs {
		if member[q.To] && g.Actors[q.To].In[q.InPort].Control && !g.Variable(f) {
			if d := &parts[at[find(q.To)]]; d.Config < 0 {
				d.Config = q.From
			}
		}
	}
	return parts
}
