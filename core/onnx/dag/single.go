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
	alone := g.newAlone()
	for i := range g.Values {
		v := &g.Values[i]
		if !open[value[i]] || v.unread() || v.From != Source && !reached[v.From] && !nothing {
			continue
		}
		if nothing {
			alone = g.newAlone() // values need not need each other
		}
		if free && !alone.is(i) {
			continue
		}
		found = append(found, i)
	}
	return found
}

// SingleHeads returns, for every value of Single, the head that makes it: what it needs.
func (g *Graph) SingleHeads() []Head {
	var heads []Head
	nested := !g.sourceless() // each needs all that the one before it does
	last := Head{}
	for _, v := range g.Single() {
		if !nested {
			last = Head{}
		}
		if from := g.Values[v].From; from != Source {
			last, _ = g.Grown(last, []int{from})
		}
		heads = append(heads, last)
	}
	return heads
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

// alone tells of values, each of which needs those before it, whether the nodes that they
// need send nothing else. It adds these nodes to a set, and counts what that sends.
type alone struct {
	*Graph
	in    []bool
	left  []int // by value, readers outside
	sends int
}

func (g *Graph) newAlone() *alone {
	a := &alone{Graph: g, in: make([]bool, g.Nodes()), left: make([]int, len(g.Values))}
	for i := range g.Values {
		v := &g.Values[i]
		if a.left[i] = len(v.To); v.From == Source && !v.unread() {
			a.sends++
		}
	}
	return a
}

func (a *alone) is(value int) bool {
	var stack []int
	if from := a.Values[value].From; from != Source {
		stack = append(stack, from)
	}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if a.in[n] {
			continue
		}
		a.in[n] = true
		for _, m := range a.makes[n] { // a reader may have come first
			if a.Values[m].Out || a.left[m] > 0 {
				a.sends++
			}
		}
		for _, u := range a.uses[n] {
			v := &a.Values[u]
			if a.left[u]--; a.left[u] == 0 && !v.Out && (v.From == Source || a.in[v.From]) {
				a.sends--
			}
			if v.From != Source {
				stack = append(stack, v.From)
			}
		}
	}
	return a.sends == 1
}
