package graph

// Components returns for every actor the lowest index of those that it is joined to,
// directly or not, by FIFOs that along accepts.
func Components(g *Graph, along func(f int) bool) []int {
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
	for f, q := range g.FIFOs {
		if along(f) {
			a, b := find(q.From), find(q.To)
			root[max(a, b)] = min(a, b)
		}
	}
	for a := range root {
		root[a] = find(a)
	}
	return root
}
