package dag

// Single returns the values that are cuts on their own, ascending: without
// one of them nothing goes from the graph's inputs to those that are
// Out. They are the dominators of the exit in the graph of nodes and values
// (Prosser 1959; Lengauer and Tarjan 1979). In a topological order a vertex
// is one exactly if no edge jumps over it: an edge that does is part of a path
// around it, as every vertex lies on a path from entry to exit, and a path
// around it has an edge that jumps. So one sweep, linear in the edges, does.
//
// Nodes that need no input of the graph may lie on either side of such a
// cut; a value with which they must be sent as well is left out.
func (g *Graph) Single() []int {
	over := make([]int, g.Nodes()+len(g.Values)+3) // differences of the number of edges above a position
	node, value, exit := g.positions()
	jump := func(from, to int) {
		over[from+1]++
		over[to]--
	}
	reached, free := g.reached()
	nothing := g.sourceless()
	for i := range g.Values {
		v := &g.Values[i]
		if v.unread() {
			continue
		}
		if v.From == Source {
			jump(0, value[i])
		} else if reached[v.From] {
			jump(node[v.From], value[i])
		} else {
			continue
		}
		for _, n := range v.To {
			jump(value[i], node[n])
		}
		if v.Out {
			jump(value[i], exit)
		}
	}
	open := make([]bool, len(over)) // no edge above
	sum := 0
	for p := range over {
		sum += over[p]
		open[p] = sum == 0
	}
	var found []int
	for i := range g.Values {
		v := &g.Values[i]
		if !open[value[i]] || v.unread() || v.From != Source && !reached[v.From] && !nothing {
			continue
		}
		if free && !g.alone(i) {
			continue
		}
		found = append(found, i)
	}
	return found
}

// unread says that nothing reads a value.
func (v *Value) unread() bool { return !v.Out && len(v.To) == 0 }

// positions orders entry (0), nodes, values and exit topologically: a value
// follows its maker.
func (g *Graph) positions() (node, value []int, exit int) {
	node, value = make([]int, g.Nodes()), make([]int, len(g.Values))
	at := 1
	for i := range g.Values {
		if g.Values[i].From == Source {
			value[i] = at
			at++
		}
	}
	for n := range node {
		node[n] = at
		at++
		for _, v := range g.makes[n] {
			value[v] = at
			at++
		}
	}
	return node, value, at
}

// reached marks the nodes that need an input of the graph; free says that there are
// others.
func (g *Graph) reached() (marks []bool, free bool) {
	marks = make([]bool, g.Nodes())
	for n := range marks {
		for _, u := range g.uses[n] {
			if from := g.Values[u].From; from == Source || marks[from] {
				marks[n] = true
				break
			}
		}
		free = free || !marks[n]
	}
	return marks, free
}

// sourceless says that no node or output reads an input of the graph.
func (g *Graph) sourceless() bool {
	for i := range g.Values {
		if v := &g.Values[i]; v.From == Source && !v.unread() {
			return false
		}
	}
	return true
}

// alone says that the nodes that value i needs send nothing else.
func (g *Graph) alone(i int) bool {
	head := NewSet(g.Nodes())
	if from := g.Values[i].From; from != Source {
		head.Add(from)
		g.Ancestors(head)
	}
	sent := g.Crossing(head)
	return len(sent) == 1 && sent[0] == i
}
